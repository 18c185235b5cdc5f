//! Imports of whole archives: log invariants, privacy, atomicity, and the command's output with and without a running
//! server.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::{Path, PathBuf};

use domain::access::Role;
use domain::event::{Event, Recorded};
use domain::shop::Shop;
use domain::time::{Day, Instant, Now};
use import::ImportRequest;

use crate::harness::browser::Browser;
use crate::harness::{TempDir, TestInstallation, TestServer, demo};
use crate::import::{ARCHIVE, import_archive, import_sample, order, order_events, request, shop_log};
use crate::restart::program::{ServerProcess, run_command};

/// Checks the invariants that hold for every imported log.
fn assert_invariants(log: &[Recorded]) {
    assert!(log.iter().map(|recorded| recorded.position).eq(1..=log.len() as u64), "positions have gaps");
    assert!(log.is_sorted_by_key(|recorded| recorded.at), "timestamps decrease");
    let ids: BTreeSet<_> = log.iter().map(|recorded| recorded.id).collect();
    assert_eq!(ids.len(), log.len(), "event ids are not unique");
    let (mut over, mut versions, mut shop) = (BTreeSet::new(), BTreeMap::new(), Shop::default());
    for recorded in log {
        shop.evolve(&recorded.event, recorded.at);
        let Some(order) = recorded.event.order() else { continue };
        assert!(!over.contains(&order), "event after OrderFinished: {recorded:?}");
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
    assert_eq!(over.len(), versions.len(), "an order has no end");
    assert_eq!(shop.next_due(Now::without_hours(Instant(0), Day(0))), None, "a wait is still pending");
}

#[tokio::test]
async fn every_imported_order_ends_once_and_last() {
    let real = std::env::var_os("CREMA_ARCHIVE").map(PathBuf::from);
    for file in [Some(PathBuf::from(ARCHIVE)), real].into_iter().flatten() {
        let installation = TestInstallation::new();
        let report = import_archive(&installation, &request(&file, "replay")).await.unwrap();
        let log = shop_log(&installation, "replay").await;
        assert_invariants(&log);
        let skipped: u64 = report.unmapped.iter().map(|unmapped| unmapped.count).sum();
        assert_eq!(report.read, report.mapped.values().sum::<u64>() + skipped, "{}", file.display());
    }
}

#[tokio::test]
async fn a_fragmented_archive_imports_only_complete_orders() {
    let installation = TestInstallation::new();
    let text = std::fs::read_to_string(ARCHIVE).unwrap();
    let file = installation.folder.path().join("shreds.jsonl");
    // A linear congruential generator keeps about half of the lines and every other round reverses them. The seed is
    // fixed.
    let mut random: u64 = 7;
    for n in 0..60 {
        let mut lines: Vec<&str> = text
            .lines()
            .filter(|_| {
                random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                random >> 63 == 0
            })
            .collect();
        if n % 2 == 1 {
            lines.reverse();
        }
        std::fs::write(&file, lines.join("\n")).unwrap();
        let shop = format!("shreds-{n}");
        let report = import_archive(&installation, &request(&file, &shop)).await.unwrap();
        assert_invariants(&shop_log(&installation, &shop).await);
        let skipped: u64 = report.unmapped.iter().map(|unmapped| unmapped.count).sum();
        assert_eq!(report.read, report.mapped.values().sum::<u64>() + skipped, "{lines:?}");
    }
}

#[tokio::test]
async fn the_import_report_is_bounded_for_any_input() {
    let server = TestServer::start().await;
    let file = server.installation.folder.path().join("odd.jsonl");
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
    let unusual =
        [at("a", "2022-10-14T13:00:00Z"), at("b", "-009999-01-01T00:00:00Z"), at("c", "9999-12-31T23:59:59Z")];
    std::fs::write(&file, (0..3000).map(named).chain(unusual).collect::<Vec<_>>().join("\n")).unwrap();
    let report = import_archive(&server.installation, &request(&file, "odd")).await.unwrap();
    assert_eq!((report.read, report.orders.values().sum::<u64>()), (3003, 1));
    assert!(report.unmapped.len() < 100 && !report.to_string().contains('\u{1b}'));
    let started = shop_log(&server.installation, "odd").await.into_iter().find_map(|recorded| match recorded.event {
        Event::NewOrder(event) => Some((event.window.map(|window| window.to_string()), event.left)),
        _ => None,
    });
    assert_eq!(started, Some((Some("2022-10-14T13:00:00.000Z".to_owned()), Some(0))));
    let folder =
        import_archive(&server.installation, &request(server.installation.folder.path(), "other")).await.unwrap_err();
    assert!(folder.to_string().ends_with("not a regular file"), "{folder}");
}

#[tokio::test]
async fn an_imported_log_contains_no_people_tokens_or_codes() {
    let (installation, log, report) = import_sample().await;
    import_archive(&installation, &request(ARCHIVE, "other")).await.unwrap();
    let file = std::fs::read(installation.folder.path().join("crema.db")).unwrap();
    let holds = |text: &str| file.windows(text.len()).any(|window| window == text.as_bytes());
    assert!(holds("Caffe Latte") && !holds("secret-") && !holds("TaskToken"));
    assert!(!report.to_string().contains("secret-"));
    // A guest keeps one id within a shop and has another id in another shop.
    let other = shop_log(&installation, "other").await;
    let guest = |log: &[Recorded], n: u8| order_events(log, order(n))[0].actor;
    assert_eq!(guest(&log, 1), guest(&log, 3));
    assert_ne!(guest(&log, 1), guest(&log, 4));
    assert_ne!(guest(&log, 1), guest(&other, 1));
}

#[tokio::test]
async fn an_import_beside_a_running_server_is_visible_at_once() {
    let server = TestServer::start().await;
    let named = ImportRequest { name: Some("New York".to_owned()), ..request(ARCHIVE, "replay") };
    assert_eq!(import_archive(&server.installation, &named).await.unwrap().orders.values().sum::<u64>(), 9);
    let page = server.new_browser().get("/s/replay").await.page();
    page.assert_text("New York");
    let menu = server.new_browser().get("/s/replay/view/ordering").await;
    for words in ["\"open\":false", "Caffe Latte", "Oat", "James Soda", "\"queue\":[]"] {
        assert!(menu.text().contains(words), "{words} is missing in {}", menu.text());
    }
    let tablet = server.api_client("replay", Role::Barista).await;
    assert!(tablet.get("/s/replay/view/barista").await.text().contains("\"cards\":[]"));
    let again = import_archive(&server.installation, &request(ARCHIVE, "replay")).await.unwrap_err();
    assert_eq!(again.to_string(), "the shop replay already exists; choose another --shop");
    // The imported shop survives a restart.
    let server = server.stop().await.start().await;
    server.new_browser().get("/s/replay").await.page().assert_text("New York");
    assert_eq!(
        shop_log(&server.installation, "replay").await.last().unwrap().event.kind(),
        "ConfigService.StoreClosed"
    );
}

#[tokio::test]
async fn the_program_imports_with_and_without_a_server_and_prints_a_report() {
    let folder = TempDir::new();
    let program = ServerProcess::serve(folder.path()).await;
    let with_server =
        run_command(folder.path(), &["import", ARCHIVE, "--shop", "replay", "--name", "New York"]).await.unwrap();
    assert!(with_server.starts_with("replay: 58 entries read, 36 imported, 22 skipped\n"), "{with_server}");
    Browser::new(program.addr).get("/s/replay").await.page().assert_text("New York");
    program.signal("TERM");
    assert!(program.wait_for_exit().await.success());

    let without_server = run_command(folder.path(), &["import", ARCHIVE, "--shop", "second"]).await.unwrap();
    assert_eq!(without_server.replace("second", "replay"), with_server);
    for shop in ["replay", "second", "demo"] {
        let refused = run_command(folder.path(), &["import", ARCHIVE, "--shop", shop]).await.unwrap_err();
        assert_eq!(refused, format!("crema: the shop {shop} already exists; choose another --shop\n"));
    }
    let program = ServerProcess::serve(folder.path()).await;
    Browser::new(program.addr).get("/s/second").await.page().assert_text("second");
}

#[tokio::test]
async fn an_import_that_fails_leaves_nothing_behind() {
    let server = TestServer::start().await;
    let scratch = TempDir::new();
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
        let error = import_archive(&server.installation, &request(&path, "replay")).await.unwrap_err().to_string();
        assert!(error.contains(words), "{error}");
        assert!(error.contains(path.to_str().unwrap()), "{error}");
        assert_eq!(server.new_browser().get("/s/replay").await.status.as_u16(), 404);
        assert_eq!(key_files(server.installation.folder.path()), ["shop-demo.key"]);
        assert_eq!(shop_log(&server.installation, "replay").await, []);
    }
    let one = ImportRequest { event: Some("NYC".to_owned()), ..request(&several, "replay") };
    let report = import_archive(&server.installation, &one).await.unwrap();
    assert_eq!((report.read, report.orders.values().sum::<u64>(), report.unmapped[0].count), (2, 1, 1));
    assert_eq!(server.installation.log().await.len(), 5, "the import changed shop {}", demo());
}

