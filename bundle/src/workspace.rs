//! Cargo metadata of the workspace, and the fingerprint of the front end's sources.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::cache;
use crate::error::Error;
use crate::tool;

#[derive(Deserialize)]
pub(crate) struct Workspace {
    #[serde(rename = "workspace_root")]
    pub(crate) root: PathBuf,
    /// The target folder, which may be outside the clone.
    pub(crate) target_directory: PathBuf,
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    manifest_path: PathBuf,
    dependencies: Vec<Dependency>,
}

#[derive(Deserialize)]
struct Dependency {
    name: String,
    /// Path of a workspace member; `None` for dependencies that `Cargo.lock` pins.
    path: Option<PathBuf>,
}

impl Workspace {
    pub(crate) fn read(root: &Path) -> Result<Self, Error> {
        let metadata =
            tool::output("cargo", tool::cargo(root).args(["metadata", "--no-deps", "--format-version", "1"]))?;
        serde_json::from_slice(&metadata).map_err(|source| Error::InvalidCargoOutput { source })
    }

    /// Returns a hash of the compiler, its flags and every source file of `frontend`.
    ///
    /// Cargo's own freshness check does not work here, because the builds of the views overwrite each other.
    pub(crate) fn fingerprint(&self) -> Result<String, Error> {
        let mut files = ["Cargo.toml", "Cargo.lock"].map(|name| self.root.join(name)).to_vec();
        for folder in self.folders_of("frontend") {
            collect(&folder, &mut files)?;
        }
        // Sorted, since the order of directory entries differs between machines.
        files.sort();
        let mut parts = tool::compiler(&self.root)?;
        for file in files {
            let bytes = fs::read(&file).map_err(Error::file("read", &file))?;
            let name = file.strip_prefix(&self.root).unwrap_or(&file);
            parts.extend(format!("{} {}\n", name.display(), cache::hash(&[&bytes])).bytes());
        }
        Ok(cache::hash(&[&parts]))
    }

    /// Returns the folders of a member and of its transitive dependencies in the workspace.
    fn folders_of(&self, name: &str) -> BTreeSet<PathBuf> {
        let mut names = vec![name];
        let mut folders = BTreeSet::new();
        while let Some(package) = names.pop().and_then(|name| self.packages.iter().find(|package| package.name == name))
        {
            let folder = package.manifest_path.parent().map(Path::to_owned).unwrap_or_default();
            if folders.insert(folder) {
                names.extend(package.dependencies.iter().filter(|to| to.path.is_some()).map(|to| to.name.as_str()));
            }
        }
        folders
    }
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> Result<(), Error> {
    for entry in fs::read_dir(folder).map_err(Error::file("read", folder))?.flatten() {
        let path = entry.path();
        if !path.is_dir() {
            files.push(path);
        } else if entry.file_name() != "tests" {
            collect(&path, files)?;
        }
    }
    Ok(())
}
