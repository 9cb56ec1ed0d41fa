#!/usr/bin/env bash
# Builds Helm at the path given, if Go and its module proxy are there; the chart's tests render with it.
set -euo pipefail
version=v3.18.6
command -v go >/dev/null || { echo "locust-rs: no Go, so no Helm to render the chart with"; exit 0; }
folder=$(dirname "$1")
mkdir -p "$folder"
GOBIN=$(realpath "$folder") GOFLAGS=-mod=mod go install "helm.sh/helm/v3/cmd/helm@$version" || echo "locust-rs: Helm cannot be built here"
