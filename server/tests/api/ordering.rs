//! One order from scan to collection, and idempotency of taps and retries.

use domain::access::Role;
use domain::event::Event;
use domain::order::{Channel, Step};
use domain::view::barista::Barista;
use domain::view::display::Display;
use domain::view::ordering::Ordering;
use serde_json::{Value, json};

use crate::harness::browser::command;
use crate::harness::request::TestResponse;
use crate::harness::{LivePage, TestServer, new_order};

fn body(response: &TestResponse) -> Value {
    response.expect_ok();
    serde_json::from_str(response.text()).unwrap()
}

#[tokio::test]
async fn a_scan_takes_no_token_and_a_start_takes_one() {
    let server = TestServer::start().await;
    let mut tv: LivePage<Display> = LivePage::open(&server.display, "display").await;
    let code = server.current_code().await;
    let (phone, order) = (server.new_browser(), new_order());
    let qr = server.qr_code().await;
    assert!(phone.scan(&qr).await.header("set-cookie").starts_with("crema_device="));
    assert_eq!(phone.scan(&qr).await.header("set-cookie"), "");
    assert_eq!(server.position().await, 5);

    let started = phone.start(order, &qr).await;
    assert_eq!(body(&started), json!({ "order": order, "step": "choosing", "version": 0 }));
    tv.wait_until(|view, _| view.tokens_left(code.window) == 9).await;
    assert_eq!(tv.view().rows, []);
    let typed = code.typed.to_uppercase();
    server.guest().await.start(new_order(), &typed).await.expect_ok();
    tv.wait_until(|view, _| view.tokens_left(code.window) == 8).await;
}

#[tokio::test]
async fn an_order_goes_from_scan_to_collection_and_every_screen_shows_it() {
    let server = TestServer::start().await;
    let (phone, tablet, order) = (server.guest().await, server.barista().await, new_order());
    let mut tv: LivePage<Display> = LivePage::open(&server.display, "display").await;
    let mut barista_page: LivePage<Barista> = LivePage::open(&tablet, "barista").await;
    phone.start(order, &server.qr_code().await).await.expect_ok();
    let mut mine: LivePage<Ordering> = LivePage::open(&phone, "ordering").await;
    assert_eq!(mine.view().current().unwrap().step, Step::Choosing);
    assert_eq!(mine.view().bar.name, "Crema Demo");

    let submitted = phone.submit(order, "flat-white", &[("options[milk]", "oat"), ("name", " Ada  L. ")]).await;
    assert_eq!(body(&submitted), json!({ "order": order, "step": "waiting", "number": 1, "version": 1 }));
    tv.wait_until(|view, _| view.preparing().any(|row| (row.number, row.name.as_str()) == (1, "Flat white"))).await;
    barista_page.wait_until(|_, ephemeral| ephemeral.names.get(&order).is_some_and(|name| name == "Ada L.")).await;
    assert_eq!(barista_page.view().incoming().next().unwrap().chosen.description(), "Flat white, Medium, Oat");
    mine.wait_until(|_, ephemeral| ephemeral.names.get(&order).is_some_and(|name| name == "Ada L.")).await;
    assert_eq!((mine.view().current().unwrap().number, mine.view().orders_ahead_of(order)), (1, 0));

    let steps = [("claim", "making", 2), ("complete", "ready", 3), ("collect", "collected", 4)];
    for (act, step, version) in steps {
        let response = tablet.step(act, order).await;
        assert_eq!(body(&response), json!({ "order": order, "step": step, "version": version }));
        mine.wait_until(|view, _| view.current().is_some_and(|mine| mine.step.as_str() == step)).await;
        match act {
            "claim" => barista_page.wait_until(|view, _| view.cards[0].barista.is_some()).await,
            "complete" => tv.wait_until(|view, _| view.ready().count() == 1 && view.preparing().count() == 0).await,
            _ => tv.wait_until(|view, _| view.rows.is_empty()).await,
        }
    }
    barista_page.wait_until(|view, ephemeral| view.cards.is_empty() && ephemeral.names.is_empty()).await;
    mine.wait_until(|view, _| view.bar.queue.is_empty()).await;
}

#[tokio::test]
async fn a_second_scan_returns_to_the_order_being_chosen() {
    let server = TestServer::start().await;
    let (phone, order) = (server.guest().await, new_order());
    phone.start(order, &server.qr_code().await).await.expect_ok();
    let position = server.position().await;
    let again = phone.start(new_order(), &server.qr_code().await).await;
    assert_eq!(body(&again), json!({ "order": order, "step": "choosing", "version": 0 }));
    assert_eq!(server.position().await, position);
}

