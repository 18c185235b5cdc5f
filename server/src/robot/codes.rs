//! The code on the screen above the bar, as a robot reads it: off the stream of those behind the bar.

use std::time::Duration;

use domain::time::Instant;
use http_body_util::BodyExt;
use protocol::frame::{Code, Ephemeral};
use serde_json::value::RawValue;
use tokio::sync::watch;

use crate::robot::client::{Client, ClientError, Credential};
use crate::robot::retry_policy::chance;

/// Beats come every three seconds: a stream silent for this long is dead.
const STREAM_TIMEOUT: Duration = Duration::from_secs(10);

/// The longest wait before a stream that ended is opened again.
const RETRY_DELAY: Duration = Duration::from_secs(1);

/// The code that is good now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Shown {
    /// When its window began.
    pub window: Instant,
    pub text: String,
}

/// Waits for a code of a later window than `used`.
pub(super) async fn next(
    mut shown: watch::Receiver<Option<Shown>>,
    used: Option<Instant>,
    longest: Duration,
) -> Result<Shown, ClientError> {
    let fresh = shown.wait_for(|shown| shown.as_ref().is_some_and(|shown| used.is_none_or(|used| shown.window > used)));
    match tokio::time::timeout(longest, fresh).await {
        Ok(Ok(shown)) => shown.clone().ok_or(ClientError::NoCode),
        Ok(Err(_)) | Err(_) => Err(ClientError::NoCode),
    }
}

/// Keeps `shown` up to date, over lost connections too. Ends with a no that stays one.
pub(super) async fn follow(
    client: &Client,
    credential: &Credential,
    shown: &watch::Sender<Option<Shown>>,
) -> ClientError {
    loop {
        match read(client, credential, shown).await {
            Err(no) if no.again_after().is_none() => return no,
            Ok(()) | Err(_) => tokio::time::sleep(RETRY_DELAY.mul_f64(chance())).await,
        }
    }
}

async fn read(
    client: &Client,
    credential: &Credential,
    shown: &watch::Sender<Option<Shown>>,
) -> Result<(), ClientError> {
    let mut body = client.stream(credential).await?;
    let mut frames = Frames::default();
    while let Ok(Some(frame)) = tokio::time::timeout(STREAM_TIMEOUT, body.frame()).await {
        let frame = frame.map_err(|error| ClientError::Broken(error.into()))?;
        let Ok(bytes) = frame.into_data() else { continue };
        if let Some(code) = frames.take(&bytes).iter().filter_map(|frame| code_in(frame)).next_back() {
            shown.send_replace(Some(code));
        }
    }
    Ok(())
}

/// Frames of a stream, put together from the pieces they arrive in.
#[derive(Default)]
struct Frames {
    begun: Vec<u8>,
}

impl Frames {
    /// The frames that `bytes` completes.
    fn take(&mut self, bytes: &[u8]) -> Vec<String> {
        self.begun.extend_from_slice(bytes);
        let Some(end) = self.begun.windows(2).rposition(|two| two == b"\n\n") else { return Vec::new() };
        let rest = self.begun.split_off(end + 2);
        let whole = std::mem::replace(&mut self.begun, rest);
        String::from_utf8_lossy(&whole).split_terminator("\n\n").map(str::to_owned).collect()
    }
}

fn code_in(frame: &str) -> Option<Shown> {
    let field = |name: &str| frame.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
    if field("event") != Some("ephemeral") {
        return None;
    }
    let aside: Ephemeral<&RawValue> = serde_json::from_str(field("data")?).ok()?;
    if aside.key != "code" {
        return None;
    }
    let code: Code = serde_json::from_str(aside.value?.get()).ok()?;
    // The bar may be known to guests by another address than the one the robots use.
    let (_, text) = code.url.rsplit_once("/q/")?;
    let is_plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    is_plain.then(|| Shown { window: code.window, text: text.to_owned() })
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may fail")]

    use super::*;

    fn aside(window: &str, url: &str) -> String {
        format!(
            "event: ephemeral\ndata: {{\"key\":\"code\",\"value\":{{\"window\":\"{window}\",\"until\":\"{window}\",\
             \"url\":\"{url}\",\"typed\":\"abcd\",\"path\":\"M0 0h1v1h-1z\",\"side\":29}}}}"
        )
    }

    const WINDOW: &str = "2026-11-21T10:40:00.000Z";

    #[test]
    fn frames_come_in_pieces() {
        let mut frames = Frames::default();
        assert!(frames.take(b"event: heartbeat\nda").is_empty());
        assert_eq!(
            frames.take(b"ta: {}\n\nevent: reconnect\n\neve"),
            ["event: heartbeat\ndata: {}", "event: reconnect"]
        );
        assert!(frames.take(b"nt: a\n").is_empty());
        assert_eq!(frames.take(b"\n"), ["event: a"]);
    }

    #[test]
    fn the_code_is_what_the_address_ends_with() {
        let shown = code_in(&aside(WINDOW, "https://bar.example/q/abcdefgh12345678")).unwrap();
        assert_eq!(shown, Shown { window: WINDOW.parse().unwrap(), text: "abcdefgh12345678".to_owned() });
    }

    #[test]
    fn other_frames_hold_no_code() {
        let name = "event: ephemeral\ndata: {\"key\":\"name/x\",\"value\":\"Ann\"}";
        let gone = "event: ephemeral\ndata: {\"key\":\"code\",\"value\":null}";
        let strange = aside(WINDOW, "https://bar.example/q/a%20b");
        for frame in ["", "event: heartbeat\ndata: {}", name, gone, strange.as_str(), "event: ephemeral"] {
            assert_eq!(code_in(frame), None, "{frame}");
        }
    }

    #[tokio::test]
    async fn a_used_code_is_waited_out() {
        let code = |ms, text: &str| Some(Shown { window: Instant(ms), text: text.to_owned() });
        let (sender, receiver) = watch::channel(code(0, "a"));
        let longest = Duration::from_mins(1);
        assert_eq!(next(receiver.clone(), None, longest).await.unwrap().text, "a");
        let waits = next(receiver.clone(), Some(Instant(0)), longest);
        let (found, ()) = tokio::join!(waits, async { drop(sender.send_replace(code(300_000, "b"))) });
        assert_eq!(found.unwrap().text, "b");
        assert!(matches!(next(receiver, Some(Instant(300_000)), Duration::ZERO).await, Err(ClientError::NoCode)));
    }
}
