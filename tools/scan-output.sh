#!/usr/bin/env bash
# Looks for bot tokens in everything that the product said while the tests ran: logs, /metrics,
# /debug/state, Events, statuses. Prints file and line, never what was found.
#
# Usage: tools/scan-output.sh FOLDER
# FOLDER has the file "tokens", a token a line, written by the tests, and the output beside it.
# Exit codes: 0 none found, 1 found, 2 there was nothing to look at or the search itself is broken.
set -euo pipefail
folder=$1

if [ ! -s "$folder/tokens" ]; then
  echo "no test named a token: $folder/tokens is empty"
  exit 2
fi
mapfile -t files < <(find "$folder" -type f ! -name tokens | sort)
if [ "${#files[@]}" -eq 0 ]; then
  echo "no output was kept in $folder"
  exit 2
fi

patterns=$(mktemp)
canary=$(mktemp)
trap 'rm -f "$patterns" "$canary"' EXIT
sort -u "$folder/tokens" | while read -r token; do
  [ -n "$token" ] || continue
  printf '%s\n' "$token"
  # As a Secret has it; what follows may change the last characters.
  printf '%s' "$token" | base64 -w0 | sed 's/..\?=*$//'
  printf '\n'
done >"$patterns"

# The simulator tells its own token to the person who started it.
search() { grep -nF -f "$patterns" -- "$1" | grep -vE '^[0-9]+:Discord API +http' | cut -d: -f1; }

# A search that finds nothing may be one that can't find.
printf 'first line\nauthorization: Bot %s\n' "$(head -n 1 "$folder/tokens")" >"$canary"
if [ "$(search "$canary")" != 2 ]; then
  echo "the search does not find a token that is there"
  exit 2
fi

found=0
for file in "${files[@]}"; do
  lines=$(search "$file" || true)
  [ -z "$lines" ] && continue
  found=1
  echo "a token is in $(basename "$file"), line $(head -n 5 <<<"$lines" | paste -sd, -)"
done
[ "$found" -eq 0 ] || exit 1
echo "no token in ${#files[@]} files ($(cat "${files[@]}" | wc -l) lines), looked for $(sort -u "$folder/tokens" | wc -l)"
