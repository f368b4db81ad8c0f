#!/usr/bin/env bash
# Checks the Helm chart, its alerts and dashboard and the Crossplane package with real parts: Helm's
# SDK, a real kube-apiserver with role-based authorization, promtool, and the built provider.
#
# Usage: PROVIDER_DISCORD_BINARY=FILE tools/test-chart.sh [ARGUMENT OF python -m unittest...]
#   without arguments: all of it; e.g. "-v rights_test"
# The binary is .build/debug/provider-discord unless named otherwise. Takes about eight minutes,
# and needs chromium (tools/deps.sh browser).
set -euo pipefail
cd "$(dirname "$0")/.."

helm_sdk=0.2.2
venv="${XDG_CACHE_HOME:-$HOME/.cache}/provider-discord/helm-python-sdk/$helm_sdk"
if ! "$venv/bin/python" -c 'import helm_python' 2>/dev/null; then
  echo "installing helm-python-sdk $helm_sdk into $venv"
  mkdir -p "$(dirname "$venv")"
  # Another run may be at it; a venv that lacks its package is made anew.
  exec 9>"$venv.lock"
  flock 9
  if ! "$venv/bin/python" -c 'import helm_python' 2>/dev/null; then
    python3 -m venv --clear "$venv"
    "$venv/bin/pip" install --quiet --disable-pip-version-check "helm-python-sdk==$helm_sdk"
  fi
fi

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
  exec "$venv/bin/python" -m unittest "$@"
fi
exec "$venv/bin/python" -m unittest discover -v -p '*_test.py'
