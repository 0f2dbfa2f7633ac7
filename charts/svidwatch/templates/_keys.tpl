{{/* The Secret with the key that signs the tokens for node roles. */}}
{{- define "svidwatch.signingSecret" -}}
{{- default (printf "%s-signing-key" (include "svidwatch.fullname" .)) .Values.keys.signingSecret -}}
{{- end -}}

{{/* The ConfigMap with the public keys that the followed node roles accept, as `namespace/name`. */}}
{{- define "svidwatch.publicKeys" -}}
{{- $namespace := include "svidwatch.node.namespace" . -}}
{{- $name := printf "%s-public-keys" (include "svidwatch.fullname" .) -}}
{{- if not .Values.node.enabled -}}
{{- /* The chart names both after the release that owns the node roles. */ -}}
{{- $followed := splitn "/" 2 .Values.nodeFindings.service -}}
{{- $namespace = $followed._0 -}}
{{- $name = printf "%s-public-keys" (trimSuffix "-node" $followed._1) -}}
{{- end -}}
{{- $namespace }}/{{ default $name .Values.keys.publicKeysConfigMap -}}
{{- end -}}

{{/* Whether the cluster role makes its key: not empty if it follows node roles, and no Secret is given. */}}
{{- define "svidwatch.makesKey" -}}
{{- if and .Values.cluster.enabled (include "svidwatch.followed" .) (not .Values.keys.signingSecret) -}}true{{- end -}}
{{- end -}}

{{/* The section `nodeFindings` of the cluster role's settings. */}}
{{- define "svidwatch.cluster.nodeFindings" -}}
service: {{ include "svidwatch.followed" . }}
{{- if .Values.keys.signingSecret }}
signingKey: /etc/svidwatch/signing/key.pem
{{- else }}
signingSecret: {{ .Release.Namespace }}/{{ include "svidwatch.signingSecret" . }}
publicKeysConfigMap: {{ include "svidwatch.publicKeys" . }}
{{- end }}
{{- end -}}
