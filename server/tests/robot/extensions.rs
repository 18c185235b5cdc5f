//! A hundred orders a second beside extensions that are switched, panic and hang. No order is affected.

use std::sync::Arc;
use std::time::Duration;

use domain::access::Role;
use domain::event::{Event, Recorded};
use domain::extension::Manifest;
use engine::store::Store;
use server::identity::secret::Secret;
use tokio_util::sync::CancellationToken;

use super::test_extensions::{self, HangingExtension};
use super::{RobotArgs, TestServer, assert_all_finished, count_collected, wait_until_finished};

const ORDERS: u32 = 400;

/// Number of orders between two switches.
const ORDERS_BETWEEN_SWITCHES: u64 = 20;

impl TestServer {
    async fn switch(&self, manager: &Secret, extension: &str, on: bool) {
        let form = format!("shop=demo&extension={extension}&on={on}");
        let (status, answer) = self.request("POST /api/store/extension", manager, &form).await;
        assert_eq!(status, 200, "{answer}");
    }

    /// Waits until the counter has received position `last`; returns all positions that it received.
    async fn wait_for_counter(&self, manager: &Secret, last: u64) -> Vec<u64> {
        let counting = async {
            loop {
                let received = self.request("GET /s/demo/x/counter", manager, "").await.1;
                let received: Vec<u64> = serde_json::from_str(&received).unwrap_or_default();
                if received.last() == Some(&last) {
                    return received;
                }
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(30), counting).await.expect("timed out waiting for the counter")
    }

    /// Reads the saved position of an extension from the store of a stopped server.
    async fn saved_position(&self, extension: &str) -> u64 {
        let store = store::sqlite::Sqlite::open(&self.data.join("crema.db")).await.unwrap();
        let saved = store.load_snapshot(&super::demo(), extension).await.unwrap();
        store.close().await.unwrap();
        saved.map_or(0, |saved| saved.position)
    }
}

fn manifests(hanging: &HangingExtension) -> Vec<Manifest> {
    vec![test_extensions::counter(), test_extensions::panicking(), hanging.manifest()]
}

#[tokio::test(flavor = "multi_thread")]
async fn failing_extensions_do_not_affect_a_hundred_orders_a_second() {
    let hanging = HangingExtension::new();
    let mut server = TestServer::start_with(manifests(&hanging)).await;
    let manager = server.token(Role::Manager).await;
    let robots =
        Arc::new(server::robot_command::connect(&RobotArgs { rate: 100.0, ..server.robots(ORDERS) }).await.unwrap());
    let worker = Arc::clone(&robots);
    let work = tokio::spawn(async move { worker.work(&CancellationToken::new()).await });
    let mut on = true;
    while robots.finished() + 2 * ORDERS_BETWEEN_SWITCHES < u64::from(ORDERS) {
        wait_until_finished(&robots, robots.finished() + ORDERS_BETWEEN_SWITCHES).await;
        on = !on;
        for extension in ["Counter", "Panicking", "Hanging"] {
            server.switch(&manager, extension, on).await;
        }
    }
    server.switch(&manager, "Counter", true).await;
    let summary = assert_all_finished(u64::from(ORDERS), work.await.unwrap());
    assert_eq!((summary.numbers.range, summary.retries), (Some((1, ORDERS)), 0), "{summary}");

    let log = server.log().await;
    assert_eq!(count_collected(&log), ORDERS as usize);
    // After a restart with the counter alone, the counter catches up with the whole log.
    let is_from_core = |recorded: &&Recorded| !matches!(recorded.event, Event::Emitted(_));
    let core_positions: Vec<u64> = log.iter().filter(is_from_core).map(|recorded| recorded.position).collect();
    server.serve_with(vec![test_extensions::counter()]).await;
    assert_eq!(server.wait_for_counter(&manager, *core_positions.last().unwrap()).await, core_positions);
    server.stop().await;
    assert!(server.saved_position("Counter").await >= *core_positions.last().unwrap());
}
