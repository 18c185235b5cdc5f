#!/usr/bin/env bash
# A bar in a scratch folder with robots for guests; Ctrl-C ends both and leaves nothing behind.
set -euo pipefail
cd "$(dirname "$0")/.."
binary="$(tools/binary.sh)"
data="$(mktemp -d)"
server=
trap '[ -z "$server" ] || { kill "$server" 2>/dev/null && wait "$server"; } || true; rm -rf "$data"' EXIT
"$binary" serve --data "$data" &
server=$!
# The control socket is opened once the shop is: robots that come earlier would find nobody.
for _ in $(seq 100); do
  [ -S "$data/control.sock" ] && break
  kill -0 "$server" 2>/dev/null || { echo "demo: the server ended before it opened" >&2; exit 1; }
  sleep 0.1
done
# Slow enough to be watched, unless told otherwise.
[ $# -gt 0 ] || set -- --orders 500 --rate 0.4 --linger 8
"$binary" robot --data "$data" "$@"
