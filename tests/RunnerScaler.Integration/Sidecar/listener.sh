#!/bin/sh
# Stands in for GitHub's Runner.Listener: one job, whose steps are in the script that JOB names.
export GITHUB_ACTIONS=true GITHUB_REPOSITORY=acme/app GITHUB_RUN_ID=1 GITHUB_EVENT_NAME=push
export RUNNER_TEMP=/home/runner/_work/_temp
mkdir -p "$RUNNER_TEMP"
rm -f .credentials .credentials_rsaparams
echo 'Listening for Jobs'
echo 'Running job: build'
image=ghcr.io/acme/app

job() (
  set -ex
  "$ACTIONS_RUNNER_HOOK_JOB_STARTED"
  cp -r /home/runner/app /tmp/app
  cp /bin/busybox /tmp/app/
  cd /tmp/app
  echo "$REGISTRY_PASSWORD" | docker login ghcr.io --username robot --password-stdin
  . "/home/runner/jobs/$JOB.sh"
  docker logout ghcr.io
  "$ACTIONS_RUNNER_HOOK_JOB_COMPLETED"
) 2>&1

# In a condition, set -e would have no effect.
job
[ $? = 0 ] && result=Succeeded || result=Failed
echo "Job build completed with result: $result"
[ "$result" = Succeeded ] && exit 100
exit 102
