//! Word between those who write to one database, by NOTIFY and LISTEN: hints and nothing more, for they may be lost.

use std::collections::BTreeMap;
use std::time::Duration;

use domain::ids::ShopId;
use sqlx::PgPool;
use sqlx::postgres::{PgListener, PgNotification};
use tokio::sync::mpsc::{self, UnboundedSender};
use tokio::time::sleep;

use crate::store::Hints;
use crate::store::postgres::Postgres;
use crate::store::sql::{Pool, read::heads};

const CHANNEL: &str = "crema";

/// What is written within this is told in one breath.
const NOTIFY_DELAY: Duration = Duration::from_millis(10);

/// After so long without a word the heads are looked at.
const LISTEN_TIMEOUT: Duration = Duration::from_secs(5);

/// Between two tries to listen.
const PAUSE: Duration = Duration::from_millis(500);

type HintSender = UnboundedSender<(ShopId, u64)>;

/// Tells others of what was written, as long as the store is there.
///
/// After the commit and on its own: within it, all who notify would come one after the other through one lock of the
/// whole database.
pub(super) fn teller(pool: PgPool) -> HintSender {
    let (told, mut written) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        let pool = Pool::from(pool);
        while let Some(first) = written.recv().await {
            sleep(NOTIFY_DELAY).await;
            let mut last = BTreeMap::from([first]);
            while let Ok((shop, position)) = written.try_recv() {
                last.insert(shop, position);
            }
            for (shop, position) in last {
                let word = format!("{shop} {position}");
                if pool.execute("select pg_notify($1, $2)", vec![CHANNEL.into(), word.into()]).await.is_err() {
                    // Whoever listens looks for itself before long.
                    break;
                }
            }
        }
    });
    told
}

impl Postgres {
    /// Listens for as long as the hints are wanted.
    pub(super) fn listen(&self) -> Hints {
        let (told, hints) = mpsc::unbounded_channel();
        let store = self.clone();
        tokio::spawn(async move {
            let wanted = told.clone();
            tokio::select! {
                () = wanted.closed() => {}
                () = listening(store, told) => {}
            }
        });
        hints
    }
}

async fn listening(store: Postgres, told: HintSender) {
    while !store.pool.is_closed() {
        if let Ok(mut listener) = PgListener::connect_with(&store.pool).await
            && listener.listen(CHANNEL).await.is_ok()
        {
            // What was written while nobody listened.
            look(&store, &told).await;
            while let Some(word) = next(&mut listener, &store, &told).await {
                if let Some(hint) = read(&word) {
                    let _ = told.send(hint);
                }
            }
        }
        sleep(PAUSE).await;
    }
}

/// The next word; `None` once the connection is lost.
async fn next(listener: &mut PgListener, store: &Postgres, told: &HintSender) -> Option<PgNotification> {
    let mut word = std::pin::pin!(listener.try_recv());
    loop {
        tokio::select! {
            word = &mut word => return word.ok().flatten(),
            () = sleep(LISTEN_TIMEOUT) => look(store, told).await,
        }
    }
}

/// Where all logs stand. A database that is away is looked at again later.
async fn look(store: &Postgres, told: &HintSender) {
    for head in heads(&store.tables).await.unwrap_or_default() {
        let _ = told.send((head.shop, head.position));
    }
}

fn read(word: &PgNotification) -> Option<(ShopId, u64)> {
    let (shop, position) = word.payload().split_once(' ')?;
    Some((shop.parse().ok()?, position.parse().ok()?))
}
