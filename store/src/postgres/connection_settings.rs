//! Settings of a connection to PostgreSQL. They are set by a statement, because a pooler may drop startup options, and
//! then read back.

use sqlx::postgres::{PgConnection, PgRow};
use sqlx::{AssertSqlSafe, Executor as _, Row as _};

/// Name and value of a setting, as `current_setting` prints it.
type Setting = (&'static str, &'static str);

/// Settings that the program cannot set: the server must have them.
const REQUIRED: [Setting; 3] = [("transaction_read_only", "off"), ("fsync", "on"), ("server_encoding", "UTF8")];

/// The use of a connection, which decides its settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ConnectionUse {
    /// Reads and commits. Timeouts limit how long an interrupted program holds a shop's head row.
    Work,
    /// Migrations. Without timeouts: a large table takes long.
    Migration,
}

impl ConnectionUse {
    fn settings(self) -> &'static [Setting] {
        match self {
            Self::Work => &[
                // Screens, webhooks and printers act on commits, so a commit must be durable despite the server's
                // default.
                ("synchronous_commit", "on"),
                // The next owner of a head row must see the rows of the previous one: see `append.rs`.
                ("default_transaction_isolation", "read committed"),
                ("default_transaction_read_only", "off"),
                ("lock_timeout", "5s"),
                ("statement_timeout", "10s"),
                ("idle_in_transaction_session_timeout", "10s"),
                ("idle_session_timeout", "0"),
                ("client_min_messages", "warning"),
            ],
            Self::Migration => &[
                ("synchronous_commit", "on"),
                ("default_transaction_read_only", "off"),
                ("lock_timeout", "0"),
                ("statement_timeout", "0"),
                ("idle_in_transaction_session_timeout", "0"),
                // Hides the notices that the migration sends for existing tables.
                ("client_min_messages", "warning"),
            ],
        }
    }

    /// Sets the settings of a new connection, and reads them and the required ones back.
    ///
    /// # Errors
    /// The connection was lost, or a setting has another value: [`sqlx::Error::Configuration`] with a
    /// [`WrongSetting`].
    pub(super) async fn establish(self, db: &mut PgConnection) -> Result<(), sqlx::Error> {
        let settings = self.settings();
        let set = settings.iter().map(|(name, value)| format!("set_config('{name}', '{value}', false)"));
        query_row(db, &set.collect::<Vec<_>>()).await?;
        // A second statement: behind a pooler that changes the server's connection, it does not see the settings.
        let expected = || settings.iter().chain(&REQUIRED);
        let read = expected().map(|(name, _)| format!("current_setting('{name}')"));
        let row = query_row(db, &read.collect::<Vec<_>>()).await?;
        for (column, (name, value)) in expected().enumerate() {
            let found: String = row.try_get(column)?;
            if found != *value {
                return Err(sqlx::Error::Configuration(Box::new(WrongSetting { name, value, found })));
            }
        }
        Ok(())
    }
}

/// A setting that a connection does not have.
#[derive(Debug, thiserror::Error)]
#[error("`{name}` is {found} instead of {value}")]
pub(super) struct WrongSetting {
    /// The setting.
    pub name: &'static str,
    /// Required value.
    value: &'static str,
    /// Value of the connection.
    pub found: String,
}

/// The number of the server's process that executes the statements of this connection.
pub(super) async fn backend(db: &mut PgConnection) -> Result<i32, sqlx::Error> {
    query_row(db, &["pg_backend_pid()".to_owned()]).await?.try_get(0)
}

/// Whether the database has the first table of a log.
pub(super) async fn has_log(db: &mut PgConnection) -> Result<bool, sqlx::Error> {
    query_row(db, &["to_regclass('head') is not null".to_owned()]).await?.try_get(0)
}

/// Selects expressions without a prepared statement, which some poolers refuse.
async fn query_row(db: &mut PgConnection, expressions: &[String]) -> Result<PgRow, sqlx::Error> {
    let text = format!("select {}", expressions.join(", "));
    db.fetch_one(sqlx::raw_sql(AssertSqlSafe(text))).await
}
