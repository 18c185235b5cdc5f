//! A connection that is lost in a commit: whether the commit happened is asked on another one.

use std::time::Duration;

use tokio::time::{Instant, sleep, timeout_at};
use uuid::Uuid;

use crate::store::postgres::Postgres;
use crate::store::postgres::append::say;
use crate::store::sql::write::in_order;
use crate::store::sql::{Sql, signed};
use crate::store::{Error, Outcome, ShopBatch};

/// How long the server may stay away before nobody can tell: as long as a standby needs to take over.
const WITHIN: Duration = Duration::from_secs(30);

/// Between two tries.
const PAUSE: Duration = Duration::from_millis(200);

impl Postgres {
    /// Comes back when the units that were `Written` are in the log.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when they are not and will not be; [`Error::Unknown`] when the server stays away. Both
    /// with what was said of the commit.
    pub(super) async fn find_out(
        &self,
        units: &[ShopBatch],
        outcomes: &[Outcome],
        lost: sqlx::Error,
    ) -> Result<(), Error> {
        let until = Instant::now() + WITHIN;
        loop {
            match timeout_at(until, self.has(units, outcomes)).await {
                Ok(Ok(true)) => return Ok(()),
                Ok(Ok(false)) => return Err(Error::Unavailable(lost.into())),
                Ok(Err(error)) => tracing::warn!(error = &error as &dyn std::error::Error, "cannot find out yet"),
                Err(_) => return Err(Error::Unknown(lost.into())),
            }
            sleep(PAUSE).await;
        }
    }

    /// Whether the log has the last event of each, and so all of them: they are one transaction.
    async fn has(&self, units: &[ShopBatch], outcomes: &[Outcome]) -> Result<bool, sqlx::Error> {
        let mut db = self.connect().await?;
        say(&mut db, "begin").await?;
        let mut has_all = true;
        for unit in in_order(units).into_iter().filter(|at| outcomes[*at] == Outcome::Committed).map(|at| &units[at]) {
            let shop = unit.shop.as_str();
            // Either waits for the lost transaction to end there, if it is still at work: it has the head's row.
            if unit.after == 0 {
                let begin = "insert into head (position, shop, epoch) values (0, $1, '') on conflict do nothing";
                db.execute(begin, vec![shop.into()]).await?;
            } else {
                db.rows("select position from head where shop = $1 for update", vec![shop.into()]).await?;
            }
            let Some(last) = unit.events.last() else { continue };
            let text = "select id from event where shop = $1 and position = $2";
            let rows = db.rows(text, vec![shop.into(), signed(last.position).into()]).await?;
            let there: Option<Uuid> = rows.first().map(|row| row.get(0)).transpose()?;
            has_all &= there == Some(last.id.0);
        }
        // Only to look: a head that was begun here goes again.
        say(&mut db, "rollback").await?;
        Ok(has_all)
    }
}
