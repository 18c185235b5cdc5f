//! Build program: builds the front end, its styles and the public files into `dist/` for embedding.

#![expect(clippy::print_stdout, reason = "a build program prints to the terminal")]

mod cache;
mod dist;
mod error;
mod glue;
mod manifest;
mod public;
mod strip;
mod table;
mod tool;
mod wasm;
mod workspace;

use std::error::Error as _;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use domain::view::Screen;

use crate::cache::Cache;
use crate::dist::DistWriter;
use crate::error::Error;
use crate::manifest::BundleManifest;
use crate::workspace::Workspace;

fn main() -> ExitCode {
    let Err(error) = bundle() else { return ExitCode::SUCCESS };
    eprint!("bundle: {error}");
    let mut cause = error.source();
    while let Some(inner) = cause {
        eprint!(": {inner}");
        cause = inner.source();
    }
    eprintln!();
    ExitCode::FAILURE
}

fn bundle() -> Result<(), Error> {
    // Read at run time: clones that share a target folder share this binary too.
    let here = std::env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| PathBuf::from("."), PathBuf::from);
    let workspace = Workspace::read(&here)?;
    let root = &workspace.root;
    let cache = Cache::open(&workspace.target_directory.join("bundle"))?;
    let mut dist = DistWriter::open(root.join("dist"), &cache)?;
    let mut manifest = BundleManifest::default();
    let sources = workspace.fingerprint()?;

    for screen in Screen::ALL {
        let page = wasm::page(&workspace, &cache, &sources, screen)?;
        let css = timed(screen, "lightningcss", || tool::bundle_css(root, screen))?;
        let script = public::script(root, &cache, screen)?;
        timed(screen, "brotli", || {
            let bundle = manifest::ScreenBundle {
                js: dist.put_hashed(screen.name(), "js", &page.js)?,
                wasm: dist.put_hashed(screen.name(), "wasm", &page.wasm)?,
                css: dist.put_hashed(screen.name(), "css", &css)?,
                boot: dist.put_hashed(&public::script_stem(screen), "js", &script)?,
            };
            manifest.screens.insert(screen, bundle);
            Ok(())
        })?;
    }
    public::put_all(root, &mut dist, &mut manifest)?;

    let files = dist.finish(&manifest)?;
    println!("\n{}", table::of(&files));
    Ok(())
}

/// Runs a step and prints its duration.
fn timed<T>(screen: Screen, step: &str, work: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
    let start = Instant::now();
    let done = work()?;
    println!("{:>6.1} s  {}: {step}", start.elapsed().as_secs_f64(), screen.name());
    Ok(done)
}
