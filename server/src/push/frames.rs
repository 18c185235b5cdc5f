//! The text of what goes over a stream: each event is encoded at most once for each audience, however many listen.

use std::sync::OnceLock;

use axum::body::Bytes;
use domain::event::Recorded;
use domain::extension::pin::Change;
use domain::ids::{GuestId, ShopId};
use domain::redact::{Topic, redact};
use protocol::frame::Happened;
use serde::Serialize;

use crate::push::Cursor;

/// A committed event on its way to the readers.
#[derive(Debug)]
pub struct Published {
    pub recorded: Recorded,
    shop: ShopId,
    cursor: Cursor,
    /// The position of the frame before it in each of its topics.
    pub(super) prev_public: Option<u64>,
    pub(super) prev_staff: u64,
    pub(super) own: Option<(GuestId, u64)>,
    /// The slots of screens that it changed.
    pub pins: Vec<Change>,
    public: OnceLock<Bytes>,
    staff: OnceLock<Bytes>,
    owner: OnceLock<Bytes>,
}

impl Published {
    pub(super) fn new(shop: &ShopId, cursor: Cursor, recorded: Recorded) -> Self {
        Self {
            recorded,
            shop: shop.clone(),
            cursor,
            prev_public: None,
            prev_staff: 0,
            own: None,
            pins: Vec::new(),
            public: OnceLock::new(),
            staff: OnceLock::new(),
            owner: OnceLock::new(),
        }
    }

    /// The frame for everybody at the bar, unless they may not know of it.
    pub fn public(&self) -> Option<Bytes> {
        let prev = self.prev_public?;
        Some(self.public.get_or_init(|| self.encode(Topic::Public, prev)).clone())
    }

    pub fn staff(&self) -> Bytes {
        self.staff.get_or_init(|| self.encode(Topic::Staff, self.prev_staff)).clone()
    }

    /// The frame of the order's own topic, for the guest whose order it is.
    pub fn owner(&self, guest: GuestId) -> Option<Bytes> {
        let (owner, prev) = self.own?;
        let topic = Topic::Order(self.recorded.event.order()?);
        (owner == guest).then(|| self.owner.get_or_init(|| self.encode(topic, prev)).clone())
    }

    fn encode(&self, topic: Topic, prev: u64) -> Bytes {
        let Some(seen) = redact(&self.recorded, topic.audience()) else {
            return Bytes::new();
        };
        let happened = Happened { topic, prev, event: seen.to_cloud_event(&self.shop) };
        frame("event", Some(&self.cursor), &happened)
    }
}

/// One SSE frame. `data` is one line: JSON has no bare line ends.
///
/// # Panics
/// When `data` has maps whose keys are no text; frames have none.
pub fn frame(name: &str, cursor: Option<&Cursor>, data: &impl Serialize) -> Bytes {
    let data = serde_json::to_string(data).expect("frames have text keys only");
    let id = cursor.map_or_else(String::new, |cursor| format!("id: {cursor}\n"));
    Bytes::from(format!("{id}event: {name}\ndata: {data}\n\n"))
}
