{{/* The IP families of a Service; nothing for those that the cluster prefers. Argument: the values of the Service. */}}
{{- define "svidwatch.ipFamilies" -}}
{{- with .ipFamilyPolicy }}
ipFamilyPolicy: {{ . }}
{{- end }}
{{- with .ipFamilies }}
ipFamilies:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}
