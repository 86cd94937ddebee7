#!/bin/bash
# stand-in.sh runner|sdk|runtime FOLDER: makes, from this machine's own files, the root of an image that can stand in for
# a base image of the Dockerfiles, which come from registries: the same places, users and command lines, but with small
# scripts for GitHub's runner, docker, curl and the SDK.
set -euo pipefail
kind=$1 root=$2

# Programs and libraries, each with the libraries it needs.
bring() {
  local file
  for file in "$@"; do
    if [ ! -e "$root$file" ]; then
      mkdir -p "$root${file%/*}"
      cp -L "$file" "$root$file"
    fi
    # A library that only its own program can find (of the .NET runtime) is not on the list.
    (ldd "$file" 2>/dev/null || true) | grep -oE '/[^ ]+\.so[^ ]*' | while read -r library; do
      [ -e "$root$library" ] || { mkdir -p "$root${library%/*}"; cp -L "$library" "$root$library"; }
    done
  done
}

script() {
  mkdir -p "$root${1%/*}"
  cat >"$root$1"
  chmod 0755 "$root$1"
}

mkdir -p "$root"/usr/{bin,sbin,lib,lib64} "$root"/{etc,proc,sys,dev,run,tmp,var/tmp,root}
chmod 1777 "$root/tmp" "$root/var/tmp"
for folder in bin sbin lib lib64; do ln -s "usr/$folder" "$root/$folder"; done
ssl=$(ldconfig -p | grep -oE '/[^ ]+/libssl\.so\.3' | head -n 1)
# What .NET's programs load by name, besides what ldd tells.
bring "$ssl" "${ssl%/*}/libm.so.6"

if [ "$kind" = runtime ]; then
  printf 'root:x:0:0::/root:/sbin/nologin\napp:x:1654:1654::/home/app:/sbin/nologin\n' >"$root/etc/passwd"
  printf 'root:x:0:\napp:x:1654:\n' >"$root/etc/group"
  exit
fi

for program in bash cat chmod chown cp cut date dirname env false grep gzip head id install kill ln ls mkdir mv ps pwd \
  readlink rm sed sh sha256sum sleep sort stat tail tar touch tr true uname wc; do
  file=$(readlink -f "$(type -P "$program")")
  bring "$file"
  [ -e "$root/usr/bin/$program" ] || ln -s "${file##*/}" "$root/usr/bin/$program"
done
printf 'root:x:0:0::/root:/bin/bash\nrunner:x:1001:1001::/home/runner:/bin/bash\n' >"$root/etc/passwd"
printf 'root:x:0:\nrunner:x:1001:\ndocker:x:123:runner\n' >"$root/etc/group"
install -d -m 0777 -o 1001 -g 1001 "$root/home/runner"
for program in docker dockerd containerd containerd-shim-runc-v2 ctr runc docker-init docker-proxy; do
  script "/usr/bin/$program" <<<"#!/bin/sh
echo the real $program: \"\$*\""
done
script /usr/local/lib/docker/cli-plugins/docker-buildx <<<'#!/bin/sh
echo the real buildx: "$*"'
# GitHub's runner: runs a job until it is told that the job is over, or to stop.
script /home/runner/bin/Runner.Listener <<'END'
#!/bin/bash
if [ "$*" = --version ]; then mkdir -p /home/runner/_diag; echo "${STAND_IN_VERSION:-2.338.0}"; exit; fi
echo "listener: started as $(id -u) with: $*"
echo "listener: settings $(stat -c '%a %u' /home/runner/.runner)"
echo "listener: builder ${BUILDX_BUILDER:-none}, job folder $(pwd)"
[ -z "${RUNNERSCALER_TOKEN_FILE:-}" ] || echo 'listener: the name of the token file was not removed'
trap 'echo "listener: told to stop"; exit 103' INT TERM
"$ACTIONS_RUNNER_HOOK_JOB_STARTED" || echo "listener: the started hook ended with $?"
echo 'listener: running job'
for _ in {1..600}; do
  [ ! -e /tmp/job-over ] || break
  sleep 0.1 &
  wait $!
done
"$ACTIONS_RUNNER_HOOK_JOB_COMPLETED" || echo "listener: the completed hook ended with $?"
exit 100
END
# The web: what stands in $root/stand-in/web under the last part of an address.
script /usr/bin/curl <<'END'
#!/bin/bash
while [ $# -gt 0 ]; do
  case $1 in
  -o) file=$2; shift ;;
  https://*) address=$1 ;;
  esac
  shift
done
cp "/stand-in/web/${address##*/}" "$file"
END
if [ "$kind" = sdk ]; then
  # The SDK: publishes what stands in $root/stand-in/out.
  script /usr/bin/dotnet <<'END'
#!/bin/bash
[ "$1" = publish ] || exit 0
while [ $# -gt 0 ]; do [ "$1" != -o ] || folder=$2; shift; done
mkdir -p "$folder"
cp -r /stand-in/out/. "$folder/"
END
fi
