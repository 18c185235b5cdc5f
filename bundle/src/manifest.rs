//! `dist/manifest.json`: under which name the server finds each file.

use std::collections::BTreeMap;

use serde::Serialize;

#[derive(Default, Serialize)]
pub(crate) struct BundleManifest {
    #[serde(flatten)]
    pub(crate) views: BTreeMap<&'static str, ViewBundle>,
    /// The page loader.
    pub(crate) boot: String,
    /// Every other public file with a hash in its name, by the name it has in `public/`.
    pub(crate) files: BTreeMap<String, String>,
}

#[derive(Serialize)]
pub(crate) struct ViewBundle {
    pub(crate) js: String,
    pub(crate) wasm: String,
    pub(crate) css: String,
}
