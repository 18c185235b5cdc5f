#!/usr/bin/env bash
# Runs the named targets of the Makefile in order, prints the duration of each, and prints the sum of all test counts.
# The run ends at the first failed stage. A failed stage without a failed test counts as one failure.
set -uo pipefail
cd "$(dirname "$0")/.."
log="$(mktemp)"
trap 'rm -f "$log"' EXIT
summary=
verdict=0
start=$SECONDS

took() { printf '%d min %02d s' $(($1 / 60)) $(($1 % 60)); }

for stage in "$@"; do
  began=$SECONDS
  echo "== $stage"
  if "${MAKE:-make}" --no-print-directory "$stage" 2>&1 | tee -a "$log"; then ended=; else ended=" FAILED"; fi
  line="stage $stage: $(took $((SECONDS - began)))$ended"
  echo "$line"
  summary+="$line"$'\n'
  if [ -n "$ended" ]; then verdict=1 && break; fi
done

# Cargo prints `test result: ok. 12 passed; 0 failed; …`; Playwright prints `  12 passed (3.4s)` and `  1 failed`.
read -r passed failed < <(sed 's/\x1b\[[0-9;]*m//g' "$log" | awk '
  /^test result: / { for (i = 2; i <= NF; i++) { if ($i == "passed;") p += $(i - 1); if ($i == "failed;") f += $(i - 1) } }
  /^ +[0-9]+ passed/ { p += $1 }
  /^ +[0-9]+ failed/ { f += $1 }
  END { print p + 0, f + 0 }')
if [ "$verdict" -ne 0 ] && [ "$failed" -eq 0 ]; then failed=1; fi

printf '\n%sall stages: %s\n%d passed, %d failed\n' "$summary" "$(took $((SECONDS - start)))" "$passed" "$failed"
exit "$verdict"
