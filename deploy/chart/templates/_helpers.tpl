{{- define "runnerscaler.fullname" -}}
{{- if contains .Chart.Name .Release.Name -}}{{ .Release.Name | trunc 40 | trimSuffix "-" }}{{- else -}}
{{ printf "%s-%s" .Release.Name .Chart.Name | trunc 40 | trimSuffix "-" }}{{- end -}}
{{- end -}}

{{- define "runnerscaler.selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{/*
The metadata that all objects share; called with (list $ NAME NAMESPACE), with an empty namespace for objects of the cluster,
and perhaps with annotations and labels of the object's own.
*/}}
{{- define "runnerscaler.metadata" -}}
{{- $root := index . 0 -}}
name: {{ index . 1 }}
{{- with index . 2 }}
namespace: {{ . }}
{{- end }}
labels:
  {{- include "runnerscaler.selector" $root | nindent 2 }}
  app.kubernetes.io/version: {{ $root.Chart.AppVersion | quote }}
  app.kubernetes.io/managed-by: {{ $root.Release.Service }}
  app.kubernetes.io/part-of: runnerscaler
  helm.sh/chart: {{ printf "%s-%s" $root.Chart.Name $root.Chart.Version | replace "+" "_" }}
  {{- $labels := dict -}}
  {{- if gt (len .) 4 }}{{ $labels = index . 4 }}{{ end -}}
  {{- with merge (dict) $labels $root.Values.labels }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- $own := dict -}}
{{- if gt (len .) 3 }}{{ $own = index . 3 }}{{ end -}}
{{- with merge (dict) $own $root.Values.annotations }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/* An image of ours; called with (list $ NAME). */}}
{{- define "runnerscaler.image" -}}
{{- $images := (index . 0).Values.images -}}
{{- $name := printf "%s/%s" $images.registry (index . 1) -}}
{{- if contains "@" $name -}}{{ $name }}{{- else -}}
{{ printf "%s:%s" $name ($images.tag | default (index . 0).Chart.AppVersion) }}{{- end -}}
{{- end -}}

{{- define "runnerscaler.credentials" -}}
{{ .Values.github.existingSecret | default (printf "%s-github" (include "runnerscaler.fullname" .)) }}
{{- end -}}

{{/* Whether the values hold a credential. */}}
{{- define "runnerscaler.hasCredentials" -}}
{{- if or .Values.github.token .Values.github.privateKey -}}true{{- end -}}
{{- end -}}

{{/* The namespaces of the pools that use the release's credentials, one a line. */}}
{{- define "runnerscaler.credentialNamespaces" -}}
{{- $root := . -}}
{{- $all := list -}}
{{- range .Values.pools }}{{ if not .credentialsSecret }}{{ $all = append $all (.namespace | default $root.Release.Namespace) }}{{ end }}{{ end -}}
{{- if not $all }}{{ $all = list .Release.Namespace }}{{ end -}}
{{- join "\n" ($all | uniq | sortAlpha) -}}
{{- end -}}

{{- define "runnerscaler.profileNamespace" -}}
{{ .Values.seccompProfile.namespace | default (printf "%s-nodes" (include "runnerscaler.fullname" .)) }}
{{- end -}}

{{/* A number as text: large ones come as 1.2345678e+07 from YAML. */}}
{{- define "runnerscaler.number" -}}
{{- if and (kindIs "float64" .) (eq (toString (floor .)) (toString .)) -}}{{ printf "%.0f" . }}{{- else -}}{{ toString . }}{{- end -}}
{{- end -}}

{{/* The fields of a credential's Secret; called with what the values say of it. */}}
{{- define "runnerscaler.credential" -}}
{{- if .token }}
token: {{ .token | quote }}
{{- else }}
app_id: {{ include "runnerscaler.number" .appId | quote }}
private_key: {{ .privateKey | quote }}
{{- if .installationId }}
installation_id: {{ include "runnerscaler.number" .installationId | quote }}
{{- end }}
{{- end }}
{{- end -}}

{{/* Fails if a credential cannot be one; called with (list PATH CREDENTIAL). */}}
{{- define "runnerscaler.checkCredential" -}}
{{- $path := index . 0 -}}
{{- with index . 1 }}
{{- if and .token (or .appId .privateKey) }}
{{- fail (printf "%s.token and %s.appId/%s.privateKey exclude each other: set the token or the App" $path $path $path) }}
{{- end }}
{{- if and .appId (not .privateKey) }}
{{- fail (printf "%s.appId needs the App's private key: --set-file %s.privateKey=app.pem" $path $path) }}
{{- end }}
{{- if and .privateKey (not .appId) }}
{{- fail (printf "%s.privateKey needs %s.appId, the number on the App's page" $path $path) }}
{{- end }}
{{- if and .privateKey (not (contains "-----BEGIN " .privateKey)) }}
{{- fail (printf "%s.privateKey is no PEM file; pass the file that GitHub gave: --set-file %s.privateKey=app.pem" $path $path) }}
{{- end }}
{{- if and .appId (not (regexMatch "^[0-9]+$" (include "runnerscaler.number" .appId))) }}
{{- fail (printf "%s.appId must be the App's number, as its page shows it, not its name or client id" $path) }}
{{- end }}
{{- end }}
{{- end -}}

{{/* What no proxy is asked for: what the values say, and the cluster's own names. */}}
{{- define "runnerscaler.noProxy" -}}
{{- join "," (concat .Values.proxy.noProxy (list "localhost" "127.0.0.1" "::1" ".svc" ".cluster.local")) -}}
{{- end -}}

{{/* A pod's imagePullSecrets, after a line break; nothing if the values name none. */}}
{{- define "runnerscaler.pullSecrets" -}}
{{- with .Values.images.pullSecrets }}
imagePullSecrets:
{{- range . }}
- name: {{ . }}
{{- end }}
{{- end }}
{{- end -}}

{{/* Where and as whom all pods of our own image run, but for the account. */}}
{{- define "runnerscaler.ourPod" -}}
{{- with .Values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- include "runnerscaler.pullSecrets" . }}
{{- with .Values.hostAliases }}
hostAliases:
  {{- toYaml . | nindent 2 }}
{{- end }}
securityContext:
  runAsNonRoot: true
  runAsUser: 1654
  runAsGroup: 1654
  seccompProfile: {type: RuntimeDefault}
nodeSelector:
  kubernetes.io/os: linux
  {{- with .Values.nodeSelector }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- with .Values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{- define "runnerscaler.ourContainer" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: {drop: [ALL]}
{{- end -}}

{{/* The Pod Security level that a namespace of the cluster enforces; empty if it does not say, or is not there. */}}
{{- define "runnerscaler.podSecurityLevel" -}}
{{- if . }}
{{- dig "metadata" "labels" "pod-security.kubernetes.io/enforce" "" (lookup "v1" "Namespace" "" . | default dict) -}}
{{- end }}
{{- end -}}
