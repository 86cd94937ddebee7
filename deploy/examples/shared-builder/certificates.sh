#!/usr/bin/env bash
# certificates.sh [NAMESPACE] [FOLDER]: certificates for a shared builder without cert-manager, with openssl alone: an
# authority, one certificate for the daemons and one for the runner pods of the same namespace. They are valid for a year.
#
# Afterwards:
#   kubectl -n NAMESPACE create secret generic buildkit-server --from-file=FOLDER/server
#   kubectl -n NAMESPACE create secret generic buildkit-client --from-file=FOLDER/client
# and keep FOLDER/ca.key away from the cluster: whoever has it can use the builder.
set -euo pipefail
namespace=${1:-team-a} folder=${2:-buildkit-certificates}
umask 077
mkdir -p "$folder/server" "$folder/client"

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 3650 -subj "/CN=buildkit of $namespace" \
  -addext 'basicConstraints=critical,CA:TRUE' -addext 'keyUsage=critical,keyCertSign,cRLSign' \
  -keyout "$folder/ca.key" -out "$folder/ca.crt" 2>/dev/null

# issue NAME SUBJECT USAGE [NAMES]
issue() {
  printf '%s\n' basicConstraints=CA:FALSE keyUsage=critical,digitalSignature "extendedKeyUsage=$3" \
    ${4:+"subjectAltName=$4"} >"$folder/extensions"
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$2" \
    -keyout "$folder/$1/tls.key" -out "$folder/request" 2>/dev/null
  openssl x509 -req -in "$folder/request" -CA "$folder/ca.crt" -CAkey "$folder/ca.key" -CAcreateserial -days 365 \
    -extfile "$folder/extensions" -out "$folder/$1/tls.crt" 2>/dev/null
  rm "$folder/request" "$folder/extensions"
  cp "$folder/ca.crt" "$folder/$1/ca.crt"
}

issue server buildkit serverAuth "DNS:*.buildkit.$namespace.svc,DNS:*.buildkit.$namespace.svc.cluster.local"
issue client runners clientAuth
echo "wrote $folder: the Secrets buildkit-server and buildkit-client for the namespace $namespace"
