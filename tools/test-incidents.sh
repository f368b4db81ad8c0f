#!/usr/bin/env bash
# Spoils a real kube-apiserver, a simulated Discord and a provider in some hundred ways, and holds the
# verdict of `provider-discord runbook run` against what was spoilt; then carries out every plan of the
# runbooks and takes it back.
#
# Usage: PROVIDER_DISCORD_BINARY=FILE tools/test-incidents.sh [ARGUMENT OF python -m unittest...]
#   without arguments: all incidents; e.g. "-v incidents_test.RateLimit"
#   "recordings.Recordings": makes scripts/runbooks/recordings anew
# The binary is .build/debug/provider-discord unless named otherwise.
set -euo pipefail
cd "$(dirname "$0")/.."

PROVIDER_DISCORD_BINARY=$(realpath -m "${PROVIDER_DISCORD_BINARY:-.build/debug/provider-discord}")
[ -x "$PROVIDER_DISCORD_BINARY" ] || {
  echo "there is no $PROVIDER_DISCORD_BINARY: make build, or set PROVIDER_DISCORD_BINARY" >&2
  exit 1
}
KUBEBUILDER_ASSETS=$(tools/envtest.sh)
# The rights of those who run the runbooks are the chart's.
python=$(tools/helm-sdk.sh)
export PYTHONPATH="$PWD/Tests/Chart"
export PROVIDER_DISCORD_BINARY KUBEBUILDER_ASSETS PYTHONDONTWRITEBYTECODE=1

cd Tests/Incidents
if [ "$#" -gt 0 ]; then
  exec "$python" -m unittest "$@"
fi
exec "$python" -m unittest -v incidents_test
