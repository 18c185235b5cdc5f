//! A bar whose log is in PostgreSQL: an order from the code to the collecting, a restart in the middle, a database
//! that goes away and comes back, and the commands beside it all.

use axum::http::StatusCode;
use domain::access::Role;
use domain::ids::ShopId;
use domain::order::Step;
use domain::view::display::Display;
use domain::view::ordering::Ordering;
use server::identity::keys;
use server::shop_creation;

use crate::cluster::Cluster;
use crate::harness::reader::Frames;
use crate::harness::{Bar, Premises, Reader, new_order};

async fn bar_in(cluster: &Cluster) -> Bar {
    Premises::with_log_in(cluster.database().await).open().await
}

#[tokio::test]
async fn an_order_goes_through_a_restart_and_a_database_that_was_away() {
    let cluster = Cluster::new();
    let bar = bar_in(&cluster).await;
    let (phone, tablet, order) = (bar.guest().await, bar.barista().await, new_order());
    let code = bar.code().await;
    phone.start(order, &code).await.granted();
    assert_eq!(phone.submit(order, "mocha", &[("name", "Ada")]).await.granted().number, Some(1));
    tablet.step("claim", order).await.granted();

    let bar = bar.close().await.open().await;
    let (phone, tablet, screen) = (phone.at(bar.addr), tablet.at(bar.addr), bar.screen.clone());
    tablet.get("/s/demo/barista").await.page().says("for Ada");
    let mut tv: Reader<Display> = Reader::open(&screen, "display").await;
    tablet.step("complete", order).await.granted();
    tv.until(|view, _| view.rows.iter().any(|row| row.order == order)).await;

    cluster.kill();
    let position = bar.position().await;
    for _ in 0..2 {
        let refused = tablet.step("collect", order).await;
        assert_eq!((refused.status, refused.slug().as_str()), (StatusCode::SERVICE_UNAVAILABLE, "busy"));
        assert_ne!(refused.header("retry-after"), "");
    }
    // What is in memory is shown, and nothing of what was refused.
    assert_eq!(bar.position().await, position);
    phone.get("/s/demo").await.page().says("Ada");
    let mine = phone.view::<Ordering>("ordering").await.view;
    assert_eq!(mine.current().map(|mine| (mine.order, mine.step)), Some((order, Step::Ready)));
    let mut frames = Frames::open(&screen, "display", None).await;
    frames.named("snapshot").await;

    cluster.start();
    tablet.step("collect", order).await.granted();
    // Where it was, the stream goes on.
    tv.until(|view, _| view.rows.is_empty()).await;
    let premises = bar.close().await;
    let log = premises.log().await;
    assert!(log.iter().map(|recorded| recorded.position).eq(1..=log.len() as u64));
    let steps = log.iter().filter_map(|recorded| recorded.event.step());
    assert_eq!(steps.filter(|(step, _)| *step == Step::Collected).count(), 1);
}

#[tokio::test]
async fn passes_and_shops_are_made_there_with_and_without_a_server() {
    let cluster = Cluster::new();
    let bar = bar_in(&cluster).await;
    let script = bar.script("demo", Role::Barista).await;
    script.command("store/close", &[]).await.granted();
    let premises = bar.close().await;
    assert!(!premises.folder.path().join("crema.db").exists());

    let south: ShopId = "south".parse().unwrap();
    let like = Some("demo".parse().unwrap());
    let request = shop_creation::Request { shop: south.clone(), name: "South Bar".to_owned(), like };
    let founded = server::add_shop(&premises.settings(), &request, &*premises.clock).await.unwrap();
    let error = server::add_shop(&premises.settings(), &request, &*premises.clock).await.unwrap_err();
    assert!(error.to_string().contains("the shop south already exists"), "{error}");
    let bar = premises.open().await;
    let browser = bar.stranger();
    browser.enter(&founded.links.office.reveal()).await;
    browser.get("/s/south/office").await.page().says("South Bar");
}

#[tokio::test]
async fn a_log_whose_keys_are_elsewhere_is_not_opened_with_new_ones() {
    let cluster = Cluster::new();
    for premises in [Premises::new(), Premises::with_log_in(cluster.database().await)] {
        let premises = premises.open().await.close().await;
        let key = premises.folder.path().join("keys/shop-demo.key");
        let kept = premises.folder.path().join("kept.key");
        std::fs::rename(&key, &kept).unwrap();
        let error = server::Bar::open(&premises.settings(), premises.clock.clone(), Vec::new()).await.err().unwrap();
        assert!(matches!(error, server::Error::Keys(keys::Error::Missing { .. })), "{error}");
        assert!(!key.exists());
        std::fs::rename(&kept, &key).unwrap();
        premises.open().await.close().await;
    }
}
