//! The display's code panel: QR code, typed code, remaining tokens and countdown.

use domain::time::Instant;
use domain::view::display::Display;
use leptos::either::Either;
use leptos::prelude::*;

use crate::live::PageState;
use crate::ui::cup::Cup;
use crate::ui::text::inner_text;
use crate::words::{self, DisplayWords, Notice};
use protocol::frame::Code;

/// Content of the panel.
#[derive(Clone, PartialEq)]
enum JoinPanel {
    Code(Code),
    /// Shown if there is no code or all of its tokens are taken.
    Notice {
        heading: &'static str,
        text: String,
    },
}

fn join_panel(page: PageState<Display>) -> JoinPanel {
    let code = page.ephemeral.with(|ephemeral| ephemeral.code.clone());
    let (words, shared, texts) = (page.words, page.words.shared(), page.words.display());
    let notice = |Notice { heading, text }| JoinPanel::Notice { heading, text: text.to_owned() };
    page.read(|view| match (code, &view.paused) {
        _ if !view.open => notice(Notice { heading: shared.closed(), text: texts.closed_text() }),
        _ if view.closing.is_some() => notice(texts.last_orders()),
        (_, Some(paused)) => JoinPanel::Notice { heading: shared.paused_heading(), text: words.pause_notice(paused) },
        (Some(code), None) if view.tokens_left(code.window) > 0 => JoinPanel::Code(code),
        (Some(_), None) => notice(texts.all_taken()),
        (None, None) => notice(texts.one_moment()),
    })
}

/// The panel.
#[component]
pub fn Join(page: PageState<Display>) -> impl IntoView {
    let shown = Memo::new(move |_| join_panel(page));
    view! {
        <section class="join" aria-label=page.words.display().how_to_order()>
            {move || match shown.get() {
                JoinPanel::Code(code) => Either::Left(view! { <QrCode code texts=page.words.display()/> }),
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
fn QrCode(code: Code, texts: DisplayWords) -> impl IntoView {
    let Code { url, typed, path, side, is_local, .. } = code;
    // ISO/IEC 18004 requires a quiet zone of four modules.
    let frame = format!("-4 -4 {0} {0}", side + 8);
    let host = url.split('/').nth(2).unwrap_or_default().to_owned();
    view! {
        <div class="scan">
            <h2>{texts.scan_to_order()}</h2>
            <svg class="qr" viewBox=frame role="img" aria-label=texts.qr_code(&url) shape-rendering="crispEdges">
                <path d=path></path>
            </svg>
            <p class="typed" translate="no">
                <span>{host}"/q/"</span>
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
    let left = inner_text(move || {
        let left = page.read(|view| {
            let (window, _) = code().filter(|_| view.open && view.paused.is_none() && view.closing.is_none())?;
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
