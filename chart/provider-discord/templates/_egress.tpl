{{/* Where the provider, and the runbooks, may connect to. */}}
{{- define "provider-discord.egress" -}}
# DNS
- to: {{- toYaml .Values.networkPolicy.dns | nindent 4 }}
  ports:
    - {port: 53, protocol: UDP}
    - {port: 53, protocol: TCP}
# Discord
- to:
    {{- range $cidr := .Values.networkPolicy.discord.cidrs }}
    {{- /* An exception must lie within its block: of the same family, and not the block itself. */}}
    {{- $except := list }}
    {{- range $.Values.networkPolicy.discord.except }}
    {{- if and (eq (contains ":" .) (contains ":" $cidr)) (ne . $cidr) }}{{ $except = append $except . }}{{ end }}
    {{- end }}
    - ipBlock:
        cidr: {{ $cidr | quote }}
        {{- if and $except (has $cidr (list "0.0.0.0/0" "::/0")) }}
        except: {{- toYaml $except | nindent 10 }}
        {{- end }}
    {{- end }}
  ports:
    - {port: 443, protocol: TCP}
# The API server
- to:
    {{- range .Values.networkPolicy.apiServer.cidrs }}
    - ipBlock:
        cidr: {{ . | quote }}
    {{- end }}
  ports:
    {{- range .Values.networkPolicy.apiServer.ports }}
    - {port: {{ . }}, protocol: TCP}
    {{- end }}
{{- end }}
