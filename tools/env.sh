# Sourced by the other scripts: sets the cache folder and the toolchain that tools/setup.sh selected.
crema_cache="${XDG_CACHE_HOME:-$HOME/.cache}/crema"
PATH="${CARGO_HOME:-$HOME/.cargo}/bin:$PATH"
# The file exists only if rustup could not install a compiler for WASM. RUSTUP_TOOLCHAIN from the caller has priority.
if [ -z "${RUSTUP_TOOLCHAIN:-}" ] && [ -r "$crema_cache/toolchain" ]; then
  RUSTUP_TOOLCHAIN="$(cat "$crema_cache/toolchain")"
  export RUSTUP_TOOLCHAIN
fi
