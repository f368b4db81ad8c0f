#!/usr/bin/env bash
# Installs the system packages that are missing, and says which. What is there is left alone.
#
# Usage: tools/deps.sh GROUP...      groups: build (compile and run), test (linters and test servers),
#                                    browser (for the status page)
set -euo pipefail

declare -A packages=(
  [build]="liblua5.4-dev libcurl4-openssl-dev libsimdjson-dev g++"
  [test]="lua-check lua5.4 shellcheck yamllint openssl procps"
  [browser]="chromium fonts-dejavu-core"
)

as_root() { if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi; }
installed() { dpkg-query -W -f '${Status}' "$1" 2>/dev/null | grep -q '^install ok installed$'; }

missing=()
for group in "$@"; do
  [ -n "${packages[$group]:-}" ] || { echo "deps: no group named $group" >&2; exit 2; }
  for package in ${packages[$group]}; do
    installed "$package" || missing+=("$package")
  done
done
# Some machines carry kubectl from elsewhere, and Debian's package would collide with it.
command -v kubectl >/dev/null 2>&1 || missing+=(kubernetes-client)

if ! command -v swift >/dev/null 2>&1; then
  echo "deps: there is no swift on PATH; install the Swift 6.3 toolchain first" >&2
  exit 1
fi
if [ "${#missing[@]}" -eq 0 ]; then
  echo "all there"
  exit 0
fi
echo "installing: ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
as_root apt-get update -qq
as_root apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
