//! `dist/manifest.json`: the file names for the server.

use std::collections::BTreeMap;

use serde::Serialize;

#[derive(Default, Serialize)]
pub(crate) struct BundleManifest {
    #[serde(flatten)]
    pub(crate) views: BTreeMap<&'static str, ViewBundle>,
    /// The page loader.
    pub(crate) boot: String,
    /// Hashed names of the other public files, by their name in `public/`.
    pub(crate) files: BTreeMap<String, String>,
}

#[derive(Serialize)]
pub(crate) struct ViewBundle {
    pub(crate) js: String,
    pub(crate) wasm: String,
    pub(crate) css: String,
}
