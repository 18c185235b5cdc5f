//! Reading what the server sends; events are decoded only when the view wants them.

use domain::event::CloudEvent;
use domain::view::View;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use super::{Live, Verdict};
use crate::frame::{Aside, Asides, Happened};

/// A whole document; `None` when it is of another build's shape.
pub(crate) fn whole<T: DeserializeOwned>(text: &str) -> Option<T> {
    serde_json::from_str(text).ok()
}

pub(super) fn event<V: View>(live: &mut Live<V>, text: &str, cursor: String) -> Verdict {
    let Ok(frame) = serde_json::from_str::<Happened<CloudEvent<&RawValue>>>(text) else {
        live.forget();
        return Verdict::Lost;
    };
    let position = frame.event.sequence.parse().unwrap_or(u64::MAX);
    live.heed((frame.topic, frame.prev, position), cursor, || frame.event.into_recorded())
}

pub(super) fn aside(asides: &mut Asides, text: &str) {
    if let Ok(aside) = serde_json::from_str::<Aside<&RawValue>>(text) {
        // An aside that cannot be read is one that this build does not show.
        let _ = asides.put(&aside.key, aside.value);
    }
}
