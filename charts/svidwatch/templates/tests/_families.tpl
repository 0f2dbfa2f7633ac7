{{/* The metrics of the runbook that the cluster role exports with its settings, separated by commas. */}}
{{- define "svidwatch.runbookFamilies" -}}
{{- $settings := include "svidwatch.cluster.settings" . | fromYaml -}}
{{- $watched := list -}}
{{- if dig "kubernetes" "sources" "certificateRequests" true $settings }}{{ $watched = append $watched "certificateRequests" }}{{ end -}}
{{- if include "svidwatch.followed" . }}{{ $watched = append $watched "nodeFindings" }}{{ end -}}
{{- if $settings.bundleEndpoints }}{{ $watched = append $watched "bundleEndpoints" }}{{ end -}}
{{- $families := list -}}
{{- range $family, $sources := .Files.Get "files/runbookFamilies.yaml" | fromYaml -}}
{{- $present := list -}}
{{- range $sources }}{{ if has . $watched }}{{ $present = append $present . }}{{ end }}{{ end -}}
{{- if or (empty $sources) $present }}{{ $families = append $families $family }}{{ end -}}
{{- end -}}
{{- $families | join "," -}}
{{- end -}}
