#!/usr/bin/env bash
# Every linter of the project. Goes through all of them before it fails, so that one run shows all.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1

failed=()
check() { # NAME COMMAND...
  local name=$1 output
  shift
  if output=$("$@" 2>&1); then
    printf '  ok      %s\n' "$name"
  else
    printf '  FAILED  %s\n%s\n' "$name" "$output"
    failed+=("$name")
  fi
}

# What is committed or about to be: never what a build left behind.
files() { git ls-files --cached --others --exclude-standard -- "$@" | sort -u | while IFS= read -r file; do
  [ -f "$file" ] && printf '%s\n' "$file"
done; }

swift_format() { swift format lint --strict -p -r Package.swift Sources Tests; }
lua_check() { luacheck --no-color -q --include-files '**/*.lua' -- scripts examples; }
# One file a run: luac 5.4.4 frees twice when it gets several.
lua_compiles() { files '*.lua' | xargs -r -n 1 luac5.4 -p; }
shell_check() {
  local scripts
  mapfile -t scripts < <(files '*.sh' '.ci/run')
  shellcheck "${scripts[@]}"
}
yaml_lint() {
  local documents
  # A Helm template is no YAML before it is rendered.
  mapfile -t documents < <(files '*.yaml' '*.yml' | grep -v '^chart/[^/]*/templates/')
  [ "${#documents[@]}" -eq 0 ] || yamllint --strict "${documents[@]}"
}
python_compiles() {
  local file
  files '*.py' | while IFS= read -r file; do
    python3 -c 'import ast, sys; ast.parse(open(sys.argv[1]).read(), sys.argv[1])' "$file" || exit 1
  done
}

longest() { # LIMIT PATTERN...
  local limit=$1 file lines bad=0
  shift
  while IFS= read -r file; do
    case "$file" in scripts/types/*) continue ;; esac
    lines=$(wc -l <"$file")
    if [ "$lines" -gt "$limit" ]; then
      echo "$file: $lines lines; the limit is $limit: split it by idea"
      bad=1
    fi
  done < <(files "$@")
  return "$bad"
}
code_length() { longest 500 '*.swift' '*.c' '*.cpp' '*.h' '*.py' '*.sh'; }
lua_length() { longest 300 '*.lua'; }

forbidden_names() {
  ! files | grep -iE '(^|/|[a-z0-9_-])(utils?|helpers?|common|misc|manager)(\.[a-z]+|/)' |
    sed 's/$/: a name that says nothing; name it after what is inside/' | grep .
}
left_for_later() {
  ! files Sources scripts Tests chart tools examples Benchmarks | grep -v '^tools/lint\.sh$' |
    xargs -r grep -nE '(^|[^[:alnum:]])(TODO|FIXME|XXX)([^[:alnum:]]|$)' | cut -c1-160 | grep .
}
machine_paths() {
  ! files | grep -vE '^(\.ci/|tools/lint\.sh$)' |
    xargs -r grep -nIE '(^|[^[:alnum:]_.])/(work|farm|root|home/[a-z]+)/' | cut -c1-160 | grep .
}
untested_switch() {
  ! files Tests | xargs -r grep -nE '\.disabled\(|XCTSkip|#if false' | grep .
}

check "Swift format (swift format lint --strict)" swift_format
check "arrows between targets (tools/check-imports.sh)" tools/check-imports.sh
check "Lua (luacheck)" lua_check
check "Lua compiles (luac5.4)" lua_compiles
check "shell (shellcheck)" shell_check
check "YAML (yamllint)" yaml_lint
check "Python parses" python_compiles
check "length of Swift, C, shell and Python files (500)" code_length
check "length of Lua files (300)" lua_length
check "names that say something" forbidden_names
check "nothing left for later" left_for_later
check "no path of one machine" machine_paths
check "no test switched off" untested_switch

if [ "${#failed[@]}" -gt 0 ]; then
  printf 'lint: %d of the checks failed\n' "${#failed[@]}"
  exit 1
fi
