#!/usr/bin/env bash
# Drives the Discord simulator with what others wrote: hikari and discord.py, unmodified, create, edit,
# list and delete channels and roles, and every answer is held against Discord's own description of its
# API. The commands of the simulator's document are run as well.
#
# Usage: PROVIDER_DISCORD_BINARY=FILE tools/test-peers.sh
# The binary is .build/debug/provider-discord unless named otherwise. Takes a few seconds, and half a
# minute once a machine for the packages from PyPI.
set -euo pipefail
cd "$(dirname "$0")/.."

packages=(hikari==2.7.0 discord.py==2.7.1 jsonschema==4.26.0)
venv="${XDG_CACHE_HOME:-$HOME/.cache}/provider-discord/peers/$(sha256sum <<<"${packages[*]}" | cut -c1-16)"
complete() { "$venv/bin/python" -c 'import hikari, discord, jsonschema' 2>/dev/null; }
if ! complete; then
  echo "installing ${packages[*]} into $venv"
  mkdir -p "$(dirname "$venv")"
  # Another run may be at it; a venv that lacks its packages is made anew.
  exec 9>"$venv.lock"
  flock 9
  if ! complete; then
    python3 -m venv --clear "$venv"
    "$venv/bin/pip" install --quiet --disable-pip-version-check "${packages[@]}"
  fi
  flock -u 9
fi

binary=${PROVIDER_DISCORD_BINARY:-.build/debug/provider-discord}
[ -x "$binary" ] || {
  echo "there is no $binary: make build, or set PROVIDER_DISCORD_BINARY" >&2
  exit 1
}

addresses=$(mktemp)
"$binary" discord-sim --listen 127.0.0.1:0 --control 127.0.0.1:0 >"$addresses" &
simulator=$!
trap 'kill "$simulator" 2>/dev/null || true; rm -f "$addresses"' EXIT
deadline=$((SECONDS + 60))
until grep -q '^control API' "$addresses"; do
  [ "$SECONDS" -lt "$deadline" ] || {
    echo "the simulator does not serve within 60 s" >&2
    exit 1
  }
  kill -0 "$simulator" 2>/dev/null || {
    echo "the simulator ended before it served" >&2
    exit 1
  }
  sleep 0.1
done
api=$(sed -nE 's/^Discord API +([^ ]+).*/\1/p' "$addresses")
control=$(sed -nE 's/^control API +([^ ]+).*/\1/p' "$addresses")

export PYTHONDONTWRITEBYTECODE=1
failed=0
run() {
  "$venv/bin/python" "$@" && return
  failed=$((failed + 1))
  echo "FAIL: $*"
}
run Tests/Peers/discord_clients.py "$api" "$control" hikari
run Tests/Peers/discord_clients.py "$api" "$control" discord.py
run Tests/Peers/openapi_conformance.py Tests/Peers/discord-openapi.json "$api" "$control"
run Tests/Peers/document_commands.py "$binary" docs/discord-simulator.md
echo "Ran 4 tests with peers"
if [ "$failed" -gt 0 ]; then
  echo "FAILED (failures=$failed)"
  exit 1
fi
