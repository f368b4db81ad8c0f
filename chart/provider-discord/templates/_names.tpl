{{- define "provider-discord.labels" -}}
app: {{ .Values.name }}
app.kubernetes.io/name: provider-discord
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end }}

{{/* What selects the pods. It never changes: a Deployment's selector can't. */}}
{{- define "provider-discord.selector" -}}
app: {{ .Values.name }}
{{- end }}

{{- define "provider-discord.serviceAccount" -}}
{{ .Values.serviceAccount.name | default .Values.name }}
{{- end }}

{{- define "provider-discord.image" -}}
{{- if .Values.image.digest -}}
{{ .Values.image.repository }}@{{ .Values.image.digest }}
{{- else -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end -}}
{{- end }}

{{/* "true" when the pod gets rules of its own. */}}
{{- define "provider-discord.ownRules" -}}
{{- if or .Values.rules.resources .Values.rules.lib .Values.rules.existingConfigMap }}true{{ end -}}
{{- end }}

{{/* Rules on the three kinds and on Events, for a Role as well as for a ClusterRole. */}}
{{- define "provider-discord.resourceRules" -}}
# To know the objects and what changes about them; their finalizer and Crossplane's annotations.
{{- range $group, $plural := dict "guild" "guilds" "channel" "channels" "role" "roles" }}
- apiGroups: [{{ $group }}.discord.crossplane.io]
  resources: [{{ $plural }}]
  verbs: [list, watch, patch]
- apiGroups: [{{ $group }}.discord.crossplane.io]
  resources: [{{ $plural }}/status]
  verbs: [patch]
{{- end }}
# What happened to an object; patch is for one that happens again.
- apiGroups: [""]
  resources: [events]
  verbs: [create, patch]
{{- end }}

{{- define "provider-discord.subjects" -}}
subjects:
  - kind: ServiceAccount
    name: {{ include "provider-discord.serviceAccount" . }}
    namespace: {{ .Release.Namespace }}
{{- end }}

{{/* A quantity of memory such as 256Mi in bytes. */}}
{{- define "provider-discord.bytes" -}}
{{- $text := toString . -}}
{{- $unit := regexFind "[A-Za-z]*$" $text -}}
{{- $number := trimSuffix $unit $text | float64 -}}
{{- $factors := dict "" 1 "k" 1000 "M" 1000000 "G" 1000000000 "Ki" 1024 "Mi" 1048576 "Gi" 1073741824 -}}
{{- if not (hasKey $factors $unit) }}{{ fail (printf "resources.limits.memory %s: the unit is none of k, M, G, Ki, Mi, Gi" $text) }}{{ end -}}
{{- mulf $number (get $factors $unit) | int64 -}}
{{- end }}
