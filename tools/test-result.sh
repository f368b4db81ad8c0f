#!/usr/bin/env bash
# Says what a run of tools/test.sh came to: the closing lines, the names of what failed, and the count.
# Ends with 0 only when everything that was to run did run and passed.
#
# Usage: tools/test-result.sh SWIFT-OUTPUT OTHERS-OUTPUT SWIFT-STATUS OTHERS-STATUS SECRETS-STATUS
set -euo pipefail
output=$1 others=$2 status=$3 others_status=$4 secrets=$5

# A search that finds nothing is an answer here, not a failure; a file that cannot be read is one.
found() {
  local searched=0
  grep "$@" || searched=$?
  [ "$searched" -le 1 ]
}
sum() { awk '{ sum += $1 } END { print sum + 0 }'; }

# Swift Testing ends with "Test run with N tests in M suites passed|failed after S seconds".
closing=$(found -E 'Test run with [0-9]+ tests?' "$output")
count=$(sed -nE 's/.*Test run with ([0-9]+) tests?.*/\1/p' <<<"$closing" | sum)
failing=$(found -E 'Test .* failed after [0-9.]+ seconds' "$output" |
  found -vE 'Test (run with|case) ')
failed=$(sed '/^$/d' <<<"$failing" | wc -l)
others_count=$(sed -nE 's/^Ran ([0-9]+) tests? .*/\1/p' "$others" | sum)
others_failed=$(sed -nE 's/^FAILED \((.*)\)$/\1/p' "$others" |
  sed -E 's/(skipped|expected failures)=[0-9]+//g; s/[^0-9]+/\n/g' | sum)
# Swift Testing and unittest count what was skipped among the tests that ran.
skips=$(
  found -E 'Test .* skipped' "$output" |
    sed -nE 's/.* skipped: "(.*)"$/\1/p; s/.* skipped\.?$/without a reason/p'
  sed -nE "s/.* \.\.\. skipped '(.*)'\$/\1/p" "$others"
)
skipped=$(sed '/^$/d' <<<"$skips" | wc -l)
exit_status=0

echo "${closing:-the runner printed no closing line}"
if [ "$status" -eq 124 ]; then
  echo "the tests did not end within ${TEST_TIMEOUT:-45m}"
fi
if [ "$count" -eq 0 ]; then
  echo "no test was executed"
  exit 1
fi
if [ "$status" -ne 0 ]; then
  head -n 40 <<<"$failing"
  [ "$failed" -gt 0 ] || failed=1
  exit_status=$status
elif [ "$failed" -gt 0 ]; then
  head -n 40 <<<"$failing"
  exit_status=1
fi
if [ "$others_status" -ne 0 ] || [ "$others_failed" -gt 0 ]; then
  found -E '^(FAIL|ERROR):? ' "$others"
  [ "$others_failed" -gt 0 ] || others_failed=1
  [ "$exit_status" -ne 0 ] || exit_status=$((others_status > 0 ? others_status : 1))
fi
if [ "$secrets" -ne 0 ]; then
  echo "a token was said, or nobody looked: see above"
  failed=$((failed + 1))
  [ "$exit_status" -ne 0 ] || exit_status=1
fi
if [ "$skipped" -gt 0 ]; then
  sort <<<"$skips" | uniq -c | sed -E 's/^ *([0-9]+) /\1 skipped: /'
fi
count=$((count + others_count - skipped))
failed=$((failed + others_failed))
echo "$((count > failed ? count - failed : 0)) passed, $failed failed"
exit "$exit_status"