#[tokio::test]
async fn the_log_has_every_step_and_no_name() {
    let server = TestServer::start().await;
    let (phone, tablet, order) = (server.guest().await, server.barista().await, new_order());
    phone.start(order, &server.qr_code().await).await.expect_ok();
    phone.submit(order, "espresso", &[("name", "Grace")]).await.expect_ok();
    for act in ["claim", "release", "claim", "complete", "collect"] {
        tablet.step(act, order).await.expect_ok();
    }
    let log = server.stop().await.log().await;
    let kinds: Vec<_> = log.iter().skip(5).map(|recorded| recorded.event.kind()).collect();
    let expected = [
        "Validator.NewOrder",
        "OrderProcessor.WorkflowStarted",
        "OrderManager.OrderSubmitted",
        "Counting.NumberGiven",
        "OrderProcessor.WaitingCompletion",
        "OrderManager.OrderClaimed",
        "OrderManager.OrderReleased",
        "OrderManager.OrderClaimed",
        "OrderManager.OrderCompleted",
        "OrderManager.OrderCollected",
        "OrderProcessor.OrderFinished",
    ];
    assert_eq!(kinds, expected);
    assert!(log.iter().map(|recorded| recorded.position).eq(1..=16));
    assert!(log.iter().all(|recorded| !format!("{recorded:?}").contains("Grace")));
    assert!(log[5..].iter().all(|recorded| recorded.channel == Some(Channel::Web)));
    // Events of one command share the id of its first event; each of the others names an earlier one that caused it.
    assert_eq!(log[9].correlation, log[7].id);
    assert_eq!(log[9].causation, Some(log[8].id));
    for (n, recorded) in log.iter().enumerate() {
        match recorded.causation {
            None => assert!(log[..=n].iter().any(|first| first.id == recorded.correlation), "{recorded:?}"),
            Some(cause) => {
                let causing = log[..n].iter().find(|earlier| earlier.id == cause).unwrap();
                assert_eq!(recorded.correlation, causing.correlation, "{recorded:?}");
            }
        }
        assert_eq!(recorded.event.order().is_some(), n >= 5, "{recorded:?}");
    }
}

#[tokio::test]
async fn a_retry_of_any_command_gives_the_same_answer_and_adds_nothing() {
    let server = TestServer::start().await;
    let (phone, tablet, order) = (server.guest().await, server.barista().await, new_order().to_string());
    let code = server.qr_code().await;
    let commands = [
        (&phone, command("orders/start", &[("order", &order), ("code", &code)])),
        (&phone, command("orders/submit", &[("order", &order), ("drink", "mocha"), ("key", "a")])),
        (&tablet, command("orders/claim", &[("order", &order), ("version", "1"), ("key", "b")])),
        (&tablet, command("orders/release", &[("order", &order), ("key", "c")])),
        (&tablet, command("orders/claim", &[("order", &order)]).with("idempotency-key", "d")),
        (&tablet, command("orders/complete", &[("order", &order), ("key", "e")])),
        (&tablet, command("orders/collect", &[("order", &order), ("key", "f")])),
        (&tablet, command("store/close", &[("key", "g")])),
    ];
    for (client, request) in commands.clone() {
        let (first, then) = (client.send(request.clone()).await, server.position().await);
        first.expect_ok();
        let again = client.send(request.clone()).await;
        assert_eq!((again.text(), server.position().await), (first.text(), then), "{request:?}");
    }
    // Retries after the end of the order return the original answers.
    let last = server.position().await;
    let retried = [("choosing", 0), ("waiting", 1), ("making", 2), ("waiting", 3), ("making", 4)];
    for ((client, request), (step, version)) in commands.into_iter().zip(retried) {
        let again = client.send(request).await.expect_ok();
        assert_eq!((again.step.unwrap().as_str(), again.version), (step, Some(version)));
    }
    assert_eq!(server.position().await, last);
}

