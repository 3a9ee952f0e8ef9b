{{/* The files of a service's pod: keys, tokens for the called services, and one for the API server if others call it. */}}
{{- define "mysmtp.volumes" -}}
- name: keys
  secret:
    secretName: {{ .root.Values.serviceKeys.existingSecret }}
    defaultMode: 0440
    items:
      - {key: {{ .name }}.private.jwk.json, path: {{ .name }}.private.jwk.json}
      - {key: services.jwks.json, path: services.jwks.json}
- name: secrets
  projected:
    defaultMode: 0440
    sources:
      {{- include "mysmtp.urlFile" (dict "root" .root "name" .name "backEnd" "mongodb" "path" "mongodb-url") | nindent 6 }}
      {{- include "mysmtp.urlFile" (dict "root" .root "name" .name "backEnd" "rabbitmq" "path" "rabbitmq-url") | nindent 6 }}
      {{- if eq .name "privacy" }}
      - secret:
          name: {{ include "mysmtp.verifierSecret" .root }}
          items:
            {{- range $name, $_ := .root.Values.services }}
            - {key: verifier-{{ $name }}-url, path: verifier-{{ $name }}-url}
            {{- end }}
      {{- end }}
- name: internal-tls
  secret:
    {{- include "mysmtp.certificateFiles" (dict "root" .root "name" .name "use" "internal") | nindent 4 }}
      - {key: {{ .root.Values.internalTls.certManager.enabled | ternary "ca.crt" "ca.pem" }}, path: ca.crt}
{{- if eq (include "mysmtp.apiTlsVolume" .root) "api-tls" }}
- name: api-tls
  secret:
    {{- include "mysmtp.certificateFiles" (dict "root" .root "name" .name "use" "api") | nindent 4 }}
{{- end }}
{{- with .service.calls }}
- name: tokens
  projected:
    sources:
      {{- range . }}
      - serviceAccountToken:
          audience: mysmtp-{{ . }}
          expirationSeconds: 3600
          path: {{ . }}
      {{- end }}
{{- end }}
{{- if .service.calledBy }}
- name: api-server
  projected:
    sources:
      - serviceAccountToken:
          expirationSeconds: 3600
          path: token
      - configMap:
          name: kube-root-ca.crt
          items:
            - {key: ca.crt, path: ca.crt}
      - downwardAPI:
          items:
            - path: namespace
              fieldRef: {apiVersion: v1, fieldPath: metadata.namespace}
{{- end }}
{{- range $name, $mount := .service.mounts }}
- name: {{ $name }}
  {{- with $mount.secret }}
  secret:
    secretName: {{ . }}
    defaultMode: 0440
  {{- end }}
  {{- with $mount.configMap }}
  configMap:
    name: {{ . }}
  {{- end }}
  {{- with $mount.claim }}
  persistentVolumeClaim:
    claimName: {{ . }}
  {{- end }}
{{- end }}
{{- include "mysmtp.sharedVolumes" . }}
{{- end -}}

{{/* The Secret with the certificate of one of a service's APIs (`.use`: internal, api) and its key. */}}
{{- define "mysmtp.certificateFiles" -}}
{{- $values := printf "%sTls" .use -}}
{{- $tls := index .root.Values $values -}}
{{- if and $tls.existingSecret $tls.certManager.enabled -}}
{{- fail (printf "%s.existingSecret is set, and %s.certManager.enabled too: only one may be" $values $values) -}}
{{- else if $tls.certManager.enabled -}}
secretName: {{ include "mysmtp.fullname" .root }}-{{ .name }}-{{ .use }}-tls
defaultMode: 0440
items:
  - {key: tls.crt, path: tls.crt}
  - {key: tls.key, path: tls.key}
{{- else -}}
secretName: {{ required (printf "%s.existingSecret is missing, or %s.certManager.enabled" $values $values) $tls.existingSecret }}
defaultMode: 0440
items:
  - {key: {{ .name }}.pem, path: tls.crt}
  - {key: {{ .name }}.key.pem, path: tls.key}
{{- end -}}
{{- end -}}

{{/* The volume with the certificate of the public API: one of its own, or that of the internal API. None for plain HTTP. */}}
{{- define "mysmtp.apiTlsVolume" -}}
{{- $isOwn := or .Values.apiTls.existingSecret .Values.apiTls.certManager.enabled -}}
{{- if and $isOwn .Values.apiWithoutTls -}}
{{- fail "apiWithoutTls is true, and apiTls is set too: only one may be" -}}
{{- else if $isOwn }}api-tls
{{- else if not .Values.apiWithoutTls }}internal-tls
{{- end -}}
{{- end -}}

{{- define "mysmtp.volumeMounts" -}}
- {name: keys, mountPath: /etc/mysmtp/keys, readOnly: true}
- {name: secrets, mountPath: /etc/mysmtp/secrets, readOnly: true}
- {name: internal-tls, mountPath: /etc/mysmtp/internal-tls, readOnly: true}
{{- if eq (include "mysmtp.apiTlsVolume" .root) "api-tls" }}
- {name: api-tls, mountPath: /etc/mysmtp/api-tls, readOnly: true}
{{- end }}
{{- if .service.calls }}
- {name: tokens, mountPath: /var/run/secrets/mysmtp/tokens, readOnly: true}
{{- end }}
{{- if .service.calledBy }}
- {name: api-server, mountPath: /var/run/secrets/kubernetes.io/serviceaccount, readOnly: true}
{{- end }}
{{- range $name, $mount := .service.mounts }}
- {name: {{ $name }}, mountPath: {{ $mount.path }}, readOnly: {{ not $mount.claim }}}
{{- end }}
{{- include "mysmtp.sharedVolumeMounts" . }}
{{- end -}}

{{/* Volumes that pods of Jobs have too: an authority of your own, and those of the values. */}}
{{- define "mysmtp.sharedVolumes" -}}
{{- with .root.Values.trustedCa }}{{ if .existingConfigMap }}
- name: trusted-ca
  configMap:
    name: {{ .existingConfigMap }}
    items:
      - {key: {{ .key }}, path: ca.crt}
{{- end }}{{ end }}
{{- with .pod.extraVolumes }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "mysmtp.sharedVolumeMounts" -}}
{{- if .root.Values.trustedCa.existingConfigMap }}
- {name: trusted-ca, mountPath: /etc/mysmtp/trusted-ca, readOnly: true}
{{- end }}
{{- with .pod.extraVolumeMounts }}
{{ toYaml . }}
{{- end }}
{{- end -}}