fn key_files(data: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(data.join("keys")).unwrap();
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort_unstable();
    names
}

fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

#[tokio::test]
async fn an_archive_in_any_form_of_json_and_compressed_gives_the_same_report() {
    let text = std::fs::read_to_string(ARCHIVE).unwrap();
    let objects: Vec<serde_json::Value> = text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    let joined = |separator: &str| objects.iter().map(ToString::to_string).collect::<Vec<_>>().join(separator);
    let pretty: Vec<_> = objects.iter().map(|value| serde_json::to_string_pretty(value).unwrap()).collect();
    let (first, second) = objects.split_at(objects.len() / 2);
    let lines = |part: &[serde_json::Value]| part.iter().map(|value| format!("{value}\n")).collect::<Vec<_>>().concat();
    let forms = [
        joined("").into_bytes(),
        joined(",\n").into_bytes(),
        pretty.join("\n").into_bytes(),
        pretty.concat().into_bytes(),
        serde_json::to_vec_pretty(&objects).unwrap(),
        gzip(&joined("\n")),
        [gzip(&lines(first)), gzip(&lines(second))].concat(),
    ];
    let mut expected = None;
    for (n, bytes) in [joined("\n").into_bytes()].into_iter().chain(forms).enumerate() {
        let installation = TestInstallation::new();
        let file = installation.folder.path().join("archive");
        std::fs::write(&file, bytes).unwrap();
        let report = import_archive(&installation, &request(&file, "replay")).await.unwrap().to_string();
        assert_eq!(expected.get_or_insert_with(|| report.clone()), &report, "form {n}");
    }
}

