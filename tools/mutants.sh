#!/usr/bin/env bash
# Changes the rules in one place at a time and runs their tests on each change: tools/mutants.sh [--shard 0/8]
set -euo pipefail
cd "$(dirname "$0")/.."
. tools/env.sh
# Each mutant compiles in a separate copy. Incremental builds without debug information take seconds.
unset CARGO_TARGET_DIR
export CARGO_INCREMENTAL=1 CARGO_PROFILE_DEV_DEBUG=0 CARGO_PROFILE_TEST_DEBUG=0
# A mutant may allocate without limit. The compiler needs less than these 8 GB.
ulimit -v 8000000
# Round-robin sharding spreads each shard over all files.
if [[ " $*" == *" --shard"* ]]; then set -- --sharding round-robin "$@"; fi
exec nice -n 15 cargo mutants --package domain --jobs 2 "$@"
