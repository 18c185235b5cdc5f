//! Import of an archive of the original's events: the resulting log, and the report of skipped entries.
//!
//! The sample archive is written by hand and has every kind of event. `CREMA_ARCHIVE=FILE` adds a real archive to the
//! invariant tests.

use std::path::PathBuf;

use domain::access::Actor;
use domain::event::{Event, Recorded};
use domain::ids::{OrderId, ShopId};
use domain::order::{CancelledBy, Channel, Step};
use domain::refusal::Unavailable;
use engine::store::Store;
use import::{ImportRequest, Report};
use store::Sqlite;

use crate::harness::TestInstallation;

pub(crate) const ARCHIVE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/api/import/archive.jsonl");

/// The id of the n-th order of the archive.
pub(crate) fn order(n: u8) -> OrderId {
    format!("00000000-0000-4000-8000-{n:012x}").parse().unwrap()
}

pub(crate) fn request(file: impl Into<PathBuf>, shop: &str) -> ImportRequest {
    ImportRequest { file: file.into(), shop: shop.parse().unwrap(), name: None, event: None }
}

pub(crate) async fn import_archive(
    installation: &TestInstallation,
    request: &ImportRequest,
) -> Result<Report, server::Error> {
    server::import(&installation.settings(), request, &*installation.clock).await
}

pub(crate) async fn shop_log(installation: &TestInstallation, shop: &str) -> Vec<Recorded> {
    let store = Sqlite::open(&installation.folder.path().join("crema.db")).await.unwrap();
    let shop: ShopId = shop.parse().unwrap();
    let log = store.events_after(&shop, 0, 100_000).await.unwrap();
    store.pool().close().await;
    log
}

/// Imports the sample archive into an empty installation.
pub(crate) async fn import_sample() -> (TestInstallation, Vec<Recorded>, Report) {
    let installation = TestInstallation::new();
    let report = import_archive(&installation, &request(ARCHIVE, "replay")).await.unwrap();
    let log = shop_log(&installation, "replay").await;
    (installation, log, report)
}

pub(crate) fn order_events(log: &[Recorded], order: OrderId) -> Vec<&Recorded> {
    log.iter().filter(|recorded| recorded.event.order() == Some(order)).collect()
}

/// The events of an order as `time kind` lines.
fn order_timeline(log: &[Recorded], order: OrderId) -> Vec<String> {
    let line = |recorded: &&Recorded| {
        let (time, kind) = (recorded.at.to_string(), recorded.event.kind());
        format!("{} {}", &time[11..19], kind.split_once('.').unwrap().1)
    };
    order_events(log, order).iter().map(line).collect()
}

#[tokio::test]
async fn an_archived_order_is_imported_from_start_to_end() {
    let (_premises, log, _) = import_sample().await;
    let expected = [
        "13:00:10 NewOrder",
        "13:00:11 WorkflowStarted",
        "13:00:40 OrderSubmitted",
        "13:00:40 NumberGiven",
        "13:00:40 WaitingCompletion",
        "13:01:00 OrderClaimed",
        "13:01:10 OrderReleased",
        "13:01:20 OrderClaimed",
        "13:02:01 OrderCompleted",
        // The archive records the end one second before the order was ready.
        "13:02:01 OrderCollected",
        "13:02:01 OrderFinished",
    ];
    assert_eq!(order_timeline(&log, order(1)), expected);
    let mine = order_events(&log, order(1));
    let Event::NewOrder(started) = &mine[0].event else { panic!("{:?}", mine[0]) };
    assert_eq!(
        (started.window.map(|window| window.to_string()).as_deref(), started.left),
        (Some("2022-10-14T13:00:00.000Z"), Some(9))
    );
    assert_eq!((mine[0].actor, mine[0].channel), (Some(Actor::Guest(started.guest.unwrap())), Some(Channel::Web)));
    let Event::OrderSubmitted(submitted) = &mine[2].event else { panic!("{:?}", mine[2]) };
    assert_eq!(
        (submitted.chosen.drink.as_str(), submitted.chosen.description().as_str()),
        ("caffe-latte", "Caffe Latte, Oat, Large")
    );
    let Event::NumberGiven(given) = &mine[3].event else { panic!("{:?}", mine[3]) };
    assert_eq!((given.number, given.day.to_string().as_str()), (9, "2022-10-14"));
    // Causation and correlation are set as the services set them.
    assert_eq!((mine[4].causation, mine[4].correlation), (Some(mine[3].id), mine[2].id));
    assert_eq!((mine[5].causation, mine[5].correlation), (None, mine[5].id));
}

#[tokio::test]
async fn each_archived_outcome_is_imported() {
    let (_premises, log, report) = import_sample().await;
    let end = |n: u8| match order_events(&log, order(n)).last().map(|last| &last.event) {
        Some(Event::OrderFinished(event)) => event.outcome,
        other => panic!("order {n} ends with {other:?}"),
    };
    let ends = [
        (1, Step::Collected),
        (3, Step::Cancelled),
        (4, Step::Cancelled),
        (5, Step::TimedOut),
        (6, Step::TimedOut),
        (7, Step::Unavailable),
        (8, Step::Collected),
        (11, Step::TimedOut),
    ];
    for (n, outcome) in ends {
        assert_eq!(end(n), outcome, "order {n}");
    }
    assert_eq!(report.orders.values().sum::<u64>(), 9, "one order has an invalid id");
    let by = |n: u8| {
        order_events(&log, order(n)).into_iter().find_map(|recorded| match &recorded.event {
            Event::OrderCancelled(event) => Some(event.by),
            _ => None,
        })
    };
    assert_eq!((by(3), by(4)), (Some(CancelledBy::Bar), Some(CancelledBy::Guest)));
    let turned_away = order_events(&log, order(7)).into_iter().find_map(|recorded| match &recorded.event {
        Event::ShopUnavailable(event) => Some(event.reason),
        _ => None,
    });
    assert_eq!(turned_away, Some(Unavailable::Closed));
    assert_eq!(order_timeline(&log, order(5))[2..], ["13:06:03 OrderTimedOut", "13:06:03 OrderFinished"]);
    assert_eq!(order_timeline(&log, order(6))[5..], ["13:16:21 OrderTimedOut", "13:16:21 OrderFinished"]);
    // The archive ends before the order does; the import ends it when its wait expires.
    assert_eq!(order_timeline(&log, order(11))[5..], ["13:18:32 OrderTimedOut", "13:18:32 OrderFinished"]);
    assert_eq!(report.notes.by_clock, 1);
}

