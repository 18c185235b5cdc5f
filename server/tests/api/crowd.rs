//! A thousand scans at the same moment, each from its own phone over its own connection.

use axum::http::StatusCode;
use domain::access::Role;
use domain::event::Event;
use futures_util::future::join_all;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::harness::{TestServer, new_order};

const PHONES: usize = 1_000;
/// Fewer than phones, and fewer than the shop has room for.
const TOKENS: usize = 437;

/// The test holds both ends of every connection.
fn raise_limit_of_open_files() {
    let maximum = getrlimit(Resource::Nofile).maximum;
    setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum }).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_thousand_starts_at_the_same_moment_as_many_are_accepted_as_there_are_tokens() {
    raise_limit_of_open_files();
    let server = TestServer::start().await;
    let manager = server.api_client("demo", Role::Manager).await;
    for (name, value) in [("room", "10000".to_owned()), ("drinks_per_code", TOKENS.to_string())] {
        manager.command("store/limits", &[(&format!("change[{name}]"), &value)]).await.expect_ok();
    }
    // What a code has sold before a change of the limit counts from the next window on.
    server.advance_clock(300);
    let code = server.qr_code().await;
    // A device is new at most 600 times a minute from one address; on this machine the address is unknown.
    let mut phones = Vec::new();
    for _ in 0..PHONES {
        phones.push(server.new_browser());
    }
    for few in phones.chunks(100) {
        join_all(few.iter().map(|phone| phone.scan(&code))).await;
    }
    let starts = phones.iter().map(|phone| phone.start(new_order(), &code));
    let answers = join_all(starts).await;
    let (accepted, refused): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == StatusCode::OK);
    assert_eq!((accepted.len(), refused.len()), (TOKENS, PHONES - TOKENS));
    for answer in refused {
        assert_eq!((answer.status, answer.slug().as_str()), (StatusCode::CONFLICT, "code_used_up"));
    }
    let log = server.installation.log().await;
    let begun = log.iter().filter(|recorded| matches!(recorded.event, Event::NewOrder(_)));
    assert_eq!(begun.count(), TOKENS);
}
