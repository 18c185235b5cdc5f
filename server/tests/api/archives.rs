//! Whatever an archive holds: the laws hold of what is told, nothing leaks, nothing stays half done, and the program says
//! what it did, beside a running server and without one.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use domain::access::Role;
use domain::event::{Event, Recorded};
use domain::shop::Shop;
use domain::time::{Day, Instant, Now};
use server::import::Request;

use crate::harness::browser::Browser;
use crate::harness::{Bar, Folder, Premises, demo};
use crate::import::{ARCHIVE, imported, log_of, order, replayed, request, story};
use crate::restart::program::{Program, said};

/// Holds of every import, whatever the archive.
fn assert_laws(log: &[Recorded]) {
    assert!(log.iter().map(|recorded| recorded.position).eq(1..=log.len() as u64), "positions have gaps");
    assert!(log.is_sorted_by_key(|recorded| recorded.at), "time goes back");
    let ids: BTreeSet<_> = log.iter().map(|recorded| recorded.id).collect();
    assert_eq!(ids.len(), log.len(), "two events have one id");
    let (mut over, mut versions, mut shop) = (BTreeSet::new(), BTreeMap::new(), Shop::default());
    for recorded in log {
        shop.evolve(&recorded.event, recorded.at);
        let Some(order) = recorded.event.order() else { continue };
        assert!(!over.contains(&order), "{recorded:?} followed the end");
        assert_eq!(matches!(recorded.event, Event::NewOrder(_)), !versions.contains_key(&order), "{recorded:?}");
        let version = versions.entry(order).or_insert(0);
        if let Some((_, next @ 1..)) = recorded.event.step() {
            assert_eq!(next, *version + 1, "{recorded:?}");
            *version = next;
        }
        if matches!(recorded.event, Event::OrderFinished(_)) {
            over.insert(order);
        }
    }
    assert_eq!(over.len(), versions.len(), "an order does not end");
    assert_eq!(shop.next_due(Now::without_hours(Instant(0), Day(0))), None, "something still waits");
}

#[tokio::test]
async fn whatever_the_archive_every_order_ends_once_and_last() {
    let real = std::env::var_os("CREMA_ARCHIVE").map(PathBuf::from);
    for file in [Some(PathBuf::from(ARCHIVE)), real].into_iter().flatten() {
        let premises = Premises::new();
        let report = imported(&premises, &request(&file, "replay")).await.unwrap();
        let log = log_of(&premises, "replay").await;
        assert_laws(&log);
        let untold: u64 = report.unmapped.iter().map(|unmapped| unmapped.count).sum();
        assert_eq!(report.read, report.mapped.values().sum::<u64>() + untold, "{}", file.display());
    }
}

#[tokio::test]
async fn of_an_archive_in_shreds_whatever_is_told_is_told_whole() {
    let premises = Premises::new();
    let text = std::fs::read_to_string(ARCHIVE).unwrap();
    let file = premises.folder.path().join("shreds.jsonl");
    // Any half of the lines, backwards every other time; the same ones each time the test runs.
    let mut chance: u64 = 7;
    for n in 0..60 {
        let mut lines: Vec<&str> = text
            .lines()
            .filter(|_| {
                chance = chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                chance >> 63 == 0
            })
            .collect();
        if n % 2 == 1 {
            lines.reverse();
        }
        std::fs::write(&file, lines.join("\n")).unwrap();
        let shop = format!("shreds-{n}");
        let report = imported(&premises, &request(&file, &shop)).await.unwrap();
        assert_laws(&log_of(&premises, &shop).await);
        let untold: u64 = report.unmapped.iter().map(|unmapped| unmapped.count).sum();
        assert_eq!(report.read, report.mapped.values().sum::<u64>() + untold, "{lines:?}");
    }
}

#[tokio::test]
async fn whatever_a_file_holds_the_account_of_it_has_an_end() {
    let bar = Bar::open().await;
    let file = bar.premises.folder.path().join("odd.jsonl");
    let named = |n: usize| {
        format!(
            r#"{{"id":"{n}","detail-type":"{n}\u001b[2J{}","time":"2022-10-14T13:00:00Z","detail":{{}}}}"#,
            "x".repeat(500)
        )
    };
    let at = |id: &str, time: &str| {
        format!(
            r#"{{"id":"{id}","detail-type":"Validator.NewOrder","time":"{time}","detail":{{"orderId":"o-{id}","userId":"u","bucket":{{"start_ts":9223372036854775807,"availableTokens":-3}}}}}}"#
        )
    };
    let odd = [at("a", "2022-10-14T13:00:00Z"), at("b", "-009999-01-01T00:00:00Z"), at("c", "9999-12-31T23:59:59Z")];
    std::fs::write(&file, (0..3000).map(named).chain(odd).collect::<Vec<_>>().join("\n")).unwrap();
    let report = imported(&bar.premises, &request(&file, "odd")).await.unwrap();
    assert_eq!((report.read, report.orders.values().sum::<u64>()), (3003, 1));
    assert!(report.unmapped.len() < 100 && !report.to_string().contains('\u{1b}'));
    let begun = log_of(&bar.premises, "odd").await.into_iter().find_map(|recorded| match recorded.event {
        Event::NewOrder(event) => Some((event.window.map(|window| window.to_string()), event.left)),
        _ => None,
    });
    assert_eq!(begun, Some((Some("2022-10-14T13:00:00.000Z".to_owned()), Some(0))));
    let folder = imported(&bar.premises, &request(bar.premises.folder.path(), "other")).await.unwrap_err();
    assert!(folder.to_string().ends_with("not a regular file"), "{folder}");
}

