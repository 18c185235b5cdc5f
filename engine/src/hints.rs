//! Forwards the store's hints to the tasks of the shops.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use crate::Shops;
use crate::store::Hints;

/// Forwards hints until `stop`. Hints for shops that are not open here are ignored.
pub(super) async fn forward_hints(mut hints: Hints, shops: Arc<Shops>, stop: CancellationToken) {
    let forward = async {
        while let Some((shop, position)) = hints.recv().await {
            let shops = shops.read();
            let Some(handle) = shops.get(&shop) else { continue };
            handle.hinted_position.send_if_modified(|hinted| {
                let is_greater = *hinted < position;
                *hinted = position.max(*hinted);
                is_greater
            });
        }
    };
    tokio::select! {
        () = stop.cancelled() => {}
        () = forward => {}
    }
}
