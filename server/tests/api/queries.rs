//! Order queries: permissions, sort order, pagination and completeness.

use domain::access::Role;
use domain::event::Recorded;
use domain::ids::OrderId;
use serde_json::Value;

use crate::harness::request::{Answered, Sent};
use crate::harness::{Bar, Browser, Premises, new_order};

const OPEN: &str = "/s/demo/orders?state=open";
const FINISHED: &str = "/s/demo/orders?state=finished";
const MINE: &str = "/s/demo/orders/mine";

fn one(order: OrderId) -> String {
    format!("/s/demo/orders/{order}")
}

fn json(answered: &Answered) -> Value {
    assert_eq!((answered.status.as_u16(), answered.header("content-type")), (200, "application/json"));
    serde_json::from_str(answered.text()).unwrap()
}

/// The orders of one page and the cursor of the next.
async fn page(who: &Browser, path: &str) -> (Vec<Value>, Option<String>) {
    let mut list = json(&who.get(path).await);
    let next = list["next"].as_str().map(str::to_owned);
    (serde_json::from_value(list["orders"].take()).unwrap(), next)
}

async fn ids(who: &Browser, path: &str) -> Vec<OrderId> {
    page(who, path).await.0.iter().map(id).collect()
}

fn id(record: &Value) -> OrderId {
    record["order"].as_str().unwrap().parse().unwrap()
}

/// Reads all pages; `meanwhile` runs before each page but the first.
async fn walk(who: &Browser, path: &str, most: usize, mut meanwhile: impl AsyncFnMut(usize)) -> Vec<OrderId> {
    let join = if path.contains('?') { '&' } else { '?' };
    let mut path_of_page = format!("{path}{join}most={most}");
    let mut found = Vec::new();
    for n in 1.. {
        let (orders, next) = page(who, &path_of_page).await;
        assert!(orders.len() == most || next.is_none(), "a page is full unless it is the last");
        found.extend(orders.iter().map(id));
        let Some(next) = next else { break };
        meanwhile(n).await;
        path_of_page = format!("{path}{join}most={most}&after={next}");
    }
    found
}

async fn refused(who: &Browser, path: &str, (status, slug): (u16, &str)) {
    let answered = who.get(path).await;
    assert_eq!((answered.status.as_u16(), answered.slug().as_str()), (status, slug), "{path}");
}

/// A robot's order that waits for a barista.
async fn waiting(robot: &Browser) -> OrderId {
    let order = new_order();
    robot.command("orders/start", &[("order", &order.to_string())]).await.granted();
    robot.submit(order, "espresso", &[]).await.granted();
    order
}

async fn collected(robot: &Browser) -> OrderId {
    let order = waiting(robot).await;
    for step in ["claim", "complete", "collect"] {
        robot.step(step, order).await.granted();
    }
    order
}

fn newest_first(mut orders: Vec<OrderId>) -> Vec<OrderId> {
    orders.reverse();
    orders
}

