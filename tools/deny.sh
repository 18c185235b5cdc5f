#!/usr/bin/env bash
# Checks licences, sources and dependencies between crates, and advisories if their database can be downloaded.
set -euo pipefail
cd "$(dirname "$0")/.."
. tools/env.sh
cargo deny --locked check bans licenses sources
if timeout 120 cargo deny --locked fetch db >/dev/null 2>&1; then
  cargo deny --locked check --disable-fetch advisories
else
  echo "deny: the advisory database cannot be downloaded: advisories were not checked"
fi
