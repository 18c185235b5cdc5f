//! Why a build stopped, each in a sentence that says what to do or where to look.

use std::io;
use std::path::{Path, PathBuf};

#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error("{} is not there: `make setup` installs it", .tool.display())]
    ToolMissing { tool: PathBuf },
    #[error("{tool} could not be started")]
    ToolDidNotStart { tool: String, source: io::Error },
    #[error("{tool} failed: {said}")]
    ToolFailed { tool: String, stderr_text: String },
    #[error("the front end for `{view}` does not compile: see the compiler's words above")]
    CompilationFailed { view: &'static str },
    #[error("cargo made no WASM module for `{view}`: is `frontend` still a `cdylib`?")]
    NoModule { view: &'static str },
    #[error("cargo's answer is not the JSON that was asked for")]
    InvalidCargoOutput { source: serde_json::Error },
    #[error("wasm-bindgen refused the module of `{view}`")]
    Bindgen { view: &'static str, source: Box<dyn std::error::Error + Send + Sync> },
    #[error("`{view}` brings {count} JavaScript snippets along, and only one script per page is served")]
    Snippets { view: &'static str, count: usize },
    #[error("{} is a folder: public/ holds files only, they are served by their name alone", .path.display())]
    FolderInPublic { path: PathBuf },
    #[error("the manifest could not be written as JSON")]
    BundleManifest { source: serde_json::Error },
    #[error("cannot {act} {}", .path.display())]
    File { act: &'static str, path: PathBuf, source: io::Error },
}

impl Error {
    /// For `map_err`: what was tried on which file.
    pub(crate) fn file(act: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::File { act, path, source }
    }
}
