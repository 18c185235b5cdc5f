//! The SSE frames of committed events. Each event is encoded at most once per audience, for any number of subscribers.

use std::sync::OnceLock;

use bytes::Bytes;
use domain::event::Recorded;
use domain::extension::pin::SlotChange;
use domain::ids::{GuestId, ShopId};
use domain::redact::{Topic, redact};
use protocol::frame::Happened;
use serde::Serialize;

use crate::read_model::Cursor;

/// A committed event with its encoded frames.
#[derive(Debug)]
pub struct Published {
    /// The event as it stands in the log.
    pub recorded: Recorded,
    shop: ShopId,
    cursor: Cursor,
    /// Position of the previous public frame; `None` when the event is not public.
    pub(super) prev_public: Option<u64>,
    /// Position of the previous staff frame.
    pub(super) prev_staff: u64,
    /// Guest of the event's order, and position of the order's previous frame. `None` for an event without such an
    /// order.
    pub(super) own: Option<(GuestId, u64)>,
    /// Pins that the event changed.
    pub pins: Vec<SlotChange>,
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

    /// The frame of the public topic; `None` when the event is not public.
    pub fn public(&self) -> Option<Bytes> {
        let prev = self.prev_public?;
        Some(self.public.get_or_init(|| self.encode(Topic::Public, prev)).clone())
    }

    /// The frame of the staff topic.
    pub fn staff(&self) -> Bytes {
        self.staff.get_or_init(|| self.encode(Topic::Staff, self.prev_staff)).clone()
    }

    /// The frame of the order's topic; `None` when the order is not that guest's.
    pub fn owner(&self, guest: GuestId) -> Option<Bytes> {
        let (owner, prev) = self.own?;
        let topic = Topic::Order(self.recorded.event.order()?);
        (owner == guest).then(|| self.owner.get_or_init(|| self.encode(topic, prev)).clone())
    }

    fn encode(&self, topic: Topic, prev: u64) -> Bytes {
        let Some(redacted) = redact(&self.recorded, topic.audience()) else {
            return Bytes::new();
        };
        let data = Happened { topic, prev, event: redacted.to_cloud_event(&self.shop) };
        frame("event", Some(&self.cursor), &data)
    }
}

/// Encodes one SSE frame, with the cursor as its id. The JSON of `data` contains no line breaks.
///
/// # Panics
/// `data` contains a map whose keys are not strings.
pub fn frame(name: &str, cursor: Option<&Cursor>, data: &impl Serialize) -> Bytes {
    let data = serde_json::to_string(data).expect("frame maps have string keys");
    let id = cursor.map_or_else(String::new, |cursor| format!("id: {cursor}\n"));
    Bytes::from(format!("{id}event: {name}\ndata: {data}\n\n"))
}
