{{/*
Annotations of a hook's object; called with (list $ HOOKS WEIGHT). What a hook made is removed when it has succeeded, and else
before its next run, so that what went wrong can be read. (With a fourth, also what succeeded is kept.)
*/}}
{{- define "runnerscaler.hook" -}}
helm.sh/hook: {{ index . 1 }}
helm.sh/hook-weight: {{ index . 2 | quote }}
helm.sh/hook-delete-policy: before-hook-creation{{ if lt (len .) 4 }},hook-succeeded{{ end }}
{{- end -}}

{{/*
A Job that runs a command of the controller's program, with an account of its own, and where policies restrict the network with one
that lets it reach the API server, since it runs before the release's own are there; called with a dict of root, name, hooks,
command (a list), deadline (seconds), and the rules of the account: for the whole cluster, or with "namespaces" for these. With
"keep" (seconds) the Job stays so long.
*/}}
{{- define "runnerscaler.hookJob" -}}
{{- $root := .root }}
{{- $name := printf "%s-%s" (include "runnerscaler.fullname" $root) .name }}
{{- $wide := printf "%s-%s" $root.Release.Namespace $name }}
{{- $before := include "runnerscaler.hook" (list $root .hooks "-10") | fromYaml }}
{{- $labels := dict "app.kubernetes.io/component" .name }}
apiVersion: v1
kind: ServiceAccount
metadata:
  {{- include "runnerscaler.metadata" (list $root $name $root.Release.Namespace $before $labels) | nindent 2 }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata:
  {{- include "runnerscaler.metadata" (list $root $wide "" $before $labels) | nindent 2 }}
rules:
  {{- toYaml .rules | nindent 2 }}
{{- range .namespaces | default (list "") }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: {{ if . }}RoleBinding{{ else }}ClusterRoleBinding{{ end }}
metadata:
  {{- include "runnerscaler.metadata" (list $root $wide . $before $labels) | nindent 2 }}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: {{ $wide }}}
subjects:
- {kind: ServiceAccount, name: {{ $name }}, namespace: {{ $root.Release.Namespace }}}
{{- end }}
{{- if $root.Values.networkPolicy.enabled }}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  {{- include "runnerscaler.metadata" (list $root $name $root.Release.Namespace $before $labels) | nindent 2 }}
spec:
  podSelector:
    matchLabels:
      {{- include "runnerscaler.selector" $root | nindent 6 }}
      app.kubernetes.io/component: {{ .name }}
  policyTypes: [Ingress, Egress]
  egress:
  {{- include "runnerscaler.toNameServers" $root | nindent 2 }}
  {{- include "runnerscaler.toApiServer" $root | nindent 2 }}
{{- end }}
---
apiVersion: batch/v1
kind: Job
metadata:
  {{- $hook := include "runnerscaler.hook" (concat (list $root .hooks "0") (.keep | list | compact)) | fromYaml }}
  {{- include "runnerscaler.metadata" (list $root $name $root.Release.Namespace $hook $labels) | nindent 2 }}
spec:
  backoffLimit: 2
  activeDeadlineSeconds: {{ .deadline }}
  {{- with .keep }}
  ttlSecondsAfterFinished: {{ . }}
  {{- end }}
  template:
    metadata:
      labels:
        {{- include "runnerscaler.selector" $root | nindent 8 }}
        app.kubernetes.io/component: {{ .name }}
        {{- with $root.Values.podLabels }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
      {{- with $root.Values.podAnnotations }}
      annotations:
        {{- toYaml . | nindent 8 }}
      {{- end }}
    spec:
      serviceAccountName: {{ $name }}
      enableServiceLinks: false
      restartPolicy: Never
      {{- include "runnerscaler.ourPod" $root | nindent 6 }}
      containers:
      - name: {{ .name }}
        image: {{ include "runnerscaler.image" (list $root $root.Values.images.controller) }}
        imagePullPolicy: {{ $root.Values.images.pullPolicy }}
        args:
          {{- toYaml .command | nindent 10 }}
        {{- $env := $root.Values.extraEnv }}
        {{- with .namespaces }}
        {{- $env = append $env (dict "name" "RUNNERSCALER__Kubernetes__Namespaces" "value" (join "," .)) }}
        {{- end }}
        {{- with $env }}
        env:
          {{- toYaml . | nindent 10 }}
        {{- end }}
        terminationMessagePolicy: FallbackToLogsOnError
        resources:
          requests: {cpu: 10m, memory: 64Mi}
          limits: {memory: 256Mi}
        securityContext:
          {{- include "runnerscaler.ourContainer" $root | nindent 10 }}
{{- end -}}