#[tokio::test]
async fn an_idempotency_key_is_bound_to_one_request() {
    let server = TestServer::start().await;
    let (phone, tablet, order) = (server.guest().await, server.barista().await, new_order());
    phone.start(order, &server.qr_code().await).await.expect_ok();
    phone.submit(order, "espresso", &[("key", "mine")]).await.expect_ok();
    let position = server.position().await;
    for more in [&[("key", "mine"), ("name", "Eve")][..], &[("key", "mine"), ("options[shots]", "double")]] {
        let response = phone.submit(order, "espresso", more).await;
        assert_eq!((response.status.as_u16(), response.slug().as_str()), (422, "idempotency_key_reused"));
    }
    assert_eq!(phone.submit(order, "mocha", &[("key", "mine")]).await.slug(), "idempotency_key_reused");
    let cancel = command("orders/cancel", &[("order", &order.to_string()), ("key", "mine")]);
    assert_eq!(phone.send(cancel).await.slug(), "idempotency_key_reused");
    assert_eq!(server.position().await, position);
    // Idempotency keys are scoped to the actor: another actor may use the same text.
    let claim = command("orders/claim", &[("order", &order.to_string()), ("key", "mine")]);
    tablet.send(claim).await.expect_ok();
}

#[tokio::test]
async fn a_key_whose_command_changed_nothing_keeps_its_answer() {
    let server = TestServer::start().await;
    let (tablet, other) = (server.barista().await, server.barista().await);
    let open = command("store/open", &[("key", "mine")]);
    let first = tablet.send(open.clone()).await;
    first.expect_ok();
    other.command("store/close", &[]).await.expect_ok();
    let position = server.position().await;
    assert_eq!(tablet.send(open.clone()).await.text(), first.text());
    assert_eq!(tablet.send(command("store/resume", &[("key", "mine")])).await.slug(), "idempotency_key_reused");
    assert_eq!(server.position().await, position, "the shop stays closed");
    // The answer is kept over a restart, and a key of one's own opens.
    let server = server.stop().await.start().await;
    let tablet = tablet.with_addr(server.addr);
    assert_eq!(tablet.send(open).await.text(), first.text());
    assert_eq!(server.position().await, position);
    tablet.command("store/open", &[("key", "another")]).await.expect_ok();
    assert_eq!(server.position().await, position + 1);
}

#[tokio::test]
async fn an_unusable_idempotency_key_is_refused() {
    let server = TestServer::start().await;
    let tablet = server.barista().await;
    let position = server.position().await;
    let close = || command("store/close", &[]);
    for key in ["", "  ", "schlüssel"] {
        let response = tablet.send(close().with("idempotency-key", key)).await;
        assert_eq!((response.status.as_u16(), response.slug().as_str()), (400, "malformed"), "{key:?}");
        assert!(response.problem().detail.starts_with("Idempotency-Key: "), "{}", response.text());
    }
    let mut twice = close().with("idempotency-key", "a");
    twice.headers.push(("idempotency-key", "b".to_owned()));
    assert_eq!(tablet.send(twice).await.slug(), "malformed");
    assert_eq!(server.position().await, position);
    // Forms send empty fields, and a field may hold any letters.
    for _ in 0..2 {
        tablet.command("store/close", &[("key", "")]).await.expect_ok();
        tablet.command("store/open", &[("key", "")]).await.expect_ok();
        tablet.command("store/close", &[("key", "schlüssel")]).await.expect_ok();
    }
    assert_eq!(server.position().await, position + 4, "a kept key does not close the shop again");
}

#[tokio::test]
async fn simultaneous_taps_create_one_order() {
    let server = TestServer::start().await;
    let (phone, tablet, order) = (server.guest().await, server.barista().await, new_order());
    let code = server.qr_code().await;
    let taps = [(); 8].map(|()| phone.start(order, &code));
    for response in futures_util::future::join_all(taps).await {
        assert_eq!(body(&response), json!({ "order": order, "step": "choosing", "version": 0 }));
    }
    let taps = [(); 8].map(|()| phone.submit(order, "chai", &[("key", "tap")]));
    for response in futures_util::future::join_all(taps).await {
        assert_eq!(body(&response), json!({ "order": order, "step": "waiting", "number": 1, "version": 1 }));
    }
    assert_eq!(server.position().await, 5 + 2 + 3);

    // Without a key the second tap is refused, and the order is claimed once.
    let taps = futures_util::future::join_all([(); 8].map(|()| tablet.step("claim", order))).await;
    let (granted, late): (Vec<_>, Vec<_>) = taps.iter().partition(|response| response.status.is_success());
    assert_eq!((granted.len(), server.position().await), (1, 11));
    assert!(late.iter().all(|response| response.slug() == "step_illegal"));
}

