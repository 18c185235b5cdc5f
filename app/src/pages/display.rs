//! Display page (the TV above the bar): the QR code, and the orders in the queue, being made and ready.

use domain::view::display::Display;
use leptos::prelude::*;

use crate::live::{PageState, StreamProfile};
use crate::ui::age::update_ages;
use crate::ui::connection::ConnectionMark;
use crate::ui::text::{Text, escape, inner_text, text};
use protocol::frame::Opening;

pub mod board;
pub mod calls;
pub mod fit;
pub mod invitation;
pub mod join;
mod kiosk;
pub mod sound;
mod waits;
mod window_area;

use board::Board;
use invitation::Invitation;
use join::Join;
use sound::{Sound, SoundButton};

/// The page.
#[component]
pub fn DisplayPage(opening: Opening<Display>) -> impl IntoView {
    let page = PageState::open(opening, "display", StreamProfile::BAR_DEVICE);
    update_ages(page.now, page.words);
    let (area, sound) = (window_area::window_area(), Sound::kept(page.words));
    kiosk::run(page.now);
    let is_idle = Memo::new(move |_| page.read(|view| view.preparing().chain(view.ready()).next().is_none()));
    view! {
        <main class="display" data-shift=kiosk::shift(page.now) data-idle=text(move || is_idle.get().to_string())>
            <header class="display-head">
                <h1 inner_html=inner_text(move || page.read(|view| view.name.clone()))></h1>
                <ConnectionMark connection=page.connection words=page.words/>
                <SoundButton sound words=page.words/>
                <Pins class="head" slots="head" page/>
                <WallClock page/>
            </header>
            <Join page/>
            <Invitation page/>
            <Board area sound page/>
            <Pins class="drinks" slots="drink/" page/>
        </main>
    }
}

/// Lists the pins whose slot begins with `slots`. The list is HTML, since a conditional element would add a kilobyte;
/// without pins there is none.
#[component]
fn Pins(class: &'static str, slots: &'static str, page: PageState<Display>) -> impl IntoView {
    let list: Text = Box::new(move || {
        let mut items = String::new();
        page.for_each_pin(
            |slot| slot.starts_with(slots),
            |pin| {
                let value = page.read(|view| waits::wait_text(page, view, pin));
                for part in ["<li>", &escape(&pin.label), " <strong>", &escape(&value), "</strong></li>"] {
                    items.push_str(part);
                }
            },
        );
        if items.is_empty() { items } else { ["<ul class=\"pins ", class, "\">", &items, "</ul>"].concat() }
    });
    view! { <div class="slot" inner_html=list></div> }
}

/// The server's time in the device's time zone, which only the device knows: empty until the first tick.
#[component]
fn WallClock(page: PageState<Display>) -> impl IntoView {
    let time = RwSignal::new(String::new());
    #[cfg(target_arch = "wasm32")]
    Effect::new(move || {
        let now = crate::live::time_of_day(page.now.get());
        time.maybe_update(|shown| {
            let changed = *shown != now;
            *shown = now;
            changed
        });
    });
    #[cfg(not(target_arch = "wasm32"))]
    let _ = page;
    view! { <p class="wall-clock" inner_html=inner_text(move || time.get())></p> }
}

/// Renders the HTML document.
#[cfg(feature = "ssr")]
pub fn html(assets: &crate::shell::Assets, words: crate::words::Words, opening: &Opening<Display>) -> String {
    let head = crate::shell::PageHead::hydrated("display", &opening.snapshot.view.name, opening).for_staff();
    let opening = opening.clone();
    crate::shell::document(assets, words, head, move || view! { <DisplayPage opening/> })
}
