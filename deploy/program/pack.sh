#!/bin/sh
# Packs the published program for laptops, as runnerscaler and as a plugin of kubectl, with its checksum:
#   dotnet publish src/RunnerScaler -c Release -r PLATFORM
#   sh deploy/program/pack.sh VERSION PLATFORM PUBLISHED TO
# PLATFORM as .NET names it (linux-x64, osx-arm64), PUBLISHED the folder of the program, TO an existing folder.
# Makes TO/runnerscaler-VERSION-PLATFORM.tar.gz and the same with .sha256.
set -eu
[ $# = 4 ] || { echo "usage: pack.sh VERSION PLATFORM PUBLISHED TO" >&2; exit 2; }
name="runnerscaler-$1-$2"
published=$3
to=$(cd "$4" && pwd)
for file in RunnerScaler kubectl-runnerscaler; do
  [ -f "$published/$file" ] || { echo "pack.sh: $published has no $file: publish the program there" >&2; exit 1; }
done
if [ -f "$published/RunnerScaler.dll" ]; then
  echo "pack.sh: $published has a program that needs .NET: publish it with -r $2" >&2
  exit 1
fi
stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
mkdir "$stage/$name"
cp "$published/RunnerScaler" "$stage/$name/runnerscaler"
cp "$published/kubectl-runnerscaler" "$(dirname "$0")/../../LICENSE" "$stage/$name"
chmod 755 "$stage/$name/runnerscaler" "$stage/$name/kubectl-runnerscaler"
tar -C "$stage" -czf "$to/$name.tar.gz" "$name"
cd "$to"
if command -v sha256sum >/dev/null; then
  sha256sum "$name.tar.gz"
else
  shasum -a 256 "$name.tar.gz" # macOS
fi >"$name.tar.gz.sha256"