#[tokio::test]
async fn simultaneous_taps_close_the_shop_once() {
    let server = TestServer::start().await;
    let tablet = server.barista().await;
    let taps = [(); 8].map(|()| tablet.command("store/close", &[("key", "tap")]));
    for response in futures_util::future::join_all(taps).await {
        assert_eq!(body(&response), json!({}));
    }
    assert_eq!(server.position().await, 6);
    // The shop is closed already: the command is accepted and writes no event.
    let taps = [(); 8].map(|()| tablet.command("store/close", &[("key", "again")]));
    for response in futures_util::future::join_all(taps).await {
        assert_eq!(body(&response), json!({}));
    }
    assert_eq!(server.position().await, 6);
}

#[tokio::test]
async fn an_order_id_of_another_guest_cannot_be_started() {
    let server = TestServer::start().await;
    let (phone, other, order) = (server.guest().await, server.guest().await, new_order());
    let code = server.qr_code().await;
    phone.start(order, &code).await.expect_ok();
    assert_eq!(other.start(order, &code).await.slug(), "step_illegal");
    phone.step("cancel", order).await.expect_ok();
    let position = server.position().await;
    let response = other.start(order, &code).await;
    assert_eq!((response.status.as_u16(), response.slug().as_str()), (409, "step_illegal"));
    assert_eq!(server.position().await, position);
    // The guest who started the order receives the same answer again, and the shop continues to accept orders.
    assert_eq!(phone.start(order, &code).await.expect_ok().step, Some(Step::Choosing));
    other.order(&code, "latte").await;
}

#[tokio::test]
async fn a_guest_cancels_unclaimed_orders_and_the_bar_cancels_any() {
    let server = TestServer::start().await;
    let (phone, tablet, code) = (server.guest().await, server.barista().await, server.qr_code().await);
    let mut mine: LivePage<Ordering> = LivePage::open(&phone, "ordering").await;
    let first = phone.order(&code, "espresso").await;
    let response = phone.step("cancel", first).await;
    assert_eq!(body(&response), json!({ "order": first, "step": "cancelled", "version": 2 }));
    mine.wait_until(|view, _| view.current().is_some_and(|mine| mine.step == Step::Cancelled)).await;

    let second = phone.order(&code, "espresso").await;
    tablet.step("claim", second).await.expect_ok();
    assert_eq!(phone.step("cancel", second).await.slug(), "step_illegal");
    assert_eq!(tablet.step("cancel", second).await.expect_ok().step, Some(Step::Cancelled));
    mine.wait_until(|view, _| view.current().is_some_and(|mine| mine.order == second)).await;
    mine.wait_until(|view, _| view.orders.iter().all(|mine| mine.step == Step::Cancelled)).await;
    // The first one can still be recalled, so it is on the page too.
    assert_eq!(mine.view().orders.iter().map(|mine| mine.order).collect::<Vec<_>>(), [second, first]);
}

#[tokio::test]
async fn robot_orders_use_their_own_channel_and_are_marked_as_such() {
    let server = TestServer::start().await;
    let (robot, tablet, order) = (server.api_client("demo", Role::Robot).await, server.barista().await, new_order());
    let mut tv: LivePage<Display> = LivePage::open(&server.display, "display").await;
    let code = server.current_code().await;
    robot.command("orders/start", &[("order", &order.to_string())]).await.expect_ok();
    assert_eq!(robot.submit(order, "espresso", &[]).await.expect_ok().number, Some(1));
    tv.wait_until(|view, _| view.rows.first().is_some_and(|row| row.channel == Some(Channel::Robot))).await;
    assert_eq!(tv.view().tokens_left(code.window), 10);
    for act in ["claim", "complete", "collect"] {
        robot.step(act, order).await.expect_ok();
    }
    // A robot may not claim people's orders, and other roles may not start orders without a code.
    let human = server.guest().await.order(&server.qr_code().await, "mocha").await;
    assert_eq!(robot.step("claim", human).await.slug(), "order_anothers");
    let uninvited = tablet.command("orders/start", &[("order", &new_order().to_string())]).await;
    assert_eq!(uninvited.slug(), "role_forbids");
    let log = server.stop().await.log().await;
    let collected = log.iter().find(|recorded| matches!(recorded.event, Event::OrderCollected(_))).unwrap();
    assert_eq!(collected.channel, Some(Channel::Robot));
    assert!(collected.actor.unwrap().is_robot());
}
