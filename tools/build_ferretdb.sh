#!/usr/bin/env bash
# Builds FerretDB, a server of MongoDB's protocol, at the path given, if Go and its module proxy are there. `go install`
# cannot: a file is missing in the module that FerretDB's own build writes.
set -euo pipefail
version=v1.24.2
command -v go >/dev/null || { echo "locust-rs: no Go, so no FerretDB to test MongoDBUser with"; exit 0; }
folder=$(mktemp -d)
trap 'chmod -R u+w "$folder" && rm -rf "$folder"' EXIT
sources=$(cd "$folder" && go mod download -json "github.com/FerretDB/FerretDB@$version" | sed -n 's/^\t"Dir": "\(.*\)",$/\1/p') \
    || { echo "locust-rs: FerretDB is not to be had here"; exit 0; }
cp -r "$sources" "$folder/sources"
chmod -R u+w "$folder/sources"
echo "$version" > "$folder/sources/build/version/version.txt"
mkdir -p "$(dirname "$1")"
target=$(realpath "$1")
(cd "$folder/sources" && go build -o "$target" ./cmd/ferretdb) || echo "locust-rs: FerretDB cannot be built here"
