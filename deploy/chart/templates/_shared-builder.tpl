{{- define "runnerscaler.builderName" -}}
{{ include "runnerscaler.fullname" . }}-builder
{{- end -}}

{{- define "runnerscaler.builderNamespace" -}}
{{ .Values.sharedBuilder.namespace | default .Release.Namespace }}
{{- end -}}

{{/* The Secret with the certificate of its daemons or, with "client", of its users; called with (list $ SIDE). */}}
{{- define "runnerscaler.builderSecret" -}}
{{- $root := index . 0 -}}
{{- $own := get $root.Values.sharedBuilder (printf "%sSecret" (index . 1)) -}}
{{- $own | default (printf "%s-%s" (include "runnerscaler.builderName" $root) (index . 1)) -}}
{{- end -}}

{{/* spec.builder.shared for pools that say no more than mode Shared. */}}
{{- define "runnerscaler.builderShared" -}}
{{- $name := include "runnerscaler.builderName" . -}}
{{- $namespace := include "runnerscaler.builderNamespace" . -}}
addresses:
{{- range until (int .Values.sharedBuilder.replicas) }}
- tcp://{{ $name }}-{{ . }}.{{ $name }}.{{ $namespace }}.svc:1234
{{- end }}
tlsSecret: {{ include "runnerscaler.builderSecret" (list . "client") }}
{{- end -}}

{{/*
The certificates, as JSON: {server: DATA, client: DATA} of two Secrets. What the cluster has already is kept, so that an
upgrade cuts nobody off. Only a client that has one of this authority may build; it names no host, so that no daemon can be
played with it.
*/}}
{{- define "runnerscaler.builderCertificates" -}}
{{- $name := include "runnerscaler.builderName" . -}}
{{- $namespace := include "runnerscaler.builderNamespace" . -}}
{{- $server := (lookup "v1" "Secret" $namespace (printf "%s-server" $name) | default dict).data -}}
{{- $client := (lookup "v1" "Secret" $namespace (printf "%s-client" $name) | default dict).data -}}
{{- if not (and $server $client) -}}
{{- $days := int .Values.sharedBuilder.certificateDays -}}
{{- $authority := genCAWithKey (printf "%s of %s" $name $namespace) $days (genPrivateKey "ecdsa") -}}
{{- $hosts := list (printf "*.%s.%s.svc" $name $namespace) (printf "*.%s.%s.svc.cluster.local" $name $namespace) -}}
{{- $ours := genSignedCertWithKey $name nil $hosts $days $authority (genPrivateKey "ecdsa") -}}
{{- $theirs := genSignedCertWithKey "runners" nil nil $days $authority (genPrivateKey "ecdsa") -}}
{{- $ca := $authority.Cert | b64enc -}}
{{- $server = dict "ca.crt" $ca "tls.crt" ($ours.Cert | b64enc) "tls.key" ($ours.Key | b64enc) -}}
{{- $client = dict "ca.crt" $ca "tls.crt" ($theirs.Cert | b64enc) "tls.key" ($theirs.Key | b64enc) -}}
{{- end -}}
{{- dict "server" $server "client" $client | toJson -}}
{{- end -}}
