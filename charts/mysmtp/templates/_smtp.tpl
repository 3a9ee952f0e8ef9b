{{/*
The Services of the SMTP listeners, by name: a common one, and one for each listener with
`smtp.listeners.NAME.service`. Each has its settings and its listeners.
*/}}
{{- define "mysmtp.smtpServices" -}}
{{- $smtp := .root.Values.smtp -}}
{{- $common := printf "%s-smtp" (include "mysmtp.fullname" .root) -}}
{{- $services := dict -}}
{{- range $name, $values := $smtp.listeners -}}
{{- $listener := get $.listeners $name -}}
{{- if and $values (not $listener) -}}
{{- fail (printf "smtp.listeners.%s is set, but smtp.%sPort is not: the listener is closed" $name $name) -}}
{{- else if $listener -}}
{{- $service := dict "settings" $smtp -}}
{{- if not (kindIs "invalid" $values.service) -}}
{{- /* A static address belongs to one Service. */}}
{{- $_ := set $service "settings" (mergeOverwrite (omit (deepCopy $smtp) "loadBalancerIP") $values.service) -}}
{{- $_ := set $services (printf "%s-%s" $common $name) $service -}}
{{- else if not (hasKey $services $common) -}}
{{- $_ := set $services $common $service -}}
{{- else -}}
{{- $service = get $services $common -}}
{{- end -}}
{{- if and $values.nodePort (eq $service.settings.type "ClusterIP") -}}
{{- fail (printf "smtp.listeners.%s.nodePort is set, but its Service has type ClusterIP" $name) -}}
{{- end -}}
{{- $listeners := $service.listeners | default dict -}}
{{- $_ := set $listeners $name (merge (dict "nodePort" $values.nodePort) $listener) -}}
{{- $_ := set $service "listeners" $listeners -}}
{{- end -}}
{{- end -}}
{{- $services | toYaml -}}
{{- end -}}
