//! Every command of the command table, sent by every kind of client: those who may not issue it are refused, whatever
//! they claim to be.

use std::sync::{Arc, Mutex};

use app::api::{AnswerFuture, Backend, dispatch};
use axum::http::StatusCode;
use domain::access::{Actor, Role};
use domain::answer::Answer;
use domain::command::Command;
use domain::event::Event;
use domain::ids::{GuestId, ShopId, StaffId};
use leptos::prelude::provide_context;
use protocol::command::{CommandRow, Input, ROWS, Request};
use uuid::Uuid;

use crate::fields::valid_fields;
use crate::harness::browser::command;
use crate::harness::{Browser, TestServer, new_order};

/// A client and what the server must take it for; `None` for a stranger.
struct Caller {
    browser: Browser,
    actor: Option<Actor>,
}

async fn callers(server: &TestServer) -> Vec<Caller> {
    let guest = Actor::Guest(GuestId(Uuid::nil()));
    let mut callers = vec![
        Caller { browser: server.new_browser(), actor: None },
        Caller { browser: server.guest().await, actor: Some(guest) },
        Caller { browser: server.display.clone(), actor: Some(credential(Role::Display)) },
    ];
    for role in Role::ALL {
        callers.push(Caller { browser: server.api_client("demo", role).await, actor: Some(credential(role)) });
    }
    callers
}

fn credential(role: Role) -> Actor {
    Actor::Credential(StaffId(Uuid::nil()), role)
}

/// Remembers the request that a form decodes to.
#[derive(Default)]
struct Capture(Mutex<Option<Request>>);

impl Backend for Capture {
    fn issue(&self, _: ShopId, input: Input, _: Option<String>) -> AnswerFuture {
        *self.0.lock().unwrap() = Some(input.request);
        Box::pin(async { Ok(Answer::default()) })
    }
}

async fn decoded(row: &CommandRow, fields: &[(&str, &str)]) -> Request {
    let capture = Arc::new(Capture::default());
    let backend: Arc<dyn Backend> = capture.clone();
    let form = command(row.endpoint, fields).body;
    dispatch(row.endpoint, &form, move || provide_context(backend)).await.unwrap();
    capture.0.lock().unwrap().take().unwrap()
}

#[tokio::test]
async fn every_command_is_refused_to_everybody_who_may_not_issue_it() {
    let server = TestServer::start().await;
    let phone = server.guest().await;
    let order = phone.order(&server.qr_code().await, "mocha").await.to_string();
    let callers = callers(&server).await;
    let mut refused = 0;
    for row in ROWS {
        // A start with a code is a guest's, one without a robot's.
        let code = row.optional.contains(&"code").then_some([("code", "AAAA-AAAA")]);
        for more in [Some([].as_slice()), code.as_ref().map(<[_; 1]>::as_slice)].into_iter().flatten() {
            let fields = [&valid_fields(row, &[], &order)[..], more].concat();
            let request = decoded(row, &fields).await;
            for Caller { browser, actor } in &callers {
                if actor.is_some_and(|actor| request.may_be_issued_by(actor)) {
                    continue;
                }
                let before = server.position().await;
                let response = browser.command(row.endpoint, &fields).await;
                let expected = match (actor, &request) {
                    (None, _) => (StatusCode::UNAUTHORIZED, response.slug()),
                    // What a guest's start lacks is its code.
                    (Some(Actor::Guest(_)), Request::Command(Command::Start { .. })) => {
                        (StatusCode::BAD_REQUEST, "malformed".to_owned())
                    }
                    (Some(_), _) => (StatusCode::FORBIDDEN, "role_forbids".to_owned()),
                };
                assert_eq!((response.status, response.slug()), expected, "{} by {actor:?}", row.endpoint);
                assert_eq!(server.position().await, before, "{} by {actor:?}", row.endpoint);
                refused += 1;
            }
        }
    }
    // A stranger may issue none of them, and a display none either.
    assert!(refused >= 4 * ROWS.len(), "{refused}");
}

#[tokio::test]
async fn a_body_that_claims_to_be_somebody_else_changes_nothing() {
    let server = TestServer::start().await;
    let (phone, other, tablet) = (server.guest().await, server.guest().await, server.barista().await);
    let order = phone.order(&server.qr_code().await, "mocha").await.to_string();
    let log = server.installation.log().await;
    let new_order_of = |log: &[domain::event::Recorded], id: &str| {
        log.iter().find_map(|recorded| match &recorded.event {
            Event::NewOrder(event) if event.order.to_string() == id => event.guest,
            _ => None,
        })
    };
    let guest = new_order_of(&log, &order).unwrap().to_string();
    let actor = format!("guest:{guest}");
    let claims = [("guest", guest.as_str()), ("actor", actor.as_str()), ("role", "manager"), ("staff", guest.as_str())];
    for (field, value) in claims {
        for (client, action, more) in [
            (&other, "orders/cancel", &[("reason", "other")][..]),
            (&other, "orders/edit", &[("drink", "chai")]),
            (&other, "orders/claim", &[]),
            (&tablet, "orders/stop", &[]),
        ] {
            let own = if action == "orders/stop" { Vec::new() } else { vec![("order", order.as_str())] };
            let fields = [&own[..], more, &[(field, value)]].concat();
            let before = server.position().await;
            let response = client.command(action, &fields).await;
            assert!(response.status.is_client_error(), "{action} with {field}: {}", response.text());
            assert_eq!(server.position().await, before, "{action} with {field}");
        }
    }
    // Nor does it help in the query, a header or beside the side of the bar.
    for by in ["staff", "house", "manager"] {
        let response = other.command("orders/claim", &[("order", &order), ("by", by)]).await;
        assert!(response.status.is_client_error(), "by={by}: {}", response.text());
    }
    let forged = command("orders/claim", &[("order", &order)]).with("x-role", "barista").with("x-actor", actor.clone());
    assert_eq!(other.send(forged).await.slug(), "role_forbids");
    // An order begun with the id of another guest is not begun, or is the caller's own.
    let own = new_order().to_string();
    let code = server.qr_code().await;
    let response = other.command("orders/start", &[("order", &own), ("code", &code), ("guest", &guest)]).await;
    assert_eq!(response.slug(), "malformed");
}

#[tokio::test]
async fn of_two_baristas_who_claim_at_the_same_moment_one_has_the_order() {
    const ORDERS: usize = 8;
    let server = TestServer::start().await;
    let tablets = [server.barista().await, server.barista().await];
    let code = server.qr_code().await;
    for _ in 0..ORDERS {
        let order = server.guest().await.order(&code, "mocha").await;
        let (first, second) = tokio::join!(tablets[0].step("claim", order), tablets[1].step("claim", order));
        let (winner, loser) = if first.status == StatusCode::OK { (&first, &second) } else { (&second, &first) };
        winner.expect_ok();
        assert_eq!((loser.status, loser.slug().as_str()), (StatusCode::CONFLICT, "step_illegal"));
        let makers = server.installation.log().await;
        let claims = makers
            .iter()
            .filter(|recorded| matches!(&recorded.event, Event::OrderClaimed(claim) if claim.order == order));
        assert_eq!(claims.count(), 1);
    }
}
