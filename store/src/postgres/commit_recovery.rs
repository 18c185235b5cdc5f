//! Recovery of an interrupted commit: a new connection checks whether the commit was applied.

use std::time::Duration;

use engine::error_field;
use engine::store::{Error, Outcome, ShopBatch};
use tokio::time::{Instant, sleep, timeout_at};
use uuid::Uuid;

use crate::postgres::Postgres;
use crate::postgres::append::execute_raw;
use crate::sql::batch::lock_order;
use crate::sql::{Sql, SqlError, signed};

/// Time limit of a recovery. A standby needs about as long to take over.
const RECOVERY_TIMEOUT: Duration = Duration::from_secs(30);

/// Pause between two attempts.
const RETRY_DELAY: Duration = Duration::from_millis(200);

impl Postgres {
    /// Returns once the log is known to have the batches whose outcome is [`Outcome::Committed`].
    ///
    /// # Errors
    /// [`Error::Unavailable`] when the commit was not applied and will not be; [`Error::Unknown`] when the server does
    /// not answer within [`RECOVERY_TIMEOUT`]. Both contain `commit_error`.
    pub(super) async fn resolve_commit(
        &self,
        batches: &[ShopBatch],
        outcomes: &[Outcome],
        commit_error: SqlError,
    ) -> Result<(), Error> {
        let deadline = Instant::now() + RECOVERY_TIMEOUT;
        loop {
            match timeout_at(deadline, self.is_committed(batches, outcomes)).await {
                Ok(Ok(true)) => return Ok(()),
                Ok(Ok(false)) => return Err(Error::Unavailable(commit_error.into())),
                Ok(Err(error)) => {
                    tracing::warn!(error = error_field(&error), "commit check failed; will retry");
                }
                Err(_) => return Err(Error::Unknown(commit_error.into())),
            }
            sleep(RETRY_DELAY).await;
        }
    }

    /// Checks the last event of each batch, or a receipt if it has no event. They were one transaction, so either all
    /// are stored or none.
    async fn is_committed(&self, batches: &[ShopBatch], outcomes: &[Outcome]) -> Result<bool, SqlError> {
        let mut db = self.connect().await?;
        execute_raw(&mut db, "begin").await?;
        let mut has_all = true;
        let committed = lock_order(batches).into_iter().filter(|index| outcomes[*index] == Outcome::Committed);
        for batch in committed.map(|index| &batches[index]) {
            let shop = batch.shop.as_str();
            // Both statements wait until the interrupted transaction has ended, because it locks the head row.
            if batch.after == 0 {
                let begin = "insert into head (position, shop, epoch) values (0, $1, '') on conflict do nothing";
                db.execute(begin, vec![shop.into()]).await?;
            } else {
                db.rows("select position from head where shop = $1 for update", vec![shop.into()]).await?;
            }
            has_all &= match (batch.events.last(), batch.receipts.first()) {
                (Some(last), _) => {
                    let text = "select id from event where shop = $1 and position = $2";
                    let rows = db.rows(text, vec![shop.into(), signed(last.position).into()]).await?;
                    let stored: Option<Uuid> = rows.first().map(|row| row.get(0)).transpose()?;
                    stored == Some(last.id.0)
                }
                (None, Some(receipt)) => {
                    let text = "select at from receipt where shop = $1 and key = $2 and at = $3";
                    !db.rows(text, vec![shop.into(), receipt.key.as_str().into(), receipt.at.into()]).await?.is_empty()
                }
                (None, None) => true,
            };
        }
        // The rollback removes a head row that was inserted above.
        execute_raw(&mut db, "rollback").await?;
        Ok(has_all)
    }
}
