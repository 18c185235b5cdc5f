//! The closed list of problems as `docs/refusals.md` has it, generated from the list itself, and the words with facts.
#![expect(clippy::unwrap_used, reason = "a test may fail")]

use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::Path;

use domain::hours::{HoursFlaw, LocalDateTime, Weekday};
use domain::language::Language;
use domain::menu::change::MenuFlaw;
use domain::order::Step;
use domain::refusal::Refusal;
use domain::time::Instant;
use protocol::problem::{Kind, Problem, ProblemFacts, RequestError};

use crate::words::Words;

const HEAD: &str = "# Every way to be told no

A refusal changes nothing and stores nothing; only `shop_unavailable/…` is recorded, as the end of the order it names.
Scripts get it as a problem document (RFC 9457, `application/problem+json`) whose `type` is `/problems/` and the slug; people get the same words as a page.
Opened in a browser, a `type` says what it means.
`retry_after`, in the document and as the header, is there where the same request may succeed later.

";

fn english(error: impl Into<RequestError>) -> Problem {
    Words::new(Language::English).problem(&error.into())
}

#[test]
fn the_documented_problem_list_matches_the_code() {
    let mut text = HEAD.to_owned();
    text.push_str("| slug | status | what people read | what they can do |\n| --- | ---: | --- | --- |\n");
    for kind in Kind::ALL {
        let (slug, status) = (kind.slug(), kind.status());
        let Problem { title, detail, .. } = english(*kind);
        writeln!(text, "| `{slug}` | {status} | {title} | {detail} |").unwrap();
    }
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/refusals.md");
    if std::env::var_os("CREMA_WRITE").is_some() {
        std::fs::write(&file, &text).unwrap();
    }
    let written = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(written == text, "docs/refusals.md is outdated: CREMA_WRITE=1 cargo test -p app --features ssr problems");
}

#[test]
fn every_problem_kind_has_a_unique_slug_and_advice() {
    let slugs: BTreeSet<_> = Kind::ALL.iter().map(|kind| kind.slug()).collect();
    assert_eq!(slugs.len(), Kind::ALL.len());
    for kind in Kind::ALL {
        assert!((400..600).contains(&kind.status()), "{kind:?}");
        let Problem { title, detail, .. } = english(*kind);
        assert!(detail.ends_with('.') && !title.ends_with('.'), "{kind:?}");
    }
}

#[test]
fn the_detail_of_a_refusal_has_its_facts() {
    let count = |least, most| Refusal::OptionCountOutOfRange { group: "Extras".to_owned(), least, most };
    for (refusal, detail) in [
        (count(1, 1), "of Extras 1 must be taken."),
        (count(0, 2), "of Extras 0 to 2 must be taken."),
        (Refusal::LimitOutOfRange { name: "room", least: 1, most: 9 }, "room must be 1 to 9."),
        (Refusal::InvalidMenu { what: "mocha".to_owned(), flaw: MenuFlaw::IdTwice }, "mocha: that id is taken."),
        (Refusal::InvalidHours(HoursFlaw::DaysWrong), "the last day must not lie before the first."),
    ] {
        assert_eq!(english(refusal).detail, detail);
    }
}

#[test]
fn a_refusal_without_facts_for_people_has_the_words_of_its_kind() {
    for refusal in [
        Refusal::CodeExpired,
        Refusal::NoTokensLeft { next: Instant(1_795_257_720_007) },
        Refusal::NotOnTheMenu { what: "oat".to_owned() },
        Refusal::VersionConflict { version: 3 },
    ] {
        assert_eq!(english(refusal.clone()), english(Kind::from(&refusal)));
    }
}

#[test]
fn the_title_names_the_step_that_an_order_is_past() {
    let making = english(Refusal::IllegalStep { step: Step::Making });
    assert_eq!(making.title, "The drink is being made already");
    assert_eq!(making.detail, english(Kind::StepIllegal).detail);
}

#[test]
fn a_guest_at_the_limit_reads_which_drink_it_was() {
    let title =
        |orders| english(RequestError::from(Kind::UnavailableLimit).with(ProblemFacts::LimitReached { orders })).title;
    let titles = [1, 2, 3, 4, 11, 22].map(title);
    let numbers =
        ["1st", "2nd", "3rd", "4th", "11th", "22nd"].map(|number| format!("That was your {number} drink today"));
    assert_eq!(titles, numbers);
}

#[test]
fn a_break_has_its_reason_and_a_closed_shop_its_next_opening() {
    let detail = |kind: Kind, facts| english(RequestError::from(kind).with(facts)).detail;
    let paused = |reason: &str| ProblemFacts::Paused { reason: reason.to_owned(), has_end: true };
    assert_eq!(
        detail(Kind::UnavailablePaused, paused("Milk is on its way")),
        "Milk is on its way. We go on as soon as we can."
    );
    assert_eq!(detail(Kind::UnavailablePaused, paused("")), english(Kind::UnavailablePaused).detail);
    let weekday = Weekday::Fri;
    let at = LocalDateTime { weekday, day: 2, month: 1, year: 2026, hour: 9, minute: 0, second: 0 };
    assert_eq!(detail(Kind::UnavailableClosed, ProblemFacts::OpensAt(at)), "We open on Friday at 9:00.");
}

#[test]
fn the_title_names_what_is_sold_out() {
    let sold_out = english(Refusal::SoldOut { what: "oat".to_owned() });
    assert_eq!((sold_out.title.as_str(), sold_out.detail), ("oat is sold out", english(Kind::SoldOut).detail));
}

#[test]
fn a_full_shop_names_the_minutes_until_a_place_is_free() {
    let detail =
        |seconds| english(RequestError::from(Kind::UnavailableFull).with(ProblemFacts::FreeWithin { seconds })).detail;
    assert_eq!(detail(60), "All places are taken. The next one comes free within 1 min, often sooner.");
    assert_eq!(detail(61), "All places are taken. The next one comes free within 2 min, often sooner.");
}

#[test]
fn a_document_has_the_facts_of_its_error() {
    let error = RequestError::from(Kind::SlowDown).retry_after(7);
    let Problem { kind, status, retry_after, order, .. } = english(error);
    assert_eq!((kind.as_str(), status, retry_after, order), ("/problems/slow_down", 429, Some(7), None));
}

#[test]
fn the_pseudo_locale_brackets_all_words_but_those_about_the_request() {
    let pseudo = |error: RequestError| Words::new(Language::Pseudo).problem(&error);
    for kind in Kind::ALL {
        let Problem { title, detail, .. } = pseudo((*kind).into());
        assert!([title, detail].iter().all(|text| text.starts_with('⟦') && text.ends_with('⟧')), "{kind:?}");
    }
    assert_eq!(pseudo(RequestError::malformed("most: 1 to 100")).detail, "most: 1 to 100");
}
