{{/* A hook is removed after success; a failed one stays, with its logs, until the next run. */}}
{{- define "mysmtp.hook" -}}
helm.sh/hook: {{ .on }}
helm.sh/hook-weight: {{ .weight | quote }}
helm.sh/hook-delete-policy: before-hook-creation,hook-succeeded
{{- end -}}

{{/* Jobs are idempotent: existing objects are not changed. */}}
{{- define "mysmtp.jobBasics" -}}
backoffLimit: 6
activeDeadlineSeconds: 600
ttlSecondsAfterFinished: 86400
{{- end -}}

{{/* The environment and the volumes of a Job's containers beside URLs. */}}
{{- define "mysmtp.jobEnv" -}}
{{- if .root.Values.backEndsWithoutTls }}
- name: BACK_ENDS_WITHOUT_TLS
  value: 'true'
{{- end }}
{{- if .root.Values.trustedCa.existingConfigMap }}
- name: NODE_EXTRA_CA_CERTS
  value: /etc/mysmtp/trusted-ca/ca.crt
{{- end }}
{{- include "mysmtp.extraEnv" . }}
{{- end -}}

{{/* The container of a Job that needs only URLs, each in a file of a volume of its own. */}}
{{- define "mysmtp.jobContainerBasics" -}}
{{ include "mysmtp.containerBasics" . }}
resources:
  requests: {cpu: 50m, memory: 96Mi}
  limits: {cpu: '1', memory: 256Mi}
volumeMounts:
  - {name: {{ .volume }}, mountPath: /etc/mysmtp/secrets, readOnly: true}
  {{- with include "mysmtp.sharedVolumeMounts" . | trim }}
  {{- . | nindent 2 }}
  {{- end }}
{{- end -}}
