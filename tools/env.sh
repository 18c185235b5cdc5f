# Sourced by the other tools: where set-up keeps its things, and the toolchain it chose.
crema_cache="${XDG_CACHE_HOME:-$HOME/.cache}/crema"
PATH="${CARGO_HOME:-$HOME/.cargo}/bin:$PATH"
# Only where rustup could not give us a compiler for WASM; whoever names a toolchain, gets it.
if [ -z "${RUSTUP_TOOLCHAIN:-}" ] && [ -r "$crema_cache/toolchain" ]; then
  RUSTUP_TOOLCHAIN="$(cat "$crema_cache/toolchain")"
  export RUSTUP_TOOLCHAIN
fi
