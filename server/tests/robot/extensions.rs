//! A hundred orders a second beside extensions that are switched, panic and hang. No order is affected.

use std::sync::Arc;
use std::time::Duration;

use domain::access::Role;
use domain::event::{Event, Recorded};
use domain::extension::Manifest;
use server::identity::secret::Secret;
use server::robot::Robots;
use server::store::Store;
use tokio_util::sync::CancellationToken;

use super::trial::{self, Sleeper};
use super::{House, RobotArgs, all_finished, collected, until};

const ORDERS: u32 = 400;

/// Number of orders between two switches.
const A_FEW: u64 = 20;

impl House {
    async fn switch(&self, manager: &Secret, extension: &str, on: bool) {
        let form = format!("shop=demo&extension={extension}&on={on}");
        let (status, answer) = self.ask("POST /api/store/extension", manager, &form).await;
        assert_eq!(status, 200, "{answer}");
    }

    /// Waits until the counter has received position `last`; returns all positions that it received.
    async fn tallied(&self, manager: &Secret, last: u64) -> Vec<u64> {
        let counting = async {
            loop {
                let heard = self.ask("GET /s/demo/x/tally", manager, "").await.1;
                let heard: Vec<u64> = serde_json::from_str(&heard).unwrap_or_default();
                if heard.last() == Some(&last) {
                    return heard;
                }
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(30), counting).await.expect("it never heard it all")
    }

    /// Reads the saved position of an extension from the store of a stopped server.
    async fn bookmark(&self, extension: &str) -> u64 {
        let store = server::store::sqlite::Sqlite::open(&self.data.join("crema.db")).await.unwrap();
        let saved = store.saved(&super::demo(), extension).await.unwrap();
        store.close().await.unwrap();
        saved.map_or(0, |saved| saved.position)
    }
}

fn manifests(sleeper: &Sleeper) -> Vec<Manifest> {
    vec![trial::tally(), trial::stumbler(), sleeper.manifest()]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_orders_a_second_notice_nothing_of_extensions_that_are_switched_panic_and_hang() {
    let sleeper = Sleeper::new();
    let mut house = House::with(manifests(&sleeper)).await;
    let manager = house.token(Role::Manager).await;
    let robots = Arc::new(Robots::connect(&RobotArgs { rate: 100.0, ..house.robots(ORDERS) }).await.unwrap());
    let at_work = Arc::clone(&robots);
    let working = tokio::spawn(async move { at_work.work(&CancellationToken::new()).await });
    let mut on = true;
    while robots.finished() + 2 * A_FEW < u64::from(ORDERS) {
        until(&robots, robots.finished() + A_FEW).await;
        on = !on;
        for extension in ["Tally", "Stumbler", "Sleeper"] {
            house.switch(&manager, extension, on).await;
        }
    }
    house.switch(&manager, "Tally", true).await;
    let summary = all_finished(u64::from(ORDERS), working.await.unwrap());
    assert_eq!((summary.numbers.ends, summary.again), (Some((1, ORDERS)), 0), "{summary}");

    let log = house.log().await;
    assert_eq!(collected(&log), ORDERS as usize);
    // After a restart with the counter alone, the counter catches up with the whole log.
    let is_of_the_house = |recorded: &&Recorded| !matches!(recorded.event, Event::Emitted(_));
    let said: Vec<u64> = log.iter().filter(is_of_the_house).map(|recorded| recorded.position).collect();
    house.open_with(vec![trial::tally()]).await;
    assert_eq!(house.tallied(&manager, *said.last().unwrap()).await, said);
    house.close().await;
    assert!(house.bookmark("Tally").await >= *said.last().unwrap());
}
