//! The code that is good now, as screens show it: an address, a QR and a form to type.

use std::fmt::Write;

use axum::http::{HeaderMap, header};
use domain::ids::ShopId;
use domain::time::Instant;
use protocol::frame::Code;
use protocol::problem::{Kind, Problem};
use qrcode::{Color, EcLevel, QrCode};

use crate::identity::codes;
use crate::identity::device::Device;
use crate::push::ReadModel;
use crate::web::AppState;

/// The code of the window that `now` falls in, or `None` where it cannot be made.
pub(super) fn current(state: &AppState, shop: &ShopId, public_url: &str) -> Option<Code> {
    let room = state.engine.room(shop)?;
    let limits = *room.seen().state.shop.limits();
    let keys = state.keys.shop(shop).ok()?;
    let window = limits.window_of(state.clock.now());
    let url = format!("{public_url}/q/{}", codes::qr(keys.codes(), window));
    let (path, modules) = qr_of(&url)?;
    let typed = codes::typed(keys.codes(), window);
    Some(Code { window, until: limits.window_end(window), url, typed, path, side: modules })
}

/// When the window began in which the shop showed this code; none when it never did.
///
/// # Errors
/// Whoever types codes that are none is told to slow down.
pub(super) fn found(
    state: &AppState,
    headers: &HeaderMap,
    room: &ReadModel,
    code: &str,
) -> Result<Option<Instant>, Problem> {
    let now = state.clock.now();
    let cookies = headers.get(header::COOKIE).and_then(|cookies| cookies.to_str().ok()).unwrap_or("");
    let device = Device::from_cookies(cookies);
    let rate_limits = &state.rate_limits;
    let waits = || {
        device
            .as_ref()
            .and_then(|device| rate_limits.guesses.wait(device, now))
            .or(rate_limits.all_guesses.wait(&(), now))
    };
    if codes::is_typed(code)
        && let Some(seconds) = waits()
    {
        return Err(Problem::from(Kind::SlowDown).retry_after(seconds));
    }
    let keys = state.keys.shop(room.shop()).map_err(|_| Kind::Broken)?;
    let seconds = room.seen().state.shop.limits().window_seconds;
    Ok(codes::find(keys.codes(), code, now, seconds))
}

/// Counts a typed code that no shop showed.
pub(super) fn guessed(state: &AppState, headers: &HeaderMap, code: &str) {
    if codes::is_typed(code) {
        let now = state.clock.now();
        let cookies = headers.get(header::COOKIE).and_then(|cookies| cookies.to_str().ok()).unwrap_or("");
        if let Some(device) = Device::from_cookies(cookies) {
            state.rate_limits.guesses.failed_again(device, now);
        }
        state.rate_limits.all_guesses.failed_again((), now);
    }
}

/// The dark modules as one path of horizontal runs, and the side's length. A quiet zone is the page's to leave.
fn qr_of(text: &str) -> Option<(String, u32)> {
    // M mends 15 %: a fingerprint on the glass, a lamp in the picture.
    let code = QrCode::with_error_correction_level(text, EcLevel::M).ok()?;
    let side = code.width();
    let colors = code.into_colors();
    let mut path = String::with_capacity(side * side * 4);
    for (y, row) in colors.chunks(side).enumerate() {
        let mut x = 0;
        while x < side {
            let run = row[x..].iter().take_while(|color| **color == row[x]).count();
            if row[x] == Color::Dark {
                let _ = write!(path, "M{x} {y}h{run}v1h-{run}z");
            }
            x += run;
        }
    }
    Some((path, u32::try_from(side).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_covers_each_dark_module_once() {
        let (path, side) = qr_of("http://127.0.0.1:3000/q/abcdefgh12345678").expect("a short text has a code");
        let code = QrCode::with_error_correction_level("http://127.0.0.1:3000/q/abcdefgh12345678", EcLevel::M);
        let dark = code.expect("the same").into_colors().iter().filter(|color| **color == Color::Dark).count();
        let runs = path.split('h').skip(1).step_by(2).map(|rest| rest.split('v').next().expect("a run"));
        let drawn: usize = runs.map(|run| run.parse::<usize>().expect("a length")).sum();
        assert_eq!((drawn, side), (dark, 29));
    }
}