#[tokio::test]
async fn whoever_has_the_log_learns_neither_people_nor_tokens_nor_codes() {
    let (premises, log, report) = replayed().await;
    imported(&premises, &request(ARCHIVE, "other")).await.unwrap();
    let file = std::fs::read(premises.folder.path().join("crema.db")).unwrap();
    let holds = |text: &str| file.windows(text.len()).any(|window| window == text.as_bytes());
    assert!(holds("Caffe Latte") && !holds("secret-") && !holds("TaskToken"));
    assert!(!report.to_string().contains("secret-"));
    // One guest is one guest in a shop, and in another shop somebody else.
    let other = log_of(&premises, "other").await;
    let guest = |log: &[Recorded], n: u8| story(log, order(n))[0].actor;
    assert_eq!(guest(&log, 1), guest(&log, 3));
    assert_ne!(guest(&log, 1), guest(&log, 4));
    assert_ne!(guest(&log, 1), guest(&other, 1));
}

#[tokio::test]
async fn beside_a_running_server_the_shop_is_there_at_once() {
    let bar = Bar::open().await;
    let named = Request { name: Some("New York".to_owned()), ..request(ARCHIVE, "replay") };
    assert_eq!(imported(&bar.premises, &named).await.unwrap().orders.values().sum::<u64>(), 9);
    let page = bar.stranger().get("/s/replay").await.page();
    page.says("New York");
    let menu = bar.stranger().get("/s/replay/view/ordering").await;
    for words in ["\"open\":false", "Caffe Latte", "Oat", "James Soda", "\"queue\":[]"] {
        assert!(menu.text().contains(words), "{words} is not in {}", menu.text());
    }
    let tablet = bar.script("replay", Role::Barista).await;
    assert!(tablet.get("/s/replay/view/barista").await.text().contains("\"cards\":[]"));
    let again = imported(&bar.premises, &request(ARCHIVE, "replay")).await.unwrap_err();
    assert_eq!(again.to_string(), "the shop replay already exists; choose another --shop");
    // It goes on as any other shop, after a restart too.
    let bar = bar.close().await.open().await;
    bar.stranger().get("/s/replay").await.page().says("New York");
    assert_eq!(log_of(&bar.premises, "replay").await.last().unwrap().event.kind(), "ConfigService.StoreClosed");
}

#[tokio::test]
async fn the_program_imports_with_and_without_a_server_and_says_what_it_did() {
    let folder = Folder::new();
    let program = Program::serve(folder.path()).await;
    let beside = said(folder.path(), &["import", ARCHIVE, "--shop", "replay", "--name", "New York"]).await.unwrap();
    assert!(beside.starts_with("replay: 58 entries read, 36 imported, 22 skipped\n"), "{beside}");
    Browser::new(program.addr).get("/s/replay").await.page().says("New York");
    program.signal("TERM");
    assert!(program.ended().await.success());

    let alone = said(folder.path(), &["import", ARCHIVE, "--shop", "second"]).await.unwrap();
    assert_eq!(alone.replace("second", "replay"), beside);
    for shop in ["replay", "second", "demo"] {
        let refused = said(folder.path(), &["import", ARCHIVE, "--shop", shop]).await.unwrap_err();
        assert_eq!(refused, format!("crema: the shop {shop} already exists; choose another --shop\n"));
    }
    let program = Program::serve(folder.path()).await;
    Browser::new(program.addr).get("/s/second").await.page().says("second");
}

#[tokio::test]
async fn an_import_that_fails_leaves_nothing_behind() {
    let bar = Bar::open().await;
    let scratch = Folder::new();
    let file = |name: &str, text: &str| {
        let path = scratch.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    };
    let first = |hour: &str, order: &str, event: &str| {
        format!(
            r#"{{"id":"{order}","detail-type":"OrderProcessor.WorkflowStarted","time":"{hour}Z","detail":{{"orderId":"{order}","userId":"u","eventId":"{event}"}}}}"#
        )
    };
    let (abc, nyc) = (first("2022-10-14T13:00:00", "a", "ABC"), first("2022-10-14T13:00:01", "b", "NYC"));
    let several = file("several.json", &format!("[{abc},{nyc}]"));
    let failures = [
        (scratch.path().join("nowhere"), "cannot read"),
        (file("half.json", "[{}, "), "truncated or invalid JSON array in"),
        (file("poem.txt", "Roses are red,\nviolets are blue\n"), "no orders found in"),
        (file("today.jsonl", &first("2026-11-21T09:58:00", "c", "ABC")), "is open until 2026-11-21T10:03:00.000Z"),
        (several.clone(), "; choose one with --event: ABC, NYC"),
    ];
    for (path, words) in failures {
        let said = imported(&bar.premises, &request(&path, "replay")).await.unwrap_err().to_string();
        assert!(said.contains(words), "{said}");
        assert!(said.contains(path.to_str().unwrap()), "{said}");
        assert_eq!(bar.stranger().get("/s/replay").await.status.as_u16(), 404);
        assert_eq!(keys(bar.premises.folder.path()), ["shop-demo.key"]);
        assert_eq!(log_of(&bar.premises, "replay").await, []);
    }
    let one = Request { event: Some("NYC".to_owned()), ..request(&several, "replay") };
    let report = imported(&bar.premises, &one).await.unwrap();
    assert_eq!((report.read, report.orders.values().sum::<u64>(), report.unmapped[0].count), (2, 1, 1));
    assert_eq!(bar.premises.log().await.len(), 5, "the shop {} is as it was", demo());
}

fn keys(data: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(data.join("keys")).unwrap();
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort_unstable();
    names
}
