//! Tells cargo when the embedded files changed: new names in `dist/` do not run the derive again by themselves.

use std::{env, fs, io};

fn main() -> io::Result<()> {
    // Debug builds read the files from disk as they run.
    if env::var("PROFILE").as_deref() == Ok("release") {
        // Cargo takes a folder that is not there for one that has just changed, on every build.
        fs::create_dir_all("../dist")?;
        println!("cargo::rerun-if-changed=../dist");
    } else {
        println!("cargo::rerun-if-changed=build.rs");
    }
    Ok(())
}
