{{/* Where the cluster role connects to. */}}
{{- define "svidwatch.cluster.egress" -}}
{{- $values := .Values.networkPolicy -}}
{{- $settings := include "svidwatch.cluster.settings" . | fromYaml -}}
{{- $hosts := include "svidwatch.bundleHosts" $settings | fromYaml -}}
{{- $collector := include "svidwatch.collector" $settings | fromYaml -}}
{{- $targets := include "svidwatch.probedTargets" $settings | fromYaml -}}
{{- include "svidwatch.egress.apiServer" $values.apiServer -}}
{{- with include "svidwatch.followed" . -}}
{{- include "svidwatch.egress.nodeRoles" (dict "root" $ "service" .) -}}
{{- end -}}
{{- if dig "servedSvids" "pods" true $settings -}}
{{- include "svidwatch.egress.pods" . -}}
{{- end -}}
{{- range $targets.places }}
{{- include "svidwatch.egress.place" (dict "place" . "what" "A server whose certificate is read by name") }}
{{- end -}}
{{- range $hosts.addresses }}
# A bundle endpoint.
- to: [{ ipBlock: { cidr: {{ .cidr | quote }} } }]
  ports: [{ port: {{ .port }}, protocol: TCP }]
{{- end -}}
{{- with $hosts.ports }}
# Bundle endpoints, at any address: a policy cannot select a host by its name.
- ports:
    {{- range . }}
    - { port: {{ . }}, protocol: TCP }
    {{- end }}
{{- end -}}
{{- with $collector }}
{{- include "svidwatch.egress.place" (dict "place" . "what" "The collector of traces") }}
{{- end -}}
{{- if or $hosts.ports $targets.haveNames (get $collector "name") (dig "kubernetes" "kubeconfig" "" $settings) -}}
{{- include "svidwatch.egress.dns" $values.dns -}}
{{- end -}}
{{- with $values.extraEgress }}
{{ toYaml . }}
{{- end -}}
{{- end -}}

{{- define "svidwatch.egress.apiServer" -}}
{{- if .cidrs }}
# The API server.
{{- else }}
# The API server, at any address: it runs outside the network of the pods, and networkPolicy.apiServer.cidrs does not say where.
{{- end }}
- ports:
    {{- range .ports }}
    - { port: {{ . }}, protocol: TCP }
    {{- end }}
  {{- with .cidrs }}
  to:
    {{- range . }}
    - ipBlock: { cidr: {{ . | quote }} }
    {{- end }}
  {{- end }}
{{- end -}}

{{/* Arguments: root, service (of the node roles). */}}
{{- define "svidwatch.egress.nodeRoles" -}}
{{- $namespace := (splitn "/" 2 .service)._0 }}
# The findings of the node roles.
{{- if .root.Values.node.enabled }}
- to:
    {{- include "svidwatch.peer" (dict "root" .root "component" "node" "namespace" $namespace) | nindent 4 }}
  ports: [{ port: {{ (include "svidwatch.node.settings" .root | fromYaml | include "svidwatch.ports" | fromYaml).metrics }}, protocol: TCP }]
{{- else }}
# All pods of their namespace: another release owns them and chooses their labels.
- to: [{ namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: {{ $namespace }} } } }]
  ports: [{ port: 9797, protocol: TCP }]
{{- end }}
{{- end -}}

{{- define "svidwatch.egress.dns" }}
# DNS, for the names of bundle endpoints, of servers whose certificates are read by name, of the collector of traces, or of the API
# server in a kubeconfig file.
{{- if not .to }}
# At any address: networkPolicy.dns.to does not say where the name servers are.
{{- end }}
- ports:
    {{- range .ports }}
    - { port: {{ . }}, protocol: UDP }
    - { port: {{ . }}, protocol: TCP }
    {{- end }}
  {{- with .to }}
  to:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end -}}

{{/* The pods that are probed. */}}
{{- define "svidwatch.egress.pods" -}}
{{- $values := .Values.networkPolicy.servedSvids }}
# The pods that serve SVIDs.
{{- if not $values.to }}
# All pods of the {{ ternary "watched namespaces" "cluster" (gt (len .Values.namespaces) 0) }}: networkPolicy.servedSvids.to does not say which of them have SVIDs.
{{- end }}
{{- if not $values.ports }}
# At every TCP port: networkPolicy.servedSvids.ports does not say where they listen, and the annotation of a pod may name any port.
{{- end }}
- to:
    {{- if $values.to }}
    {{- toYaml $values.to | nindent 4 }}
    {{- else if .Values.namespaces }}
    - namespaceSelector:
        matchExpressions:
          - { key: kubernetes.io/metadata.name, operator: In, values: {{ toJson .Values.namespaces }} }
    {{- else }}
    - namespaceSelector: {}
    {{- end }}
  ports:
    {{- toYaml (default (list (dict "protocol" "TCP")) $values.ports) | nindent 4 }}
{{- end -}}

{{/* Arguments: place (as "svidwatch.place" gives it), what (is there). */}}
{{- define "svidwatch.egress.place" -}}
{{- $ports := printf "ports: [{ port: %v, protocol: TCP }]" .place.port -}}
{{- if get .place "cidr" }}
# {{ .what }}.
- to: [{ ipBlock: { cidr: {{ .place.cidr | quote }} } }]
  {{ $ports }}
{{- else if get .place "namespace" }}
# {{ .what }}: all pods of the namespace of its Service, whose selector is not known here.
- to: [{ namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: {{ .place.namespace | quote }} } } }]
  {{ $ports }}
{{- else }}
# {{ .what }}, at any address: a policy cannot select a host by its name.
- {{ $ports }}
{{- end }}
{{- end -}}
