//! The files of `public/`: minifies scripts and adds content hashes to the names.

use std::fs;
use std::path::Path;

use crate::cache::Cache;
use crate::dist::DistWriter;
use crate::error::Error;
use crate::manifest::BundleManifest;
use crate::tool;

/// Files that browsers and crawlers request by a fixed name.
const UNHASHED: [&str; 2] = ["favicon.svg", "robots.txt"];

/// Files that only `cargo leptos watch` uses.
const DEVELOPMENT_ONLY: [&str; 1] = ["dev_reload.js"];

pub(crate) fn put_all(
    root: &Path,
    cache: &Cache,
    dist: &mut DistWriter<'_>,
    manifest: &mut BundleManifest,
) -> Result<(), Error> {
    let folder = root.join("public");
    let entries = fs::read_dir(&folder).map_err(Error::file("read", &folder))?;
    let mut paths: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
    // Sorted, since the order of directory entries differs between machines.
    paths.sort();
    for path in paths {
        if path.is_dir() {
            return Err(Error::FolderInPublic { path });
        }
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if DEVELOPMENT_ONLY.contains(&name.as_str()) {
            continue;
        }
        let bytes = fs::read(&path).map_err(Error::file("read", &path))?;
        if UNHASHED.contains(&name.as_str()) {
            dist.put_named(&name, &bytes)?;
            continue;
        }
        let (stem, extension) = name.rsplit_once('.').unwrap_or((&name, "bin"));
        let bytes = if extension == "js" { tool::minify_js(root, cache, &bytes)? } else { bytes };
        let hashed = dist.put_hashed(stem, extension, &bytes)?;
        if name == "boot.js" {
            manifest.boot = hashed;
        } else {
            manifest.files.insert(name, hashed);
        }
    }
    if manifest.boot.is_empty() {
        let path = folder.join("boot.js");
        return Err(Error::File { act: "find", path, source: std::io::ErrorKind::NotFound.into() });
    }
    Ok(())
}
