#!/usr/bin/env bash
# Checks the Helm chart, its alerts and dashboard and the Crossplane package with real parts: Helm's
# SDK, a real kube-apiserver with role-based authorization, promtool, and the built provider.
#
# Usage: PROVIDER_DISCORD_BINARY=FILE tools/test-chart.sh [ARGUMENT OF python -m unittest...]
#   without arguments: all of it; e.g. "-v rights_test"
# The binary is .build/debug/provider-discord unless named otherwise. Takes some six minutes,
# and needs chromium (tools/deps.sh browser).
set -euo pipefail
cd "$(dirname "$0")/.."

python=$(tools/helm-sdk.sh)
PROVIDER_DISCORD_BINARY=$(realpath -m "${PROVIDER_DISCORD_BINARY:-.build/debug/provider-discord}")
[ -x "$PROVIDER_DISCORD_BINARY" ] || {
  echo "there is no $PROVIDER_DISCORD_BINARY: make build, or set PROVIDER_DISCORD_BINARY" >&2
  exit 1
}
KUBEBUILDER_ASSETS=$(tools/envtest.sh)
PROMTOOL=$(tools/promtool.sh)
PROMETHEUS=$(tools/prometheus.sh)
export PROVIDER_DISCORD_BINARY KUBEBUILDER_ASSETS PROMTOOL PROMETHEUS PYTHONDONTWRITEBYTECODE=1

cd Tests/Chart
if [ "$#" -gt 0 ]; then
  exec "$python" -m unittest "$@"
fi

# These wait for a mirror, and for a minute of scrapes: the others go on beside them.
waiting=(image_test prometheus_test)
mapfile -t others < <(printf '%s\n' *_test.py | sed 's/\.py$//' | grep -vxFf <(printf '%s\n' "${waiting[@]}"))
output=$(mktemp)
"$python" -m unittest -v "${waiting[@]}" >"$output" 2>&1 &
beside=$!
trap 'kill "$beside" 2>/dev/null || true; rm -f "$output"' EXIT
status=0
"$python" -m unittest -v "${others[@]}" || status=$?
wait "$beside" || status=$?
cat "$output"
exit "$status"
