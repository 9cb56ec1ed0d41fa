{{- define "locust-rs.fullname" -}}
{{- if contains .Chart.Name .Release.Name }}{{ .Release.Name | trunc 50 | trimSuffix "-" }}{{ else }}{{ printf "%s-%s" .Release.Name .Chart.Name | trunc 50 | trimSuffix "-" }}{{ end }}
{{- end }}

{{- define "locust-rs.selector" -}}
app.kubernetes.io/name: {{ .root.Chart.Name }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end }}

{{- define "locust-rs.labels" -}}
{{ include "locust-rs.selector" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version }}
{{- end }}

{{- define "locust-rs.image" -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end }}

{{- define "locust-rs.locustfile" -}}
{{- if .Values.locustfiles.url }}{{ .Values.locustfiles.url }}{{ else }}
{{- range $index, $file := splitList "," .Values.locustfiles.run }}{{ if $index }},{{ end }}/mnt/locust/{{ trim $file }}{{ end }}
{{- end }}
{{- end }}

{{- define "locust-rs.curveSecret" -}}
{{- if .Values.curve.existingSecret }}{{ .Values.curve.existingSecret }}{{ else if .Values.curve.masterKey }}{{ include "locust-rs.fullname" . }}-curve{{ end }}
{{- end }}
