//! The folder `dist/`, which the server embeds: each file, and its brotli form if that is smaller.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use brotli::enc::BrotliEncoderParams;

use crate::cache::{self, Cache};
use crate::error::Error;
use crate::manifest::BundleManifest;

/// Name and sizes in bytes of one file.
pub(crate) struct DistFile {
    pub(crate) name: String,
    pub(crate) stem: String,
    pub(crate) raw: usize,
    pub(crate) brotli: usize,
}

pub(crate) struct DistWriter<'a> {
    folder: PathBuf,
    cache: &'a Cache,
    files: Vec<DistFile>,
    written: BTreeSet<String>,
}

impl<'a> DistWriter<'a> {
    pub(crate) fn open(folder: PathBuf, cache: &'a Cache) -> Result<Self, Error> {
        fs::create_dir_all(&folder).map_err(Error::file("create", &folder))?;
        Ok(Self { folder, cache, files: Vec::new(), written: BTreeSet::new() })
    }

    /// Writes a file under a name with a content hash, so that browsers may cache it forever. Returns the name.
    pub(crate) fn put_hashed(&mut self, stem: &str, extension: &str, bytes: &[u8]) -> Result<String, Error> {
        let name = format!("{stem}.{}.{extension}", &cache::hash(&[bytes])[..12]);
        self.put(stem, name, bytes)
    }

    /// Writes a file under a fixed name.
    pub(crate) fn put_named(&mut self, name: &str, bytes: &[u8]) -> Result<String, Error> {
        self.put(name, name.to_owned(), bytes)
    }

    fn put(&mut self, stem: &str, name: String, bytes: &[u8]) -> Result<String, Error> {
        let small = self.cache.get("brotli 11", bytes, |_| compress(bytes))?;
        self.write(name.clone(), bytes)?;
        let mut brotli = bytes.len();
        // Images and fonts are compressed already.
        if small.len() < bytes.len() {
            brotli = small.len();
            self.write(format!("{name}.br"), &small)?;
        }
        self.files.push(DistFile { name: name.clone(), stem: stem.to_owned(), raw: bytes.len(), brotli });
        Ok(name)
    }

    /// Writes the manifest, removes files of earlier builds and returns the files of this one.
    pub(crate) fn finish(mut self, manifest: &BundleManifest) -> Result<Vec<DistFile>, Error> {
        let manifest = serde_json::to_vec_pretty(manifest).map_err(|source| Error::BundleManifest { source })?;
        self.write("manifest.json".to_owned(), &manifest)?;
        for entry in fs::read_dir(&self.folder).map_err(Error::file("read", &self.folder))?.flatten() {
            if !self.written.contains(entry.file_name().to_string_lossy().as_ref()) {
                fs::remove_file(entry.path()).map_err(Error::file("remove", &entry.path()))?;
            }
        }
        Ok(self.files)
    }

    fn write(&mut self, name: String, bytes: &[u8]) -> Result<(), Error> {
        let path = self.folder.join(&name);
        self.written.insert(name);
        // An unchanged file keeps its modification time; otherwise every build would recompile the server.
        if fs::read(&path).is_ok_and(|there| there == bytes) {
            return Ok(());
        }
        fs::write(&path, bytes).map_err(Error::file("write", &path))
    }
}

fn compress(bytes: &[u8]) -> Result<Vec<u8>, Error> {
    let parameters = BrotliEncoderParams { quality: 11, lgwin: 22, size_hint: bytes.len(), ..Default::default() };
    let mut small = Vec::with_capacity(bytes.len() / 3);
    brotli::BrotliCompress(&mut &bytes[..], &mut small, &parameters)
        .map_err(|source| Error::ToolDidNotStart { tool: "brotli".to_owned(), source })?;
    Ok(small)
}
