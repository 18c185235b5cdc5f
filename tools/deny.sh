#!/usr/bin/env bash
# Licences, sources and walls between crates; advisories too where their database can be had.
set -euo pipefail
cd "$(dirname "$0")/.."
. tools/env.sh
cargo deny --locked check bans licenses sources
if timeout 120 cargo deny --locked fetch db >/dev/null 2>&1; then
  cargo deny --locked check --disable-fetch advisories
else
  echo "deny: the advisory database cannot be had here: advisories did not run"
fi
