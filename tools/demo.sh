#!/usr/bin/env bash
# Serves from a temporary folder with robots as guests. Ctrl-C stops both and deletes the folder.
set -euo pipefail
cd "$(dirname "$0")/.."
binary="$(tools/binary.sh)"
data="$(mktemp -d)"
server=
trap '[ -z "$server" ] || { kill "$server" 2>/dev/null && wait "$server"; } || true; rm -rf "$data"' EXIT
"$binary" serve --data "$data" &
server=$!
# The server opens the control socket after the shop. Robots need both.
for _ in $(seq 100); do
  [ -S "$data/control.sock" ] && break
  kill -0 "$server" 2>/dev/null || { echo "demo: the server exited during its start" >&2; exit 1; }
  sleep 0.1
done
# The default rate is slow enough to watch.
[ $# -gt 0 ] || set -- --orders 500 --rate 0.4 --linger 8
"$binary" robot --data "$data" "$@"
