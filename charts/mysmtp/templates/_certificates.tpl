{{/* A certificate that cert-manager makes for one of a service's APIs (`.use`: internal, api), for `.dnsNames`. */}}
{{- define "mysmtp.certificate" -}}
{{- $host := printf "%s-%s" (include "mysmtp.fullname" .root) .name -}}
apiVersion: cert-manager.io/v1
kind: Certificate
metadata:
  name: {{ $host }}-{{ .use }}
  namespace: {{ .root.Release.Namespace }}
  labels:
    {{- include "mysmtp.labels" (dict "root" .root "component" .name) | nindent 4 }}
spec:
  secretName: {{ $host }}-{{ .use }}-tls
  commonName: {{ $host }}
  dnsNames: [{{ .dnsNames | join ", " }}]
  usages: [digital signature, server auth]
  privateKey: {algorithm: ECDSA, size: 256, rotationPolicy: Always}
  issuerRef:
    group: cert-manager.io
    kind: {{ .issuer.kind }}
    name: {{ .issuer.name }}
{{- end -}}