#[tokio::test]
async fn lists_are_for_the_bar_and_an_order_for_its_guest_and_the_bar() {
    let premises = Premises::new();
    let bar = premises.open().await;
    let (ada, bob, code) = (bar.guest().await, bar.guest().await, bar.code().await);
    let (adas, bobs) = (ada.order(&code, "espresso").await, bob.order(&code, "mocha").await);
    let robot = bar.script("demo", Role::Robot).await;
    let robots = waiting(&robot).await;
    for list in [OPEN, FINISHED] {
        refused(&bar.stranger(), list, (401, "signed_out")).await;
        refused(&bar.screen, list, (401, "signed_out")).await;
        refused(&ada, list, (403, "role_forbids")).await;
        refused(&robot, list, (403, "role_forbids")).await;
        refused(&bar.script("demo", Role::Display).await, list, (403, "role_forbids")).await;
        for role in [Role::Barista, Role::Manager] {
            json(&bar.staff(role).await.get(list).await);
            json(&bar.script("demo", role).await.get(list).await);
        }
    }
    refused(&bar.stranger(), MINE, (401, "device_unknown")).await;
    refused(&bar.script("demo", Role::Barista).await, MINE, (403, "role_forbids")).await;
    refused(&Browser::with_key(bar.addr, "no-key".to_owned()), MINE, (401, "token_invalid")).await;
    assert_eq!((ids(&ada, MINE).await, ids(&robot, MINE).await), (vec![adas], vec![robots]));
    assert_eq!(ids(&bar.guest().await, MINE).await, []);

    refused(&bar.stranger(), &one(adas), (401, "device_unknown")).await;
    refused(&bar.stranger(), &one(new_order()), (401, "device_unknown")).await;
    refused(&bob, &one(adas), (403, "order_anothers")).await;
    refused(&robot, &one(bobs), (403, "order_anothers")).await;
    refused(&bar.script("demo", Role::Display).await, &one(adas), (403, "role_forbids")).await;
    for (who, order) in [(&ada, adas), (&bob, bobs), (&robot, robots), (&bar.barista().await, adas)] {
        assert_eq!(id(&json(&who.get(&one(order)).await)), order);
    }
    for unknown in [one(new_order()), format!("{MINE}s")] {
        refused(&ada, &unknown, (404, "order_unknown")).await;
        refused(&bar.barista().await, &unknown, (404, "order_unknown")).await;
    }
}

#[tokio::test]
async fn a_shop_lists_its_own_orders_and_no_others() {
    let premises = Premises::new();
    premises.found(&["demo", "west"]).await;
    let bar = premises.open().await;
    let west = bar.script("west", Role::Barista).await;
    refused(&west, OPEN, (403, "role_forbids")).await;
    refused(&west, "/s/nowhere/orders?state=open", (404, "shop_unknown")).await;
    assert_eq!(ids(&west, "/s/west/orders?state=open").await, []);
    let phone = bar.guest().await;
    assert_eq!(ids(&phone, "/s/west/orders/mine").await, []);
}

#[tokio::test]
async fn a_page_that_cannot_be_meant_is_refused() {
    let bar = Bar::open().await;
    let (tablet, phone) = (bar.barista().await, bar.guest().await);
    for wrong in ["", "?state=closed", "?state=open&most=0", "?state=open&most=101", "?state=finished&most=x"] {
        refused(&tablet, &format!("/s/demo/orders{wrong}"), (400, "malformed")).await;
    }
    for wrong in ["after=-1", "after=last", "most=", "most=1&most=2"] {
        refused(&tablet, &format!("{OPEN}&{wrong}"), (400, "malformed")).await;
        refused(&phone, &format!("{MINE}?{wrong}"), (400, "malformed")).await;
    }
    let detail = tablet.get(&format!("{OPEN}&most=101")).await.problem().detail;
    assert_eq!(detail, "most: 1 to 100");
    json(&tablet.get(&format!("{OPEN}&most=100")).await);
    tablet.send(Sent::get("/s/demo/orders").with("accept", "text/html")).await.page_with(400.try_into().unwrap());
}

#[tokio::test]
async fn open_orders_come_newest_first_and_keep_their_places_whatever_happens() {
    let bar = Bar::open().await;
    let (robot, tablet) = (bar.script("demo", Role::Robot).await, bar.barista().await);
    let mut orders = Vec::new();
    for _ in 0..10 {
        orders.push(waiting(&robot).await);
    }
    assert_eq!(ids(&tablet, OPEN).await, newest_first(orders.clone()));
    // New orders arrive and one listed order is claimed between two pages.
    let walked = walk(&tablet, OPEN, 3, async |_| {
        waiting(&robot).await;
        let claimed = robot.step("claim", orders[2]).await;
        assert!(claimed.status.is_success() || claimed.slug() == "step_illegal");
    });
    assert_eq!(walked.await, newest_first(orders.clone()));
    // An order that is being chosen is open; a collected one is not.
    let (phone, choosing) = (bar.guest().await, new_order());
    phone.start(choosing, &bar.code().await).await.granted();
    for step in ["complete", "collect"] {
        robot.step(step, orders[2]).await.granted();
    }
    let open = ids(&tablet, &format!("{OPEN}&most=100")).await;
    assert_eq!((open[0], open.len(), open.contains(&orders[2])), (choosing, 13, false));
}

