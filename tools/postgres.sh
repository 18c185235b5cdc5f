#!/usr/bin/env bash
# A PostgreSQL for tests, in a scratch folder, as long as standard input is open. The first line it prints is the folder
# of its socket; `kill` cuts its power, `start` starts it again on the same data, and each is answered with `done`.
set -euo pipefail

fail() { printf '%s\n' "$*" >&2; exit 1; }

# Debian keeps them aside, by version; elsewhere they are where programs are.
found="$(compgen -G '/usr/lib/postgresql/*/bin/initdb' | sort -V | tail -n 1 || true)"
initdb="${found:-$(command -v initdb || true)}"
[ -n "$initdb" ] || fail "there is no PostgreSQL on this machine: run tools/setup.sh postgres"
bin="$(dirname "$initdb")"

# A terminal's Ctrl-C is for the tests; their end is the end of standard input.
trap '' INT
folder="$(mktemp -d "${TMPDIR:-/tmp}/crema-postgres-XXXXXX")"
as=()
# It refuses to run as root.
if [ "$(id -u)" = 0 ]; then
  user=postgres
  id "$user" >/dev/null 2>&1 || user=nobody
  chown "$user" "$folder"
  as=(setpriv --reuid "$user" --regid "$(id -g "$user")" --clear-groups)
fi
chmod 711 "$folder"

server=
start() {
  # A session of its own: what a terminal says is not for it.
  (cd "$folder" && exec setsid "${as[@]}" "$bin/postgres" -D "$folder/data" -k "$folder" -c listen_addresses= \
    -c max_connections=300 -c shared_buffers=32MB) </dev/null >>"$folder/log" 2>&1 &
  server=$!
  until "$bin/pg_isready" -q -h "$folder" -U postgres; do
    kill -0 "$server" 2>/dev/null || { cat "$folder/log" >&2; exit 1; }
    sleep 0.05
  done
}
is_alive() { grep -q '^State:[[:space:]]*[^ZX[:space:]]' "/proc/$1/status" 2>/dev/null; }
# All at once: stopped first, so that none is begun meanwhile, and none is left that would finish what it does.
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
  # In good order: what it shares with its children is given back to the system.
  [ -z "$server" ] || { kill -INT "$server" 2>/dev/null && wait "$server" 2>/dev/null || true; }
  rm -rf "$folder"
}
trap leave EXIT

touch "$folder/log"
(cd "$folder" && "${as[@]}" "$initdb" -D "$folder/data" -U postgres -A trust -E UTF8 --locale=C --no-sync) >"$folder/log" 2>&1 ||
  { cat "$folder/log" >&2; exit 1; }
# Whoever is called `locked` needs a password.
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
