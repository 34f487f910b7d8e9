#!/usr/bin/env bash
# Makes a certificate authority, a server certificate for the sidecar and a client
# certificate for the user operator in DIR, and prints the Secret outrigger-tls.
#   credentials.sh [--podman] DIR [SUBJECT-ALT-NAME ...]     e.g. DNS:cnf.default.svc
# With --podman it prints what `podman secret create` takes for `podman kube play`,
# which in podman 4.3 does not decode the data of a Secret.
# For a try-out: in a cluster, cert-manager or the like does this.
set -euo pipefail
podman=
if [ "${1-}" = --podman ]; then
  podman=yes
  shift
fi
dir=${1:?usage: credentials.sh [--podman] DIR [SUBJECT-ALT-NAME ...]}
shift
names="DNS:localhost,IP:127.0.0.1"
for name in "$@"; do names+=",$name"; done
mkdir -p "$dir"
cd "$dir"

key() { openssl ecparam -name prime256v1 -genkey -noout -out "$1"; }
sign() { # NAME EXTENSIONS
  openssl req -new -key "$1.key" -subj "/CN=$1" |
    openssl x509 -req -CA ca.crt -CAkey ca.key -CAcreateserial -days 365 -out "$1.crt" -extfile <(printf '%s\n' "$2") 2>/dev/null
}
umask 077
key ca.key
openssl req -x509 -new -key ca.key -subj "/CN=outrigger example CA" -days 365 -out ca.crt
key tls.key
sign tls "subjectAltName=$names"
key operator.key
sign operator "extendedKeyUsage=clientAuth"

if [ -n "$podman" ]; then
  echo "data:"
  for f in tls.crt tls.key ca.crt; do
    printf '  %s: |\n' "$f"
    sed 's/^/    /' "$f"
  done
  exit
fi
cat <<SECRET
apiVersion: v1
kind: Secret
metadata:
  name: outrigger-tls
type: Opaque
data:
  tls.crt: $(base64 -w0 tls.crt)
  tls.key: $(base64 -w0 tls.key)
  ca.crt: $(base64 -w0 ca.crt)
SECRET