#[tokio::test]
async fn open_orders_from_before_a_restart_are_listed_after_it() {
    let bar = Bar::open().await;
    let robot = bar.script("demo", Role::Robot).await;
    let mut orders = Vec::new();
    for _ in 0..5 {
        orders.push(waiting(&robot).await);
    }
    let before = page(&bar.script("demo", Role::Barista).await, OPEN).await;
    let bar = bar.close().await.open().await;
    let (robot, tablet) = (robot.at(bar.addr), bar.barista().await);
    assert_eq!(page(&tablet, OPEN).await, before);
    orders.push(waiting(&robot).await);
    orders.push(waiting(&robot).await);
    robot.step("claim", orders[4]).await.granted();
    assert_eq!(walk(&tablet, OPEN, 2, async |_| {}).await, newest_first(orders.clone()));
    let (listed, _) = page(&tablet, OPEN).await;
    assert_eq!((listed[2]["step"].as_str(), listed[3]["step"].as_str()), (Some("making"), Some("waiting")));
}

#[tokio::test]
async fn what_was_over_today_comes_newest_first_however_it_ended() {
    let bar = Bar::open().await;
    let (robot, tablet) = (bar.script("demo", Role::Robot).await, bar.script("demo", Role::Barista).await);
    let phone = bar.guest().await;
    assert_eq!(page(&tablet, FINISHED).await, (Vec::new(), None));
    let open = waiting(&robot).await;
    let mut orders = vec![collected(&robot).await, collected(&robot).await];
    // One order is cancelled while choosing, one is refused by the closed shop, and the first order ends last.
    let given_up = new_order();
    phone.start(given_up, &bar.code().await).await.granted();
    phone.step("cancel", given_up).await.granted();
    let turned_away = new_order();
    tablet.command("store/close", &[]).await.granted();
    assert_eq!(phone.start(turned_away, &bar.code().await).await.slug(), "shop_unavailable/closed");
    tablet.command("store/open", &[]).await.granted();
    for step in ["claim", "complete", "collect"] {
        robot.step(step, open).await.granted();
    }
    orders.extend([given_up, turned_away, open]);
    let (listed, next) = page(&tablet, FINISHED).await;
    let told: Vec<_> = listed.iter().map(|record| (id(record), record["outcome"].as_str().unwrap())).collect();
    let outcomes = ["collected", "unavailable", "cancelled", "collected", "collected"];
    assert_eq!(told, newest_first(orders.clone()).into_iter().zip(outcomes).collect::<Vec<_>>());
    assert_eq!(
        (next, listed[1]["unavailable"].as_str(), listed[2]["cancelled_by"].as_str()),
        (None, Some("closed"), Some("guest"))
    );
    assert!(listed.iter().all(|record| record["ended"].is_string()));
    // More orders end between two pages.
    let walked = walk(&tablet, FINISHED, 2, async |_| {
        collected(&robot).await;
    });
    assert_eq!(walked.await, newest_first(orders));
    bar.later(24 * 3600);
    assert_eq!(ids(&tablet, FINISHED).await, []);
    let tomorrows = collected(&robot).await;
    assert_eq!(ids(&tablet, FINISHED).await, [tomorrows]);
}

