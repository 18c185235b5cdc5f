//! The files of `public/`: bundles the script of each screen, and adds content hashes to the names.

use std::fs;
use std::path::{Path, PathBuf};

use domain::view::Screen;

use crate::cache::Cache;
use crate::dist::DistWriter;
use crate::error::Error;
use crate::manifest::BundleManifest;
use crate::tool::{self, ESBUILD};

/// Files that browsers and crawlers request by a fixed name.
const UNHASHED: [&str; 2] = ["favicon.svg", "robots.txt"];

/// The script of a screen with its imports, minified.
pub(crate) fn script(root: &Path, cache: &Cache, screen: Screen) -> Result<Vec<u8>, Error> {
    let entry = root.join("public").join(screen.name()).with_extension("js");
    let sources: Vec<_> =
        paths(root)?.into_iter().filter(|path| path.extension().is_some_and(|end| end == "js")).collect();
    let read = |path: &PathBuf| fs::read(path).map_err(Error::file("read", path));
    let sources = sources.iter().map(read).collect::<Result<Vec<_>, _>>()?.concat();
    let step = format!("{ESBUILD} script of {}", screen.name());
    cache.get(&step, &sources, |_| tool::esbuild(root, &entry, &["--bundle"]))
}

/// Name of a screen's script, without hash and ending.
pub(crate) fn script_stem(screen: Screen) -> String {
    format!("boot_{}", screen.name())
}

/// Paths of the files, sorted, since the order of directory entries differs between machines.
fn paths(root: &Path) -> Result<Vec<PathBuf>, Error> {
    let folder = root.join("public");
    let entries = fs::read_dir(&folder).map_err(Error::file("read", &folder))?;
    let mut paths: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    Ok(paths)
}

/// Writes the files that are no scripts.
pub(crate) fn put_all(root: &Path, dist: &mut DistWriter<'_>, manifest: &mut BundleManifest) -> Result<(), Error> {
    for path in paths(root)? {
        if path.is_dir() {
            return Err(Error::FolderInPublic { path });
        }
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let bytes = fs::read(&path).map_err(Error::file("read", &path))?;
        if UNHASHED.contains(&name.as_str()) {
            dist.put_named(&name, &bytes)?;
            continue;
        }
        let (stem, extension) = name.rsplit_once('.').unwrap_or((&name, "bin"));
        if extension == "js" {
            continue;
        }
        let hashed = dist.put_hashed(stem, extension, &bytes)?;
        manifest.files.insert(name, hashed);
    }
    Ok(())
}
