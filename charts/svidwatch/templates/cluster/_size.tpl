{{/* What the value `size` stands for, from files/sizes.yaml. */}}
{{- define "svidwatch.size" -}}
{{- get (.Files.Get "files/sizes.yaml" | fromYaml) .Values.size | toYaml -}}
{{- end -}}

{{/* The resources of the cluster role: those of its size, and over them the value `cluster.resources`. */}}
{{- define "svidwatch.cluster.resources" -}}
{{- $size := include "svidwatch.size" . | fromYaml -}}
{{- $own := dict "requests" (dict "cpu" $size.cpu "memory" $size.request) "limits" (dict "memory" $size.limit) -}}
{{- mustMergeOverwrite $own (deepCopy .Values.cluster.resources) | toYaml -}}
{{- end -}}
