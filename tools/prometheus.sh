#!/usr/bin/env bash
# Provides a real Prometheus and a real Alertmanager for the tests: prints the folder with the programs
# "prometheus" and "alertmanager".
#
# Debian's packages carry them, and would start servers as well. So the programs are taken out of the
# packages into a cache folder, and nothing is installed. Debian's Alertmanager looks for its templates
# below /usr/share; it gets them there in a mount namespace of its own.
set -euo pipefail

cache="${XDG_CACHE_HOME:-$HOME/.cache}/provider-discord/prometheus/2"
if ! [ -x "$cache/alertmanager" ]; then
  folder=$(mktemp -d)
  trap 'rm -rf "$folder"' EXIT
  mkdir -p "$cache"
  (
    cd "$folder"
    apt-get download -qq prometheus prometheus-alertmanager >&2
    for package in *.deb; do dpkg-deb --extract "$package" .; done
  )
  cp "$folder/usr/bin/prometheus" "$folder/usr/bin/prometheus-alertmanager" "$cache/"
  cp -r "$folder/usr/share/prometheus/alertmanager" "$cache/templates"
  cat >"$cache/alertmanager.new" <<'SCRIPT'
#!/bin/sh
# shellcheck disable=SC2016
here=$(dirname "$0")
exec unshare --map-root-user --mount sh -c '
  mount -t tmpfs none /usr/share && mkdir /usr/share/prometheus &&
    cp -r "$0/templates" /usr/share/prometheus/alertmanager &&
    exec "$0/prometheus-alertmanager" "$@"' "$here" "$@"
SCRIPT
  chmod +x "$cache/alertmanager.new"
  mv "$cache/alertmanager.new" "$cache/alertmanager"
fi
"$cache/prometheus" --version >/dev/null 2>&1
"$cache/alertmanager" --version >/dev/null 2>&1
echo "$cache"
