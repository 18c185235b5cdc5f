//! The HTML round every page: head, styles, the loader and the data block; no inline script, ever.

/// Where a page finds its files, as paths on this server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assets {
    pub css: String,
    pub js: String,
    pub wasm: String,
    /// The loader, `boot.js`.
    pub boot: String,
    /// The live-reload script and its port, under `cargo leptos watch` only.
    pub reload: Option<(String, u16)>,
}
