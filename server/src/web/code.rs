//! The current rotating code as URL, QR image and typed form, and the lookup of codes that clients send.

use std::fmt::Write;
use std::sync::Arc;

use domain::ids::ShopId;
use domain::time::Instant;
use engine::read_model::ReadModel;
use protocol::frame::Code;
use protocol::problem::{Kind, RequestError};
use qrcode::{Color, EcLevel, QrCode};

use crate::config::is_local;
use crate::identity::codes;
use crate::identity::keys::SecretKey;
use crate::web::AppState;
use crate::web::context::RequestContext;
use crate::web::rate_limits::Guesser;

/// The code of the current window. `None` if the shop or its keys are unavailable or the URL does not fit a QR code.
pub(super) fn current(state: &AppState, shop: &ShopId, public_url: &str) -> Option<Code> {
    let read_model = state.engine.read_model(shop)?;
    let limits = *read_model.read().state.shop.limits();
    let keys = state.keys.shop(shop).ok()?;
    let window = limits.window_of(state.clock.now());
    let url = format!("{public_url}/q/{}", codes::qr_code(keys.codes(), window));
    let (path, modules) = qr_path(&url)?;
    let typed = codes::typed_code(keys.codes(), window);
    let is_local = is_local(public_url);
    if is_local {
        state.notices.log_local_url(public_url);
    }
    Some(Code { window, until: limits.window_end(window), url, typed, path, side: modules, is_local })
}

/// Start of the window of this shop that a code belongs to. `None` if the code is unknown, or so old that nobody can tell.
///
/// # Errors
/// [`Kind::Broken`] if the shop's keys are unavailable.
pub(super) fn find_window(
    state: &AppState,
    read_model: &Arc<ReadModel>,
    code: &str,
) -> Result<Option<Instant>, RequestError> {
    Ok(find(state, std::slice::from_ref(read_model), code)?.map(|(_, window)| window))
}

/// The shop and the start of the window that a code belongs to; see [`find_window`].
///
/// # Errors
/// Those of [`find_window`].
pub(super) fn find_in_all_shops(
    state: &AppState,
    code: &str,
) -> Result<Option<(Arc<ReadModel>, Instant)>, RequestError> {
    find(state, &state.engine.read_models(), code)
}

fn find(
    state: &AppState,
    shops: &[Arc<ReadModel>],
    code: &str,
) -> Result<Option<(Arc<ReadModel>, Instant)>, RequestError> {
    for read_model in shops {
        if let Some(window) = search(state, read_model, code, codes::find_window)? {
            return Ok(Some((Arc::clone(read_model), window)));
        }
    }
    for read_model in shops {
        if !codes::is_well_formed(code) || !state.rate_limits.may_search_old_codes(state.clock.now()) {
            break;
        }
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

/// Limits the rate of typed codes before they are looked up. `shop` is `None` if the code may be of any shop.
///
/// # Errors
/// [`Kind::SlowDown`] after too many unknown typed codes.
pub(super) fn check_guess_rate(caller: &RequestContext, shop: Option<&ShopId>, code: &str) -> Result<(), RequestError> {
    if !codes::is_typed(code) {
        return Ok(());
    }
    let (state, device) = (&caller.state, caller.device());
    let by = Guesser { device: device.as_ref(), address: caller.address, shop };
    state.rate_limits.check_guess(by, state.clock.now())
}

/// Counts an unknown typed code against the rate limits.
pub(super) fn record_failed_guess(caller: &RequestContext, shop: Option<&ShopId>, code: &str) {
    if codes::is_typed(code) {
        let (state, device) = (&caller.state, caller.device());
        let by = Guesser { device: device.as_ref(), address: caller.address, shop };
        state.rate_limits.record_failed_guess(by, state.clock.now());
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