#[tokio::test]
async fn a_guest_lists_the_own_orders_and_turns_their_pages() {
    let bar = Bar::open().await;
    let (phone, robot, tablet) = (bar.guest().await, bar.script("demo", Role::Robot).await, bar.barista().await);
    let mut orders = Vec::new();
    for drink in ["espresso", "mocha", "chai"] {
        orders.push(phone.order(&bar.code().await, drink).await);
        bar.guest().await.order(&bar.code().await, "latte").await;
    }
    assert_eq!(ids(&phone, MINE).await, newest_first(orders.clone()));
    // An event moves the first order to the top, open or finished.
    for step in ["claim", "complete", "collect"] {
        tablet.step(step, orders[0]).await.granted();
    }
    let (mine, next) = page(&phone, &format!("{MINE}?most=2")).await;
    assert_eq!((id(&mine[0]), mine[0]["outcome"].as_str()), (orders[0], Some("collected")));
    assert_eq!((id(&mine[1]), mine[1]["chosen"]["drink"].as_str()), (orders[2], Some("chai")));
    let (rest, end) = page(&phone, &format!("{MINE}?most=2&after={}", next.unwrap())).await;
    assert_eq!((rest.iter().map(id).collect::<Vec<_>>(), end), (vec![orders[1]], None));
    let mut made = Vec::new();
    for _ in 0..9 {
        made.push(collected(&robot).await);
    }
    let walked = walk(&robot, MINE, 4, async |_| {
        waiting(&robot).await;
    })
    .await;
    assert_eq!(walked, newest_first(made));
}

#[tokio::test]
async fn an_order_is_told_with_everything_that_happened_and_a_guest_is_told_no_name() {
    let bar = Bar::open().await;
    let (phone, tablet, order) = (bar.guest().await, bar.barista().await, new_order());
    phone.start(order, &bar.code().await).await.granted();
    phone.submit(order, "flat-white", &[("options[milk]", "oat"), ("name", "Ada")]).await.granted();
    for step in ["claim", "release", "claim", "complete", "collect"] {
        bar.later(10);
        tablet.step(step, order).await.granted();
    }
    let own = phone.get(&one(order)).await;
    let listed = [phone.get(MINE).await, tablet.get(FINISHED).await];
    let (own_record, staffs) = (json(&own), json(&tablet.get(&one(order)).await));
    assert_eq!(json(&listed[0])["orders"], Value::from(vec![own_record.clone()]));
    assert_eq!(json(&listed[1])["orders"], Value::from(vec![staffs.clone()]));
    let shown = ["channel", "day", "number", "step", "outcome", "version"].map(|field| own_record[field].to_string());
    assert_eq!(shown, ["\"web\"", "\"2026-11-21\"", "1", "\"collected\"", "\"collected\"", "6"]);
    assert_eq!(own_record["chosen"]["options"][1]["option"], "oat");
    let times = ["began", "submitted", "claimed", "ready", "ended"].map(|field| own_record[field].as_str().unwrap());
    let second = |time: &str| time[17..19].parse::<u32>().unwrap();
    assert_eq!(times.map(second), [0, 0, 30, 40, 50]);

    let log = bar.close().await.log().await;
    let its: Vec<&Recorded> = log.iter().filter(|recorded| recorded.event.order() == Some(order)).collect();
    assert_eq!(its.len(), 11);
    for (recorded, (own, staffs)) in its.iter().zip(events(&own_record).iter().zip(events(&staffs))) {
        assert_eq!(own["position"].as_u64(), Some(recorded.position));
        assert_eq!(own["type"].as_str(), Some(recorded.event.kind()));
        assert_eq!(own["time"].as_str(), Some(recorded.at.to_string().as_str()));
        assert_eq!(staffs["actor"].as_str(), Some(recorded.actor.unwrap().to_string().as_str()));
        assert_eq!(own.as_object().unwrap().len(), 3, "{own}");
    }
    assert_eq!((events(&own_record).len(), events(&staffs).len()), (its.len(), its.len()));
    let barista = its[5].actor.unwrap().to_string();
    let (role, id) = barista.split_once(':').unwrap();
    assert_eq!(role, "barista");
    for told in [&own, &listed[0]] {
        assert!(!told.text().contains(id) && !told.text().contains("actor") && !told.text().contains("Ada"));
    }
}

fn events(record: &Value) -> &Vec<Value> {
    record["history"].as_array().unwrap()
}
