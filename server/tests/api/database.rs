//! A server with its log in PostgreSQL: an order across a restart and a database outage, and the local commands.

use axum::http::StatusCode;
use domain::access::Role;
use domain::ids::{OrderId, ShopId};
use domain::order::Step;
use domain::view::barista::Barista;
use domain::view::display::Display;
use domain::view::ordering::Ordering;
use server::identity::keys;
use server::shop_creation;
use sqlx::{Connection, PgConnection};
use store::StoreUrl;

use crate::cluster::Cluster;
use crate::harness::live_page::Frames;
use crate::harness::request::TestResponse;
use crate::harness::{Browser, LivePage, TempDir, TestInstallation, TestServer, new_order};
use crate::restart::program::run_command;

async fn start_server(cluster: &Cluster) -> TestServer {
    TestInstallation::with_store(cluster.database().await).start().await
}

#[tokio::test]
async fn an_order_survives_a_restart_and_a_database_outage() {
    let Some(cluster) = Cluster::find() else { return };
    let server = start_server(&cluster).await;
    let (phone, tablet, order) = (server.guest().await, server.barista().await, new_order());
    let code = server.qr_code().await;
    phone.start(order, &code).await.expect_ok();
    assert_eq!(phone.submit(order, "mocha", &[("name", "Ada")]).await.expect_ok().number, Some(1));
    tablet.step("claim", order).await.expect_ok();

    let server = server.stop().await.start().await;
    let (phone, tablet, screen) = (phone.with_addr(server.addr), tablet.with_addr(server.addr), server.display.clone());
    tablet.get("/s/demo/barista").await.page().assert_text("for Ada");
    let mut tv: LivePage<Display> = LivePage::open(&screen, "display").await;
    tablet.step("complete", order).await.expect_ok();
    tv.wait_until(|view, _| view.rows.iter().any(|row| row.order == order)).await;

    cluster.kill();
    let position = server.position().await;
    for _ in 0..2 {
        let refused = tablet.step("collect", order).await;
        assert_eq!((refused.status, refused.slug().as_str()), (StatusCode::SERVICE_UNAVAILABLE, "busy"));
        assert_ne!(refused.header("retry-after"), "");
    }
    // The views keep the state in memory and show no effect of the refused commands.
    assert_eq!(server.position().await, position);
    phone.get("/s/demo").await.page().assert_text("Your mocha is ready.");
    let mine = phone.view::<Ordering>("ordering").await.view;
    assert_eq!(mine.current().map(|mine| (mine.order, mine.step)), Some((order, Step::Ready)));
    let mut frames = Frames::open(&screen, "display", None).await;
    frames.next_named("snapshot").await;

    cluster.start();
    tablet.step("collect", order).await.expect_ok();
    // The stream continues without a reset.
    tv.wait_until(|view, _| view.rows.is_empty()).await;
    let installation = server.stop().await;
    let log = installation.log().await;
    assert!(log.iter().map(|recorded| recorded.position).eq(1..=log.len() as u64));
    let steps = log.iter().filter_map(|recorded| recorded.event.step());
    assert_eq!(steps.filter(|(step, _)| *step == Step::Collected).count(), 1);
}

#[tokio::test]
async fn screens_forget_orders_that_the_log_lost_and_a_stop_ends() {
    for server in [Some(TestServer::start().await), start_in_postgres().await].into_iter().flatten() {
        let script = server.api_client("demo", Role::Barista).await;
        let tablet = server.barista().await;
        let mut tv: LivePage<Display> = LivePage::open(&server.display, "display").await;
        let mut cards: LivePage<Barista> = LivePage::open(&tablet, "barista").await;
        let orders = [new_order(), new_order(), new_order()];
        for order in orders {
            walk_in(&script, order).await.expect_ok();
        }
        tv.wait_until(|view, _| view.rows.len() == 3).await;
        server.installation.execute_sql(REWIND).await;

        let next = new_order();
        walk_in(&script, next).await.expect_ok();
        tv.resync_after("replaced").await;
        cards.resync_after("replaced").await;
        tv.wait_until(|view, _| view.rows.iter().any(|row| row.order == next)).await;
        cards.wait_until(|view, _| view.cards.iter().any(|card| card.order == next)).await;
        assert!(tv.view().rows.iter().all(|row| row.order != orders[2]), "an order that never began is shown");
        assert!(cards.view().cards.iter().all(|card| card.order != orders[2]));
        let gone = script.step("claim", orders[2]).await;
        assert_eq!(gone.status, StatusCode::NOT_FOUND);
        let log = server.stop().await.log().await;
        assert!(log.iter().map(|recorded| recorded.position).eq(1..=log.len() as u64));
    }
}

async fn start_in_postgres() -> Option<TestServer> {
    static CLUSTER: std::sync::OnceLock<Cluster> = std::sync::OnceLock::new();
    if !Cluster::is_available() {
        return None;
    }
    Some(start_server(CLUSTER.get_or_init(Cluster::new)).await)
}

