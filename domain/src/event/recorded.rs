//! The event envelope, in the log and on the wire.

use serde::{Deserialize, Deserializer, Serialize};

use crate::access::Actor;
use crate::event::Event;
use crate::ids::{EventId, OrderId, ShopId};
use crate::order::Channel;
use crate::time::Instant;

/// A recorded event: immutable, with its envelope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// Id of the event.
    pub id: EventId,
    /// Position in the shop's log, from 1, without gaps.
    pub position: u64,
    /// Time of the command.
    pub at: Instant,
    /// Id of the first event of the same command.
    pub correlation: EventId,
    /// Id of the causing event; `None` if the command itself is the cause.
    pub causation: Option<EventId>,
    /// The issuer of the command; `None` for readers who are not staff.
    pub actor: Option<Actor>,
    /// The channel of the event's order; `None` for events about the shop.
    pub channel: Option<Channel>,
    /// The event itself.
    pub event: Event,
}

/// The wire form of an event: a `CloudEvents` 1.0 JSON event. `D` is the type of its data, such as a raw JSON value.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CloudEvent<D> {
    /// Always `1.0`.
    pub specversion: String,
    /// Id of the event.
    pub id: EventId,
    /// `/shops/{shop}`.
    pub source: String,
    /// Name of the event, `Service.ThingHappened`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Major version of the schema of `data`.
    pub dataversion: String,
    /// The order that the event is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<OrderId>,
    /// Time of the command.
    pub time: Instant,
    /// Always `application/json`.
    pub datacontenttype: String,
    /// `/schemas/{type}/{dataversion}`.
    pub dataschema: String,
    /// Position in the shop's log. A text, because JSON numbers lose precision beyond 2^53.
    pub sequence: String,
    /// Id of the first event of the same command.
    pub correlationid: EventId,
    /// Id of the causing event; `None` if the command itself is the cause.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub causationid: Option<EventId>,
    /// The issuer of the command; `None` for readers who are not staff.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actor: Option<Actor>,
    /// The channel of the event's order; `None` for events about the shop.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<Channel>,
    /// The data of the event.
    pub data: D,
}

impl Recorded {
    /// Converts to the wire form.
    pub fn to_cloud_event(&self, shop: &ShopId) -> CloudEvent<&Event> {
        CloudEvent {
            specversion: "1.0".to_owned(),
            id: self.id,
            source: format!("/shops/{shop}"),
            kind: self.event.kind().to_owned(),
            dataversion: self.event.dataversion().to_owned(),
            subject: self.event.order(),
            time: self.at,
            datacontenttype: "application/json".to_owned(),
            dataschema: format!("/schemas/{}/{}", self.event.kind(), self.event.dataversion()),
            sequence: self.position.to_string(),
            correlationid: self.correlation,
            causationid: self.causation,
            actor: self.actor,
            channel: self.channel,
            data: &self.event,
        }
    }
}

impl<D> CloudEvent<D> {
    /// Converts from the wire form; `None` if a later version of the program defined the event's name.
    ///
    /// # Errors
    /// The data does not match the event's name, or `sequence` is not a number.
    pub fn into_recorded<'de>(self) -> Result<Option<Recorded>, D::Error>
    where
        D: Deserializer<'de>,
    {
        let position = self.sequence.parse().map_err(serde::de::Error::custom)?;
        let Some(event) = Event::decode(&self.kind, self.data)? else {
            return Ok(None);
        };
        Ok(Some(Recorded {
            id: self.id,
            position,
            at: self.time,
            correlation: self.correlationid,
            causation: self.causationid,
            actor: self.actor,
            channel: self.channel,
            event,
        }))
    }
}
