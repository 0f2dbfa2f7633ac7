{{/*
A host: its `port`, and for an IP address the `cidr`, else its `name` and, if that is a Service's, its `namespace`.
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
{{- with regexFind "\\.[a-z0-9-]+\\.svc(\\.cluster\\.local)?\\.?$" $name }}
namespace: {{ trimPrefix "." . | splitList "." | first | quote }}
{{- end -}}
{{- end -}}
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
Where the servers are whose certificates are read by name: `places`, as "svidwatch.place" gives them but without names, and
`haveNames`, whether any of them is given by a name.
Argument: the settings of the cluster role.
*/}}
{{- define "svidwatch.probedTargets" -}}
{{- $places := list -}}
{{- $haveNames := false -}}
{{- range dig "servedSvids" "targets" list . -}}
{{- $place := include "svidwatch.place" (dict "host" .address "port" 443) | fromYaml -}}
{{- $haveNames = or $haveNames (hasKey $place "name") -}}
{{- $places = append $places (omit $place "name") -}}
{{- end -}}
{{- dict "places" (uniq $places) "haveNames" $haveNames | toYaml -}}
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
