//! Unattended operation of the display: a wake lock, a moving picture against burn-in, and a reload at night.

use domain::time::Instant;
use leptos::prelude::*;

use crate::ui::text::{Text, text};

/// Seconds after which the whole picture moves by some pixels, so that nothing burns in.
const SHIFT_SECONDS: u32 = 90;

/// Number of places of the picture, as in `style/display.css`.
const SHIFTS: u32 = 4;

/// Keeps the screen on, and loads the page again at night.
pub(super) fn run(now: RwSignal<Instant>) {
    #[cfg(target_arch = "wasm32")]
    {
        browser::stay_awake();
        Effect::new(move || browser::reload_at_night(now.get()));
    }
    #[cfg(not(target_arch = "wasm32"))]
    let _ = now;
}

/// The place of the picture (`data-shift`).
pub(super) fn shift(now: RwSignal<Instant>) -> Text {
    let shift = Memo::new(move |_| now.get().seconds_since(Instant(0)) / SHIFT_SECONDS % SHIFTS);
    text(move || shift.get().to_string())
}

#[cfg(target_arch = "wasm32")]
mod browser {
    use domain::time::Instant;
    use js_sys::{Function, Promise, Reflect};
    use leptos::prelude::{document, window};
    use wasm_bindgen::closure::Closure;
    use wasm_bindgen::{JsCast, JsValue};

    use crate::live::time_of_day;

    /// Hour of the device's day in which nobody looks at the display.
    const NIGHT: &str = "04";

    /// Least age of a page that is loaded again.
    const MIN_AGE_MS: f64 = 20.0 * 3_600_000.0;

    pub(super) fn reload_at_night(now: Instant) {
        let age = window().performance().map_or(0.0, |clock| clock.now());
        if age > MIN_AGE_MS && time_of_day(now).starts_with(NIGHT) {
            let _ = window().location().reload();
        }
    }

    /// Asks the browser to keep the screen on, and again when the page is visible: hiding it ends the lock.
    pub(super) fn stay_awake() {
        // Without a lock the device's own settings decide.
        let ignore = Closure::<dyn FnMut(JsValue)>::new(|_| {});
        let lock = move || {
            if let Ok(promise) = request_lock() {
                let _ = promise.catch(&ignore);
            }
        };
        lock();
        let listener = Closure::<dyn Fn()>::new(lock);
        let _ = document().add_event_listener_with_callback("visibilitychange", listener.as_ref().unchecked_ref());
        // The page stays awake until it is unloaded.
        listener.forget();
    }

    /// Browsers without this lock, or pages without TLS, have no `wakeLock`.
    fn request_lock() -> Result<Promise, JsValue> {
        let locks = Reflect::get(&window().navigator(), &"wakeLock".into())?;
        let request = Reflect::get(&locks, &"request".into())?.dyn_into::<Function>()?;
        request.call1(&locks, &"screen".into())?.dyn_into()
    }
}
