#!/usr/bin/env bash
# Runs a PostgreSQL for tests in a temporary folder until standard input is closed. The first output line is the folder
# of its socket. Input lines are commands: `kill` kills all its processes, `start` starts it again on the same data.
# Each command is answered with `done`. With `--find`, only checks that PostgreSQL is installed.
set -euo pipefail

fail() { printf '%s\n' "$*" >&2; exit 1; }

# Debian installs the programs in a folder per version; other systems install them on the PATH.
found="$(compgen -G '/usr/lib/postgresql/*/bin/initdb' | sort -V | tail -n 1 || true)"
initdb="${found:-$(command -v initdb || true)}"
[ -n "$initdb" ] || fail "no PostgreSQL found: run tools/setup.sh postgres"
[ "${1:-}" != --find ] || exit 0
bin="$(dirname "$initdb")"

# Ctrl-C stops the tests; this script stops when they close standard input.
trap '' INT
folder="$(mktemp -d "${TMPDIR:-/tmp}/crema-postgres-XXXXXX")"
as=()
# PostgreSQL refuses to run as root.
if [ "$(id -u)" = 0 ]; then
  user=postgres
  id "$user" >/dev/null 2>&1 || user=nobody
  chown "$user" "$folder"
  as=(setpriv --reuid "$user" --regid "$(id -g "$user")" --clear-groups)
fi
chmod 711 "$folder"

server=
start() {
  # A separate session receives no signals from the terminal.
  (cd "$folder" && exec setsid "${as[@]}" "$bin/postgres" -D "$folder/data" -k "$folder" -c listen_addresses= \
    -c max_connections=300 -c shared_buffers=32MB) </dev/null >>"$folder/log" 2>&1 &
  server=$!
  until "$bin/pg_isready" -q -h "$folder" -U postgres; do
    kill -0 "$server" 2>/dev/null || { cat "$folder/log" >&2; exit 1; }
    sleep 0.05
  done
}
is_alive() { grep -q '^State:[[:space:]]*[^ZX[:space:]]' "/proc/$1/status" 2>/dev/null; }
# Kills all processes at once. The server is stopped first so that it starts no new process meanwhile.
cut() {
  local all pid
  kill -STOP "$server" 2>/dev/null || true
  all="$server $(cat "/proc/$server/task/$server/children" 2>/dev/null || true)"
  # shellcheck disable=SC2086
  kill -KILL $all 2>/dev/null || true
  wait "$server" 2>/dev/null || true
  for pid in $all; do
    while is_alive "$pid"; do sleep 0.01; done
  done
  server=
}
leave() {
  # A regular shutdown releases the shared memory of the server.
  [ -z "$server" ] || { kill -INT "$server" 2>/dev/null && wait "$server" 2>/dev/null || true; }
  rm -rf "$folder"
}
trap leave EXIT

touch "$folder/log"
(cd "$folder" && "${as[@]}" "$initdb" -D "$folder/data" -U postgres -A trust -E UTF8 --locale=C --no-sync) >"$folder/log" 2>&1 ||
  { cat "$folder/log" >&2; exit 1; }
# The user `locked` needs a password.
printf 'local all locked scram-sha-256\nlocal all all trust\n' >"$folder/data/pg_hba.conf"
start
echo "$folder"
while read -r word; do
  case "$word" in
    kill) [ -z "$server" ] || cut ;;
    start) start ;;
  esac
  echo done
done
