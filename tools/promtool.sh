#!/usr/bin/env bash
# Provides promtool, which checks metrics and tests alert rules, and the Prometheus of the same release
# beside it: prints promtool's path. Where it is not installed, Debian's package is fetched, the two
# programs are taken out of it into a cache folder, and nothing is installed.
set -euo pipefail

if command -v promtool >/dev/null 2>&1 && command -v prometheus >/dev/null 2>&1; then
  command -v promtool
  exit 0
fi
cache="${XDG_CACHE_HOME:-$HOME/.cache}/provider-discord/promtool"
if ! [ -x "$cache/promtool" ] || ! [ -x "$cache/prometheus" ]; then
  folder=$(mktemp -d)
  trap 'rm -rf "$folder"' EXIT
  (
    cd "$folder"
    apt-get download -qq prometheus >&2
    dpkg-deb --extract prometheus_*.deb .
  )
  mkdir -p "$cache"
  for program in promtool prometheus; do
    # Another run may be using it: exchanged, not overwritten.
    cp "$folder/usr/bin/$program" "$cache/.$program.$$"
    mv "$cache/.$program.$$" "$cache/$program"
  done
fi
"$cache/promtool" --version >/dev/null 2>&1
echo "$cache/promtool"
