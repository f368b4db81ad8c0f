#!/usr/bin/env bash
# Runs the tests of the bridge to Lua, the hostile scripts among them, under a sanitizer.
#
# Usage: tools/sanitize.sh [address|undefined|thread]...      default: all three, one after the other
set -euo pipefail
cd "$(dirname "$0")/.."
package=Fuzz/Sanitized
[ "$#" -gt 0 ] || set -- address undefined thread

export UBSAN_OPTIONS="print_stacktrace=1:halt_on_error=1:${UBSAN_OPTIONS:-}"
# Swift's runtime keeps its metadata for ever; what matters is what a run of a script leaves behind.
export ASAN_OPTIONS="detect_leaks=0:detect_stack_use_after_return=1:${ASAN_OPTIONS:-}"
for sanitizer in "$@"; do
  case "$sanitizer" in
    address | undefined | thread) ;;
    *)
      echo "there is no sanitizer '$sanitizer': address, undefined or thread" >&2
      exit 64
      ;;
  esac
  printf '==> the bridge under the %s sanitizer\n' "$sanitizer"
  swift test -q --package-path "$package" --scratch-path "$package/.build/$sanitizer" \
    -j "$(nproc)" --disable-xctest --sanitize "$sanitizer" 2>&1 | grep -vE '^(◇|✔ Test "|\[)' |
    tail -n 40
done
