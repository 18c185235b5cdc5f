#!/usr/bin/env bash
# Installs the named parts if they are missing: tools/setup.sh [wasm] [node] [browser] [postgres] [deny] [mutants] [dev]
set -euo pipefail
cd "$(dirname "$0")/.."
. tools/env.sh
mkdir -p "$crema_cache"

wasm_target=wasm32-unknown-unknown
cargo_deny=0.20.2
cargo_leptos=0.3.10
# docs/mutants.md has the figures of this version. Another version generates other mutants.
cargo_mutants=27.1.0
# The command and the crate must have the same patch version, so the number is read from Cargo.toml.
wasm_bindgen="$(sed -n 's/^wasm-bindgen = "=\(.*\)"/\1/p' Cargo.toml)"

say() { printf 'setup: %s\n' "$*"; }
fail() { printf 'setup: %s\n' "$*" >&2; exit 1; }
have() { command -v "$1" >/dev/null 2>&1; }

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"
  elif have sudo; then sudo "$@"
  else fail "root is required and sudo is not installed: $*"; fi
}

# debian PURPOSE PACKAGE…: announces system packages, then installs them. Tries the present package lists first, because
# updating them takes longer than installing most packages.
debian() {
  local purpose="$1"
  shift
  have apt-get || return 1
  say "$purpose: needs the system packages $*"
  say "installing them with apt-get as root; to do it yourself, press Ctrl-C"
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends "$@" >/dev/null 2>&1 && return
  as_root apt-get update -qq >/dev/null && as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get install -qq -y --no-install-recommends "$@" >/dev/null
}

# --- wasm: a compiler, clippy and rustfmt, and the standard library for WASM

compiler_is_new_enough() {
  local named found
  named="$(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml)"
  found="$(rustc --version 2>/dev/null | cut -d' ' -f2)" && [ -n "$found" ] &&
    [ "$(printf '%s\n' "$named" "$found" | sort -V | head -n 1)" = "$named" ]
}

has_wasm_library() {
  local folder
  folder="$("$@" --print target-libdir --target "$wasm_target" 2>/dev/null)" && compgen -G "$folder/libcore-*.rlib" >/dev/null
}

wasm_is_there() {
  have cargo && compiler_is_new_enough && has_wasm_library rustc &&
    cargo clippy --version >/dev/null 2>&1 && cargo fmt --version >/dev/null 2>&1
}

wasm_from_rustup() {
  have rustup || return 1
  if ! compiler_is_new_enough; then
    say "installing the stable toolchain with rustup"
    timeout 600 rustup toolchain install stable --profile minimal --no-self-update || return 1
  fi
  say "installing $wasm_target, clippy and rustfmt with rustup"
  timeout 300 rustup target add "$wasm_target" && timeout 300 rustup component add clippy rustfmt
}

# Debian's security suite contains a current compiler, which builds its browsers. The package has the source of the
# standard library but no WASM build, so this function compiles it once.
wasm_from_debian() {
  local lld libraries work host
  have apt-get || return 1
  lld="$(apt-cache search --names-only '^lld-[0-9]+$' | cut -d' ' -f1 | sort -V | tail -n 1)"
  if [ -z "$lld" ] || ! apt-cache show rustc-web >/dev/null 2>&1; then
    as_root apt-get update -qq
    lld="$(apt-cache search --names-only '^lld-[0-9]+$' | cut -d' ' -f1 | sort -V | tail -n 1)"
  fi
  debian "Rust compiler" rustc-web cargo-web rust-web-src rust-web-clippy rustfmt-web ${lld:+"$lld"} || return 1
  if ! has_wasm_library /usr/bin/rustc; then
    say "compiling the standard library for $wasm_target (a minute or two)"
    work="$(mktemp -d)"
    mkdir "$work/src"
    : >"$work/src/lib.rs"
    printf '[package]\nname = "empty"\nversion = "0.0.0"\nedition = "2024"\n' >"$work/Cargo.toml"
    (cd "$work" && env -u RUSTUP_TOOLCHAIN -u RUSTFLAGS CARGO_TARGET_DIR="$work/target" RUSTC=/usr/bin/rustc RUSTC_BOOTSTRAP=1 \
      /usr/bin/cargo build --quiet --release -Z build-std=std,panic_abort,panic_unwind,proc_macro --target "$wasm_target") || return 1
    libraries="$(/usr/bin/rustc --print target-libdir --target "$wasm_target")"
    as_root mkdir -p "$libraries"
    find "$work/target/$wasm_target/release/deps" \( -name '*.rlib' -o -name '*.rmeta' \) ! -name 'libempty-*' -print0 |
      as_root xargs -0 cp -t "$libraries"
    rm -rf "$work"
  fi
  host="$(/usr/bin/rustc -vV | sed -n 's/^host: //p')"
  as_root mkdir -p "/usr/lib/rustlib/$host/bin"
  as_root ln -sf "/usr/bin/$lld" "/usr/lib/rustlib/$host/bin/rust-lld"
  # `rustup override` would apply to one folder only, not to the next clone.
  if have rustup; then
    rustup toolchain link debian /usr
    echo debian >"$crema_cache/toolchain"
    export RUSTUP_TOOLCHAIN=debian
  fi
  hash -r
}

