#!/usr/bin/env bash
# Changes the rules in one place at a time and asks their tests whether they notice: tools/mutants.sh [--shard 0/8]
set -euo pipefail
cd "$(dirname "$0")/.."
. tools/env.sh
# Each mutant compiles in a copy of its own. Without debug information and with what the last one left, that takes seconds.
unset CARGO_TARGET_DIR
export CARGO_INCREMENTAL=1 CARGO_PROFILE_DEV_DEBUG=0 CARGO_PROFILE_TEST_DEBUG=0
# A mutant may grow without end: 8 GB are more than the compiler needs.
ulimit -v 8000000
# A shard is a little of every file, and not some files.
if [[ " $*" == *" --shard"* ]]; then set -- --sharding round-robin "$@"; fi
exec nice -n 15 cargo mutants --package domain --jobs 2 "$@"
