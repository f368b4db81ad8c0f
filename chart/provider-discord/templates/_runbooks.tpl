{{/* Rights by place: "own" is the release's namespace, "cluster" all of it, else a namespace's name. */}}

{{/* To look: nothing of it shows a Secret. */}}
{{- define "provider-discord.runbook-reader" -}}
own:
  - {apiGroups: [""], resources: [pods, events], verbs: [list]}
  - {apiGroups: [""], resources: [pods/log], verbs: [get]}
  # The list finds the provider, whatever the chart's "name".
  - {apiGroups: [apps], resources: [deployments], verbs: [get, list]}
  - {apiGroups: [apps], resources: [replicasets], verbs: [list]}
  - {apiGroups: [networking.k8s.io], resources: [networkpolicies], verbs: [list]}
  - {apiGroups: [coordination.k8s.io], resources: [leases], verbs: [get]}
  - {apiGroups: [metrics.k8s.io], resources: [pods], verbs: [get]}
kube-system:
  # The cluster's DNS.
  - {apiGroups: [""], resources: [pods], verbs: [list]}
cluster:
  - {apiGroups: [guild.discord.crossplane.io], resources: [guilds], verbs: [list]}
  - {apiGroups: [channel.discord.crossplane.io], resources: [channels], verbs: [list]}
  - {apiGroups: [role.discord.crossplane.io], resources: [roles], verbs: [list]}
  - {apiGroups: [discord.crossplane.io], resources: [providerconfigs], verbs: [get, list]}
  - {apiGroups: [apiextensions.k8s.io], resources: [customresourcedefinitions], verbs: [get]}
  # Whether Crossplane has installed it.
  - {apiGroups: [pkg.crossplane.io], resources: [providers], verbs: [list]}
  - {apiGroups: [""], resources: [nodes], verbs: [get]}
  - {apiGroups: [""], resources: [events], verbs: [list]}
  # Who may read the token.
  - apiGroups: [rbac.authorization.k8s.io]
    resources: [roles, rolebindings, clusterroles, clusterrolebindings]
    verbs: [list]
{{- end }}

{{/* To look inside: the Secrets' fingerprints (whoever has this right can read the tokens), and the
provider's port through the API server. */}}
{{- define "provider-discord.runbook-prober" -}}
own:
  {{- with .secrets }}
  - apiGroups: [""]
    resources: [secrets]
    resourceNames: {{- toYaml . | nindent 6 }}
    verbs: [get]
  {{- end }}
  # Its state and metrics by GET, its probes of the network by POST.
  - {apiGroups: [""], resources: [pods/proxy], verbs: [get, create]}
{{- end }}

{{/* To act, by "runbook fix": it looks at what it changes, for the diff and the undo. Restoring a backup and
changing Crossplane's own objects are for an administrator. */}}
{{- define "provider-discord.runbook-fixer" -}}
own:
  - {apiGroups: [apps], resources: [deployments], resourceNames: [{{ .name }}], verbs: [get, patch]}
  - {apiGroups: [""], resources: [pods], verbs: [get, delete]}
  # One more policy, and what takes it back. The server asks for "create" with the name, because plans apply.
  - apiGroups: [networking.k8s.io]
    resources: [networkpolicies]
    resourceNames: [{{ .name }}-allow-egress]
    verbs: [get, create, patch, delete]
  - {apiGroups: [coordination.k8s.io], resources: [leases], resourceNames: [{{ .name }}], verbs: [get, delete]}
  {{- with .secrets }}
  # A new token, also where the Secret is gone.
  - apiGroups: [""]
    resources: [secrets]
    resourceNames: {{- toYaml . | nindent 6 }}
    verbs: [get, create, patch, delete]
  {{- end }}
cluster:
  - {apiGroups: [guild.discord.crossplane.io], resources: [guilds], verbs: [get, patch]}
  - {apiGroups: [channel.discord.crossplane.io], resources: [channels], verbs: [get, patch]}
  - {apiGroups: [role.discord.crossplane.io], resources: [roles], verbs: [get, patch]}
  # Who acted: an Event beside each object.
  - {apiGroups: [""], resources: [events], verbs: [create]}
{{- end }}

{{/* Whom this chart lets read the token's Secret, as a list: the security runbook expects them. */}}
{{- define "provider-discord.runbook-readers" -}}
{{- range $set := list "prober" "fixer" }}
{{- $rights := get $.Values.runbooks $set }}
{{- range $rights.create | ternary $rights.subjects list }}
- {{ printf "%s %s" .kind (empty .namespace | ternary .name (printf "%s/%s" .namespace .name)) | quote }}
{{- end }}
{{- end }}
{{- end }}
