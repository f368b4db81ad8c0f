#!/usr/bin/env bash
# Measures the bridge to Lua in a release build and prints tables.
#
# Usage: tools/bench-lua.sh [observe|json|latency|hostile|soak [NUMBER]]...      default: all of them
#   observe    one observe of channel.lua, start to finish and by part, beside a bare C host
#   json       JSON to Lua and back, megabytes a second
#   latency    delay of other runs while scripts burn their budgets
#   hostile    time of each hostile script and its longest slice
#   soak       resident memory over a million runs
set -euo pipefail
cd "$(dirname "$0")/.."
package=Benchmarks/Lua
swift build -q -c release --package-path "$package" -j "$(nproc)" >&2
exec "$package/.build/release/lua-bench" scripts "$@"
