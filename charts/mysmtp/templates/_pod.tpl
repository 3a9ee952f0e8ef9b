{{/* Common fields of every pod of the release: user and scheduling. Pod Security's `restricted` accepts them. */}}
{{- define "mysmtp.podBasics" -}}
automountServiceAccountToken: false
{{- /* Service links are off, because their variables could be taken for settings. */}}
enableServiceLinks: false
securityContext:
  {{- include "mysmtp.withoutNulls" .pod.securityContext | nindent 2 }}
{{- with include "mysmtp.pullSecrets" .root | trim }}
imagePullSecrets:
  {{- . | nindent 2 }}
{{- end }}
dnsPolicy: {{ .pod.dnsPolicy }}
{{- with .pod.dnsConfig }}
dnsConfig:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .pod.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with .pod.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .pod.nodeAffinity }}
affinity:
  nodeAffinity:
    {{- toYaml . | nindent 4 }}
{{- end }}
{{- with .pod.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- $pod := .pod }}
{{- with $pod.initContainers }}
initContainers:
  {{- range . }}
  {{- $security := dict "securityContext" (include "mysmtp.withoutNulls" $pod.containerSecurityContext | fromYaml) }}
  {{- toYaml (list (hasKey . "securityContext" | ternary . (merge $security .))) | nindent 2 }}
  {{- end }}
{{- end }}
{{- end -}}

{{- define "mysmtp.containerBasics" -}}
image: {{ include "mysmtp.image" . }}
imagePullPolicy: {{ .root.Values.image.pullPolicy }}
securityContext:
  {{- include "mysmtp.withoutNulls" .pod.containerSecurityContext | nindent 2 }}
{{- end -}}

{{/* Variables of the values: text, or the source of their value. */}}
{{- define "mysmtp.extraEnv" -}}
{{- range $name, $value := .pod.extraEnv }}
- name: {{ $name }}
  {{- if kindIs "map" $value }}
  valueFrom:
    {{- toYaml $value | nindent 4 }}
  {{- else }}
  value: {{ $value | quote }}
  {{- end }}
{{- end }}
{{- end -}}
