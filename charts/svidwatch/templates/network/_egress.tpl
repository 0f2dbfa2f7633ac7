{{/* Where the cluster role connects to. */}}
{{- define "svidwatch.cluster.egress" -}}
{{- $values := .Values.networkPolicy -}}
{{- $settings := include "svidwatch.cluster.settings" . | fromYaml -}}
{{- $hosts := include "svidwatch.bundleHosts" $settings | fromYaml -}}
{{- $collector := include "svidwatch.collector" $settings | fromYaml -}}
{{- include "svidwatch.egress.apiServer" $values.apiServer -}}
{{- with include "svidwatch.followed" . -}}
{{- include "svidwatch.egress.nodeRoles" (dict "root" $ "service" .) -}}
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
{{- include "svidwatch.egress.collector" . }}
{{- end -}}
{{- if or $hosts.ports (get $collector "name") (dig "kubernetes" "kubeconfig" "" $settings) -}}
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
# DNS, for the names of bundle endpoints, of the collector of traces, or of the API server in a kubeconfig file.
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

{{/*
Where bundles are fetched: `ports` of hosts with names, and `addresses` with their ports. An endpoint may redirect to the hosts that
its settings list.
Argument: the settings of the cluster role.
*/}}
{{- define "svidwatch.bundleHosts" -}}
{{- $ports := list -}}
{{- $addresses := list -}}
{{- range $endpoint := default list .bundleEndpoints -}}
{{- range $host := prepend (default list $endpoint.redirectHosts) (urlParse $endpoint.url).host -}}
{{- $place := include "svidwatch.place" (dict "host" $host "port" 443) | fromYaml -}}
{{- if get $place "cidr" -}}
{{- $addresses = append $addresses $place -}}
{{- else -}}
{{- $ports = append $ports $place.port -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- dict "ports" (uniq $ports) "addresses" (uniq $addresses) | toYaml -}}
{{- end -}}

{{/*
A host: its `port`, and its `name` or, for an IP address, the `cidr`.
Arguments: host (as in a URL, perhaps with a port), port (the default).
*/}}
{{- define "svidwatch.place" -}}
{{- $name := regexReplaceAll ":[0-9]*$" .host "" | lower -}}
port: {{ regexFind ":[0-9]+$" .host | trimPrefix ":" | default .port | int }}
{{ if regexMatch "^[0-9.]+$" $name -}}
cidr: {{ printf "%s/32" $name | quote }}
{{- else if hasPrefix "[" $name -}}
cidr: {{ printf "%s/128" (trimAll "[]" $name) | quote }}
{{- else -}}
name: {{ $name | quote }}
{{- end -}}
{{- end -}}

{{/*
Where traces are sent, as "svidwatch.place" says it; nothing if the settings do not say it.
Argument: the settings of the cluster role.
*/}}
{{- define "svidwatch.collector" -}}
{{- with dig "tracing" "endpoint" "" . -}}
{{- $url := urlParse . -}}
{{- include "svidwatch.place" (dict "host" $url.host "port" (ternary 443 80 (eq $url.scheme "https"))) -}}
{{- end -}}
{{- end -}}

{{/* Argument: where the collector is. */}}
{{- define "svidwatch.egress.collector" -}}
{{- $namespace := regexFind "\\.[a-z0-9-]+\\.svc(\\.cluster\\.local)?\\.?$" (get . "name") | trimPrefix "." | splitList "." | first }}
{{- if get . "cidr" }}
# The collector of traces.
- to: [{ ipBlock: { cidr: {{ .cidr | quote }} } }]
  ports: [{ port: {{ .port }}, protocol: TCP }]
{{- else if $namespace }}
# The collector of traces: all pods of the namespace of its Service, whose selector is not known here.
- to: [{ namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: {{ $namespace }} } } }]
  ports: [{ port: {{ .port }}, protocol: TCP }]
{{- else }}
# The collector of traces, at any address: a policy cannot select a host by its name.
- ports: [{ port: {{ .port }}, protocol: TCP }]
{{- end }}
{{- end -}}
