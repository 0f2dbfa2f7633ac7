{{/*
Fails if values do not fit together, with all that is wrong, each line in the form of Helm's messages about the schema. What can be
said about one value alone is in values.schema.json.
*/}}
{{- define "svidwatch.validate" -}}
{{- $problems := list -}}
{{- range $part := list "roles" "keys" "access" "monitoring" "clusterSettings" "nodeSettings" -}}
{{- range include (printf "svidwatch.problems.%s" $part) $ | splitList "\n" -}}
{{- if . }}{{ $problems = append $problems (printf "- %s" .) }}{{ end -}}
{{- end -}}
{{- end -}}
{{- if $problems }}{{ fail (prepend $problems "values do not fit together:" | join "\n") }}{{ end -}}
{{- end -}}

{{- define "svidwatch.problems.roles" -}}
{{- $values := .Values -}}
{{- if not (or $values.cluster.enabled $values.node.enabled) }}
at '/cluster/enabled': is false, and so is node.enabled: nothing would be installed
{{- end }}
{{- if and $values.nodeFindings.service $values.node.enabled }}
at '/nodeFindings/service': names the node roles of another release: set node.enabled to false, or leave it out to follow those of this release
{{- end }}
{{- if and $values.nodeFindings.service (not $values.cluster.enabled) }}
at '/nodeFindings/service': is for the cluster role, which cluster.enabled switches off
{{- end }}
{{- if and $values.node.namespace.create (eq $values.node.namespace.name .Release.Namespace) }}
at '/node/namespace/name': is the namespace of the release, which the chart does not create, and which would have to allow privileged pods: name another one, or set node.namespace.create to false
{{- end }}
{{- if and $values.node.tolerateAll $values.node.tolerations }}
at '/node/tolerations': has no effect while node.tolerateAll is true
{{- end }}
{{- end -}}

{{- define "svidwatch.problems.keys" -}}
{{- $values := .Values -}}
{{- $keys := $values.keys -}}
{{- if and $keys.signingSecret (not $values.cluster.enabled) }}
at '/keys/signingSecret': is for the cluster role, which cluster.enabled switches off
{{- end }}
{{- if and $keys.signingSecret $values.node.enabled (not $keys.publicKeysConfigMap) }}
at '/keys/signingSecret': needs keys.publicKeysConfigMap, a ConfigMap in the namespace of the node role whose public.pem has the public half
{{- end }}
{{- if and $keys.signingSecret $keys.publicKeysConfigMap (not $values.node.enabled) }}
at '/keys/publicKeysConfigMap': has no effect with keys.signingSecret and without node roles: add the public key where the node roles are installed
{{- end }}
{{- if not (or $values.node.enabled $values.nodeFindings.service) }}
{{- range $name, $value := $keys }}
{{- if $value }}
at '/keys/{{ $name }}': has no effect without node roles: node.enabled is false, and nodeFindings.service names none
{{- end }}
{{- end }}
{{- end }}
{{- end -}}

{{- define "svidwatch.problems.access" -}}
{{- if and .Values.cluster.enabled .Values.rbac.create (not .Values.serviceAccount.create) (not .Values.serviceAccount.name) }}
at '/serviceAccount/name': is needed if serviceAccount.create is false: otherwise every pod of the namespace would have the rights of svidwatch
{{- end }}
{{- end -}}

{{- define "svidwatch.problems.monitoring" -}}
{{- range $alert := .Values.rules.disabled }}
{{- if hasKey $.Values.rules.severities $alert }}
at '/rules/severities/{{ $alert }}': has no effect, because rules.disabled has the alert too
{{- end }}
{{- end }}
{{- $monitor := .Values.monitor }}
{{- with $monitor.scrapeTimeout }}
{{- if gt (include "svidwatch.milliseconds" . | int) (include "svidwatch.milliseconds" $monitor.interval | int) }}
at '/monitor/scrapeTimeout': {{ . }} is longer than monitor.interval, {{ $monitor.interval }}: Prometheus refuses such a target
{{- end }}
{{- end }}
{{- end -}}

{{/* A duration in milliseconds. */}}
{{- define "svidwatch.milliseconds" -}}
{{- $units := dict "ms" 1 "s" 1000 "m" 60000 "h" 3600000 -}}
{{- mul (regexFind "^[0-9]+" . | int) (get $units (regexFind "[a-z]+$" .)) -}}
{{- end -}}

