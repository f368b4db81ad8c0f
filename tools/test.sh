#!/usr/bin/env bash
# Builds once, then runs the unit tests, the rules' cases and the tests against a real kube-apiserver
# in one `swift test`, then the tests with Discord clients of others, those of the chart and the
# incidents of the runbooks, and prints the closing lines and the count.
#
# Usage: tools/test.sh [ARGUMENT OF swift test...]      e.g. --filter DriftTests
set -euo pipefail
cd "$(dirname "$0")/.."

step() { printf '\n==> %s\n' "$*"; }
minutes() { printf '%d:%02d' $((SECONDS / 60)) $((SECONDS % 60)); }

step "A real kube-apiserver (built once a machine, about six minutes)"
KUBEBUILDER_ASSETS=$(tools/envtest.sh)
export KUBEBUILDER_ASSETS
echo "$KUBEBUILDER_ASSETS: $("$KUBEBUILDER_ASSETS/kube-apiserver" --version) ($(minutes))"

PROMTOOL=$(tools/promtool.sh)
export PROMTOOL

step "Build of the provider and its tests"
swift build -j "$(nproc)" --build-tests
echo "built after $(minutes)"

step "Tests"
output=$(mktemp)
others=$(mktemp)
# What the product says meanwhile is searched for tokens at the end.
PROVIDER_DISCORD_TEST_OUTPUT=$(mktemp -d)
export PROVIDER_DISCORD_TEST_OUTPUT
trap 'rm -rf "$output" "$others" "$PROVIDER_DISCORD_TEST_OUTPUT"' EXIT
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
  run --filter SimulationTests --filter ScriptTests
fi

# These need the whole product; a filtered run is about something else.
others_status=0
run_other() {
  PROVIDER_DISCORD_BINARY=.build/debug/provider-discord "$@" 2>&1 |
    tee -a "$others" || others_status=$?
}
if [ "$#" -eq 0 ]; then
  step "Discord clients of others, and Discord's description of its API"
  run_other tools/test-peers.sh
  step "Chart, alerts, package"
  run_other tools/test-chart.sh
  step "Incidents, and the verdicts of the runbooks"
  run_other tools/test-incidents.sh
fi

# A filtered run may have started nothing that speaks.
secrets=0
if [ "$#" -eq 0 ] || [ -s "$PROVIDER_DISCORD_TEST_OUTPUT/tokens" ]; then
  step "Tokens in all output"
  cp "$output" "$PROVIDER_DISCORD_TEST_OUTPUT/tests.log"
  cp "$others" "$PROVIDER_DISCORD_TEST_OUTPUT/others.log"
  tools/scan-output.sh "$PROVIDER_DISCORD_TEST_OUTPUT" || secrets=1
fi

step "Result after $(minutes)"
tools/test-result.sh "$output" "$others" "$status" "$others_status" "$secrets"
