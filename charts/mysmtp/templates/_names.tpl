{{/* What the names of all objects begin with. Short enough for whatever follows it. */}}
{{- define "mysmtp.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride -}}
{{- else if contains .Chart.Name .Release.Name -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name .Chart.Name | trunc 40 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{/* What selects the pods of this release; with a component, one service's. Never changes. */}}
{{- define "mysmtp.selector" -}}
app.kubernetes.io/name: mysmtp
app.kubernetes.io/instance: {{ .root.Release.Name }}
{{- with .component }}
app.kubernetes.io/component: {{ . }}
{{- end }}
{{- end -}}

{{/* The chart's version is not among them: pods are not replaced because it changed. */}}
{{- define "mysmtp.podLabels" -}}
{{ include "mysmtp.selector" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/part-of: mysmtp
{{- end -}}

{{- define "mysmtp.labels" -}}
{{ include "mysmtp.podLabels" . }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" }}
{{- end -}}

{{/* REGISTRY/REPOSITORY/SERVICE:TAG, or @DIGEST. */}}
{{- define "mysmtp.image" -}}
{{- $image := .root.Values.image -}}
{{- with $image.registry }}{{ . }}/{{ end -}}
{{- $image.repository }}/{{ .name -}}
{{- with (index .root.Values.services .name).imageDigest }}@{{ . }}{{ else }}:{{ $image.tag | default .root.Chart.AppVersion }}{{ end -}}
{{- end -}}

{{- define "mysmtp.firstTenantSecret" -}}
{{- .Values.firstTenant.secretName | default (printf "%s-first-tenant" (include "mysmtp.fullname" .)) -}}
{{- end -}}
