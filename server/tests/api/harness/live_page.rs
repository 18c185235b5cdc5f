//! A client that follows a stream and applies its frames with the rules of the browser's page.

use std::collections::VecDeque;

use app::live::{FrameOutcome, FramePosition, Live};
use axum::http::{Response, StatusCode};
use domain::event::{CloudEvent, Recorded};
use domain::redact::Topic;
use domain::view::View;
use http_body_util::BodyExt;
use hyper::body::Incoming;
use protocol::frame::{Ephemeral, EphemeralValues, Happened, Snapshot};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::harness::browser::Browser;
use crate::harness::request::TestRequest;
use crate::harness::within_timeout;

/// One SSE frame.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Frame {
    pub(crate) name: String,
    /// The cursor.
    pub(crate) id: Option<String>,
    pub(crate) data: String,
}

impl Frame {
    fn parse(text: &str) -> Self {
        let (mut name, mut id, mut data) = (String::new(), None, Vec::new());
        for line in text.lines() {
            match line.split_once(": ") {
                Some(("event", value)) => value.clone_into(&mut name),
                Some(("id", value)) => id = Some(value.to_owned()),
                Some(("data", value)) => data.push(value),
                _ => panic!("unexpected SSE line: {line:?}"),
            }
        }
        Self { name, id, data: data.join("\n") }
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.data).unwrap()
    }

    /// The event with its topic and the previous position on that topic.
    pub(crate) fn event(&self) -> (Topic, u64, Recorded) {
        let frame: Happened<CloudEvent<Value>> = serde_json::from_str(&self.data).unwrap();
        (frame.topic, frame.prev, frame.event.into_recorded().unwrap().unwrap())
    }
}

/// The frames of one connection.
pub(crate) struct Frames {
    body: Incoming,
    text: Vec<u8>,
    read: VecDeque<Frame>,
}

impl Frames {
    pub(crate) async fn open(browser: &Browser, view: &str, after: Option<&str>) -> Self {
        let query = after.map(|cursor| format!("?after={cursor}")).unwrap_or_default();
        Self::open_in_shop(browser, "demo", &format!("{view}{query}")).await
    }

    /// Opens a stream of any shop.
    pub(crate) async fn open_in_shop(browser: &Browser, shop: &str, view: &str) -> Self {
        Self::from_response(browser.open(TestRequest::get(&format!("/s/{shop}/stream/{view}"))).await)
    }

    pub(crate) fn from_response(response: Response<Incoming>) -> Self {
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        assert_eq!(response.headers()["x-accel-buffering"], "no");
        Self { body: response.into_body(), text: Vec::new(), read: VecDeque::new() }
    }

    /// The next frame; `None` after the server has ended the stream.
    pub(crate) async fn next(&mut self) -> Option<Frame> {
        while self.read.is_empty() {
            let piece = within_timeout("the next frame", self.body.frame()).await?.unwrap();
            self.text.extend_from_slice(&piece.into_data().unwrap());
            while let Some(end) = self.text.windows(2).position(|pair| pair == b"\n\n") {
                let frame: Vec<u8> = self.text.drain(..end + 2).collect();
                self.read.push_back(Frame::parse(std::str::from_utf8(&frame).unwrap().trim_end()));
            }
        }
        self.read.pop_front()
    }

    /// The next frame that is not a heartbeat.
    pub(crate) async fn next_update(&mut self) -> Frame {
        within_timeout("an update", self.next_matching(|frame| frame.name != "heartbeat")).await
    }

    /// The next frame with this name.
    pub(crate) async fn next_named(&mut self, name: &str) -> Frame {
        within_timeout(name, self.next_matching(|frame| frame.name == name)).await
    }

    async fn next_matching(&mut self, is_wanted: impl Fn(&Frame) -> bool) -> Frame {
        loop {
            let frame = self.next().await.expect("the stream ended");
            if is_wanted(&frame) {
                return frame;
            }
        }
    }
}

