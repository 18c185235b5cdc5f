//! The display's code panel: QR code, typed code, remaining tokens and countdown.

use domain::time::Instant;
use domain::view::display::Display;
use leptos::either::Either;
use leptos::prelude::*;

use crate::live::{Connection, PageState};
use crate::ui::cup::Cup;
use crate::ui::text::{inner_text, text};
use crate::words::{self, DisplayWords, Notice};
use protocol::frame::Code;

/// The code leaves the screen this many seconds before its end, so that nobody scans one that is about to expire. Short
/// windows have a shorter countdown.
const LAST_SECONDS: u32 = 10;
const LAST_SHARE: u32 = 30;

/// Content of the panel.
#[derive(Clone, PartialEq)]
enum JoinPanel {
    Code(Code),
    /// Shown if no order can be started with a code now.
    Notice {
        heading: &'static str,
        text: String,
    },
}

fn join_panel(page: PageState<Display>) -> JoinPanel {
    let code = page.ephemeral.with(|ephemeral| ephemeral.code.clone());
    let (words, shared, texts) = (page.words, page.words.shared(), page.words.display());
    let notice = |Notice { heading, text }| JoinPanel::Notice { heading, text: text.to_owned() };
    let is_lost = page.connection.with(|connection| matches!(connection, Connection::Lost { .. }));
    page.read(|view| match (code, &view.paused) {
        _ if is_lost => notice(texts.not_connected()),
        _ if !view.open => notice(Notice { heading: shared.closed(), text: texts.closed_text() }),
        _ if view.closing.is_some() => notice(texts.last_orders()),
        (_, Some(paused)) => JoinPanel::Notice { heading: shared.paused_heading(), text: words.pause_notice(paused) },
        _ if view.is_full() => notice(texts.hands_full()),
        (None, None) => notice(texts.one_moment()),
        (Some(code), None) if view.tokens_left(code.window) == 0 => notice(texts.all_taken()),
        (Some(code), None) if is_ending(&code, page.now.get()) => notice(texts.code_is_changing()),
        (Some(code), None) => JoinPanel::Code(code),
    })
}

/// Whether the window of this code is in its last seconds.
fn is_ending(code: &Code, now: Instant) -> bool {
    let length = code.until.seconds_since(code.window);
    code.until.seconds_since(now) < LAST_SECONDS.min(length / LAST_SHARE)
}

/// The panel.
#[component]
pub fn Join(page: PageState<Display>) -> impl IntoView {
    let shown = Memo::new(move |_| join_panel(page));
    view! {
        <section class="join" aria-label=page.words.display().how_to_order()>
            {move || match shown.get() {
                JoinPanel::Code(code) => Either::Left(view! { <QrCode code page/> }),
                JoinPanel::Notice { heading, text } => Either::Right(view! {
                    <div class="join-words">
                        <Cup icon="espresso".to_owned()/>
                        <h2>{heading}</h2>
                        <p>{text}</p>
                    </div>
                }),
            }}
            <CodeStatus page/>
        </section>
    }
}

#[component]
fn QrCode(code: Code, page: PageState<Display>) -> impl IntoView {
    let texts: DisplayWords = page.words.display();
    let Code { url, typed, path, side, is_local, window, until } = code;
    // ISO/IEC 18004 requires a quiet zone of four modules. The ring is around it.
    let frame = format!("-6 -6 {0} {0}", side + 12);
    let ground = (side + 8).to_string();
    let ring = (side + 10).to_string();
    let host = url.split('/').nth(2).unwrap_or_default().to_owned();
    let (first, second) = typed.split_at_checked(typed.len() / 2).unwrap_or((&typed, ""));
    let typed = [first, " ", second].concat();
    let drained = text(move || {
        let length = until.seconds_since(window).max(1);
        (100 - 100 * until.seconds_since(page.now.get()).min(length) / length).to_string()
    });
    view! {
        <div class="scan">
            <h2>{texts.scan_to_order()}</h2>
            <svg class="qr" viewBox=frame role="img" aria-label=texts.qr_code(&url)>
                <rect class="ground" x="-4" y="-4" width=ground.clone() height=ground rx="1.5"></rect>
                <rect
                    class="ring" x="-5" y="-5" width=ring.clone() height=ring rx="2.5" pathLength="100" stroke-dasharray="100"
                    stroke-dashoffset=drained
                ></rect>
                <path d=path shape-rendering="crispEdges"></path>
            </svg>
            <p class="typed" translate="no">
                <span>{host}"/q"</span>
                <strong>{typed}</strong>
                {is_local.then(|| view! { <small>{texts.is_local()}</small> })}
            </p>
        </div>
    }
}

/// Remaining tokens ("6 of 10 left") and the countdown to the next code, the end of the pause or closing.
#[component]
fn CodeStatus(page: PageState<Display>) -> impl IntoView {
    let texts = page.words.display();
    let code = move || page.ephemeral.with(|ephemeral| ephemeral.code.as_ref().map(|code| (code.window, code.until)));
    let is_full = Memo::new(move |_| page.read(Display::is_full));
    let left = inner_text(move || {
        let left = page.read(|view| {
            let takes_orders = view.open && view.paused.is_none() && view.closing.is_none() && !is_full.get();
            let (window, _) = code().filter(|_| takes_orders)?;
            let (left, most) = (view.tokens_left(window), view.tokens_at_start(window));
            // Returned tokens can exceed the number that a window began with.
            Some(if left > most { texts.left(left) } else { texts.left_of(left, most) })
        });
        left.unwrap_or_default()
    });
    let countdown = inner_text(move || {
        let countdown = |until: Instant| words::countdown(until.seconds_since(page.now.get()));
        let text = page.read(|view| match &view.paused {
            _ if !view.open => None,
            _ if view.closing.is_some() => view.closing.map(|until| texts.closing_in(&countdown(until))),
            Some(paused) => paused.until.map(|until| texts.back_in(&countdown(until))),
            None if is_full.get() => None,
            None => code().map(|(_, until)| texts.new_code_in(&countdown(until))),
        });
        text.unwrap_or_default()
    });
    view! {
        <p class="left">
            <span inner_html=left></span>
            <span class="next-code" inner_html=countdown></span>
        </p>
    }
}
