#!/usr/bin/env bash
# Clippy; a warning is an error under the compiler that Cargo.toml names, since every release brings new lints.
set -euo pipefail
cd "$(dirname "$0")/.."
. tools/env.sh
named="$(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml)"
case "$(rustc --version)" in
  "rustc $named."*) exec cargo clippy "$@" --locked -- -D warnings ;;
  *)
    echo "clippy: $(rustc --version) is not the named $named: its warnings are shown and stop nothing"
    exec cargo clippy "$@" --locked
    ;;
esac
