#!/usr/bin/env bash
# Runs clippy. Warnings are errors only with the compiler version in Cargo.toml, because every release adds lints.
set -euo pipefail
cd "$(dirname "$0")/.."
. tools/env.sh
named="$(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml)"
case "$(rustc --version)" in
  "rustc $named."*) exec cargo clippy "$@" --locked -- -D warnings ;;
  *)
    echo "clippy: $(rustc --version) is not version $named of Cargo.toml: warnings are not errors"
    exec cargo clippy "$@" --locked
    ;;
esac
