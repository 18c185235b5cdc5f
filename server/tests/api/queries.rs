//! Order queries: permissions, sort order, pagination and completeness.

use domain::access::Role;
use domain::event::Recorded;
use domain::ids::OrderId;
use serde_json::Value;

use crate::harness::request::{TestRequest, TestResponse};
use crate::harness::{Browser, TestInstallation, TestServer, new_order};

const OPEN_ORDERS: &str = "/s/demo/orders?state=open";
const FINISHED_ORDERS: &str = "/s/demo/orders?state=finished";
const OWN_ORDERS: &str = "/s/demo/orders/mine";

fn order_path(order: OrderId) -> String {
    format!("/s/demo/orders/{order}")
}

fn json(response: &TestResponse) -> Value {
    assert_eq!((response.status.as_u16(), response.header("content-type")), (200, "application/json"));
    serde_json::from_str(response.text()).unwrap()
}

/// The orders of one page and the cursor of the next.
async fn page(client: &Browser, path: &str) -> (Vec<Value>, Option<String>) {
    let mut list = json(&client.get(path).await);
    let next = list["next"].as_str().map(str::to_owned);
    (serde_json::from_value(list["orders"].take()).unwrap(), next)
}

async fn ids(client: &Browser, path: &str) -> Vec<OrderId> {
    page(client, path).await.0.iter().map(id).collect()
}

fn id(record: &Value) -> OrderId {
    record["order"].as_str().unwrap().parse().unwrap()
}

/// Reads all pages; `meanwhile` runs before each page but the first.
async fn all_pages(client: &Browser, path: &str, most: usize, mut meanwhile: impl AsyncFnMut(usize)) -> Vec<OrderId> {
    let join = if path.contains('?') { '&' } else { '?' };
    let mut path_of_page = format!("{path}{join}most={most}");
    let mut ids = Vec::new();
    for n in 1.. {
        let (orders, next) = page(client, &path_of_page).await;
        assert!(orders.len() == most || next.is_none(), "only the last page may be short");
        ids.extend(orders.iter().map(id));
        let Some(next) = next else { break };
        meanwhile(n).await;
        path_of_page = format!("{path}{join}most={most}&after={next}");
    }
    ids
}

async fn assert_refused(client: &Browser, path: &str, (status, slug): (u16, &str)) {
    let response = client.get(path).await;
    assert_eq!((response.status.as_u16(), response.slug().as_str()), (status, slug), "{path}");
}

/// A robot's order that waits for a barista.
async fn waiting_order(robot: &Browser) -> OrderId {
    let order = new_order();
    robot.command("orders/start", &[("order", &order.to_string())]).await.expect_ok();
    robot.submit(order, "espresso", &[]).await.expect_ok();
    order
}

async fn collected_order(robot: &Browser) -> OrderId {
    let order = waiting_order(robot).await;
    for step in ["claim", "complete", "collect"] {
        robot.step(step, order).await.expect_ok();
    }
    order
}

fn newest_first(mut orders: Vec<OrderId>) -> Vec<OrderId> {
    orders.reverse();
    orders
}

