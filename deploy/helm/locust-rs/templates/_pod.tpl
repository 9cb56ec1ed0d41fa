{{/* What the pods of both roles have in common. `.root` is the chart's scope, `.role` "master" or "worker". */}}

{{- define "locust-rs.podSpec" -}}
{{- $role := index .root.Values .role }}
automountServiceAccountToken: false
{{- with .root.Values.serviceAccountName }}
serviceAccountName: {{ . }}
{{- end }}
{{- with .root.Values.image.pullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
securityContext:
  {{- toYaml .root.Values.podSecurityContext | nindent 2 }}
{{- with $role.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $role.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $role.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with include "locust-rs.initContainers" .root }}
initContainers:
  {{- . | trim | nindent 2 }}
{{- end }}
volumes:
  {{- include "locust-rs.volumes" . | trim | nindent 2 }}
{{- end }}

{{- define "locust-rs.podAnnotations" -}}
{{- $role := index .root.Values .role }}
checksum/locustfiles: {{ toJson .root.Values.locustfiles.files | sha256sum }}
checksum/requirements: {{ toJson .root.Values.requirements | sha256sum }}
{{- with $role.podAnnotations }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "locust-rs.container" -}}
{{- $role := index .root.Values .role }}
image: {{ include "locust-rs.image" .root }}
imagePullPolicy: {{ .root.Values.image.pullPolicy }}
securityContext:
  {{- toYaml .root.Values.securityContext | nindent 2 }}
resources:
  {{- toYaml $role.resources | nindent 2 }}
{{- with $role.lifecycle }}
lifecycle:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .root.Values.envFrom }}
envFrom:
  {{- toYaml . | nindent 2 }}
{{- end }}
volumeMounts:
  - {name: tmp, mountPath: /tmp}
  {{- if not .root.Values.locustfiles.url }}
  - {name: locustfiles, mountPath: /mnt/locust, readOnly: true}
  {{- end }}
  {{- if .root.Values.requirements }}
  - {name: packages, mountPath: /packages, readOnly: true}
  {{- end }}
  {{- if and (eq .role "master") .root.Values.master.journal.enabled }}
  - {name: journal, mountPath: /journal}
  {{- end }}
  {{- if include "locust-rs.curveSecret" .root }}
  - {name: curve, mountPath: /keys, readOnly: true}
  {{- end }}
{{- end }}

{{- define "locust-rs.env" -}}
- {name: LOCUST_LOCUSTFILE, value: {{ include "locust-rs.locustfile" .root | quote }}}
{{- with .root.Values.host }}
- {name: LOCUST_HOST, value: {{ . | quote }}}
{{- end }}
{{- if include "locust-rs.curveSecret" .root }}
- {name: LOCUST_CURVE_KEY, value: /keys/{{ .role }}.key}
{{- end }}
{{- if .root.Values.requirements }}
- {name: PYTHONPATH, value: /packages}
{{- end }}
{{- with .root.Values.env }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "locust-rs.volumes" -}}
- {name: tmp, emptyDir: {}}
{{- with .root.Values.locustfiles }}
{{- if or .image .git.url }}
- {name: locustfiles, emptyDir: {}}
{{- else if not .url }}
- name: locustfiles
  configMap:
    name: {{ .configMap | default (printf "%s-locustfiles" (include "locust-rs.fullname" $.root)) }}
{{- end }}
{{- end }}
{{- if .root.Values.requirements }}
- {name: packages, emptyDir: {}}
{{- end }}
{{- if and (eq .role "master") .root.Values.master.journal.enabled }}
- name: journal
  persistentVolumeClaim:
    claimName: {{ .root.Values.master.journal.existingClaim | default (printf "%s-journal" (include "locust-rs.fullname" .root)) }}
{{- end }}
{{- with include "locust-rs.curveSecret" .root }}
- name: curve
  secret:
    secretName: {{ . }}
    defaultMode: 0440
    items: [{key: {{ $.role }}.key, path: {{ $.role }}.key}]
{{- end }}
{{- end }}

{{- define "locust-rs.initContainers" -}}
{{- with .Values.locustfiles }}
{{- if .git.url }}
- name: locustfiles
  image: {{ .git.image }}
  securityContext:
    {{- toYaml $.Values.securityContext | nindent 4 }}
  command: [git]
  args: [clone, --quiet, --depth, "1", --branch, {{ .git.ref | quote }}, --, {{ .git.url | quote }}, /mnt/locust]
  env: [{name: HOME, value: /tmp}]
  volumeMounts:
    - {name: locustfiles, mountPath: /mnt/locust}
    - {name: tmp, mountPath: /tmp}
{{- else if .image }}
- name: locustfiles
  image: {{ .image }}
  securityContext:
    {{- toYaml $.Values.securityContext | nindent 4 }}
  command: [cp]
  args: [-r, {{ printf "%s/." (trimSuffix "/" .imagePath) | quote }}, /mnt/locust]
  volumeMounts:
    - {name: locustfiles, mountPath: /mnt/locust}
{{- end }}
{{- end }}
{{- if .Values.requirements }}
- name: requirements
  image: {{ include "locust-rs.image" . }}
  imagePullPolicy: {{ .Values.image.pullPolicy }}
  securityContext:
    {{- toYaml .Values.securityContext | nindent 4 }}
  command: [pip]
  args:
    - install
    - --no-cache-dir
    - --target=/packages
    {{- range .Values.requirements }}
    - {{ . | quote }}
    {{- end }}
  volumeMounts:
    - {name: packages, mountPath: /packages}
    - {name: tmp, mountPath: /tmp}
{{- end }}
{{- end }}
