#!/usr/bin/env bash
# Builds once, then runs the unit tests, the rules' cases and the tests against a real kube-apiserver
# in one `swift test`, then the tests with Discord clients of others, those of the chart and the
# incidents of the runbooks, and prints the closing lines and the count.
#
# Usage: tools/test.sh [ARGUMENT OF swift test...]      e.g. --filter DriftTests
set -euo pipefail
cd "$(dirname "$0")/.."

# What took how long is told at the end.
part="" begin=0 times=() parallel=()
clock() { printf '%d:%02d' $(($1 / 60)) $(($1 % 60)); }
line() { printf '%7s  %s' "$(clock "$1")" "$2"; }
step() {
  [ -z "$part" ] || times+=("$(line $((SECONDS - begin)) "$part")" "${parallel[@]}")
  part=$* begin=$SECONDS parallel=()
  printf '\n==> %s\n' "$part"
}
# Runs beside what follows: its output goes into a file, its complaints and its time into others. A group
# of processes of its own, so that all of it ends with this script, whatever ends that.
groups=()
beside() { # FILE COMMAND...
  local file=$1
  shift
  set -m
  (
    began=$SECONDS status=0
    "$@" >"$file" 2>"$file.errors" || status=$?
    echo $((SECONDS - began)) >"$file.time"
    exit "$status"
  ) </dev/null &
  set +m
  groups+=($!)
}
stop() {
  local group
  for group in "${groups[@]}"; do kill -- "-$group" 2>/dev/null || true; done
  rm -rf "$work"
}

work=$(mktemp -d)
trap stop EXIT
output="$work/tests" others="$work/others"
touch "$output" "$others"
# What the product says meanwhile is searched for tokens at the end.
PROVIDER_DISCORD_TEST_OUTPUT="$work/said"
mkdir "$PROVIDER_DISCORD_TEST_OUTPUT"
export PROVIDER_DISCORD_TEST_OUTPUT

step "Build of the provider and its tests; beside it that of a real kube-apiserver, once a machine"
beside "$work/envtest" tools/envtest.sh
swift build -j "$(nproc)" --build-tests
echo "built after $(clock "$SECONDS")"
wait "${groups[-1]}" || {
  cat "$work/envtest.errors"
  exit 1
}
KUBEBUILDER_ASSETS=$(cat "$work/envtest")
export KUBEBUILDER_ASSETS
parallel+=("$(line "$(cat "$work/envtest.time")" "  beside it: the kube-apiserver")")
echo "$KUBEBUILDER_ASSETS: $("$KUBEBUILDER_ASSETS/kube-apiserver" --version) ($(clock "$SECONDS"))"
PROMTOOL=$(tools/promtool.sh)
export PROMTOOL

step "Tests"
status=0
# A run that hangs must not eat CI's whole time without a word about where it hangs.
run() {
  timeout --kill-after=30s "${TEST_TIMEOUT:-45m}" swift test --skip-build --disable-xctest "$@" 2>&1 |
    tee -a "$output" || status=$?
}
if [ "$#" -gt 0 ]; then
  run "$@"
else
  # The simulation, and the check of scripts that were spoilt in every way, keep every processor busy
  # for as long as they run: beside them, tests that speak to real servers or wait for a file would
  # wait for their turn longer than any server does.
  run --skip SimulationTests --skip ScriptTests
  step "Simulation and scripts"
  run --filter SimulationTests --filter ScriptTests
fi

# These need the whole product; a filtered run is about something else.
others_status=0
export PROVIDER_DISCORD_BINARY=.build/debug/provider-discord
if [ "$#" -eq 0 ]; then
  step "Discord clients of others, and Discord's description of its API"
  tools/test-peers.sh 2>&1 | tee -a "$others" || others_status=$?
  step "Chart, alerts, package; beside them the incidents and the verdicts of the runbooks"
  # Both wait for servers and clocks more than they compute. What each needs of PyPI is fetched before.
  tools/helm-sdk.sh >/dev/null || others_status=$?
  beside "$work/incidents" tools/test-incidents.sh
  tools/test-chart.sh 2>&1 | tee -a "$others" || others_status=$?
  wait "${groups[-1]}" || others_status=$?
  cat "$work/incidents" "$work/incidents.errors" | tee -a "$others"
  parallel+=("$(line "$(cat "$work/incidents.time")" "  beside it: the incidents")")
fi

# A filtered run may have started nothing that speaks.
secrets=0
if [ "$#" -eq 0 ] || [ -s "$PROVIDER_DISCORD_TEST_OUTPUT/tokens" ]; then
  step "Tokens in all output"
  cp "$output" "$PROVIDER_DISCORD_TEST_OUTPUT/tests.log"
  cp "$others" "$PROVIDER_DISCORD_TEST_OUTPUT/others.log"
  tools/scan-output.sh "$PROVIDER_DISCORD_TEST_OUTPUT" || secrets=1
fi

step "Result after $(clock "$SECONDS")"
printf '%s\n' "${times[@]}"
tools/test-result.sh "$output" "$others" "$status" "$others_status" "$secrets"