#[tokio::test]
async fn lists_are_for_the_bar_and_an_order_for_its_guest_and_the_bar() {
    let installation = TestInstallation::new();
    let server = installation.start().await;
    let (ada, bob, code) = (server.guest().await, server.guest().await, server.qr_code().await);
    let (ada_order, bob_order) = (ada.order(&code, "espresso").await, bob.order(&code, "mocha").await);
    let robot = server.api_client("demo", Role::Robot).await;
    let robots = waiting_order(&robot).await;
    for list in [OPEN_ORDERS, FINISHED_ORDERS] {
        assert_refused(&server.new_browser(), list, (401, "signed_out")).await;
        assert_refused(&server.display, list, (401, "signed_out")).await;
        assert_refused(&ada, list, (403, "role_forbids")).await;
        assert_refused(&robot, list, (403, "role_forbids")).await;
        assert_refused(&server.api_client("demo", Role::Display).await, list, (403, "role_forbids")).await;
        for role in [Role::Barista, Role::Manager] {
            json(&server.staff(role).await.get(list).await);
            json(&server.api_client("demo", role).await.get(list).await);
        }
    }
    assert_refused(&server.new_browser(), OWN_ORDERS, (401, "device_unknown")).await;
    assert_refused(&server.api_client("demo", Role::Barista).await, OWN_ORDERS, (403, "role_forbids")).await;
    assert_refused(&Browser::with_token(server.addr, "no-key".to_owned()), OWN_ORDERS, (401, "token_invalid")).await;
    assert_eq!((ids(&ada, OWN_ORDERS).await, ids(&robot, OWN_ORDERS).await), (vec![ada_order], vec![robots]));
    assert_eq!(ids(&server.guest().await, OWN_ORDERS).await, []);

    assert_refused(&server.new_browser(), &order_path(ada_order), (401, "device_unknown")).await;
    assert_refused(&server.new_browser(), &order_path(new_order()), (401, "device_unknown")).await;
    assert_refused(&bob, &order_path(ada_order), (403, "order_anothers")).await;
    assert_refused(&robot, &order_path(bob_order), (403, "order_anothers")).await;
    assert_refused(&server.api_client("demo", Role::Display).await, &order_path(ada_order), (403, "role_forbids"))
        .await;
    for (client, order) in
        [(&ada, ada_order), (&bob, bob_order), (&robot, robots), (&server.barista().await, ada_order)]
    {
        assert_eq!(id(&json(&client.get(&order_path(order)).await)), order);
    }
    for unknown in [order_path(new_order()), format!("{OWN_ORDERS}s")] {
        assert_refused(&ada, &unknown, (404, "order_unknown")).await;
        assert_refused(&server.barista().await, &unknown, (404, "order_unknown")).await;
    }
}

#[tokio::test]
async fn a_shop_lists_its_own_orders_and_no_others() {
    let installation = TestInstallation::new();
    installation.add_shops(&["demo", "west"]).await;
    let server = installation.start().await;
    let west = server.api_client("west", Role::Barista).await;
    assert_refused(&west, OPEN_ORDERS, (403, "role_forbids")).await;
    assert_refused(&west, "/s/nowhere/orders?state=open", (404, "shop_unknown")).await;
    assert_eq!(ids(&west, "/s/west/orders?state=open").await, []);
    let phone = server.guest().await;
    assert_eq!(ids(&phone, "/s/west/orders/mine").await, []);
}

#[tokio::test]
async fn invalid_page_parameters_are_refused() {
    let server = TestServer::start().await;
    let (tablet, phone) = (server.barista().await, server.guest().await);
    for wrong in ["", "?state=closed", "?state=open&most=0", "?state=open&most=101", "?state=finished&most=x"] {
        assert_refused(&tablet, &format!("/s/demo/orders{wrong}"), (400, "malformed")).await;
    }
    for wrong in ["after=-1", "after=last", "most=", "most=1&most=2"] {
        assert_refused(&tablet, &format!("{OPEN_ORDERS}&{wrong}"), (400, "malformed")).await;
        assert_refused(&phone, &format!("{OWN_ORDERS}?{wrong}"), (400, "malformed")).await;
    }
    let detail = tablet.get(&format!("{OPEN_ORDERS}&most=101")).await.problem().detail;
    assert_eq!(detail, "most: 1 to 100");
    json(&tablet.get(&format!("{OPEN_ORDERS}&most=100")).await);
    tablet
        .send(TestRequest::get("/s/demo/orders").with("accept", "text/html"))
        .await
        .page_with(400.try_into().unwrap());
}

#[tokio::test]
async fn open_orders_are_listed_newest_first_with_stable_pages() {
    let server = TestServer::start().await;
    let (robot, tablet) = (server.api_client("demo", Role::Robot).await, server.barista().await);
    let mut orders = Vec::new();
    for _ in 0..10 {
        orders.push(waiting_order(&robot).await);
    }
    assert_eq!(ids(&tablet, OPEN_ORDERS).await, newest_first(orders.clone()));
    // New orders arrive and one listed order is claimed between two pages.
    let listed_ids = all_pages(&tablet, OPEN_ORDERS, 3, async |_| {
        waiting_order(&robot).await;
        let claimed = robot.step("claim", orders[2]).await;
        assert!(claimed.status.is_success() || claimed.slug() == "step_illegal");
    });
    assert_eq!(listed_ids.await, newest_first(orders.clone()));
    // An order that is being chosen is open; a collected one is not.
    let (phone, choosing) = (server.guest().await, new_order());
    phone.start(choosing, &server.qr_code().await).await.expect_ok();
    for step in ["complete", "collect"] {
        robot.step(step, orders[2]).await.expect_ok();
    }
    let open = ids(&tablet, &format!("{OPEN_ORDERS}&most=100")).await;
    assert_eq!((open[0], open.len(), open.contains(&orders[2])), (choosing, 13, false));
}

