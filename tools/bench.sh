#!/usr/bin/env bash
# Whole orders a second (start, submit, make, ready, collect) over HTTP on this machine, robots and bar on the same
# cores, every answer durable: seven runs, so that the spread shows. tools/bench.sh [ORDERS]
set -euo pipefail
cd "$(dirname "$0")/.."
orders="${1:-3000}"
binary="$(tools/binary.sh)"
data="$(mktemp -d)"
server=
trap '[ -z "$server" ] || { kill "$server" 2>/dev/null && wait "$server"; } || true; rm -rf "$data"' EXIT
"$binary" serve --addr 127.0.0.1:0 --data "$data" >"$data/said" 2>"$data/log" &
server=$!
for _ in $(seq 100); do
  grep -q 'Stop with' "$data/said" && break
  kill -0 "$server" 2>/dev/null || { cat "$data/log" >&2; exit 1; }
  sleep 0.1
done
url="$(sed -n 's|^  order *\(http://[^/]*\)/.*|\1|p' "$data/said")"
for run in 1 2 3 4 5 6 7; do
  printf 'run %s: ' "$run"
  "$binary" robot --server "$url" --data "$data" --orders "$orders" --rate 0 2>/dev/null | sed -n 1p
done
printf 'memory of the bar afterwards: %s\n' "$(sed -n 's/^VmRSS:[[:space:]]*//p' "/proc/$server/status")"
