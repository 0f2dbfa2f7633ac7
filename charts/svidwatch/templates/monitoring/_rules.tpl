{{/*
One rule, with the severity and the further labels that the values give an alert; nothing for an alert that is switched off.
Arguments: rule, values (those of `rules`).
*/}}
{{- define "svidwatch.rule" -}}
{{- $rule := .rule -}}
{{- if not (hasKey $rule "alert") -}}
{{- toYaml (list $rule) -}}
{{- else if not (has $rule.alert .values.disabled) -}}
{{- $severity := dict "severity" (default $rule.labels.severity (get .values.severities $rule.alert)) -}}
{{- $_ := set $rule "labels" (mustMergeOverwrite (deepCopy .values.extraLabels) $rule.labels $severity) -}}
{{- toYaml (list $rule) -}}
{{- end -}}
{{- end -}}

{{/* The groups of rules. */}}
{{- define "svidwatch.ruleGroups" -}}
{{- $file := .Files.Get (printf "files/rules/%s.yaml" (include "svidwatch.labelForm" .)) | replace "CLUSTER_LABEL" .Values.rules.clusterLabel | fromYaml -}}
{{- range $group := $file.groups -}}
{{- $rules := list -}}
{{- range $rule := $group.rules -}}
{{- with include "svidwatch.rule" (dict "rule" $rule "values" $.Values.rules) -}}
{{- $rules = concat $rules (fromYamlArray .) -}}
{{- end -}}
{{- end -}}
{{- with $rules }}
- name: {{ $group.name }}
  rules:
    {{- toYaml . | nindent 4 }}
{{- end -}}
{{- end -}}
{{- end -}}
