#!/usr/bin/env bash
# Prints the absolute path of the program: tools/binary.sh [release|debug]. The target folder may be outside the clone.
set -euo pipefail
cd "$(dirname "$0")/.."
. tools/env.sh
cargo metadata --no-deps --format-version 1 | sed -n 's|.*"target_directory":"\([^"]*\)".*|\1/'"${1:-release}"'/crema|p'
