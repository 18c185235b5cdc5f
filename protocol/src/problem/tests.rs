//! The closed list as people read it in `docs/refusals.md`, written from the list itself.
#![expect(clippy::unwrap_used, reason = "a test may fail")]

use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::Path;

use super::Kind;

const HEAD: &str = "# Every way to be told no

A refusal changes nothing and stores nothing; only `shop_unavailable/…` is recorded, as the end of the order it names.
Scripts get it as a problem document (RFC 9457, `application/problem+json`) whose `type` is `/problems/` and the slug; people get the same words as a page.
Opened in a browser, a `type` says what it means.
`retry_after`, in the document and as the header, is there where the same request may succeed later.

";

#[test]
fn the_documented_problem_list_matches_the_code() {
    let mut text = HEAD.to_owned();
    text.push_str("| slug | status | what people read | what they can do |\n| --- | ---: | --- | --- |\n");
    for kind in Kind::ALL {
        let (slug, status, title, advice) = (kind.slug(), kind.status(), kind.title(), kind.advice());
        writeln!(text, "| `{slug}` | {status} | {title} | {advice} |").unwrap();
    }
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/refusals.md");
    if std::env::var_os("CREMA_WRITE").is_some() {
        std::fs::write(&file, &text).unwrap();
    }
    let written = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(written == text, "docs/refusals.md is not the list: CREMA_WRITE=1 cargo test -p protocol the_list");
}

#[test]
fn every_problem_kind_has_a_unique_slug_and_advice() {
    let slugs: BTreeSet<_> = Kind::ALL.iter().map(|kind| kind.slug()).collect();
    assert_eq!(slugs.len(), Kind::ALL.len());
    for kind in Kind::ALL {
        assert!((400..600).contains(&kind.status()), "{kind:?}");
        assert!(kind.advice().ends_with('.') && !kind.title().ends_with('.'), "{kind:?}");
    }
}
