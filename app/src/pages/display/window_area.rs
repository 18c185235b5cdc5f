//! The size of the display's window.

use leptos::prelude::*;

use super::fit::Area;

/// The area of the lists in the current window. The server assumes a television.
pub(super) fn window_area() -> RwSignal<Area> {
    let area = RwSignal::new(Area::in_window(16.0 / 9.0));
    #[cfg(target_arch = "wasm32")]
    Effect::new(move || {
        use wasm_bindgen::JsCast;
        use wasm_bindgen::closure::Closure;

        let update = move || {
            if let Some(aspect) = window_aspect() {
                area.set(Area::in_window(aspect));
            }
        };
        update();
        let listener = Closure::<dyn Fn()>::new(update);
        let _ = window().add_event_listener_with_callback("resize", listener.as_ref().unchecked_ref());
        // The page has its board until it is unloaded.
        listener.forget();
    });
    area
}

/// Width per height of the window.
#[cfg(target_arch = "wasm32")]
#[expect(clippy::cast_possible_truncation, reason = "a ratio")]
fn window_aspect() -> Option<f32> {
    let (width, height) = (window().inner_width().ok()?.as_f64()?, window().inner_height().ok()?.as_f64()?);
    (width > 0.0 && height > 0.0).then_some((width / height) as f32)
}