#[tokio::test]
async fn open_orders_from_before_a_restart_are_listed_after_it() {
    let server = TestServer::start().await;
    let robot = server.api_client("demo", Role::Robot).await;
    let mut orders = Vec::new();
    for _ in 0..5 {
        orders.push(waiting_order(&robot).await);
    }
    let before = page(&server.api_client("demo", Role::Barista).await, OPEN_ORDERS).await;
    let server = server.stop().await.start().await;
    let (robot, tablet) = (robot.with_addr(server.addr), server.barista().await);
    assert_eq!(page(&tablet, OPEN_ORDERS).await, before);
    orders.push(waiting_order(&robot).await);
    orders.push(waiting_order(&robot).await);
    robot.step("claim", orders[4]).await.expect_ok();
    assert_eq!(all_pages(&tablet, OPEN_ORDERS, 2, async |_| {}).await, newest_first(orders.clone()));
    let (listed, _) = page(&tablet, OPEN_ORDERS).await;
    assert_eq!((listed[2]["step"].as_str(), listed[3]["step"].as_str()), (Some("making"), Some("waiting")));
}

#[tokio::test]
async fn finished_orders_of_today_are_listed_newest_first() {
    let server = TestServer::start().await;
    let (robot, tablet) =
        (server.api_client("demo", Role::Robot).await, server.api_client("demo", Role::Barista).await);
    let phone = server.guest().await;
    assert_eq!(page(&tablet, FINISHED_ORDERS).await, (Vec::new(), None));
    let open = waiting_order(&robot).await;
    let mut orders = vec![collected_order(&robot).await, collected_order(&robot).await];
    // One order is cancelled while choosing, one is refused by the closed shop, and the first order ends last.
    let given_up = new_order();
    phone.start(given_up, &server.qr_code().await).await.expect_ok();
    phone.step("cancel", given_up).await.expect_ok();
    let turned_away = new_order();
    tablet.command("store/close", &[]).await.expect_ok();
    assert_eq!(phone.start(turned_away, &server.qr_code().await).await.slug(), "shop_unavailable/closed");
    tablet.command("store/open", &[]).await.expect_ok();
    for step in ["claim", "complete", "collect"] {
        robot.step(step, open).await.expect_ok();
    }
    orders.extend([given_up, turned_away, open]);
    let (listed, next) = page(&tablet, FINISHED_ORDERS).await;
    let listed_outcomes: Vec<_> =
        listed.iter().map(|record| (id(record), record["outcome"].as_str().unwrap())).collect();
    let outcomes = ["collected", "unavailable", "cancelled", "collected", "collected"];
    assert_eq!(listed_outcomes, newest_first(orders.clone()).into_iter().zip(outcomes).collect::<Vec<_>>());
    assert_eq!(
        (next, listed[1]["unavailable"].as_str(), listed[2]["cancelled_by"].as_str()),
        (None, Some("closed"), Some("guest"))
    );
    assert!(listed.iter().all(|record| record["ended"].is_string()));
    // More orders end between two pages.
    let listed_ids = all_pages(&tablet, FINISHED_ORDERS, 2, async |_| {
        collected_order(&robot).await;
    });
    assert_eq!(listed_ids.await, newest_first(orders));
    server.advance_clock(24 * 3600);
    assert_eq!(ids(&tablet, FINISHED_ORDERS).await, []);
    let tomorrows = collected_order(&robot).await;
    assert_eq!(ids(&tablet, FINISHED_ORDERS).await, [tomorrows]);
}

