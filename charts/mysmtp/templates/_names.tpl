{{/* The prefix of all object names. Short enough for every suffix. */}}
{{- define "mysmtp.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride -}}
{{- else if contains .Chart.Name .Release.Name -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name .Chart.Name | trunc 40 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{/* The selector of this release's pods; with a component, one service's. Never changes. */}}
{{- define "mysmtp.selector" -}}
app.kubernetes.io/name: mysmtp
app.kubernetes.io/instance: {{ .root.Release.Name }}
{{- with .component }}
app.kubernetes.io/component: {{ . }}
{{- end }}
{{- end -}}

{{/* The labels of all objects and pods. */}}
{{- define "mysmtp.commonLabels" -}}
{{ include "mysmtp.selector" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/part-of: mysmtp
{{- end -}}

{{/* Without the chart's version, so that a new version alone does not replace pods. */}}
{{- define "mysmtp.podLabels" -}}
{{ include "mysmtp.commonLabels" . }}
{{- with merge (deepCopy .pod.labels) .root.Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* Of an object; `.labels` are additional ones. */}}
{{- define "mysmtp.labels" -}}
{{ include "mysmtp.commonLabels" . }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" }}
{{- with merge (deepCopy (.labels | default dict)) .root.Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* REGISTRY/REPOSITORY/SERVICE:TAG, or @DIGEST. */}}
{{- define "mysmtp.image" -}}
{{- $image := .root.Values.image -}}
{{- $service := index .root.Values.services .name -}}
{{- with .root.Values.global.imageRegistry | default $image.registry }}{{ . }}/{{ end -}}
{{- $image.repository }}/{{ .name -}}
{{- with $service.image.digest | default $service.imageDigest -}}
@{{ . }}
{{- else -}}
:{{ $service.image.tag | default $image.tag | default .root.Chart.AppVersion }}
{{- end -}}
{{- end -}}

{{/* Secrets for the registry, each once: names, as text or as `{name: NAME}`. */}}
{{- define "mysmtp.pullSecrets" -}}
{{- $names := list -}}
{{- range concat .Values.global.imagePullSecrets .Values.image.pullSecrets -}}
{{- $names = append $names (kindIs "string" . | ternary (dict "name" .) . ).name -}}
{{- end -}}
{{- range uniq $names }}
- name: {{ . }}
{{- end }}
{{- end -}}

{{- define "mysmtp.firstTenantSecret" -}}
{{- .Values.firstTenant.secretName | default (printf "%s-first-tenant" (include "mysmtp.fullname" .)) -}}
{{- end -}}
