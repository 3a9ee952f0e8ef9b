{{/* A setting as text. Helm reads a large number as a float, which would print as 2.6e+07. */}}
{{- define "mysmtp.text" -}}
{{- if kindIs "float64" . }}{{ printf "%.0f" . }}{{ else }}{{ toString . }}{{ end -}}
{{- end -}}

{{/* A map as YAML, without the members that are `null`. */}}
{{- define "mysmtp.withoutNulls" -}}
{{- $kept := dict -}}
{{- range $name, $value := . -}}
{{- if not (kindIs "invalid" $value) }}{{ $_ := set $kept $name $value }}{{ end -}}
{{- end -}}
{{- toYaml $kept -}}
{{- end -}}

{{/* 30s, 5m, 1h as whole seconds. */}}
{{- define "mysmtp.seconds" -}}
{{- $seconds := dict "ms" 0.001 "s" 1.0 "m" 60.0 "h" 3600.0 "d" 86400.0 -}}
{{- mulf (regexFind "^[0-9]+" . | float64) (get $seconds (regexFind "[a-z]+$" .)) | ceil | int -}}
{{- end -}}

{{/* "yes" if an optional object is to be installed: `auto` tests whether the cluster has the API. */}}
{{- define "mysmtp.isWanted" -}}
{{- if kindIs "string" .enabled -}}
{{- if .root.Capabilities.APIVersions.Has .api }}yes{{ end -}}
{{- else if .enabled }}yes{{ end -}}
{{- end -}}
