//! Reruns the build when the embedded files change: new names in `dist/` alone would not.

use std::{env, fs, io};

fn main() -> io::Result<()> {
    // Debug builds read the files from disk as they run.
    if env::var("PROFILE").as_deref() == Ok("release") {
        // Cargo treats a missing folder as changed, on every build.
        fs::create_dir_all("../dist")?;
        println!("cargo::rerun-if-changed=../dist");
    } else {
        println!("cargo::rerun-if-changed=build.rs");
    }
    Ok(())
}
