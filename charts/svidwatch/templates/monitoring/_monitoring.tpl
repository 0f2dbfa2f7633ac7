{{/* Not empty where the cluster has the objects of the Prometheus Operator. */}}
{{- define "svidwatch.hasOperator" -}}
{{- if .Capabilities.APIVersions.Has "monitoring.coreos.com/v1" -}}true{{- end -}}
{{- end -}}

{{/* What reads the labels of svidwatch's series: `honored`, or `exported` where Prometheus renames them. */}}
{{- define "svidwatch.labelForm" -}}
{{- $followed := ternary "honored" "exported" .Values.monitor.honorLabels -}}
{{- ternary $followed .Values.rules.form (eq .Values.rules.form "auto") -}}
{{- end -}}

{{/*
A PodMonitor or ServiceMonitor for the pods of one role, in their own namespace: some Prometheus select no other one.
Arguments: root, component, name, namespace.
*/}}
{{- define "svidwatch.monitor" -}}
{{- $monitor := .root.Values.monitor -}}
---
apiVersion: monitoring.coreos.com/v1
kind: {{ $monitor.kind }}
metadata:
  name: {{ .name }}
  namespace: {{ .namespace }}
  labels:
    {{- include "svidwatch.labels" (dict "root" .root "component" .component "labels" $monitor.labels) | nindent 4 }}
  {{- with include "svidwatch.annotations" (dict "root" .root "annotations" $monitor.annotations) }}{{ . | nindent 2 }}{{ end }}
spec:
  selector:
    matchLabels:
      {{- include "svidwatch.selectorLabels" . | nindent 6 }}
  {{ ternary "podMetricsEndpoints" "endpoints" (eq $monitor.kind "PodMonitor") }}:
    - port: metrics
      interval: {{ $monitor.interval }}
      {{- with $monitor.scrapeTimeout }}
      scrapeTimeout: {{ . }}
      {{- end }}
      # Without this, `namespace`, `pod` and `node` of each series and each alert name svidwatch and not the workload.
      honorLabels: {{ $monitor.honorLabels }}
      {{- range $field := list "relabelings" "metricRelabelings" }}
      {{- with get $monitor $field }}
      {{ $field }}:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- end }}
{{- end -}}
