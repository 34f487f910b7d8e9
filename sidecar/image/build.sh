#!/usr/bin/env bash
# Builds the image localhost/outrigger:VERSION (and :latest) with podman, or with
# docker where its daemon answers. Flags for podman go into PODMAN_FLAGS.
#   build.sh [VERSION]
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
version=${1:-devel}
limit=$((25 * 1024 * 1024))

if command -v podman >/dev/null; then
  # Word splitting is meant: PODMAN_FLAGS is a list.
  # shellcheck disable=SC2206
  engine=(podman ${PODMAN_FLAGS:-})
elif command -v docker >/dev/null && docker info >/dev/null 2>&1; then
  engine=(docker)
else
  echo "image: neither podman nor a docker daemon is here (Debian: apt-get install podman runc)" >&2
  exit 1
fi

context=$(mktemp -d)
trap 'rm -rf "$context"' EXIT
(cd "$here/../.." && CGO_ENABLED=0 go build -trimpath -ldflags "-s -w -X main.version=$version" -o "$context/outrigger" ./sidecar/outrigger)

size=$(stat -c %s "$context/outrigger")
if [ "$size" -gt "$limit" ]; then
  echo "image: the binary has $size bytes, the image may have $limit" >&2
  exit 1
fi
tag=$(printf '%s' "$version" | tr -c 'A-Za-z0-9_.-' '-')
"${engine[@]}" build -q -f "$here/Containerfile" -t "localhost/outrigger:$tag" -t localhost/outrigger:latest "$context" >/dev/null
echo "localhost/outrigger:$tag, $size bytes"
