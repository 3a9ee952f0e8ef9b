{{/* Secret and key with a service's URL of a back end (mongodb, rabbitmq). */}}
{{- define "mysmtp.urlOf" -}}
{{- $backEnd := index .root.Values .backEnd -}}
{{- $own := index $backEnd.secrets .name | default dict -}}
{{- $name := $own.name | default $backEnd.existingSecret -}}
name: {{ required (printf "%s.existingSecret is missing, or %s.secrets.%s" .backEnd .backEnd .name) $name }}
key: {{ $own.key | default (printf "%s-url" .name) }}
{{- end -}}

{{/* The file of that URL in a volume. */}}
{{- define "mysmtp.urlFile" -}}
{{- $from := include "mysmtp.urlOf" . | fromYaml -}}
- secret:
    name: {{ $from.name }}
    items:
      - {key: {{ $from.key }}, path: {{ .path }}}
{{- end -}}

{{- define "mysmtp.verifierSecret" -}}
{{- $secret := .Values.mongodb.verifier.existingSecret | default .Values.mongodb.existingSecret -}}
{{- required "mongodb.verifier.existingSecret is missing, or mongodb.existingSecret" $secret -}}
{{- end -}}

{{/* The environment of a service's container. */}}
{{- define "mysmtp.environment" -}}
{{- $fullname := include "mysmtp.fullname" .root -}}
{{- $env := dict
  "API_PORT" "8080"
  "INTERNAL_PORT" "8081"
  "OPERATIONS_PORT" "9090"
  "SERVICE_KEY_FILE" (printf "/etc/mysmtp/keys/%s.private.jwk.json" .name)
  "SERVICE_JWKS_FILE" "/etc/mysmtp/keys/services.jwks.json"
  "INTERNAL_TLS_CERT_FILE" "/etc/mysmtp/internal-tls/tls.crt"
  "INTERNAL_TLS_KEY_FILE" "/etc/mysmtp/internal-tls/tls.key"
  "INTERNAL_TLS_CA_FILE" "/etc/mysmtp/internal-tls/ca.crt"
  "SERVICE_ACCOUNTS" (printf "system:serviceaccount:%s:%s-" .root.Release.Namespace $fullname)
  "SERVICE_TOKEN_DIR" "/var/run/secrets/mysmtp/tokens"
  "MONGODB_URL_FILE" "/etc/mysmtp/secrets/mongodb-url"
  "RABBITMQ_URL_FILE" "/etc/mysmtp/secrets/rabbitmq-url"
-}}
{{- if eq .name "privacy" -}}
{{- range $name, $_ := .root.Values.services -}}
{{- $_ := set $env (printf "VERIFIER_%s_URL_FILE" (upper $name)) (printf "/etc/mysmtp/secrets/verifier-%s-url" $name) -}}
{{- end -}}
{{- end -}}
{{- with include "mysmtp.apiTlsVolume" .root -}}
{{- $_ := set $env "API_TLS_CERT_FILE" (printf "/etc/mysmtp/%s/tls.crt" .) -}}
{{- $_ := set $env "API_TLS_KEY_FILE" (printf "/etc/mysmtp/%s/tls.key" .) -}}
{{- else -}}
{{- $_ := set $env "API_WITHOUT_TLS" "true" -}}
{{- end -}}
{{- if .root.Values.backEndsWithoutTls -}}
{{- $_ := set $env "BACK_ENDS_WITHOUT_TLS" "true" -}}
{{- end -}}
{{- range .service.calls -}}
{{- $_ := set $env (printf "%s_URL" (upper .)) (printf "https://%s-%s:8081" $fullname .) -}}
{{- end -}}
{{- if .root.Values.trustedCa.existingConfigMap -}}
{{- $_ := set $env "NODE_EXTRA_CA_CERTS" "/etc/mysmtp/trusted-ca/ca.crt" -}}
{{- end -}}
{{- range $name, $value := merge $env (.service.env | default dict) .service.settings }}
- name: {{ $name }}
  value: {{ include "mysmtp.text" $value | quote }}
{{- end }}
{{- include "mysmtp.extraEnv" . }}
{{- end -}}
