{{/*
What may be asked by anyone that the values name.
Arguments: from (peers), port, why (a comment for a rule without peers).
*/}}
{{- define "svidwatch.ingress" -}}
{{- $ports := printf "ports: [{ port: %s, protocol: TCP }]" (toString .port) -}}
{{- if .from }}
- from:
    {{- toYaml .from | nindent 4 }}
  {{ $ports }}
{{- else }}
# From anywhere: {{ .why }}
- {{ $ports }}
{{- end }}
{{- end -}}

{{/* The ingress rules of a role's metrics and probes. Arguments: root, settings (of the role). */}}
{{- define "svidwatch.commonIngress" -}}
{{- $values := .root.Values.networkPolicy -}}
{{- $ports := include "svidwatch.ports" .settings | fromYaml -}}
{{- include "svidwatch.ingress" (dict "from" $values.metricsFrom "port" $ports.metrics "why" "networkPolicy.metricsFrom does not say where Prometheus is.") -}}
{{- include "svidwatch.ingress" (dict "from" $values.probesFrom "port" $ports.probes "why" "the kubelet asks from an address of its node, which no selector names.") -}}
{{- end -}}

{{/*
Selects the pods of a component from any namespace.
Arguments: root, component, namespace.
*/}}
{{- define "svidwatch.peer" -}}
- namespaceSelector:
    matchLabels: { kubernetes.io/metadata.name: {{ .namespace }} }
  podSelector:
    matchLabels:
      {{- include "svidwatch.selectorLabels" . | nindent 6 }}
{{- end -}}
