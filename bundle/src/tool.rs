//! External tools: cargo, and the Node tools in `node_modules`.

use std::ffi::OsString;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use domain::view::Screen;

use crate::cache::Cache;
use crate::error::Error;

/// The version in `package.json`; part of the cache key.
pub(crate) const ESBUILD: &str = "esbuild 0.28.2";

/// Returns a command for the cargo that runs this program, or else the one on the path.
pub(crate) fn cargo(root: &Path) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo")));
    command.current_dir(root);
    // `cargo run` sets these for this package; if inherited, they would invalidate every build.
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("CARGO_PKG_")) {
        command.env_remove(name);
    }
    command
}

/// Returns the compiler's version and flags from the environment, for a fingerprint.
pub(crate) fn compiler(root: &Path) -> Result<Vec<u8>, Error> {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| OsString::from("rustc"));
    let mut stderr_text = output("rustc", Command::new(rustc).current_dir(root).arg("-vV"))?;
    for name in ["RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS", "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS"] {
        stderr_text.extend(std::env::var(name).unwrap_or_default().bytes());
        stderr_text.push(b'\n');
    }
    Ok(stderr_text)
}

/// Runs a Node tool and returns its standard output.
pub(crate) fn node(root: &Path, tool: &str, arguments: &[&Path]) -> Result<Vec<u8>, Error> {
    let path = root.join("node_modules/.bin").join(tool);
    if !path.exists() {
        return Err(Error::ToolMissing { tool: path });
    }
    output(tool, Command::new(path).current_dir(root).args(arguments))
}

/// Bundles and minifies the style sheet of a screen with its imports.
pub(crate) fn bundle_css(root: &Path, screen: Screen) -> Result<Vec<u8>, Error> {
    let entry = format!("style/{}.css", screen.name());
    // The tool does not name a missing file.
    fs::metadata(root.join(&entry)).map_err(Error::file("find", Path::new(&entry)))?;
    node(root, "lightningcss", &["--bundle", "--minify", &entry].map(Path::new))
}

/// Minifies a script.
pub(crate) fn minify_js(root: &Path, cache: &Cache, script: &[u8]) -> Result<Vec<u8>, Error> {
    cache.get(ESBUILD, script, |scratch| {
        let input = scratch.with_extension("js");
        fs::write(&input, script).map_err(Error::file("write", &input))?;
        let minified = esbuild(root, &input, &["--tree-shaking=true"]);
        let _ = fs::remove_file(&input);
        minified
    })
}

/// Minifies the module at `entry`.
pub(crate) fn esbuild(root: &Path, entry: &Path, options: &[&str]) -> Result<Vec<u8>, Error> {
    let mut arguments = vec![entry, Path::new("--minify"), Path::new("--format=esm"), Path::new("--target=es2022")];
    arguments.extend(options.iter().map(Path::new));
    node(root, "esbuild", &arguments)
}

pub(crate) fn output(tool: &str, command: &mut Command) -> Result<Vec<u8>, Error> {
    let Output { status, stdout, stderr } =
        command.output().map_err(|source| Error::ToolDidNotStart { tool: tool.to_owned(), source })?;
    if !status.success() {
        let stderr_text = String::from_utf8_lossy(&stderr).trim().to_owned();
        return Err(Error::ToolFailed { tool: tool.to_owned(), stderr_text });
    }
    Ok(stdout)
}
