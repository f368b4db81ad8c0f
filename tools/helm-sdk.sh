#!/usr/bin/env bash
# Provides Helm's SDK for Python, in an environment of its own, and prints the path of its python.
#
# From PyPI, once a machine; kept outside the checkout.
set -euo pipefail

version=0.2.2
venv="${XDG_CACHE_HOME:-$HOME/.cache}/provider-discord/helm-python-sdk/$version"
complete() { "$venv/bin/python" -c 'import helm_python' 2>/dev/null; }
if ! complete; then
  echo "installing helm-python-sdk $version into $venv" >&2
  mkdir -p "$(dirname "$venv")"
  # Another run may be at it; a venv that lacks its package is made anew.
  exec 9>"$venv.lock"
  flock 9
  if ! complete; then
    python3 -m venv --clear "$venv"
    "$venv/bin/pip" install --quiet --disable-pip-version-check "helm-python-sdk==$version" >&2
  fi
fi
echo "$venv/bin/python"
