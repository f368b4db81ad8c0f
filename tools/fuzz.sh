#!/usr/bin/env bash
# Fuzzes the bridge to Lua (script text and JSON in, table out) under AddressSanitizer and
# UndefinedBehaviorSanitizer, beginning with the hostile scripts of its tests.
#
# Usage: tools/fuzz.sh [SECONDS] [ARGUMENT OF libFuzzer...]      default: 60
#
# The corpus grows in .build/fuzz/corpus and is used again by the next run. An input that fails is
# kept in .build/fuzz/failures; run it again with SHOW_SCRIPT=1 .build/fuzz/bridge-fuzzer FILE, and keep
# it as a test in Tests/LuaBridgeTests once it is mended.
set -euo pipefail
cd "$(dirname "$0")/.."

seconds=${1:-60}
shift || true
work=.build/fuzz
compiler=${CLANG:-clang}
mkdir -p "$work/corpus" "$work/failures" "$work/objects"

# The sanitizers and libFuzzer come with the clang of the Swift toolchain.
sanitizers="address,undefined"
flags=(-g -O1 -fno-omit-frame-pointer -fno-sanitize-recover=all
  -ISources/CJSON/include -ISources/CLua/include)
objects=()
for source in Sources/CLua/*.c Sources/CJSON/*.cpp; do
  object="$work/objects/$(basename "$source").o"
  objects+=("$object")
  language=-std=gnu17
  [[ $source == *.cpp ]] && language=-std=c++17
  "$compiler" "${flags[@]}" "$language" "-fsanitize=fuzzer-no-link,$sanitizers" \
    -c "$source" -o "$object"
done
"$compiler" "${flags[@]}" -fuse-ld=lld -std=gnu17 "-fsanitize=fuzzer,$sanitizers" Fuzz/*.c \
  "${objects[@]}" -llua5.4 -lsimdjson -lstdc++ -lm -o "$work/bridge-fuzzer"

python3 Fuzz/seeds.py Tests/LuaBridgeTests/Hostile scripts "$work/seeds"
[ -d Fuzz/regressions ] && cp -n Fuzz/regressions/* "$work/seeds/"

export ASAN_OPTIONS="detect_stack_use_after_return=1:strict_string_checks=1:${ASAN_OPTIONS:-}"
export UBSAN_OPTIONS="print_stacktrace=1:${UBSAN_OPTIONS:-}"
"$work/bridge-fuzzer" "$work/corpus" "$work/seeds" -dict=Fuzz/lua.dict -max_len=4096 -timeout=5 \
  -rss_limit_mb=1024 -max_total_time="$seconds" -artifact_prefix="$work/failures/" \
  -print_final_stats=1 -verbosity="${FUZZ_VERBOSITY:-0}" "$@"
