#!/usr/bin/env bash
# Provides promtool, which checks our metrics and alert rules: prints its path.
#
# Debian's package prometheus carries it, and would start a server as well. So the program is taken
# out of the package into a cache folder, and nothing is installed.
set -euo pipefail

if command -v promtool >/dev/null 2>&1; then
  command -v promtool
  exit 0
fi
cache="${XDG_CACHE_HOME:-$HOME/.cache}/provider-discord/promtool"
if ! [ -x "$cache/promtool" ]; then
  folder=$(mktemp -d)
  trap 'rm -rf "$folder"' EXIT
  (
    cd "$folder"
    apt-get download -qq prometheus >&2
    dpkg-deb --extract prometheus_*.deb .
  )
  mkdir -p "$cache"
  cp "$folder/usr/bin/promtool" "$cache/promtool"
fi
"$cache/promtool" --version >/dev/null 2>&1
echo "$cache/promtool"