#[tokio::test]
async fn a_guests_own_orders_are_listed_in_pages() {
    let server = TestServer::start().await;
    let (phone, robot, tablet) =
        (server.guest().await, server.api_client("demo", Role::Robot).await, server.barista().await);
    let mut orders = Vec::new();
    for drink in ["espresso", "mocha", "chai"] {
        orders.push(phone.order(&server.qr_code().await, drink).await);
        server.guest().await.order(&server.qr_code().await, "latte").await;
    }
    assert_eq!(ids(&phone, OWN_ORDERS).await, newest_first(orders.clone()));
    // An event moves the first order to the top, open or finished.
    for step in ["claim", "complete", "collect"] {
        tablet.step(step, orders[0]).await.expect_ok();
    }
    let (mine, next) = page(&phone, &format!("{OWN_ORDERS}?most=2")).await;
    assert_eq!((id(&mine[0]), mine[0]["outcome"].as_str()), (orders[0], Some("collected")));
    assert_eq!((id(&mine[1]), mine[1]["chosen"]["drink"].as_str()), (orders[2], Some("chai")));
    let (rest, end) = page(&phone, &format!("{OWN_ORDERS}?most=2&after={}", next.unwrap())).await;
    assert_eq!((rest.iter().map(id).collect::<Vec<_>>(), end), (vec![orders[1]], None));
    let mut made = Vec::new();
    for _ in 0..9 {
        made.push(collected_order(&robot).await);
    }
    let listed_ids = all_pages(&robot, OWN_ORDERS, 4, async |_| {
        waiting_order(&robot).await;
    })
    .await;
    assert_eq!(listed_ids, newest_first(made));
}

#[tokio::test]
async fn an_order_has_its_history_and_guests_see_no_actor() {
    let server = TestServer::start().await;
    let (phone, tablet, order) = (server.guest().await, server.barista().await, new_order());
    phone.start(order, &server.qr_code().await).await.expect_ok();
    phone.submit(order, "flat-white", &[("options[milk]", "oat"), ("name", "Ada")]).await.expect_ok();
    for step in ["claim", "release", "claim", "complete", "collect"] {
        server.advance_clock(10);
        tablet.step(step, order).await.expect_ok();
    }
    let own = phone.get(&order_path(order)).await;
    let listed = [phone.get(OWN_ORDERS).await, tablet.get(FINISHED_ORDERS).await];
    let (own_record, staff_record) = (json(&own), json(&tablet.get(&order_path(order)).await));
    assert_eq!(json(&listed[0])["orders"], Value::from(vec![own_record.clone()]));
    assert_eq!(json(&listed[1])["orders"], Value::from(vec![staff_record.clone()]));
    let shown = ["channel", "day", "number", "step", "outcome", "version"].map(|field| own_record[field].to_string());
    assert_eq!(shown, ["\"web\"", "\"2026-11-21\"", "1", "\"collected\"", "\"collected\"", "6"]);
    assert_eq!(own_record["chosen"]["options"][1]["option"], "oat");
    let times = ["began", "submitted", "claimed", "ready", "ended"].map(|field| own_record[field].as_str().unwrap());
    let second = |time: &str| time[17..19].parse::<u32>().unwrap();
    assert_eq!(times.map(second), [0, 0, 30, 40, 50]);

    let log = server.stop().await.log().await;
    let order_events: Vec<&Recorded> = log.iter().filter(|recorded| recorded.event.order() == Some(order)).collect();
    assert_eq!(order_events.len(), 11);
    for (recorded, (own, staff_record)) in
        order_events.iter().zip(events(&own_record).iter().zip(events(&staff_record)))
    {
        assert_eq!(own["position"].as_u64(), Some(recorded.position));
        assert_eq!(own["type"].as_str(), Some(recorded.event.kind()));
        assert_eq!(own["time"].as_str(), Some(recorded.at.to_string().as_str()));
        assert_eq!(staff_record["actor"].as_str(), Some(recorded.actor.unwrap().to_string().as_str()));
        assert_eq!(own.as_object().unwrap().len(), 3, "{own}");
    }
    assert_eq!((events(&own_record).len(), events(&staff_record).len()), (order_events.len(), order_events.len()));
    let barista = order_events[5].actor.unwrap().to_string();
    let (role, id) = barista.split_once(':').unwrap();
    assert_eq!(role, "barista");
    for response in [&own, &listed[0]] {
        assert!(
            !response.text().contains(id) && !response.text().contains("actor") && !response.text().contains("Ada")
        );
    }
}

fn events(record: &Value) -> &Vec<Value> {
    record["history"].as_array().unwrap()
}
