#!/usr/bin/env bash
# Provides a real Prometheus and a real Alertmanager for the tests: prints the folder of both programs.
#
# Debian's packages carry them, and would start servers as well. So the programs are taken out of the
# packages into a cache folder, and nothing is installed.
set -euo pipefail

cache="${XDG_CACHE_HOME:-$HOME/.cache}/provider-discord/prometheus"
missing=()
[ -x "$cache/prometheus" ] || missing+=(prometheus)
[ -x "$cache/prometheus-alertmanager" ] || missing+=(prometheus-alertmanager)
if [ "${#missing[@]}" -gt 0 ]; then
  folder=$(mktemp -d)
  trap 'rm -rf "$folder"' EXIT
  mkdir -p "$cache"
  (
    cd "$folder"
    apt-get download -qq "${missing[@]}" >&2
    for package in *.deb; do dpkg-deb --extract "$package" .; done
  )
  for program in "${missing[@]}"; do cp "$folder/usr/bin/$program" "$cache/$program"; done
fi
"$cache/prometheus" --version >/dev/null 2>&1
"$cache/prometheus-alertmanager" --version >/dev/null 2>&1
echo "$cache"
