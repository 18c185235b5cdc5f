//! `dist/manifest.json`: the file names for the server.

use std::collections::BTreeMap;

use domain::view::Screen;
use serde::Serialize;

#[derive(Default, Serialize)]
pub(crate) struct BundleManifest {
    /// The files of each screen.
    pub(crate) screens: BTreeMap<Screen, ScreenBundle>,
    /// Hashed names of the other public files, by their name in `public/`.
    pub(crate) files: BTreeMap<String, String>,
}

#[derive(Serialize)]
pub(crate) struct ScreenBundle {
    pub(crate) js: String,
    pub(crate) wasm: String,
    pub(crate) css: String,
    /// The page's script, which loads the others.
    pub(crate) boot: String,
}
