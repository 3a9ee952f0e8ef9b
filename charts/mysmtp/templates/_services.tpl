{{/*
All that templates need to know of each service, by name: its values, the facts of files/services.yaml,
and what sets it apart. One map; every kind of object is one template that walks through it.
*/}}
{{- define "mysmtp.services" -}}
{{- $facts := .Files.Get "files/services.yaml" | fromYaml -}}
{{- $differences := include "mysmtp.differences" . | fromYaml -}}
{{- $services := dict -}}
{{- range $name, $values := .Values.services -}}
{{- $service := mergeOverwrite (deepCopy $values) (get $facts $name) (get $differences $name | default dict) -}}
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
{{- fail (printf "services.%s.settings.%s is %s, but services.privacy.settings.%s is %d: it may be at most %dd, for what is kept longer than its key nobody can read" $name $kept.setting $time $kept.keyDays $days $longest) -}}
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

{{/* "yes" for more than one pod, and for a number that an autoscaler chooses. */}}
{{- define "mysmtp.mayBeMany" -}}
{{- if or (kindIs "invalid" .) (gt (int .) 1) }}yes{{ end -}}
{{- end -}}

{{/* How a service's pods are replaced: what its values say over what suits it. */}}
{{- define "mysmtp.strategy" -}}
{{- $rolling := dict "type" "RollingUpdate" "rollingUpdate" (dict "maxUnavailable" 0 "maxSurge" 1) -}}
{{- /* Two pods cannot have one ReadWriteOnce volume on two nodes: a new one beside the old would wait for ever. */}}
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

{{/* What sets services apart: settings, files, ports, ways through the network. */}}
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
    # A folder: a file alone (subPath) would stay as it was when the Secret changes.
    tls: {path: /etc/mysmtp/tls, secret: {{ .Values.tls.existingSecret }}}
delivery:
  env:
    EHLO_NAME: {{ .Values.ehloName }}
    RETURN_PATH_DOMAIN: {{ .Values.returnPathDomain }}
    {{- with .Values.reportDkim }}{{ if or .existingSecret .selector }}
    REPORT_DKIM_KEY_FILE: /etc/mysmtp/report-dkim/private.pem
    REPORT_DKIM_SELECTOR: {{ required "reportDkim.selector is missing: reportDkim.existingSecret is set" .selector | quote }}
  mounts:
    report-dkim: {path: /etc/mysmtp/report-dkim, secret: {{ required "reportDkim.existingSecret is missing: reportDkim.selector is set" .existingSecret }}}
    {{- end }}{{ end }}
  egress:
    {{- include "mysmtp.wayOut" .Values.services.delivery.settings | nindent 4 }}
privacy:
  env:
    # A folder inside: the service makes it for itself alone, which it insists on.
    VAULT_DIR: /var/lib/mysmtp/vault/roots
    CERTIFICATE_KEYS_FILE: /etc/mysmtp/certificate-keys/certificate.private.jwks.json
  mounts:
    vault: {path: /var/lib/mysmtp/vault, claim: {{ .Values.vault.existingClaim }}}
    certificate-keys: {path: /etc/mysmtp/certificate-keys, secret: {{ .Values.certificateKeys.existingSecret }}}
{{- end -}}
