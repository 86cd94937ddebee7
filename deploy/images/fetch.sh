#!/bin/sh
# fetch.sh ADDRESS FILE [ARCHITECTURE SHA256-OF-AMD64 SHA256-OF-ARM64]: downloads a file and makes it executable. With
# sums it ends with an error unless the file has the one of its architecture, and leaves nothing that could be used.
set -eu
address=$1 file=$2 architecture=${3:-} sum=
case $architecture in
'') ;;
amd64) sum=$4 ;;
arm64) sum=$5 ;;
*) echo "fetch.sh: no checksum of $file for $architecture: add it to Dockerfile.runner" >&2; exit 1 ;;
esac
curl -fsSL --proto '=https' --retry 3 -o "$file" "$address"
if [ -n "$architecture" ] && ! echo "$sum  $file" | sha256sum -c - >/dev/null 2>&1; then
  echo "fetch.sh: $address is not what was expected: sha256 $(sha256sum "$file" | cut -d ' ' -f 1) instead of $sum" >&2
  rm -f "$file"
  exit 1
fi
chmod 0755 "$file"
