//! The text of an archive file, unpacked if it is compressed with gzip.

use std::io::{self, Read};
use std::path::Path;

use flate2::read::MultiGzDecoder;

use crate::Error;

/// Largest unpacked archive in bytes.
const MAX_UNPACKED_BYTES: u64 = 1 << 30;

/// The first bytes of gzip.
const GZIP: &[u8] = b"\x1f\x8b";

/// The first bytes of other files that people take for an archive, and what they are.
const OTHER_FILES: [(&[u8], &str); 10] = [
    (b"PK\x03\x04", "a ZIP file: unpack it, and import the files in it"),
    (b"\x28\xb5\x2f\xfd", "compressed with zstd: unpack it first, or use gzip"),
    (b"BZh", "compressed with bzip2: unpack it first, or use gzip"),
    (b"\xfd7zXZ", "compressed with xz: unpack it first, or use gzip"),
    (b"PAR1", "a Parquet file: export the events as JSON"),
    (b"Obj\x01", "an Avro file: export the events as JSON"),
    (b"SQLite format 3\0", "an SQLite database, no archive of events"),
    (b"%PDF", "a PDF file, no archive of events"),
    (b"\xff\xfe", "encoded as UTF-16: save it as UTF-8"),
    (b"\xfe\xff", "encoded as UTF-16: save it as UTF-8"),
];

/// Reads the archive as text. Bytes that are not UTF-8 become U+FFFD.
///
/// # Errors
/// [`Error::Unreadable`], or [`Error::OtherFile`] with what the file is.
pub(super) fn read_text(path: &Path) -> Result<String, Error> {
    let unreadable = |reason| Error::Unreadable { path: path.to_owned(), reason };
    let other_file = |what| Error::OtherFile { path: path.to_owned(), what };
    let mut bytes = read_regular_file(path).map_err(unreadable)?;
    if bytes.starts_with(GZIP) {
        bytes = unpack(&bytes).map_err(|_| other_file("a damaged gzip file: copy or download it again"))?;
        if bytes.len() as u64 > MAX_UNPACKED_BYTES {
            return Err(other_file("larger than 1 GiB when unpacked: split it"));
        }
    }
    if bytes.trim_ascii().is_empty() {
        return Err(other_file("empty"));
    }
    // The header of a tar file is not at its start.
    if bytes.get(257..262) == Some(b"ustar") {
        return Err(other_file("a tar file: unpack it, and import the files in it"));
    }
    match OTHER_FILES.iter().find(|(start, _)| bytes.starts_with(start)) {
        Some((_, what)) => Err(other_file(what)),
        None => Ok(String::from_utf8_lossy(&bytes).into_owned()),
    }
}

/// Unpacks all members, because files are joined by appending one to the other. Reads one byte more than the limit.
fn unpack(bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut unpacked = Vec::new();
    MultiGzDecoder::new(bytes).take(MAX_UNPACKED_BYTES + 1).read_to_end(&mut unpacked)?;
    Ok(unpacked)
}

/// Reads a regular file. A pipe or device might never end and would block the server.
fn read_regular_file(path: &Path) -> io::Result<Vec<u8>> {
    if std::fs::metadata(path)?.is_file() { std::fs::read(path) } else { Err(io::Error::other("not a regular file")) }
}
