{{/* How delivery gets out: to the smarthost where there is one, else to the MX of the internet. */}}
{{- define "mysmtp.wayOut" -}}
{{- if .SMARTHOST -}}
- ports:
    - {protocol: TCP, port: {{ regexFind "[0-9]+$" .SMARTHOST }}}
{{- else -}}
- ports:
    - {protocol: TCP, port: {{ .MX_PORT | default 25 | int }}}
  {{- if ne (toString .PRIVATE_MX) "true" }}
  {{- /* No receiver is there, but our neighbours in the cluster and its network are. */}}
  to:
    - ipBlock:
        cidr: 0.0.0.0/0
        except: [10.0.0.0/8, 100.64.0.0/10, 127.0.0.0/8, 169.254.0.0/16, 172.16.0.0/12, 192.168.0.0/16]
    - ipBlock:
        cidr: ::/0
        except: ['::1/128', 'fc00::/7', 'fe80::/10']
  {{- end }}
{{- end -}}
{{- end -}}

{{/* A rule for what is reached by its ports, and by its place where that is named. */}}
{{- define "mysmtp.reach" -}}
- ports:
    {{- range .ports }}
    - {protocol: TCP, port: {{ int . }}}
    {{- end }}
  {{- with .to }}
  to:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end -}}

{{- define "mysmtp.reachDns" -}}
- ports:
    - {protocol: UDP, port: 53}
    - {protocol: TCP, port: 53}
  {{- with .Values.networkPolicy.dns }}
  to:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end -}}

{{/* What a service's pods may reach: whom it calls, its back ends, the API server where it checks tokens. */}}
{{- define "mysmtp.reachOfService" -}}
{{- $network := .root.Values.networkPolicy -}}
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
{{- include "mysmtp.reach" $network.mongodb }}
{{ include "mysmtp.reach" $network.rabbitmq }}
{{- if .service.calledBy }}
{{ include "mysmtp.reach" $network.apiServer }}
{{- end }}
{{- with .service.egress }}
{{ toYaml . }}
{{- end }}
{{- with .service.extraEgress }}
{{ toYaml . }}
{{- end }}
{{- end -}}
