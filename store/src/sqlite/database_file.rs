//! The file before SQLite uses it: created and readable for its owner alone, and checked to be ours.

use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, Read};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{Connection, query, query_scalar};

use super::SqliteOpenError;
use super::open_files::paths;
use crate::any_store::IfMissing;

/// `CRMA`, the mark of our databases in their header.
const APPLICATION_ID: u32 = 0x4352_4D41;

/// Length of the header, in bytes.
const HEADER_BYTES: usize = 100;

/// First bytes of every SQLite database.
const MAGIC: &[u8] = b"SQLite format 3\0";

/// Offset of the application id in the header.
const APPLICATION_ID_OFFSET: usize = 68;

/// Creates the file if it may, restricts it to its owner, and marks it unless it is marked already.
///
/// # Errors
/// The file is missing, inaccessible, damaged, or of another program. It was not changed then.
pub(super) async fn prepare(file: &Path, if_missing: IfMissing) -> Result<(), SqliteOpenError> {
    if !file.try_exists().map_err(SqliteOpenError::inaccessible(file))? {
        if if_missing == IfMissing::Refuse {
            return Err(SqliteOpenError::Missing { path: file.to_owned() });
        }
        let created = OpenOptions::new().write(true).create_new(true).mode(0o600).open(file);
        created.map_err(SqliteOpenError::inaccessible(file))?;
    }
    let is_marked = is_ours(file).await?;
    for path in paths(file) {
        restrict(&path).map_err(SqliteOpenError::inaccessible(&path))?;
    }
    if !is_marked {
        mark(file).await.map_err(SqliteOpenError::at(file))?;
    }
    Ok(())
}

/// True for a marked file, false for one to be marked: it is empty, or from before the mark.
async fn is_ours(file: &Path) -> Result<bool, SqliteOpenError> {
    let foreign = || SqliteOpenError::Foreign { path: file.to_owned() };
    let header = read_header(file).map_err(SqliteOpenError::inaccessible(file))?;
    if header.is_empty() {
        return Ok(false);
    }
    let mark = header.get(APPLICATION_ID_OFFSET..APPLICATION_ID_OFFSET + 4).and_then(|mark| mark.try_into().ok());
    match mark.map(u32::from_be_bytes) {
        Some(mark) if header.starts_with(MAGIC) => match mark {
            APPLICATION_ID => Ok(true),
            0 if has_our_tables(file).await.map_err(SqliteOpenError::at(file))? => Ok(false),
            _ => Err(foreign()),
        },
        _ => Err(SqliteOpenError::Damaged { path: file.to_owned(), source: None }),
    }
}

fn read_header(file: &Path) -> io::Result<Vec<u8>> {
    let mut header = Vec::with_capacity(HEADER_BYTES);
    File::open(file)?.take(HEADER_BYTES as u64).read_to_end(&mut header)?;
    Ok(header)
}

/// True for a database without tables, and for one with our first migration. Does not change it.
async fn has_our_tables(file: &Path) -> Result<bool, sqlx::Error> {
    let options = SqliteConnectOptions::new().filename(file).read_only(true);
    let mut db = SqliteConnection::connect_with(&options).await?;
    let tables = "select count(*), count(*) filter (where name in ('head', 'event', '_sqlx_migrations')) \
                  from sqlite_master where type = 'table'";
    let (tables, ours): (i64, i64) = sqlx::query_as(tables).fetch_one(&mut db).await?;
    let is_ours = if ours == 3 {
        let columns = "select count(*) from pragma_table_info('_sqlx_migrations') where name = 'description'";
        let logs = "select count(*) from _sqlx_migrations where version = 1 and description = 'log'";
        query_scalar::<_, i64>(columns).fetch_one(&mut db).await? == 1
            && query_scalar::<_, i64>(logs).fetch_one(&mut db).await? == 1
    } else {
        tables == 0
    };
    db.close().await?;
    Ok(is_ours)
}

/// Writes the mark. In a new file it is part of the header before the write-ahead log is used.
async fn mark(file: &Path) -> Result<(), sqlx::Error> {
    let options = SqliteConnectOptions::new().filename(file).busy_timeout(super::BUSY_TIMEOUT);
    let mut db = SqliteConnection::connect_with(&options).await?;
    query(sqlx::AssertSqlSafe(format!("pragma application_id = {APPLICATION_ID}"))).execute(&mut db).await?;
    db.close().await
}

/// Restricts a file to its owner. A file that does not exist stays so.
fn restrict(path: &Path) -> io::Result<()> {
    match fs::metadata(path) {
        Ok(metadata) if metadata.permissions().mode() & 0o777 != 0o600 => {
            fs::set_permissions(path, Permissions::from_mode(0o600))
        }
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
