//! HTML page of a problem document: what happened, what to do, when it may go, and the ways on.

use leptos::prelude::*;

use crate::shell::{self, Assets, PageHead};
use crate::ui::cup::Cup;
use crate::words::{self, Words};
use protocol::problem::{Kind, Problem, ProblemFacts, RequestError};

/// The ways on from a refusal, as paths.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WaysOn {
    /// The page before, or that of the shop.
    pub back: Option<String>,
    /// Whether `back` shows an order of the guest that is not over.
    pub has_order: bool,
    /// The page that asks again.
    pub again: Option<String>,
}

/// A time to wait, in seconds, and what comes after it.
struct Countdown {
    label: &'static str,
    seconds: u32,
    then: Option<String>,
    done: Option<&'static str>,
}

/// Renders the HTML document of an error.
pub fn html(assets: &Assets, words: Words, error: &RequestError, ways_on: &WaysOn) -> String {
    let texts = words.pages();
    let Problem { title, detail, .. } = words.problem(error);
    let countdown = countdown(error, ways_on, words);
    let again = countdown.as_ref().and_then(|countdown| Some((countdown.seconds, countdown.then.clone()?)));
    let head = PageHead {
        refresh: again.as_ref().map(|(seconds, path)| format!("{seconds};url={path}")),
        ..PageHead::static_page("problem", title.clone()).with_script()
    };
    let countdown = countdown.map(|Countdown { label, seconds, then, done }| {
        let left = words::countdown(seconds);
        view! { <p class="countdown">{label} " " <time data-seconds=seconds data-then=then data-done=done>{left}</time></p> }
    });
    let again = match error.kind {
        Kind::CodeUnknown => Some(("/q".to_owned(), texts.type_again())),
        _ => again.map(|(_, path)| (path, texts.try_now())),
    };
    let (has_order, back) = (ways_on.has_order, ways_on.back.clone());
    let back_label = match error.kind {
        _ if has_order => texts.back_to_my_order(),
        _ if ways_on.again.is_some() => texts.see_the_menu(),
        _ => texts.back(),
    };
    let button = |(path, label): (String, &'static str), is_primary: bool| {
        view! { <a class="button" class:primary=is_primary href=path>{label}</a> }
    };
    let mut buttons =
        [again.map(|again| button(again, !has_order)), back.map(|path| button((path, back_label), has_order))];
    if has_order {
        buttons.reverse();
    }
    shell::document(assets, words, head, move || {
        view! {
            <main class="plain">
                <Cup icon="mug".to_owned()/>
                <h1 tabindex="-1">{title}</h1>
                <p>{detail}</p>
                {countdown}
                {buttons.into_iter().flatten().collect_view()}
            </main>
        }
    })
}

fn countdown(error: &RequestError, ways_on: &WaysOn, words: Words) -> Option<Countdown> {
    let texts = words.pages();
    let seconds = error.retry_after?;
    let (then, done) = (ways_on.again.clone(), None);
    Some(match (error.kind, &error.facts) {
        // Another code must be scanned.
        (Kind::CodeUsedUp, _) => {
            Countdown { label: texts.next_code_in(), seconds, then: None, done: Some(texts.next_code_is_there()) }
        }
        (_, Some(ProblemFacts::Paused { has_end: true, .. })) => {
            Countdown { label: texts.back_in(), seconds, then, done }
        }
        _ if then.is_some() => Countdown { label: texts.we_try_again_in(), seconds, then, done },
        _ => Countdown { label: texts.try_again_in(), seconds, then, done },
    })
}