/// A view that follows its stream.
pub(crate) struct LivePage<V> {
    pub(crate) frames: Frames,
    pub(crate) live: Live<V>,
    pub(crate) ephemeral_values: EphemeralValues,
    /// All frames received so far.
    pub(crate) received: Vec<Frame>,
}

impl<V: View + DeserializeOwned> LivePage<V> {
    pub(crate) async fn open(browser: &Browser, view: &str) -> Self {
        Self::open_in_shop(browser, "demo", view).await
    }

    /// Opens a view of any shop.
    pub(crate) async fn open_in_shop(browser: &Browser, shop: &str, view: &str) -> Self {
        let mut frames = Frames::open_in_shop(browser, shop, view).await;
        let first = frames.next_update().await;
        assert_eq!(first.name, "snapshot");
        let snapshot: Snapshot<V> = serde_json::from_str(&first.data).unwrap();
        assert_eq!(first.id.as_deref(), Some(snapshot.cursor.as_str()));
        Self { frames, live: Live::new(snapshot), ephemeral_values: EphemeralValues::default(), received: vec![first] }
    }

    pub(crate) fn view(&self) -> &V {
        &self.live.view
    }

    /// Applies frames until the view satisfies the condition.
    pub(crate) async fn wait_until(&mut self, holds: impl Fn(&V, &EphemeralValues) -> bool) {
        within_timeout("the expected view", async {
            while !holds(&self.live.view, &self.ephemeral_values) {
                self.apply_next_frame().await;
            }
        })
        .await;
    }

    /// Waits until the server discards the stream for this reason, and continues from the snapshot that follows.
    pub(crate) async fn resync_after(&mut self, reason: &str) {
        let reset = self.frames.next_named("reset").await;
        assert_eq!(reset.json(), reason);
        let snapshot = self.frames.next_update().await;
        self.live = Live::new(serde_json::from_str(&snapshot.data).unwrap());
    }

    /// Applies one frame. Panics on a gap or a duplicate.
    pub(crate) async fn apply_next_frame(&mut self) {
        let frame = self.frames.next().await.expect("the stream ended");
        match frame.name.as_str() {
            "event" => {
                let (topic, prev, recorded) = frame.event();
                let cursor = frame.id.clone().unwrap();
                let position = FramePosition { topic, prev, position: recorded.position };
                let outcome = self.live.receive(position, cursor, || Ok::<_, ()>(Some(recorded)));
                assert_eq!(outcome, FrameOutcome::Applied, "{frame:?}");
            }
            "ephemeral" => {
                let ephemeral: Ephemeral<Value> = serde_json::from_str(&frame.data).unwrap();
                self.apply_ephemeral(&ephemeral.key, ephemeral.value);
            }
            "heartbeat" => self.live.advance_cursor(frame.id.clone().unwrap()),
            other => panic!("unexpected frame {other}: {frame:?}"),
        }
        self.received.push(frame);
    }

    fn apply_ephemeral(&mut self, key: &str, value: Option<Value>) {
        if key == "code" {
            self.ephemeral_values.code = value.map(|code| serde_json::from_value(code).unwrap());
            return;
        }
        if key == "pins" {
            self.ephemeral_values.pins = serde_json::from_value(value.unwrap()).unwrap();
            return;
        }
        if let Some(slot) = key.strip_prefix("pin/") {
            match value {
                Some(pin) => self.ephemeral_values.pins.insert(slot.to_owned(), serde_json::from_value(pin).unwrap()),
                None => self.ephemeral_values.pins.remove(&slot.to_owned()),
            };
            return;
        }
        let order = key.strip_prefix("name/").unwrap().parse().unwrap();
        match value {
            Some(name) => self.ephemeral_values.names.insert(order, name.as_str().unwrap().to_owned()),
            None => self.ephemeral_values.names.remove(&order),
        };
    }
}
