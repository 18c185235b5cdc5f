#!/usr/bin/env bash
# Runs cargo with the toolchain that tools/setup.sh selected.
set -euo pipefail
. "$(dirname "$0")/env.sh"
exec cargo "$@"
