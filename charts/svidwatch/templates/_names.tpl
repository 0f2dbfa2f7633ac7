{{/* The value of the label app.kubernetes.io/name. */}}
{{- define "svidwatch.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{/* The name of the cluster role's objects, and what the names of all others begin with. Leaves room for their suffixes. */}}
{{- define "svidwatch.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 52 | trimSuffix "-" -}}
{{- else -}}
{{- $name := include "svidwatch.name" . -}}
{{- ternary .Release.Name (printf "%s-%s" .Release.Name $name) (contains $name .Release.Name) | trunc 52 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{/*
The name of objects outside the release's namespace, where releases of the same name in two namespaces must not take each other's:
the cluster's objects, and those in namespaces that releases share.
*/}}
{{- define "svidwatch.sharedName" -}}
{{- $fullname := include "svidwatch.fullname" . -}}
{{- ternary $fullname (printf "%s-%s" .Release.Namespace $fullname) (eq $fullname .Release.Namespace) -}}
{{- end -}}

{{- define "svidwatch.node.fullname" -}}
{{- include "svidwatch.fullname" . }}-node
{{- end -}}

{{- define "svidwatch.node.namespace" -}}
{{- default (printf "%s-node" .Release.Namespace) .Values.node.namespace.name -}}
{{- end -}}

{{/* The Service of the node roles that the cluster role follows, as `namespace/name`. Empty: it follows none. */}}
{{- define "svidwatch.followed" -}}
{{- if .Values.node.enabled -}}
{{- include "svidwatch.node.namespace" . }}/{{ include "svidwatch.node.fullname" . -}}
{{- else -}}
{{- .Values.nodeFindings.service -}}
{{- end -}}
{{- end -}}

{{- define "svidwatch.serviceAccount" -}}
{{- default (ternary (include "svidwatch.fullname" .) "default" .Values.serviceAccount.create) .Values.serviceAccount.name -}}
{{- end -}}
