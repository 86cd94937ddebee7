#!/bin/sh
# Speaks docs/claim-protocol.md.
say() { echo "$1" >/dev/termination-log; exit 0; }
printf %s "$RUNNERSCALER_CLAIM_CA" >/tmp/ca.crt
claim() {
  curl --silent --cacert /tmp/ca.crt --max-time 60 --request "$1" --output /tmp/claim --write-out '%{http_code}' \
    --header "Authorization: Bearer $(cat "$RUNNERSCALER_TOKEN_FILE")" "$RUNNERSCALER_CLAIM_URL" >/tmp/claim.code &
  wait $!
  code=$(cat /tmp/claim.code)
}
trap 'say "{\"ranJob\":false,\"exitCode\":0}"' TERM
code=204
while :; do
  claim POST
  case $code in 200) break ;; 204) ;; 410) say '{"ranJob":false,"exitCode":0}' ;; *) sleep 1 ;; esac
done
ACTIONS_RUNNER_INPUT_JITCONFIG=$(sed 's/.*"jitConfig":"\([^"]*\)".*/\1/' /tmp/claim)
rm /tmp/claim
export ACTIONS_RUNNER_INPUT_JITCONFIG ACTIONS_RUNNER_RETURN_JOB_RESULT_FOR_HOSTED=true
state=/run/runnerscaler
export ACTIONS_RUNNER_HOOK_JOB_STARTED=/opt/runnerscaler/hooks/job-started.sh
stop() {
  [ ! -e $state/job.json ] || return 0
  kill -TERM $listener; wait $listener
  claim DELETE
  say '{"ranJob":false,"exitCode":0}'
}
/home/runner/bin/Runner.Listener run &
listener=$!
trap stop TERM
wait $listener; code=$?
while kill -0 $listener 2>/dev/null; do wait $listener; code=$?; done
ran=false; [ ! -e $state/job.json ] || ran=true
[ $code -lt 100 ] || [ $code -gt 110 ] || code=0
echo "{\"ranJob\":$ran,\"exitCode\":$code}" >/dev/termination-log
exit $code
