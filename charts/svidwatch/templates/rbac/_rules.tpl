{{/*
What the cluster role lists and watches in every namespace that it watches.
Argument: its settings.
*/}}
{{- define "svidwatch.rules.namespaced" -}}
{{- if dig "kubernetes" "sources" "certificateRequests" true . }}
- apiGroups: [cert-manager.io]
  resources: [certificaterequests]
  verbs: [list, watch]
{{- end }}
- apiGroups: ['']
  resources: [pods]
  verbs: [list, watch]
{{- with dig "trustBundles" "names" list . }}
- apiGroups: ['']
  resources: [configmaps]
  resourceNames: {{ toJson . }}
  verbs: [list, watch]
{{- end }}
{{- end -}}

{{/*
What it lists and watches besides, and no right in a namespace covers.
Argument: its settings.
*/}}
{{- define "svidwatch.rules.cluster" -}}
{{- range $source := list "namespaces" "nodes" }}
{{- if dig "kubernetes" "sources" $source true $ }}
- apiGroups: ['']
  resources: [{{ $source }}]
  verbs: [list, watch]
{{- end }}
{{- end }}
{{- if dig "kubernetes" "sources" "csiNodes" true . }}
- apiGroups: [storage.k8s.io]
  resources: [csinodes]
  verbs: [list, watch]
{{- end }}
{{- if dig "kubernetes" "sources" "trustManagerBundles" true . }}
- apiGroups: [trust.cert-manager.io]
  resources: [bundles]
  verbs: [list, watch]
{{- end }}
{{- if dig "kubernetes" "sources" "trustManagerClusterBundles" true . }}
- apiGroups: [trust-manager.io]
  resources: [clusterbundles]
  verbs: [list, watch]
{{- end }}
{{- if dig "trustBundles" "clusterTrustBundles" false . }}
- apiGroups: [certificates.k8s.io]
  resources: [clustertrustbundles]
  verbs: [list, watch]
{{- end }}
{{- end -}}

{{/*
A Role and its binding to the cluster role's service account.
Arguments: root, name, namespace, rules, purpose (a comment).
*/}}
{{- define "svidwatch.boundRole" -}}
---
# {{ .purpose }}
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata:
  {{- include "svidwatch.roleMetadata" . | nindent 2 }}
rules:
  {{- .rules | trim | nindent 2 }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata:
  {{- include "svidwatch.roleMetadata" . | nindent 2 }}
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: Role, name: {{ .name }} }
subjects:
  {{- include "svidwatch.subject" .root | nindent 2 }}
{{- end -}}

{{- define "svidwatch.roleMetadata" -}}
name: {{ .name }}
{{- with .namespace }}
namespace: {{ . }}
{{- end }}
labels:
  {{- include "svidwatch.labels" (dict "root" .root "component" "cluster") | nindent 2 }}
{{- with include "svidwatch.annotations" (dict "root" .root) }}{{ . | nindent 0 }}{{ end }}
{{- end -}}

{{- define "svidwatch.subject" -}}
- { kind: ServiceAccount, name: {{ include "svidwatch.serviceAccount" . }}, namespace: {{ .Release.Namespace }} }
{{- end -}}

{{/*
The right to read and to fill one object that exists.
Arguments: resource, name.
*/}}
{{- define "svidwatch.rules.fill" -}}
- apiGroups: ['']
  resources: [{{ .resource }}]
  resourceNames: [{{ .name }}]
  verbs: [get, update]
{{- end -}}