async fn walk_in(script: &Browser, order: OrderId) -> TestResponse {
    script.command("orders/walk_in", &[("order", &order.to_string()), ("drink", "mocha")]).await
}

/// Deletes the last five events.
const REWIND: &str = "begin; delete from event where position > (select position - 5 from head); \
                      update head set position = position - 5; commit";

#[tokio::test]
async fn passes_and_shops_in_postgres_are_created_with_and_without_a_server() {
    let Some(cluster) = Cluster::find() else { return };
    let server = start_server(&cluster).await;
    let script = server.api_client("demo", Role::Barista).await;
    script.command("store/close", &[]).await.expect_ok();
    let installation = server.stop().await;
    assert!(!installation.folder.path().join("crema.db").exists());

    let south: ShopId = "south".parse().unwrap();
    let like = Some("demo".parse().unwrap());
    let request = shop_creation::NewShop { shop: south.clone(), name: "South Bar".to_owned(), like };
    let shop_links = server::add_shop(&installation.settings(), &request, &*installation.clock).await.unwrap();
    let error = server::add_shop(&installation.settings(), &request, &*installation.clock).await.unwrap_err();
    assert!(error.to_string().contains("the shop south already exists"), "{error}");
    let server = installation.start().await;
    let browser = server.new_browser();
    browser.redeem_link(&shop_links.links.office.reveal()).await;
    browser.get("/s/south/office").await.page().assert_text("South Bar");
}

/// The number of tables of a database.
async fn count_tables(url: &StoreUrl) -> i64 {
    let mut database = PgConnection::connect(url.reveal()).await.unwrap();
    let text = "select count(*) from pg_class where relnamespace = 'public'::regnamespace";
    sqlx::query_scalar(text).fetch_one(&mut database).await.unwrap()
}

#[tokio::test]
async fn a_local_command_that_is_refused_leaves_an_empty_store_empty() {
    let cluster = Cluster::find();
    let mut stores = vec![None];
    if let Some(cluster) = &cluster {
        cluster.execute_sql("create database empty").await;
        stores.push(Some(cluster.url("empty")));
    }
    let folder = TempDir::new();
    let (data, file, backup) =
        (folder.path().join("data"), folder.path().join("archive"), folder.path().join("backup").display().to_string());
    std::fs::write(&file, "no archive").unwrap();
    let commands: [(&[&str], &str); 6] = [
        (&["token", "--role", "barista"], "there is no"),
        (&["link", "--role", "barista"], "there is no"),
        (&["backup", &backup], "there is no"),
        (&["shop", "add", "--shop", "south", "--name", "South", "--like", "demo"], "there is no"),
        (&["shop", "add", "--shop", "south", "--name", " "], "invalid shop name"),
        (&["import", file.to_str().unwrap(), "--shop", "south"], "no orders found"),
    ];
    for url in stores {
        let store = url.as_ref().map_or(Vec::new(), |url| vec!["--store", url.reveal()]);
        for (command, words) in commands {
            let error = run_command(&data, &[command, &store].concat()).await.unwrap_err();
            assert!(error.contains(words), "{command:?}: {error}");
            let is_new = command[0] == "shop" || command[0] == "import";
            assert!(is_new || !data.exists(), "{command:?} has created a folder");
            assert!(!data.join("crema.db").exists(), "{command:?} has created a database");
        }
        if let Some(url) = &url {
            assert_eq!(count_tables(url).await, 0);
        }
        std::fs::remove_dir_all(&data).unwrap();
    }
}

#[tokio::test]
async fn keys_without_their_log_are_not_those_of_a_new_bar() {
    let Some(cluster) = Cluster::find() else { return };
    let installation = start_server(&cluster).await.stop().await;
    cluster.execute_sql("create database other").await;
    let (data, other) = (installation.folder.path(), cluster.url("other"));
    let add = ["shop", "add", "--shop", "south", "--name", "South", "--store", other.reveal()];
    let error = run_command(data, &add).await.unwrap_err();
    assert!(error.contains("there is no bar in database other"), "{error}");
    assert_eq!(count_tables(&other).await, 0);
}

#[tokio::test]
async fn a_log_without_its_keys_is_not_opened() {
    let Some(cluster) = Cluster::find() else { return };
    for installation in [TestInstallation::new(), TestInstallation::with_store(cluster.database().await)] {
        let installation = installation.start().await.stop().await;
        let key = installation.folder.path().join("keys/shop-demo.key");
        let backup = installation.folder.path().join("kept.key");
        std::fs::rename(&key, &backup).unwrap();
        let error =
            server::Server::open(&installation.settings(), installation.clock.clone(), Vec::new()).await.err().unwrap();
        assert!(matches!(error, server::Error::Keys(keys::Error::Missing { .. })), "{error}");
        assert!(!key.exists());
        std::fs::rename(&backup, &key).unwrap();
        installation.start().await.stop().await;
    }
}
