#!/usr/bin/env bash
# Runs the tests of the bridge to Lua, the hostile scripts among them, under a sanitizer.
#
# Usage: tools/sanitize.sh [address|undefined|thread]...      default: all three, one after the other
#
# Exits with 1 when a test fails or a sanitizer reports anything, and then prints the end of what the
# tests said.
set -euo pipefail
cd "$(dirname "$0")/.."
package=Fuzz/Sanitized
[ "$#" -gt 0 ] || set -- address undefined thread

export UBSAN_OPTIONS="print_stacktrace=1:halt_on_error=1:${UBSAN_OPTIONS:-}"
# Swift's runtime keeps its metadata for ever; what matters is what a run of a script leaves behind.
export ASAN_OPTIONS="detect_leaks=0:detect_stack_use_after_return=1:${ASAN_OPTIONS:-}"
export TSAN_OPTIONS="halt_on_error=1:${TSAN_OPTIONS:-}"

# What makes `swift test` use the sanitizer.
flags_of() { # SANITIZER
  case "$1" in
    address | thread) printf '%s\n' --sanitize "$1" ;;
    undefined)
      # The Swift compiler for Linux does not have this one. Its own language has no undefined
      # behaviour to find, and the C and C++ of the bridge get it from clang.
      local runtime
      runtime=$(clang -print-resource-dir)/lib/linux/libclang_rt.ubsan_standalone-$(uname -m).a
      printf '%s\n' -Xcc -fsanitize=undefined -Xcc -fno-sanitize=vptr,function \
        -Xcc -fno-sanitize-recover=all -Xlinker --whole-archive -Xlinker "$runtime" \
        -Xlinker --no-whole-archive
      ;;
    *)
      echo "there is no sanitizer '$1': address, undefined or thread" >&2
      return 64
      ;;
  esac
}

for sanitizer in "$@"; do flags_of "$sanitizer" >/dev/null || exit 64; done
failed=()
for sanitizer in "$@"; do
  printf '==> the bridge under the %s sanitizer\n' "$sanitizer"
  mapfile -t flags < <(flags_of "$sanitizer")
  output=$package/.build/$sanitizer.log
  mkdir -p "$package/.build"
  if swift test -q --package-path "$package" --scratch-path "$package/.build/$sanitizer" \
    -j "$(nproc)" --disable-xctest "${flags[@]}" >"$output" 2>&1; then
    grep -E 'Test run with' "$output" | tail -n 1
    # A run that executed nothing proves nothing.
    grep -qE 'Test run with [1-9]' "$output" || failed+=("$sanitizer: no test ran")
  else
    grep -vE '^(◇|✔ Test "|\[)' "$output" | tail -n 60
    failed+=("$sanitizer")
  fi
done
for name in "${failed[@]}"; do echo "FAILED: $name" >&2; done
[ "${#failed[@]}" -eq 0 ]
