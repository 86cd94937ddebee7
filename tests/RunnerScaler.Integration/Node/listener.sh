#!/bin/sh
# Stands in for GitHub's Runner.Listener: connects to the sandbox, takes one job, does what the job's name says.
cd /home/runner || exit 1
jit=${ACTIONS_RUNNER_INPUT_JITCONFIG:-}
if [ -z "$jit" ]; then
  part() { printf '"%s":"%s"' "$1" "$(base64 -w0 "$1")"; }
  jit=$(printf '{%s,%s,%s}' "$(part .runner)" "$(part .credentials)" "$(part .credentials_rsaparams)" | base64 -w0)
fi

ask() {
  # In the background and waited for, so that a signal is noticed at once.
  curl --silent --show-error --max-time 20 --write-out '\n%{http_code}\n' --output /tmp/answer "$@" >/tmp/code &
  wait $! || { wait $! || true; }
  code=$(tail -n 1 /tmp/code)
}
printf %s "$jit" >/tmp/jit
ask --data-binary @/tmp/jit "$SANDBOX_SESSIONS"
rm -f /tmp/jit .credentials .credentials_rsaparams
[ "$code" = 201 ] || { echo "GitHub does not know the registration ($code)"; exit 1; }
session=$SANDBOX_SESSIONS/$(cat /tmp/answer)
echo 'Listening for Jobs'

trap 'echo "Exiting..."; curl --silent --request DELETE "$session"; exit 0' TERM INT
code=204
while [ "$code" = 204 ]; do ask --request POST "$session/take"; done
[ "$code" = 200 ] || { echo "The registration is gone ($code)"; exit 0; }

read -r job seconds conclusion repository name </tmp/answer
echo "Running job: $name"
trap '' TERM
trap 'conclusion=cancelled; seconds=0' INT
export GITHUB_REPOSITORY="$repository" GITHUB_RUN_ID="$job" GITHUB_EVENT_NAME=push
[ ! -e "${ACTIONS_RUNNER_HOOK_JOB_STARTED:-}" ] || "$ACTIONS_RUNNER_HOOK_JOB_STARTED"
case $name in
  held*) until curl --silent --fail --max-time 5 --output /dev/null "$SANDBOX_HOLD"; do sleep 2; ask "$session"; done ;;
esac
while [ "$seconds" -gt 0 ]; do
  sleep 1
  seconds=$((seconds - 1))
  ask "$session"
  [ "$(cat /tmp/answer)" != Cancelling ] || { conclusion=cancelled; seconds=0; }
done
case $name in
  memory*) exec tail /dev/zero ;;
  build*) echo '{"command":"build","result":"success","seconds":1.5,"steps":9,"cachedSteps":4}' \
    >/run/runnerscaler/builds/1.json ;;
esac
[ ! -e "${ACTIONS_RUNNER_HOOK_JOB_COMPLETED:-}" ] || "$ACTIONS_RUNNER_HOOK_JOB_COMPLETED"
ask --data "$conclusion" "$session/complete"
echo "Job $name completed with result: $conclusion"
[ "${ACTIONS_RUNNER_RETURN_JOB_RESULT_FOR_HOSTED:-}" = true ] || exit 0
case $conclusion in success) exit 100 ;; cancelled) exit 103 ;; *) exit 102 ;; esac