{{- define "svidwatch.problems.clusterSettings" -}}
{{- $settings := .Values.settings -}}
{{- if hasKey $settings "nodeFindings" }}
at '/settings/nodeFindings': is set by the chart, from node, nodeFindings.service and keys
{{- end }}
{{- if hasKey (default dict $settings.kubernetes) "namespaces" }}
at '/settings/kubernetes/namespaces': is set by the chart, from the value namespaces
{{- end }}
{{- include "svidwatch.problems.ports" (dict "path" "/settings" "settings" $settings) }}
{{- include "svidwatch.problems.unique" (dict "path" "/settings/drivers" "items" $settings.drivers "key" "name") }}
{{- include "svidwatch.problems.unique" (dict "path" "/settings/agents" "items" $settings.agents "key" "name") }}
{{- include "svidwatch.problems.unique" (dict "path" "/settings/bundleEndpoints" "items" $settings.bundleEndpoints "key" "trustDomain") }}
{{- $targets := (default dict $settings.servedSvids).targets }}
{{- include "svidwatch.problems.unique" (dict "path" "/settings/servedSvids/targets" "items" $targets "key" "address") }}
{{- range $index, $target := $targets }}
{{- if ne (hasKey $target "clientCertificate") (hasKey $target "clientKey") }}
at '/settings/servedSvids/targets/{{ $index }}': must have both clientCertificate and clientKey, or neither
{{- end }}
{{- end }}
{{- range $index, $endpoint := $settings.bundleEndpoints }}
{{- $path := printf "/settings/bundleEndpoints/%d" $index }}
{{- if eq $endpoint.profile "https_spiffe" }}
{{- if not $endpoint.endpointSpiffeId }}
at '{{ $path }}/endpointSpiffeId': is required for https_spiffe
{{- end }}
{{- if $endpoint.certificateAuthorities }}
at '{{ $path }}/certificateAuthorities': is allowed for https_web only
{{- end }}
{{- else }}
{{- range $name := list "endpointSpiffeId" "bootstrapBundle" }}
{{- if get $endpoint $name }}
at '{{ $path }}/{{ $name }}': is allowed for https_spiffe only
{{- end }}
{{- end }}
{{- end }}
{{- end }}
{{- end -}}

{{- define "svidwatch.problems.nodeSettings" -}}
{{- $settings := .Values.node.settings -}}
{{- if hasKey $settings "nodeFindings" }}
at '/node/settings/nodeFindings': is set by the chart, from keys
{{- end }}
{{- if hasKey (default dict $settings.mountedSvids) "kubeletRoot" }}
at '/node/settings/mountedSvids/kubeletRoot': is set by the chart, from node.kubeletRoot
{{- end }}
{{- include "svidwatch.problems.ports" (dict "path" "/node/settings" "settings" $settings) }}
{{- include "svidwatch.problems.unique" (dict "path" "/node/settings/drivers" "items" $settings.drivers "key" "name") }}
{{- end -}}

{{/* Arguments: path, settings. */}}
{{- define "svidwatch.problems.ports" -}}
{{- $path := .path -}}
{{- $server := default dict .settings.server -}}
{{- range $name := list "port" "probePort" }}
{{- if and (hasKey $server $name) (eq (get $server $name | int) 0) }}
at '{{ $path }}/server/{{ $name }}': must not be 0 in a cluster: Services and probes need to know the port
{{- end }}
{{- end }}
{{- if eq (get $server "port" | default 9797 | int) (get $server "probePort" | default 9798 | int) }}
at '{{ $path }}/server': must have different values for port and probePort
{{- end }}
{{- end -}}

{{/* Arguments: path, items, key. */}}
{{- define "svidwatch.problems.unique" -}}
{{- $seen := dict -}}
{{- range $index, $item := .items }}
{{- $name := get $item $.key }}
{{- if hasKey $seen $name }}
at '{{ $.path }}/{{ $index }}/{{ $.key }}': '{{ $name }}' is that of item {{ get $seen $name }} too
{{- end }}
{{- $_ := set $seen $name $index }}
{{- end }}
{{- end -}}