#[tokio::test]
async fn an_archived_robot_order_keeps_its_channel_and_gets_a_number() {
    let (_premises, log, _) = import_sample().await;
    let robots = order_events(&log, order(8));
    let kinds: Vec<_> = robots.iter().map(|recorded| recorded.event.kind().split_once('.').unwrap().1).collect();
    let expected = ["OrderClaimed", "OrderCompleted", "OrderCollected", "OrderFinished"];
    assert_eq!(kinds[5..], expected, "the steps between request and end are added");
    assert!(robots.iter().all(|recorded| recorded.channel == Some(Channel::Robot)));
    assert!(robots[0].actor.unwrap().is_robot() && robots[5].actor.unwrap().is_robot());
    let Event::NewOrder(started) = &robots[0].event else { panic!("{:?}", robots[0]) };
    assert_eq!((started.window, started.left), (None, None));
    let Event::NumberGiven(given) = &robots[3].event else { panic!("{:?}", robots[3]) };
    assert_eq!(given.number, 16, "the largest number of the archive plus one");
}

#[tokio::test]
async fn every_archive_entry_is_imported_or_has_a_skip_reason() {
    let (_premises, log, report) = import_sample().await;
    let reasons: Vec<_> = report
        .unmapped
        .iter()
        .map(|unmapped| {
            let kind = unmapped.kind.as_deref().unwrap_or("-");
            format!("{} {kind}: {}", unmapped.count, unmapped.reason.split(':').next().unwrap())
        })
        .collect();
    let expected = [
        "1 -: invalid JSON",
        "1 ConfigService.ConfigChanged: changes no imported setting",
        "1 ConfigService.ConfigChanged: limit out of range",
        "1 OrderManager.DrinkAverageTime: a metric computed by an extension",
        "1 OrderManager.MakeOrder: illegal in the state of its order",
        "1 OrderManager.OrderABC-COMPLETED: illegal in the state of its order",
        "1 OrderManager.OrderABC-COMPLETED: order skipped",
        "1 OrderManager.OrderCancelled: illegal in the state of its order",
        "1 OrderManager.OrderPainted: unknown event name",
        "1 OrderManager.OrderStarted: a request, not a fact; used only where the fact is missing",
        "1 OrderManager.WaitingCompletion: repeated event of the same order",
        "1 OrderManager.WaitingCompletion: order skipped",
        "1 OrderProcessor.OrderStarted: a request, not a fact; used only where the fact is missing",
        "1 OrderProcessor.OrderTimeOut: missing or unknown timeout cause",
        "1 OrderProcessor.ShopUnavailable: missing order id, and no single order of that guest matches",
        "1 OrderProcessor.WorkflowStarted: missing order id",
        "1 OrderProcessor.orderFinished: order skipped",
        "1 OrderRobot.FulfillOrder: a request, not a fact; used only where the fact is missing",
        "2 ProducerRobot.FulfillOrder: a request, not a fact; used only where the fact is missing",
        "1 Validator.NewOrder: not an event",
        "1 Validator.NewOrder: duplicate event id",
    ];
    assert_eq!(reasons, expected);
    let skipped: u64 = report.unmapped.iter().map(|unmapped| unmapped.count).sum();
    assert_eq!((report.read, report.mapped.values().sum::<u64>()), (58, 58 - skipped));
    assert_eq!(report.written.values().map(|(count, _)| count).sum::<u64>(), log.len() as u64);
    assert_eq!((report.notes.left_out, report.notes.menus), (2, 1));
    let table = report.to_string();
    for line in [
        "replay: 58 entries read, 36 imported, 22 skipped\n",
        "\n     3  timed_out\n",
        " 1  no name: invalid JSON (first: entry 57)",
    ] {
        assert!(table.contains(line), "{line} is missing in {table}");
    }
}

#[tokio::test]
async fn archived_openings_and_limits_are_imported_and_the_shop_ends_closed() {
    let (_premises, log, _) = import_sample().await;
    let doors: Vec<_> = log.iter().filter(|recorded| recorded.event.order().is_none()).collect();
    let kinds: Vec<_> = doors.iter().map(|recorded| recorded.event.kind().split_once('.').unwrap().1).collect();
    let shop_creation = ["BrandChanged", "LimitsChanged", "HoursChanged", "MenuChanged", "StoreOpened"];
    assert_eq!(kinds[..5], shop_creation);
    assert_eq!(kinds[5..], ["LimitsChanged", "StoreClosed", "StoreOpened", "StoreClosed"]);
    let Event::LimitsChanged(changed) = &doors[5].event else { panic!("{:?}", doors[5]) };
    let limits = changed.limits;
    assert_eq!((limits.drinks_per_code, limits.room, limits.orders_per_guest), (12, 20, 2));
    assert_eq!(log.last().map(|last| last.event.kind()), Some("ConfigService.StoreClosed"));
}