#[tokio::test]
async fn a_file_that_is_no_archive_is_named_in_one_sentence() {
    let installation = TestInstallation::new();
    let mut tar = vec![b'a'; 512];
    tar[257..262].copy_from_slice(b"ustar");
    let mut half = gzip("{}\n");
    half.truncate(half.len() / 2);
    let files: [(&[u8], &str); 11] = [
        (b"", "is empty"),
        (b" \n \n", "is empty"),
        (&gzip(""), "is empty"),
        (&half, "is a damaged gzip file"),
        (b"PK\x03\x04rest", "is a ZIP file"),
        (&tar, "is a tar file"),
        (b"SQLite format 3\0rest", "is an SQLite database"),
        (b"\xff\xfe{\0}\0", "is encoded as UTF-16"),
        (b"id,detail-type\n1,NewOrder\n", "(2 entries read, none of them JSON)"),
        (b"<!DOCTYPE html>\n<p>Access denied</p>\n", "(2 entries read, none of them JSON)"),
        (b"[{\"id\": \"1\"},", "truncated or invalid JSON array in"),
    ];
    for (bytes, words) in files {
        let file = installation.folder.path().join("archive");
        std::fs::write(&file, bytes).unwrap();
        let refused = import_archive(&installation, &request(&file, "replay")).await.unwrap_err().to_string();
        assert!(refused.contains(words) && refused.lines().count() == 1, "{refused}");
    }
}
