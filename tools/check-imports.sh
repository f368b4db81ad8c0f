#!/usr/bin/env bash
# The arrows between targets (docs/architecture.md) as a check: a target may import only the targets
# named for it here, and each C seam belongs to its owners alone. Package.swift allows more than that
# (the executable sees everything), and a dependency that creeps in there would pass unseen.
set -euo pipefail
cd "$(dirname "$0")/.."

declare -A allowed=(
  [JSONValue]="CJSON"
  [HTTPTransport]="CCurl"
  [LuaBridge]="CLua JSONValue"
  [DiscordAPI]="HTTPTransport JSONValue"
  [KubeWatch]="HTTPTransport JSONValue"
  [Engine]="LuaBridge DiscordAPI KubeWatch HTTPTransport JSONValue"
  [Runbooks]="Engine LuaBridge DiscordAPI KubeWatch HTTPTransport JSONValue"
  # The stand-ins share no code with the clients that talk to them, or both would agree on a mistake.
  [Sandbox]="JSONValue"
  [provider-discord]="Runbooks Engine Sandbox LuaBridge DiscordAPI KubeWatch HTTPTransport JSONValue CMemory"
  # Drives the built program from outside.
  [IntegrationTests]="JSONValue"
)
ours=" CLua CCurl CJSON CMemory JSONValue HTTPTransport LuaBridge DiscordAPI KubeWatch Engine Runbooks Sandbox "

failures=0
fail() { echo "$*" >&2; failures=$((failures + 1)); }

imports() { # FOLDER: "file:line:module" for each import in it
  grep -rnE --include='*.swift' \
    '^[[:space:]]*(@[a-zA-Z]+(\([a-z]+\))?[[:space:]]+)*((package|internal|public|private|fileprivate)[[:space:]]+)?import[[:space:]]' "$1" |
    sed -E 's/^([^:]+:[0-9]+):.*import[[:space:]]+((struct|class|enum|func|protocol|typealias)[[:space:]]+)?([A-Za-z_]+).*/\1:\4/' || true
}

check_target() { # TARGET FOLDER
  local row module
  while IFS= read -r row; do
    [ -n "$row" ] || continue
    module=${row##*:}
    case "$ours" in *" $module "*) ;; *) continue ;; esac
    [ "$module" = "$1" ] && continue
    case " ${allowed[$1]} " in
      *" $module "*) ;;
      *) fail "${row%:*}: $1 must not import $module (allowed: ${allowed[$1]})" ;;
    esac
  done < <(imports "$2")
}

for folder in Sources/*/; do
  target=$(basename "$folder")
  case "$target" in C[A-Z]*) continue ;; esac
  if [ -z "${allowed[$target]:-}" ]; then
    fail "$folder: a target that tools/check-imports.sh does not know; give it its arrows"
    continue
  fi
  check_target "$target" "$folder"
done
[ -d Tests/IntegrationTests ] && check_target IntegrationTests Tests/IntegrationTests

# Libraries of the seams by their C headers: only the seam itself includes them.
seam_headers() { # SEAM PATTERN OTHER-FOLDER-ALLOWED
  local row
  while IFS= read -r row; do
    [ -n "$row" ] || continue
    case "$row" in Sources/"$1"/* | Sources/"${3:-$1}"/*) continue ;; esac
    fail "$row: only Sources/$1 includes this header"
  done < <(grep -rnE "#[[:space:]]*include[[:space:]]*[<\"]($2)" Sources || true)
}
seam_headers CLua 'lua|lauxlib|lualib'
seam_headers CCurl 'curl/'
seam_headers CJSON 'simdjson' CLua
seam_headers CMemory 'malloc\.h'

# Foundation's networking would put a second HTTP stack beside libcurl into the provider.
while IFS= read -r row; do
  [ -n "$row" ] && fail "$row: Foundation's networking is not linked into the provider"
done < <(grep -rnE --include='*.swift' 'import[[:space:]]+FoundationNetworking' Sources || true)

if [ "$failures" -gt 0 ]; then
  echo "check-imports: $failures wrong" >&2
  exit 1
fi
echo "check-imports: every arrow goes the right way"
