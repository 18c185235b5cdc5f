//! The envelope all events share: as the log has them, and as every wire does.

use serde::{Deserialize, Deserializer, Serialize};

use crate::access::Actor;
use crate::command::Channel;
use crate::event::Event;
use crate::ids::{EventId, OrderId, ShopId};
use crate::time::Instant;

/// An event as the log has it: stamped, and never changed again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded {
    pub id: EventId,
    /// Its place in the shop's log, from 1, without gaps.
    pub position: u64,
    pub at: Instant,
    /// The first event of the command it belongs to.
    pub correlation: EventId,
    /// The event it answers; none when it answers the command itself.
    pub causation: Option<EventId>,
    /// Left out where the reader is not staff.
    pub actor: Option<Actor>,
    /// Which way its order came; the shop's own events have none.
    pub channel: Option<Channel>,
    pub event: Event,
}

/// The form of an event on every wire: `CloudEvents` 1.0 in JSON, `data` in whatever form the reader's parser leaves it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CloudEvent<D> {
    pub specversion: String,
    pub id: EventId,
    pub source: String,
    #[serde(rename = "type")]
    pub kind: String,
    pub dataversion: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<OrderId>,
    pub time: Instant,
    pub datacontenttype: String,
    pub dataschema: String,
    /// The position. Text, because JSON's numbers end where doubles do.
    pub sequence: String,
    pub correlationid: EventId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub causationid: Option<EventId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actor: Option<Actor>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<Channel>,
    pub data: D,
}

impl Recorded {
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
    /// The event back from the wire; `None` when its name is of a later version than this program.
    ///
    /// # Errors
    /// Data that does not fit its name, or a `sequence` that is no number.
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
