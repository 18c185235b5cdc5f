//! The current rotating code as URL, QR image and typed form, and the lookup of codes that clients send.

use std::fmt::Write;
use std::sync::Arc;

use axum::http::HeaderMap;
use domain::ids::ShopId;
use domain::time::Instant;
use engine::read_model::ReadModel;
use protocol::frame::Code;
use protocol::problem::{Kind, RequestError};
use qrcode::{Color, EcLevel, QrCode};

use crate::identity::codes;
use crate::identity::keys::SecretKey;
use crate::web::AppState;
use crate::web::context::device;

/// The code of the current window. `None` if the shop or its keys are unavailable or the URL does not fit a QR code.
pub(super) fn current(state: &AppState, shop: &ShopId, public_url: &str) -> Option<Code> {
    let read_model = state.engine.read_model(shop)?;
    let limits = *read_model.read().state.shop.limits();
    let keys = state.keys.shop(shop).ok()?;
    let window = limits.window_of(state.clock.now());
    let url = format!("{public_url}/q/{}", codes::qr_code(keys.codes(), window));
    let (path, modules) = qr_path(&url)?;
    let typed = codes::typed_code(keys.codes(), window);
    Some(Code { window, until: limits.window_end(window), url, typed, path, side: modules })
}

/// Start of the window of this shop that a code belongs to. `None` if the code is unknown, or so old that nobody can tell.
///
/// # Errors
/// [`Kind::SlowDown`] after too many unknown typed codes; [`Kind::Broken`] if the shop's keys are unavailable.
pub(super) fn find_window(
    state: &AppState,
    headers: &HeaderMap,
    read_model: &Arc<ReadModel>,
    code: &str,
) -> Result<Option<Instant>, RequestError> {
    Ok(find(state, headers, std::slice::from_ref(read_model), code)?.map(|(_, window)| window))
}

/// The shop and the start of the window that a code belongs to; see [`find_window`].
///
/// # Errors
/// Those of [`find_window`].
pub(super) fn find_in_all_shops(
    state: &AppState,
    headers: &HeaderMap,
    code: &str,
) -> Result<Option<(Arc<ReadModel>, Instant)>, RequestError> {
    find(state, headers, &state.engine.read_models(), code)
}

fn find(
    state: &AppState,
    headers: &HeaderMap,
    shops: &[Arc<ReadModel>],
    code: &str,
) -> Result<Option<(Arc<ReadModel>, Instant)>, RequestError> {
    limit_guesses(state, headers, code)?;
    for read_model in shops {
        if let Some(window) = search(state, read_model, code, codes::find_window)? {
            return Ok(Some((Arc::clone(read_model), window)));
        }
    }
    let (now, searches) = (state.clock.now(), &state.rate_limits.old_codes);
    for read_model in shops {
        if !codes::is_well_formed(code) || searches.retry_after(&(), now).is_some() {
            break;
        }
        searches.record_failure((), now);
        if let Some(window) = search(state, read_model, code, codes::find_expired_window)? {
            return Ok(Some((Arc::clone(read_model), window)));
        }
    }
    Ok(None)
}

/// Searches the windows of every length that a shop has had lately.
fn search(
    state: &AppState,
    read_model: &ReadModel,
    code: &str,
    find: impl Fn(&SecretKey, &str, Instant, u32) -> Option<Instant>,
) -> Result<Option<Instant>, RequestError> {
    let keys = state.keys.shop(read_model.shop()).map_err(|_| Kind::Broken)?;
    let lengths: Vec<u32> = read_model.read().state.shop.window_lengths().collect();
    let now = state.clock.now();
    Ok(lengths.into_iter().find_map(|seconds| find(keys.codes(), code, now, seconds)))
}

fn limit_guesses(state: &AppState, headers: &HeaderMap, code: &str) -> Result<(), RequestError> {
    let now = state.clock.now();
    let device = device(headers);
    let rate_limits = &state.rate_limits;
    let wait_seconds = || {
        device
            .as_ref()
            .and_then(|device| rate_limits.guesses.retry_after(device, now))
            .or(rate_limits.all_guesses.retry_after(&(), now))
    };
    if codes::is_typed(code)
        && let Some(seconds) = wait_seconds()
    {
        return Err(RequestError::from(Kind::SlowDown).retry_after(seconds));
    }
    Ok(())
}

/// Counts an unknown typed code against the rate limits.
pub(super) fn record_failed_guess(state: &AppState, headers: &HeaderMap, code: &str) {
    if codes::is_typed(code) {
        let now = state.clock.now();
        if let Some(device) = device(headers) {
            state.rate_limits.guesses.record_failure(device, now);
        }
        state.rate_limits.all_guesses.record_failure((), now);
    }
}

/// SVG path data of the dark modules as horizontal runs, and the side length in modules. Excludes the quiet zone.
fn qr_path(text: &str) -> Option<(String, u32)> {
    // Level M recovers 15 % damage, such as reflections and fingerprints on the display.
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
        let (path, side) = qr_path("http://127.0.0.1:3000/q/abcdefgh12345678").expect("the URL fits a QR code");
        let code = QrCode::with_error_correction_level("http://127.0.0.1:3000/q/abcdefgh12345678", EcLevel::M);
        let dark =
            code.expect("the URL fits a QR code").into_colors().iter().filter(|color| **color == Color::Dark).count();
        let runs = path.split('h').skip(1).step_by(2).map(|rest| rest.split('v').next().expect("a run length"));
        let drawn: usize = runs.map(|run| run.parse::<usize>().expect("a number")).sum();
        assert_eq!((drawn, side), (dark, 29));
    }
}
