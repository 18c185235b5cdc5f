#!/usr/bin/env bash
# Builds what is missing, without the optimisations of a release, and serves: tools/run.sh [arguments of `crema`]
set -euo pipefail
cd "$(dirname "$0")/.."
. tools/env.sh
start=$SECONDS

stage() { printf '== %s of 4: %s (%d:%02d since the start)\n' "$1" "$2" $(((SECONDS - start) / 60)) $(((SECONDS - start) % 60)); }

stage 1 "set-up"
tools/setup.sh wasm node
stage 2 "pages: three bundles; the first time takes some minutes"
cargo run --locked -p bundle
stage 3 "server; the first time takes some minutes"
cargo build --locked -p server
stage 4 "serving; for a bar with guests, \`make build\` builds the optimised program"
exec "$(tools/binary.sh debug)" "$@"
