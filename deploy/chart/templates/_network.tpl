{{/* What every policy lets out: questions to name servers. */}}
{{- define "runnerscaler.toNameServers" -}}
- ports:
  - {port: 53, protocol: UDP}
  - {port: 53, protocol: TCP}
{{- end -}}

{{/*
The way to the API server: to its addresses where the values have them, else to any, by the port of its Service and its own,
since networks differ in which of the two they see.
*/}}
{{- define "runnerscaler.toApiServer" -}}
{{- $policy := .Values.networkPolicy -}}
- ports:
  - {port: 443}
  {{- if ne (int $policy.apiServerPort) 443 }}
  - {port: {{ $policy.apiServerPort }}}
  {{- end }}
  {{- with $policy.apiServerAddresses }}
  to:
  {{- range . }}
  - ipBlock: {cidr: {{ . | quote }}}
  {{- end }}
  {{- end }}
{{- end -}}

{{/* The ports of the values' proxies, as a JSON list: an address without one means that of its scheme. */}}
{{- define "runnerscaler.proxyPorts" -}}
{{- $ports := list -}}
{{- range list .Values.proxy.http .Values.proxy.https -}}
{{- with trimSuffix "/" . -}}
{{- $default := ternary "443" (ternary "1080" "80" (hasPrefix "socks" .)) (hasPrefix "https:" .) -}}
{{- $ports = append $ports (regexFind ":[0-9]+$" . | trimPrefix ":" | default $default | int) -}}
{{- end -}}
{{- end -}}
{{- $ports | uniq | toJson -}}
{{- end -}}

{{/*
The whole internet of one family without some ranges; called with (list CIDR RANGES). A range may only be taken out of its own
family.
*/}}
{{- define "runnerscaler.internet" -}}
{{- $six := contains ":" (index . 0) -}}
{{- $except := list -}}
{{- range index . 1 }}{{ if eq $six (contains ":" .) }}{{ $except = append $except . }}{{ end }}{{ end -}}
- ipBlock:
    cidr: {{ index . 0 | quote }}
    {{- with $except | uniq }}
    except:
      {{- toYaml . | nindent 6 }}
    {{- end }}
{{- end -}}
