{{/*
The data of each service for the templates, by name: its values, the derived values of files/services.yaml,
and its differences. One map; every kind of object is one template that iterates over it.
*/}}
{{- define "mysmtp.services" -}}
{{- $derived := .Files.Get "files/services.yaml" | fromYaml -}}
{{- $differences := include "mysmtp.differences" . | fromYaml -}}
{{- $services := dict -}}
{{- range $name, $values := .Values.services -}}
{{- $service := mergeOverwrite (deepCopy $values) (get $derived $name) (get $differences $name | default dict) -}}
{{- $deadline := include "mysmtp.text" ($values.settings.STOP_DEADLINE | default $service.stopDeadline) -}}
{{- $needed := add (include "mysmtp.seconds" $deadline) $values.preStopSeconds -}}
{{- $grace := $values.terminationGracePeriodSeconds | default (add $needed 5) -}}
{{- if lt ($grace | int64) ($needed | int64) -}}
{{- fail (printf "services.%s.terminationGracePeriodSeconds is %d, but preStopSeconds (%d) and STOP_DEADLINE (%s) take %d: mail under way would be cut off" $name ($grace | int64) ($values.preStopSeconds | int64) $deadline $needed) -}}
{{- end -}}
{{- $_ := set $service "terminationGracePeriodSeconds" $grace -}}
{{- range $kept := $service.kept -}}
{{- $time := include "mysmtp.text" (get $values.settings $kept.setting | default $kept.default) -}}
{{- $days := include "mysmtp.text" (get $.Values.services.privacy.settings $kept.keyDays | default $kept.defaultDays) | int -}}
{{- $longest := sub $days $kept.sparedDays -}}
{{- if gt (include "mysmtp.seconds" $time | int64) (mul $longest 86400) -}}
{{- fail (printf "services.%s.settings.%s is %s, but services.privacy.settings.%s is %d: it may be at most %dd, because data cannot be read after its key is destroyed" $name $kept.setting $time $kept.keyDays $days $longest) -}}
{{- end -}}
{{- end -}}
{{- $_ := set $service "strategy" (include "mysmtp.strategy" (dict "root" $ "name" $name "strategy" ($values.strategy | default dict)) | fromYaml) -}}
{{- $_ := set $service "pod" (mergeOverwrite (deepCopy $.Values.pod) $values.pod) -}}
{{- $_ := set $services $name $service -}}
{{- end -}}
{{- $replicas := .Values.services.privacy.replicas -}}
{{- if and (include "mysmtp.mayBeMany" $replicas) (ne .Values.vault.accessMode "ReadWriteMany") -}}
{{- fail (printf "services.privacy.replicas is %v, but a vault with vault.accessMode %s serves one pod: it takes ReadWriteMany" ($replicas | default "null") .Values.vault.accessMode) -}}
{{- end -}}
{{- $services | toYaml -}}
{{- end -}}

{{/* "yes" for more than one pod, and for a number that an autoscaler sets. */}}
{{- define "mysmtp.mayBeMany" -}}
{{- if or (kindIs "invalid" .) (gt (int .) 1) }}yes{{ end -}}
{{- end -}}

{{/* The update strategy of a service's pods: its default, overridden by its values. */}}
{{- define "mysmtp.strategy" -}}
{{- $rolling := dict "type" "RollingUpdate" "rollingUpdate" (dict "maxUnavailable" 0 "maxSurge" 1) -}}
{{- /* Two pods on two nodes cannot share one ReadWriteOnce volume: a new pod beside the old one would never start. */}}
{{- $onePod := and (eq .name "privacy") (eq .root.Values.vault.accessMode "ReadWriteOnce") -}}
{{- $type := .strategy.type | default (ternary "Recreate" "RollingUpdate" $onePod) -}}
{{- if and $onePod (eq $type "RollingUpdate") -}}
{{- fail "services.privacy.strategy is RollingUpdate, but a vault with vault.accessMode ReadWriteOnce serves one pod: it takes Recreate" -}}
{{- end -}}
{{- if eq $type "RollingUpdate" -}}
{{- mergeOverwrite $rolling .strategy | toYaml -}}
{{- else if .strategy.rollingUpdate -}}
{{- fail (printf "services.%s.strategy.rollingUpdate is set, but the type is Recreate" .name) -}}
{{- else -}}
type: Recreate
{{- end -}}
{{- end -}}

{{/* The differences between services: settings, files, ports, egress. */}}
{{- define "mysmtp.differences" -}}
ingress:
  env:
    SMTP_NAME: {{ .Values.smtpName }}
    SMTP_STARTTLS_PORT: "2587"
    SMTP_TLS_PORT: "2465"
    {{- if .Values.smtp.networkPort }}
    SMTP_NETWORK_PORT: "2525"
    {{- end }}
    TLS_CERT_FILE: /etc/mysmtp/tls/tls.crt
    TLS_KEY_FILE: /etc/mysmtp/tls/tls.key
  listeners:
    starttls: {container: 2587, port: {{ .Values.smtp.starttlsPort }}}
    tls: {container: 2465, port: {{ .Values.smtp.tlsPort }}}
    {{- with .Values.smtp.networkPort }}
    network: {container: 2525, port: {{ . }}}
    {{- end }}
  mounts:
    # A folder, because a single file (subPath) would not follow changes of the Secret.
    tls: {path: /etc/mysmtp/tls, secret: {{ .Values.tls.existingSecret }}}
delivery:
  env:
    EHLO_NAME: {{ .Values.ehloName }}
    RETURN_PATH_DOMAIN: {{ .Values.returnPathDomain }}
    {{- with .Values.dsnDkim }}{{ if or .existingSecret .selector }}
    DSN_DKIM_KEY_FILE: /etc/mysmtp/dsn-dkim/private.pem
    DSN_DKIM_SELECTOR: {{ required "dsnDkim.selector is missing: dsnDkim.existingSecret is set" .selector | quote }}
  mounts:
    dsn-dkim: {path: /etc/mysmtp/dsn-dkim, secret: {{ required "dsnDkim.existingSecret is missing: dsnDkim.selector is set" .existingSecret }}}
    {{- end }}{{ end }}
  egress:
    {{- include "mysmtp.wayOut" .Values.services.delivery.settings | nindent 4 }}
identity:
  env:
    RETURN_PATH_DOMAIN: {{ .Values.returnPathDomain }}
    {{- with .Values.noticesFrom }}
    NOTICES_FROM: {{ . }}
    {{- end }}
  egress:
    {{- include "mysmtp.providers" .Values.services.identity.settings | nindent 4 }}
privacy:
  env:
    # A subfolder, because the service creates it with access for itself only.
    VAULT_DIR: /var/lib/mysmtp/vault/roots
    CERTIFICATE_KEYS_FILE: /etc/mysmtp/certificate-keys/certificate.private.jwks.json
    OPERATOR_FILE: /etc/mysmtp/operator/operator.json
    {{- with .Values.noticesFrom }}
    NOTICES_FROM: {{ . }}
    {{- end }}
  egress:
    {{- include "mysmtp.callbacks" .Values.services.privacy.settings | nindent 4 }}
  mounts:
    vault: {path: /var/lib/mysmtp/vault, claim: {{ .Values.vault.existingClaim }}}
    certificate-keys: {path: /etc/mysmtp/certificate-keys, secret: {{ .Values.certificateKeys.existingSecret }}}
    operator: {path: /etc/mysmtp/operator, configMap: {{ .Values.operator.existingConfigMap }}}
{{- end -}}
