{{- define "svidwatch.image" -}}
{{- $registry := default .Values.image.registry .Values.global.imageRegistry -}}
{{- with $registry }}{{ . }}/{{ end -}}
{{- .Values.image.repository -}}
{{- with default (ternary "" .Chart.AppVersion (ne .Values.image.digest "")) .Values.image.tag }}:{{ . }}{{ end -}}
{{- with .Values.image.digest }}@{{ . }}{{ end -}}
{{- end -}}

{{/* The field `imagePullSecrets` of a pod; nothing if there is none. An entry is a name, or an object with it. */}}
{{- define "svidwatch.pullSecrets" -}}
{{- $names := list -}}
{{- range concat .Values.global.imagePullSecrets .Values.image.pullSecrets -}}
{{- $names = append $names (dict "name" (ternary . (get (ternary dict . (kindIs "string" .)) "name") (kindIs "string" .))) -}}
{{- end -}}
{{- with $names | uniq -}}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end -}}
{{- end -}}

{{/* Where the pods of a role run. Arguments: role (its values), tolerations. */}}
{{- define "svidwatch.scheduling" -}}
{{- $fields := dict -}}
{{- range $field := list "nodeSelector" "affinity" "topologySpreadConstraints" "priorityClassName" -}}
{{- with get $.role $field }}{{ $_ := set $fields $field . }}{{ end -}}
{{- end -}}
{{- with .tolerations }}{{ $_ := set $fields "tolerations" . }}{{ end -}}
{{- with $fields }}{{ toYaml . }}{{ end -}}
{{- end -}}

{{- define "svidwatch.probes" -}}
livenessProbe:
  httpGet: { path: /healthz, port: probes }
  periodSeconds: 10
  timeoutSeconds: 5
readinessProbe:
  httpGet: { path: /readyz, port: probes }
  periodSeconds: 5
  timeoutSeconds: 5
{{- end -}}

{{/*
Node.js' permission model: the process can read only these paths, cannot write, and cannot start a process, worker or addon.
Arguments: paths, mounts (the role's extraVolumeMounts).
*/}}
{{- define "svidwatch.permissions" -}}
- --permission
{{- range .paths }}
- --allow-fs-read={{ . }}
{{- end }}
{{- range .mounts }}
- --allow-fs-read={{ ternary .mountPath (printf "%s/" (trimSuffix "/" .mountPath)) (hasKey . "subPath") }}
{{- end }}
{{- end -}}
