{{/*
IPv4 ranges outside the internet, which delivery, identity and privacy refuse to call (packages/http/src/allowed-address.ts).
*/}}
{{- define "mysmtp.notInternet" -}}
- 0.0.0.0/8
- 10.0.0.0/8
- 100.64.0.0/10
- 127.0.0.0/8
- 169.254.0.0/16
- 172.16.0.0/12
- 192.0.0.0/24
- 192.0.2.0/24
- 192.31.196.0/24
- 192.52.193.0/24
- 192.88.99.0/24
- 192.168.0.0/16
- 192.175.48.0/24
- 198.18.0.0/15
- 198.51.100.0/24
- 203.0.113.0/24
- 224.0.0.0/4
- 240.0.0.0/4
{{- end -}}

{{/* The internet, without the ranges that are not part of it: they contain no server of others, but the cluster and its network. */}}
{{- define "mysmtp.internet" -}}
- ipBlock:
    cidr: 0.0.0.0/0
    except:
      {{- include "mysmtp.notInternet" . | nindent 6 }}
- ipBlock:
    cidr: 2000::/3
    except: ['2001::/23', '2001:db8::/32', '2002::/16', '2620:4f:8000::/48', '3fff::/20']
{{- /* NAT64 (RFC 6052): the IPv4 address is at the end. */}}
- ipBlock:
    cidr: 64:ff9b::/96
    except:
      {{- range include "mysmtp.notInternet" . | fromYamlArray }}
      {{- $octets := regexFindAll "[0-9]+" . 5 }}
      {{- $high := add (mul 256 (index $octets 0 | int)) (index $octets 1 | int) }}
      {{- $low := add (mul 256 (index $octets 2 | int)) (index $octets 3 | int) }}
      - {{ printf "64:ff9b::%x:%x/%d" $high $low (index $octets 4 | int | add 96) | replace "::0:0/" "::/" }}
      {{- end }}
{{- end -}}

{{/* The egress of identity: to the sign-in providers of tenants. */}}
{{- define "mysmtp.providers" -}}
{{- include "mysmtp.named" .PRIVATE_PROVIDERS -}}
{{- end -}}

{{/* The egress of privacy: to the URLs that tenants have named for callbacks. */}}
{{- define "mysmtp.callbacks" -}}
{{- include "mysmtp.named" .PRIVATE_CALLBACKS -}}
{{- end -}}

{{/* Servers that tenants have named. "true": they may be anywhere. */}}
{{- define "mysmtp.named" -}}
{{- if eq (toString .) "true" -}}
- ports:
    - {protocol: TCP}
{{- else -}}
- ports:
    - {protocol: TCP, port: 443}
  to:
    {{- include "mysmtp.internet" . | nindent 4 }}
{{- end -}}
{{- end -}}

{{/* The egress of delivery: to the smarthost if one is set, else to the MX of the internet. */}}
{{- define "mysmtp.wayOut" -}}
{{- if .SMARTHOST -}}
- ports:
    - {protocol: TCP, port: {{ regexFind "[0-9]+$" .SMARTHOST }}}
{{- else -}}
- ports:
    - {protocol: TCP, port: {{ .MX_PORT | default 25 | int }}}
  {{- if ne (toString .PRIVATE_MX) "true" }}
  to:
    {{- include "mysmtp.internet" . | nindent 4 }}
  {{- end }}
{{- end -}}
{{- end -}}

{{/* A rule for a back end: its ports and its peers. */}}
{{- define "mysmtp.reach" -}}
{{- $backEnd := index .root.Values.networkPolicy .backEnd -}}
- ports:
    {{- range $backEnd.ports }}
    - {protocol: TCP, port: {{ int . }}}
    {{- end }}
  to:
    {{- required (printf "networkPolicy.%s.to is missing: where it is, such as [{ipBlock: {cidr: 10.0.0.0/24}}]. Our pods reach nothing that is not named" .backEnd) $backEnd.to | toYaml | nindent 4 }}
{{- end -}}

{{- define "mysmtp.reachDns" -}}
- ports:
    - {protocol: UDP, port: 53}
    - {protocol: TCP, port: 53}
  to:
    {{- required "networkPolicy.dns is missing: who answers DNS" .Values.networkPolicy.dns | toYaml | nindent 4 }}
{{- end -}}

{{/* The egress of a service's pods: called services, back ends, and the API server if it reviews tokens. */}}
{{- define "mysmtp.reachOfService" -}}
{{- with .service.calls -}}
- ports:
    - {protocol: TCP, port: 8081}
  to:
    {{- range . }}
    - podSelector:
        matchLabels:
          {{- include "mysmtp.selector" (dict "root" $.root "component" .) | nindent 10 }}
    {{- end }}
{{ end -}}
{{- include "mysmtp.reach" (dict "root" .root "backEnd" "mongodb") }}
{{ include "mysmtp.reach" (dict "root" .root "backEnd" "rabbitmq") }}
{{- if .service.calledBy }}
{{ include "mysmtp.reach" (dict "root" .root "backEnd" "apiServer") }}
{{- end }}
{{- with .service.egress }}
{{ toYaml . }}
{{- end }}
{{- with .service.extraEgress }}
{{ toYaml . }}
{{- end }}
{{- end -}}
