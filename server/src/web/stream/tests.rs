//! Tests of lagging subscribers: they get a reset with a snapshot, never a stream with a gap.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

use app::words::Words;
use axum::http::Request;
use domain::access::{Actor, Role};
use domain::command::StoreCommand;
use domain::ids::StaffId;
use engine::CommandRequest;
use engine::clock::ManualClock;
use futures_util::future::join_all;
use uuid::Uuid;

use super::*;
use crate::Server;
use crate::config::Settings;
use crate::scratch::Scratch;
use crate::web::context::RequestContext;

async fn bar(scratch: &Scratch) -> Server {
    let settings = Settings { data: scratch.path().to_owned(), ..Settings::default() };
    Server::open(&settings, Arc::new(ManualClock::new("2026-11-21T10:00:00.000Z".parse().unwrap())), Vec::new())
        .await
        .unwrap()
}

/// Closes and opens the store in turn, with one event per command.
async fn toggle_doors(state: &AppState, times: usize) {
    let who = Actor::Credential(StaffId(Uuid::from_u128(1)), Role::Barista);
    let shop = "demo".parse().unwrap();
    let commands = [StoreCommand::Close { hold: false }.into(), StoreCommand::Open { hold: false }.into()]
        .into_iter()
        .cycle()
        .take(times);
    let replies = commands.map(|command| {
        state.engine.execute(&shop, CommandRequest { actor: who, command, idempotency_key: None, name: None })
    });
    for reply in join_all(replies).await {
        reply.unwrap().unwrap();
    }
}

fn names(bytes: &Bytes) -> Vec<String> {
    let text = std::str::from_utf8(bytes).unwrap();
    text.lines().filter_map(|subscriber| subscriber.strip_prefix("event: ")).map(str::to_owned).collect()
}

fn subscribe(state: &Arc<AppState>) -> Subscriber {
    let read_model = state.engine.read_model(&"demo".parse().unwrap()).unwrap();
    let (parts, ()) = Request::get("/").header(header::HOST, "bar.example").body(()).expect("valid parts").into_parts();
    let caller = RequestContext::new(Arc::clone(state), &parts);
    Subscriber::subscribe(ShopContext { caller, read_model, words: Words::default() }, Reader::Display, None)
}

#[tokio::test]
async fn a_subscriber_that_lags_before_its_first_bytes_gets_a_new_snapshot() {
    let scratch = Scratch::new();
    let bar = bar(&scratch).await;
    let mut subscriber = subscribe(&bar.state);
    toggle_doors(&bar.state, 600).await;
    let sent = subscriber.next().await.unwrap();
    // The pins, which may have ended meanwhile, and the code.
    assert_eq!(names(&sent), ["reset", "snapshot", "ephemeral", "ephemeral"]);
    assert!(std::str::from_utf8(&sent).unwrap().contains(&subscriber.read_model.read().state.cursor().to_string()));
}

#[tokio::test]
async fn a_subscriber_that_lags_later_is_resynced() {
    let scratch = Scratch::new();
    let bar = bar(&scratch).await;
    let mut subscriber = subscribe(&bar.state);
    assert_eq!(names(&subscriber.next().await.unwrap()), ["snapshot", "ephemeral"]);
    toggle_doors(&bar.state, 600).await;
    let mut sent = Vec::new();
    // A heartbeat may come first.
    while !sent.contains(&"snapshot".to_owned()) {
        sent.extend(names(&subscriber.next().await.unwrap()));
    }
    sent.retain(|name| name != "heartbeat");
    assert_eq!(sent, ["reset", "snapshot", "ephemeral", "ephemeral"]);
    toggle_doors(&bar.state, 1).await;
    let next = subscriber.next().await.unwrap();
    assert!(names(&next).iter().any(|name| name == "event"), "{next:?}");
}

#[tokio::test]
async fn pending_frames_are_sent_in_one_chunk() {
    let scratch = Scratch::new();
    let bar = bar(&scratch).await;
    let mut subscriber = subscribe(&bar.state);
    toggle_doors(&bar.state, 500).await;
    let sent = names(&subscriber.next().await.unwrap());
    assert_eq!((&sent[..3], sent.len()), (&["snapshot", "ephemeral", "event"].map(str::to_owned)[..], 502));
}
