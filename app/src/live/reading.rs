//! JSON decoding in the browser: `JSON.parse` parses, and [`FromJson`] picks the fields that a page needs.
//!
//! The bundle has no serde; ADR 0004 gives the sizes. A shape is a list of fields, and the compiler reports a missing
//! one.

use domain::event::Recorded;
use domain::ids::{EventId, OrderId};
use domain::redact::Topic;
use domain::sorted_map::SortedMap;
use domain::view::View;
use js_sys::{Array, JSON, Object, Reflect};
use protocol::frame::EphemeralValues;
use uuid::Uuid;
use wasm_bindgen::{JsCast, JsValue};

use super::{FrameOutcome, FramePosition, Live};

mod events;
mod shapes;

/// Decoding from parsed JSON; `None` if the value has another shape.
pub trait FromJson: Sized {
    fn from_json(value: &JsValue) -> Option<Self>;
}

/// Event data whose shape does not match its type.
struct InvalidData;

/// Parses a JSON document; `None` if it is invalid or has the shape of another build.
pub(crate) fn parse<T: FromJson>(text: &str) -> Option<T> {
    T::from_json(&JSON::parse(text).ok()?)
}

fn member(value: &JsValue, name: &str) -> JsValue {
    Reflect::get(value, &JsValue::from_str(name)).unwrap_or(JsValue::UNDEFINED)
}

fn field<T: FromJson>(value: &JsValue, name: &str) -> Option<T> {
    T::from_json(&member(value, name))
}

/// Applies the SSE event `event`. An unreadable frame counts as a gap.
pub(super) fn apply_event<V: View>(live: &mut Live<V>, text: &str, cursor: String) -> FrameOutcome {
    let frame = JSON::parse(text).unwrap_or(JsValue::UNDEFINED);
    let event = member(&frame, "event");
    let position = field::<String>(&event, "sequence").and_then(|sequence| sequence.parse().ok());
    let (Some(topic), Some(prev), Some(position)) = (field::<Topic>(&frame, "topic"), field(&frame, "prev"), position)
    else {
        live.invalidate();
        return FrameOutcome::Gap;
    };
    live.receive(FramePosition { topic, prev, position }, cursor, || decode_event(&event, position))
}

/// Decodes a `CloudEvent`. Ids and actor stay empty: no view reads them.
fn decode_event(envelope: &JsValue, position: u64) -> Result<Option<Recorded>, InvalidData> {
    let id = EventId(Uuid::nil());
    let at = field(envelope, "time").ok_or(InvalidData)?;
    let channel = field(envelope, "channel").ok_or(InvalidData)?;
    let kind: String = field(envelope, "type").ok_or(InvalidData)?;
    let event = events::decode(&kind, &member(envelope, "data"))?;
    Ok(event.map(|event| Recorded { id, position, at, correlation: id, causation: None, actor: None, channel, event }))
}

/// Applies the SSE event `ephemeral`. A value that cannot be decoded counts as removed.
pub(super) fn apply_ephemeral(values: &mut EphemeralValues, text: &str) {
    let Ok(ephemeral) = JSON::parse(text) else { return };
    let Some(key) = field::<String>(&ephemeral, "key") else { return };
    let value = member(&ephemeral, "value");
    if key == "code" {
        values.code = FromJson::from_json(&value);
    } else if key == "pins" {
        values.pins = FromJson::from_json(&value).unwrap_or_default();
    } else if let Some(slot) = key.strip_prefix("pin/") {
        match FromJson::from_json(&value) {
            Some(pin) => values.pins.insert(slot.to_owned(), pin),
            None => values.pins.remove(&slot.to_owned()),
        };
    } else if let Some(order) = key.strip_prefix("name/").and_then(shapes::uuid).map(OrderId) {
        match value.as_string() {
            Some(name) => values.names.insert(order, name),
            None => values.names.remove(&order),
        };
    }
}

impl FromJson for bool {
    fn from_json(value: &JsValue) -> Option<Self> {
        value.as_bool()
    }
}

impl FromJson for String {
    fn from_json(value: &JsValue) -> Option<Self> {
        value.as_string()
    }
}

impl FromJson for u64 {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "positions and counts are below 2^53")]
    fn from_json(value: &JsValue) -> Option<Self> {
        value.as_f64().map(|number| number as u64)
    }
}

impl FromJson for u32 {
    fn from_json(value: &JsValue) -> Option<Self> {
        u64::from_json(value)?.try_into().ok()
    }
}

impl FromJson for u16 {
    fn from_json(value: &JsValue) -> Option<Self> {
        u64::from_json(value)?.try_into().ok()
    }
}

/// A missing member or `null` is `None`.
impl<T: FromJson> FromJson for Option<T> {
    fn from_json(value: &JsValue) -> Option<Self> {
        if value.is_undefined() || value.is_null() { Some(None) } else { T::from_json(value).map(Some) }
    }
}

/// A missing member is an empty list.
impl<T: FromJson> FromJson for Vec<T> {
    fn from_json(value: &JsValue) -> Option<Self> {
        if value.is_undefined() {
            return Some(Self::new());
        }
        Array::from(value).iter().map(|item| T::from_json(&item)).collect()
    }
}

impl<A: FromJson, B: FromJson> FromJson for (A, B) {
    fn from_json(value: &JsValue) -> Option<Self> {
        let pair = Array::from(value);
        Some((A::from_json(&pair.get(0))?, B::from_json(&pair.get(1))?))
    }
}

/// A missing member is an empty map.
impl<K: FromJson + Ord, T: FromJson> FromJson for SortedMap<K, T> {
    fn from_json(value: &JsValue) -> Option<Self> {
        if value.is_undefined() {
            return Some(Self::default());
        }
        let mut map = Self::default();
        for entry in Object::entries(value.unchecked_ref()).iter() {
            let (key, value) = FromJson::from_json(&entry)?;
            map.insert(key, value);
        }
        Some(map)
    }
}
