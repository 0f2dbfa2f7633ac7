{{/*
The settings of the cluster role: those that follow from other values, and over them the value `settings`. Rights, ports and network
policies are taken from here, so that they fit whatever is set.
*/}}
{{- define "svidwatch.cluster.settings" -}}
{{- $own := dict -}}
{{- with .Values.namespaces -}}
{{- $_ := set $own "kubernetes" (dict "namespaces" .) -}}
{{- end -}}
{{- if include "svidwatch.followed" . -}}
{{- $_ := set $own "nodeFindings" (include "svidwatch.cluster.nodeFindings" . | fromYaml) -}}
{{- end -}}
{{- if not (dig "checkpoint" "file" "" .Values.settings) -}}
{{- $_ := set $own "checkpoint" (dict "configMap" (include "svidwatch.ownState" .)) -}}
{{- end -}}
{{- mustMergeOverwrite $own (deepCopy .Values.settings) | toYaml -}}
{{- end -}}

{{/* The settings of the node role. */}}
{{- define "svidwatch.node.settings" -}}
{{- $own := dict "nodeFindings" (dict "publicKeys" "/etc/svidwatch/keys/public.pem") -}}
{{- mustMergeOverwrite $own (deepCopy .Values.node.settings) | toYaml -}}
{{- end -}}

{{/* The ConfigMap that the chart makes for the state, as `namespace/name`. */}}
{{- define "svidwatch.ownState" -}}
{{- .Release.Namespace }}/{{ include "svidwatch.fullname" . }}-state
{{- end -}}

{{/*
A port that a role listens on.
Arguments: settings, name (port or probePort), default.
*/}}
{{- define "svidwatch.port" -}}
{{- dig "server" .name .default .settings | int -}}
{{- end -}}

{{/* Both ports of a role, as a mapping. Argument: the settings of the role. */}}
{{- define "svidwatch.ports" -}}
metrics: {{ include "svidwatch.port" (dict "settings" . "name" "port" "default" 9797) }}
probes: {{ include "svidwatch.port" (dict "settings" . "name" "probePort" "default" 9798) }}
{{- end -}}
