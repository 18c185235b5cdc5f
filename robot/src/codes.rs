//! The displayed QR code, as robots read it from the barista event stream.

use std::time::Duration;

use domain::time::Instant;
use http_body_util::BodyExt;
use protocol::frame::{Code, Ephemeral};
use serde_json::value::RawValue;
use tokio::sync::watch;

use crate::client::{Client, ClientError, Credential};
use crate::retry_policy::random_fraction;

/// A stream without data for this long counts as dead. The server sends a heartbeat every three seconds.
const STREAM_TIMEOUT: Duration = Duration::from_secs(10);

/// Maximum delay before a stream that ended is reopened; the actual delay is random.
const RETRY_DELAY: Duration = Duration::from_secs(1);

/// The currently valid code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct DisplayedCode {
    /// Start of the validity window.
    pub window: Instant,
    pub text: String,
}

/// Waits up to `timeout` for a code of a later window than `used`.
pub(super) async fn next_code(
    mut code: watch::Receiver<Option<DisplayedCode>>,
    used: Option<Instant>,
    timeout: Duration,
) -> Result<DisplayedCode, ClientError> {
    let fresh = code.wait_for(|code| code.as_ref().is_some_and(|code| used.is_none_or(|used| code.window > used)));
    match tokio::time::timeout(timeout, fresh).await {
        Ok(Ok(code)) => code.clone().ok_or(ClientError::NoNewCode),
        Ok(Err(_)) | Err(_) => Err(ClientError::NoNewCode),
    }
}

/// Keeps `code` up to date and reconnects after failures. Returns the first error that a retry cannot help.
pub(super) async fn watch_codes(
    client: &Client,
    credential: &Credential,
    code: &watch::Sender<Option<DisplayedCode>>,
) -> ClientError {
    loop {
        match read_stream(client, credential, code).await {
            Err(error) if error.retry_after_seconds().is_none() => return error,
            Ok(()) | Err(_) => tokio::time::sleep(RETRY_DELAY.mul_f64(random_fraction())).await,
        }
    }
}

async fn read_stream(
    client: &Client,
    credential: &Credential,
    code: &watch::Sender<Option<DisplayedCode>>,
) -> Result<(), ClientError> {
    let mut body = client.stream(credential).await?;
    let mut frames = Frames::default();
    while let Ok(Some(frame)) = tokio::time::timeout(STREAM_TIMEOUT, body.frame()).await {
        let frame = frame.map_err(|error| ClientError::ConnectionLost(error.into()))?;
        let Ok(bytes) = frame.into_data() else { continue };
        if let Some(latest) = frames.push(&bytes).iter().filter_map(|frame| parse_code(frame)).next_back() {
            code.send_replace(Some(latest));
        }
    }
    Ok(())
}

/// Splits a byte stream into SSE frames.
#[derive(Default)]
struct Frames {
    buffer: Vec<u8>,
}

impl Frames {
    /// Appends `bytes` and returns the frames that are complete now.
    fn push(&mut self, bytes: &[u8]) -> Vec<String> {
        self.buffer.extend_from_slice(bytes);
        let Some(end) = self.buffer.windows(2).rposition(|two| two == b"\n\n") else { return Vec::new() };
        let rest = self.buffer.split_off(end + 2);
        let complete = std::mem::replace(&mut self.buffer, rest);
        String::from_utf8_lossy(&complete).split_terminator("\n\n").map(str::to_owned).collect()
    }
}

fn parse_code(frame: &str) -> Option<DisplayedCode> {
    let field = |name: &str| frame.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
    if field("event") != Some("ephemeral") {
        return None;
    }
    let ephemeral: Ephemeral<&RawValue> = serde_json::from_str(field("data")?).ok()?;
    if ephemeral.key != "code" {
        return None;
    }
    let code: Code = serde_json::from_str(ephemeral.value?.get()).ok()?;
    // Guests may reach the server under another URL than the robots do, so only the code is taken from it.
    let (_, text) = code.url.rsplit_once("/q/")?;
    let is_plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    is_plain.then(|| DisplayedCode { window: code.window, text: text.to_owned() })
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may fail")]

    use super::*;

    fn ephemeral(window: &str, url: &str) -> String {
        format!(
            "event: ephemeral\ndata: {{\"key\":\"code\",\"value\":{{\"window\":\"{window}\",\"until\":\"{window}\",\
             \"url\":\"{url}\",\"typed\":\"abcd\",\"path\":\"M0 0h1v1h-1z\",\"side\":29}}}}"
        )
    }

    const WINDOW: &str = "2026-11-21T10:40:00.000Z";

    #[test]
    fn split_frames_are_reassembled() {
        let mut frames = Frames::default();
        assert!(frames.push(b"event: heartbeat\nda").is_empty());
        assert_eq!(
            frames.push(b"ta: {}\n\nevent: reconnect\n\neve"),
            ["event: heartbeat\ndata: {}", "event: reconnect"]
        );
        assert!(frames.push(b"nt: a\n").is_empty());
        assert_eq!(frames.push(b"\n"), ["event: a"]);
    }

    #[test]
    fn the_code_is_the_last_segment_of_the_address() {
        let code = parse_code(&ephemeral(WINDOW, "https://bar.example/q/abcdefgh12345678")).unwrap();
        assert_eq!(code, DisplayedCode { window: WINDOW.parse().unwrap(), text: "abcdefgh12345678".to_owned() });
    }

    #[test]
    fn other_frames_have_no_code() {
        let name = "event: ephemeral\ndata: {\"key\":\"name/x\",\"value\":\"Ann\"}";
        let gone = "event: ephemeral\ndata: {\"key\":\"code\",\"value\":null}";
        let strange = ephemeral(WINDOW, "https://bar.example/q/a%20b");
        for frame in ["", "event: heartbeat\ndata: {}", name, gone, strange.as_str(), "event: ephemeral"] {
            assert_eq!(parse_code(frame), None, "{frame}");
        }
    }

    #[tokio::test]
    async fn the_next_code_is_awaited_after_a_used_one() {
        let code = |ms, text: &str| Some(DisplayedCode { window: Instant(ms), text: text.to_owned() });
        let (sender, receiver) = watch::channel(code(0, "a"));
        let timeout = Duration::from_mins(1);
        assert_eq!(next_code(receiver.clone(), None, timeout).await.unwrap().text, "a");
        let waiting = next_code(receiver.clone(), Some(Instant(0)), timeout);
        let (next, ()) = tokio::join!(waiting, async { drop(sender.send_replace(code(300_000, "b"))) });
        assert_eq!(next.unwrap().text, "b");
        assert!(matches!(
            next_code(receiver, Some(Instant(300_000)), Duration::ZERO).await,
            Err(ClientError::NoNewCode)
        ));
    }
}
