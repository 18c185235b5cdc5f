//! Hints of what others wrote: each goes to the shop it is about.

use std::sync::{Arc, PoisonError};

use tokio_util::sync::CancellationToken;

use crate::engine::Shops;
use crate::store::Hints;

/// Passes hints on until `stop`. Of a shop that is not open here nobody wants to know.
pub(super) async fn heed(mut hints: Hints, shops: Arc<Shops>, stop: CancellationToken) {
    let heeding = async {
        while let Some((shop, position)) = hints.recv().await {
            let shops = shops.read().unwrap_or_else(PoisonError::into_inner);
            let Some(entrance) = shops.get(&shop) else { continue };
            entrance.told.send_if_modified(|told| {
                let is_further = *told < position;
                *told = position.max(*told);
                is_further
            });
        }
    };
    tokio::select! {
        () = stop.cancelled() => {}
        () = heeding => {}
    }
}
