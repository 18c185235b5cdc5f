//! Hints between nodes that share a database, with NOTIFY and LISTEN. Notifications may be lost.

use std::collections::BTreeMap;
use std::time::Duration;

use domain::ids::ShopId;
use engine::store::Hints;
use sqlx::PgPool;
use sqlx::postgres::{PgListener, PgNotification};
use tokio::sync::mpsc::{self, UnboundedSender};
use tokio::time::sleep;

use crate::postgres::Postgres;
use crate::sql::{Pool, head};

const CHANNEL: &str = "crema";

/// Delay that merges the positions of one shop into one notification.
const NOTIFY_DELAY: Duration = Duration::from_millis(10);

/// Silence after which the heads are read, in case a notification was lost.
const LISTEN_TIMEOUT: Duration = Duration::from_secs(5);

/// Pause before the listener reconnects.
const RECONNECT_DELAY: Duration = Duration::from_millis(500);

type HintSender = UnboundedSender<(ShopId, u64)>;

/// Starts the task that notifies other nodes. It ends when the last sender is dropped.
///
/// Notifications are sent after the commit in a statement of their own: inside a commit, every notifying transaction
/// takes one lock of the whole database.
pub(super) fn spawn_notifier(pool: PgPool) -> HintSender {
    let (sender, mut written) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        let pool = Pool::from(pool);
        while let Some(first) = written.recv().await {
            sleep(NOTIFY_DELAY).await;
            let mut last = BTreeMap::from([first]);
            while let Ok((shop, position)) = written.try_recv() {
                last.insert(shop, position);
            }
            for (shop, position) in last {
                let payload = format!("{shop} {position}");
                if pool.execute("select pg_notify($1, $2)", vec![CHANNEL.into(), payload.into()]).await.is_err() {
                    // Listeners read the heads after LISTEN_TIMEOUT.
                    break;
                }
            }
        }
    });
    sender
}

impl Postgres {
    /// Starts the listener. It ends when the receiver is dropped or the pool is closed.
    pub(super) fn listen(&self) -> Hints {
        let (sender, hints) = mpsc::unbounded_channel();
        let store = self.clone();
        tokio::spawn(async move {
            let receiver = sender.clone();
            tokio::select! {
                () = receiver.closed() => {}
                () = run_listener(store, sender) => {}
            }
        });
        hints
    }
}

async fn run_listener(store: Postgres, hints: HintSender) {
    while !store.pool.is_closed() {
        if let Ok(mut listener) = PgListener::connect_with(&store.pool).await
            && listener.listen(CHANNEL).await.is_ok()
        {
            // Notifications from before LISTEN are not delivered.
            send_heads(&store, &hints).await;
            while let Some(notification) = next_notification(&mut listener, &store, &hints).await {
                if let Some(hint) = parse_hint(&notification) {
                    let _ = hints.send(hint);
                }
            }
        }
        sleep(RECONNECT_DELAY).await;
    }
}

/// The next notification; `None` after the connection was lost.
async fn next_notification(listener: &mut PgListener, store: &Postgres, hints: &HintSender) -> Option<PgNotification> {
    let mut notification = std::pin::pin!(listener.try_recv());
    loop {
        tokio::select! {
            notification = &mut notification => return notification.ok().flatten(),
            () = sleep(LISTEN_TIMEOUT) => send_heads(store, hints).await,
        }
    }
}

/// Sends the heads of all shops as hints. An unavailable database sends none; a later call repeats it.
async fn send_heads(store: &Postgres, hints: &HintSender) {
    for head in head::all(&store.tables).await.unwrap_or_default() {
        let _ = hints.send((head.shop, head.position));
    }
}

fn parse_hint(notification: &PgNotification) -> Option<(ShopId, u64)> {
    let (shop, position) = notification.payload().split_once(' ')?;
    Some((shop.parse().ok()?, position.parse().ok()?))
}