wasm() {
  have cc || debian "C compiler, for SQLite" gcc libc6-dev || fail "no C compiler found: install gcc"
  if ! wasm_is_there && [ -e "$crema_cache/toolchain" ]; then
    rm "$crema_cache/toolchain"
    unset RUSTUP_TOOLCHAIN
  fi
  if wasm_is_there; then
    say "$(rustc --version) with $wasm_target: already installed"
  elif wasm_from_rustup && wasm_is_there; then
    say "$(rustc --version) with $wasm_target: from rustup"
  elif wasm_from_debian && wasm_is_there; then
    say "$(rustc --version) with $wasm_target: from Debian's packages"
  else
    fail "no Rust compiler with $wasm_target: rustup and Debian's packages both failed"
  fi
}

# --- node: build tools of the bundles, and Playwright

node() {
  local folder major
  have npm || debian "Node and npm, for the bundles and the browser tests" nodejs npm || fail "no npm found: install Node 20 or newer"
  major="$(command node --version | sed 's/^v\([0-9]*\).*/\1/')"
  [ "$major" -ge 20 ] || say "Node $major can build the bundles; the browser tests need 20 or newer"
  for folder in . end2end; do
    [ -e "$folder/package-lock.json" ] || continue
    if [ "$folder/node_modules/.package-lock.json" -nt "$folder/package-lock.json" ]; then
      say "node packages of $folder: already installed"
    else
      say "node packages of $folder: npm ci"
      (cd "$folder" && npm ci --no-audit --no-fund --loglevel=error) || fail "npm ci failed in $folder: check that the registry is reachable"
      # npm keeps the time of the first write, so a lock file checked out later would always look newer.
      touch "$folder/node_modules/.package-lock.json"
    fi
  done
}

# --- browser: for the end-to-end tests

browser() {
  if have chromium; then
    say "$(chromium --version 2>/dev/null | head -n 1): already installed"
  else
    # Without a font, text renders as boxes and has other widths.
    debian "Chromium, for the browser tests" chromium fonts-dejavu-core || fail "Chromium could not be installed: install Debian's package chromium"
    say "$(chromium --version 2>/dev/null | head -n 1): from Debian's packages"
  fi
}

# --- postgres: for the tests, which start their own server

postgres() {
  local found
  found="$(compgen -G '/usr/lib/postgresql/*/bin/initdb' | sort -V | tail -n 1 || true)"
  found="${found:-$(command -v initdb || true)}"
  if [ -n "$found" ]; then
    say "$("$found" --version): already installed"
    return
  fi
  if have apt-get && [ ! -e /etc/postgresql-common/createcluster.conf ]; then
    # Debian's package would create and start a cluster.
    as_root mkdir -p /etc/postgresql-common
    echo 'create_main_cluster = false' | as_root tee /etc/postgresql-common/createcluster.conf >/dev/null
  fi
  debian "PostgreSQL, for the tests of the store" postgresql || fail "PostgreSQL could not be installed: install its server, 14 or newer"
  say "$("$(compgen -G '/usr/lib/postgresql/*/bin/initdb' | sort -V | tail -n 1)" --version): from Debian's packages"
}

# --- tools from crates.io, compiled unoptimised: they run for seconds, and their release profiles build for 20 minutes

from_crates() {
  local name="$1" version="$2"
  shift 2
  say "compiling $name $version, once (3 to 8 minutes)"
  CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_OPT_LEVEL=0 CARGO_PROFILE_RELEASE_CODEGEN_UNITS=256 \
    CARGO_PROFILE_RELEASE_DEBUG=0 cargo install "$name" --version "$version" --target-dir "$crema_cache/tools" "$@" ||
    fail "compiling $name $version failed: see the output of cargo above"
  rm -rf "$crema_cache/tools"
}

deny() {
  if have cargo-deny; then
    say "$(cargo-deny --version): already installed"
  else
    from_crates cargo-deny "$cargo_deny" --locked
  fi
}

mutants() {
  if [ "$(cargo mutants --version 2>/dev/null)" = "cargo-mutants $cargo_mutants" ]; then
    say "cargo-mutants $cargo_mutants: already installed"
  else
    from_crates cargo-mutants "$cargo_mutants" --locked
  fi
}

dev() {
  if [ "$(cargo-leptos --version 2>/dev/null)" = "cargo-leptos $cargo_leptos" ]; then
    say "cargo-leptos $cargo_leptos: already installed"
  else
    from_crates cargo-leptos "$cargo_leptos" --locked --features no_downloads
  fi
  if [ "$(wasm-bindgen --version 2>/dev/null)" = "wasm-bindgen $wasm_bindgen" ]; then
    say "wasm-bindgen $wasm_bindgen: already installed"
  else
    # Without --locked, because its lock file names a yanked version of a crate.
    from_crates wasm-bindgen-cli "$wasm_bindgen"
  fi
}

for part in "$@"; do
  case "$part" in
    wasm | node | browser | postgres | deny | mutants | dev) "$part" ;;
    *) fail "unknown part $part: use wasm, node, browser, postgres, deny, mutants or dev" ;;
  esac
done
