#!/usr/bin/env bash
# Runs the simulation tests at full size in a release build and prints their numbers: issue 4's limits
# (500 channels and 200 roles over 5 guilds, 200 edits, a day of polls, in each mode of limits), 2,000
# random faults, the polls of ten guilds of 500 objects, and random specs over 100 polls.
#
# Usage: Benchmarks/limits/run.sh [SUITE...]      e.g. LimitTests PollTests; all of them without
set -euo pipefail
cd "$(dirname "$0")/../.."

export SIMULATION_FULL=1
export SIMULATION_FAULTS="${SIMULATION_FAULTS:-2000}"
export SIMULATION_SPECS="${SIMULATION_SPECS:-20}"
export SWIFT_DETERMINISTIC_HASHING=1
output=$(mktemp)
trap 'rm -f "$output"' EXIT
status=0
filters=()
for suite in "${@:-}"; do filters+=(--filter "SimulationTests.$suite"); done
# The flags of `make release`, so that what that has built is not built anew.
swift test -c release --disable-xctest -Xswiftc -Xfrontend -Xswiftc -function-sections \
  -Xcc -ffunction-sections "${filters[@]}" >"$output" 2>&1 || status=$?
grep -E '^(limits|random faults|poll of) ' "$output" || true
if [ "$status" -ne 0 ]; then
  grep -vE '^(◇|\[)' "$output" | tail -n 60
  exit "$status"
fi
grep -E 'Test run with' "$output"
