#!/usr/bin/env bash
# Cargo with the toolchain that set-up chose.
set -euo pipefail
. "$(dirname "$0")/env.sh"
exec cargo "$@"
