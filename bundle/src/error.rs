//! Build errors; each message says what to do or where to look.

use std::io;
use std::path::{Path, PathBuf};

#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error("missing tool {}: install it with `make setup`", .tool.display())]
    ToolMissing { tool: PathBuf },
    #[error("cannot start {tool}")]
    ToolDidNotStart { tool: String, source: io::Error },
    #[error("{tool} failed: {stderr_text}")]
    ToolFailed { tool: String, stderr_text: String },
    #[error("the front end for `{screen}` does not compile: see the compiler errors above")]
    CompilationFailed { screen: &'static str },
    #[error("cargo built no WASM module for `{screen}`: check that `frontend` is a `cdylib`")]
    NoModule { screen: &'static str },
    #[error("cargo's output is not valid JSON")]
    InvalidCargoOutput { source: serde_json::Error },
    #[error("wasm-bindgen cannot process the module of `{screen}`")]
    Bindgen { screen: &'static str, source: Box<dyn std::error::Error + Send + Sync> },
    #[error("`{screen}` has {count} JavaScript snippets; only one script per page is served")]
    Snippets { screen: &'static str, count: usize },
    #[error("{} is a folder: public/ may contain files only", .path.display())]
    FolderInPublic { path: PathBuf },
    #[error("cannot serialise the manifest as JSON")]
    BundleManifest { source: serde_json::Error },
    #[error("cannot {act} {}", .path.display())]
    File { act: &'static str, path: PathBuf, source: io::Error },
}

impl Error {
    /// Adapter for `map_err`: the failed action and its file.
    pub(crate) fn file(act: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::File { act, path, source }
    }
}
