{{/*
What selects the pods of a component.
Arguments: root, component.
*/}}
{{- define "svidwatch.selectorLabels" -}}
app.kubernetes.io/name: {{ include "svidwatch.name" .root }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end -}}

{{/*
The labels of an object.
Arguments: root, component, labels (a mapping of further ones).
*/}}
{{- define "svidwatch.labels" -}}
{{- $own := include "svidwatch.podLabels" . | fromYaml -}}
{{- $_ := set $own "app.kubernetes.io/version" .root.Chart.AppVersion -}}
{{- $_ := set $own "app.kubernetes.io/managed-by" .root.Release.Service -}}
{{- $_ := set $own "helm.sh/chart" (printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_") -}}
{{- toYaml $own -}}
{{- end -}}

{{/*
The labels of a pod, none of which changes with the version of the chart. What selects the pods cannot be overridden.
Arguments: root, component, labels (a mapping of further ones).
*/}}
{{- define "svidwatch.podLabels" -}}
{{- $further := mustMergeOverwrite (deepCopy .root.Values.commonLabels) (default dict .labels | deepCopy) -}}
{{- mustMergeOverwrite $further (include "svidwatch.selectorLabels" . | fromYaml) | toYaml -}}
{{- end -}}

{{/*
The field `annotations` of an object; nothing if there is none.
Arguments: root, annotations (a mapping of further ones).
*/}}
{{- define "svidwatch.annotations" -}}
{{- with mustMergeOverwrite (deepCopy .root.Values.commonAnnotations) (default dict .annotations | deepCopy) -}}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end -}}
{{- end -}}
