//! Two writers on one store: the first append to a position is committed, the second writes nothing of that batch.

use std::collections::BTreeSet;
use std::sync::Arc;

use domain::ids::EventId;
use engine::store::{Outcome, ShopBatch, Store};
use tokio::sync::Barrier;

use super::{SqliteDir, all_stores, for_each_store, name, position, positions, receipt, row, shop, shop_batch};

/// Number of races for one position.
const ROUNDS: u64 = 100;

/// The contested batches of one writer with their outcomes.
type BatchResults = Vec<(ShopBatch, Outcome)>;

#[tokio::test]
async fn a_conflicting_shop_batch_does_not_affect_the_others() {
    for_each_store(async |store, first| {
        let mut second = store.writer().await.unwrap();
        let mut first_batch = shop_batch("east", 0, 1);
        first_batch.receipts.push(receipt("key", 1));
        first_batch.orders.push(row(1, 1, true));
        first.append(&[first_batch, shop_batch("west", 0, 1)]).await.unwrap();

        // The second writer has seen none of the first one's events and meets each of the three kinds of conflict.
        let mut key = shop_batch("east", 1, 2);
        key.receipts.push(receipt("key", 2));
        key.names.push(name(2, Some(b"sealed")));
        let mut again = shop_batch("east", 1, 2);
        again.orders.push(row(1, 3, true));
        let quiet = |after| ["a", "m", "z"].map(|name| shop_batch(name, after, 1));
        let late = [shop_batch("west", 0, 3), key, again];
        for (after, late) in (0..).zip(late) {
            let [a, m, z] = quiet(after);
            let outcomes = second.append(&[z, late, m, a]).await.unwrap();
            assert_eq!(outcomes, [Outcome::Committed, Outcome::Conflict, Outcome::Committed, Outcome::Committed]);
        }
        for name in ["a", "m", "z"] {
            assert_eq!(positions(store, name).await, [1, 2, 3]);
        }
        assert_eq!((positions(store, "east").await, positions(store, "west").await), (vec![1], vec![1]));
        assert_eq!(store.receipt(&shop("east"), "key").await.unwrap(), Some(receipt("key", 1)));
        assert_eq!(store.names(&shop("east")).await.unwrap(), []);

        // The second writer continues after it has caught up; now the first one is late.
        assert_eq!(second.append(&[shop_batch("east", 1, 1)]).await.unwrap(), [Outcome::Committed]);
        assert_eq!(first.append(&[shop_batch("east", 1, 1)]).await.unwrap(), [Outcome::Conflict]);
        assert_eq!(positions(store, "east").await, [1, 2]);
    })
    .await;
}

#[tokio::test]
async fn a_large_append_commits_exactly_the_shops_without_conflict() {
    for_each_store(async |store, first| {
        let mut second = store.writer().await.unwrap();
        let names: Vec<String> = (0..64).map(|n| format!("shop-{n:02}")).collect();
        // One batch conflicts by its position, one by its receipt and one by its order.
        let (behind, answered, begun) = (17, 31, 63);
        let batch: Vec<ShopBatch> = names.iter().map(|name| shop_batch(name, 0, 2)).collect();
        assert_eq!(first.append(&batch).await.unwrap(), [Outcome::Committed; 64]);
        let mut before = [behind, answered, begun].map(|n| shop_batch(&names[n], 2, 1));
        before[1].receipts.push(receipt("key", 1));
        before[2].orders.push(row(1, 3, true));
        assert_eq!(second.append(&before).await.unwrap(), [Outcome::Committed; 3]);

        let mut late: Vec<ShopBatch> = names.iter().map(|name| shop_batch(name, 2, 3)).collect();
        late[answered] = ShopBatch { receipts: vec![receipt("key", 2)], ..shop_batch(&names[answered], 3, 3) };
        late[begun] = ShopBatch { orders: vec![row(1, 4, true)], ..shop_batch(&names[begun], 3, 3) };
        let outcomes = first.append(&late).await.unwrap();
        for (n, outcome) in outcomes.into_iter().enumerate() {
            let is_late = [behind, answered, begun].contains(&n);
            assert_eq!(outcome, if is_late { Outcome::Conflict } else { Outcome::Committed }, "shop {n}");
            let stored = positions(store, &names[n]).await;
            assert!(stored.into_iter().eq(1..=if is_late { 3 } else { 5 }), "shop {n}");
        }
    })
    .await;
}

/// Number of shops to which both writers append in one batch, in opposite orders.
const CROSSED_SHOPS: usize = 12;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn writers_with_opposite_shop_orders_do_not_deadlock() {
    let file = SqliteDir::new();
    for store in all_stores(&file).await {
        eprintln!("{store:?}");
        let crossed = |is_backwards| tokio::spawn(append_in_order(Arc::clone(&store), is_backwards));
        let (forwards, backwards) = (crossed(false), crossed(true));
        let written = [forwards.await.unwrap(), backwards.await.unwrap()];
        for (n, (one, other)) in written[0].iter().zip(written[1]).enumerate() {
            let stored = positions(&*store, &format!("shop-{n:02}")).await;
            assert!(stored.into_iter().eq(1..=one + other), "shop {n}");
        }
    }
}

/// Appends one event to each shop in one batch, `ROUNDS` times; returns the number of committed events for each shop.
async fn append_in_order(store: Arc<dyn Store>, is_backwards: bool) -> [u64; CROSSED_SHOPS] {
    let mut writer = store.writer().await.unwrap();
    let mut written = [0; CROSSED_SHOPS];
    for _ in 0..ROUNDS {
        let heads = store.heads().await.unwrap();
        let after = |name: &str| heads.iter().find(|head| head.shop == shop(name)).map_or(0, |head| head.position);
        let names = (0..CROSSED_SHOPS).map(|n| format!("shop-{n:02}"));
        let mut batch: Vec<(usize, ShopBatch)> =
            names.map(|name| shop_batch(&name, after(&name), 1)).enumerate().collect();
        if is_backwards {
            batch.reverse();
        }
        let shop_batches: Vec<ShopBatch> = batch.iter().map(|(_, shop_batch)| shop_batch.clone()).collect();
        let outcomes = writer.append(&shop_batches).await.unwrap();
        for ((n, _), outcome) in batch.into_iter().zip(outcomes) {
            written[n] += u64::from(outcome == Outcome::Committed);
        }
    }
    written
}

#[tokio::test]
async fn two_batches_of_one_shop_in_one_append_are_consecutive_or_conflict() {
    for_each_store(async |store, writer| {
        let batch = [shop_batch("east", 0, 2), shop_batch("east", 0, 1), shop_batch("east", 2, 1)];
        let outcomes = writer.append(&batch).await.unwrap();
        assert_eq!(outcomes, [Outcome::Committed, Outcome::Conflict, Outcome::Committed]);
        assert_eq!(positions(store, "east").await, [1, 2, 3]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn exactly_one_of_two_racing_writers_gets_a_position() {
    let file = SqliteDir::new();
    for store in all_stores(&file).await {
        eprintln!("{store:?}");
        let barrier = Arc::new(Barrier::new(2));
        let racer = |own_shop| tokio::spawn(race(Arc::clone(&store), own_shop, Arc::clone(&barrier)));
        let (left, right) = (racer("left"), racer("right"));
        let results = [left.await.unwrap(), right.await.unwrap()];

        let won = |result: &BatchResults, round: usize| result[round].1 == Outcome::Committed;
        let (mut expected, mut keys, mut names) = (Vec::new(), BTreeSet::new(), Vec::new());
        for round in 0..usize::try_from(ROUNDS).unwrap() {
            let winners: Vec<&ShopBatch> =
                results.iter().filter(|result| won(result, round)).map(|result| &result[round].0).collect();
            assert_eq!(winners.len(), 1, "round {round}");
            expected.extend(winners[0].events.iter().cloned());
            keys.insert(winners[0].receipts[0].key.clone());
            names.extend(winners[0].names.iter().map(|row| (row.order, row.sealed.clone().unwrap())));
        }
        assert_eq!(store.events_after(&shop("race"), 0, 10_000).await.unwrap(), expected);
        let ids: BTreeSet<EventId> = expected.iter().map(|recorded| recorded.id).collect();
        assert_eq!(ids.len(), expected.len(), "event ids are not unique");
        assert!(positions(&*store, "race").await.into_iter().eq(1..=expected.len() as u64), "positions have gaps");
        for (shop_batch, _) in results.iter().flatten() {
            let key = &shop_batch.receipts[0].key;
            let answered = store.receipt(&shop("race"), key).await.unwrap().is_some();
            assert_eq!(answered, keys.contains(key), "{key}");
        }
        let mut sealed = store.names(&shop("race")).await.unwrap();
        sealed.sort_unstable();
        assert_eq!(sealed, names);
        // Each writer's own uncontested log is complete.
        for own_shop in ["left", "right"] {
            assert!(positions(&*store, own_shop).await.into_iter().eq(1..=ROUNDS), "{own_shop}");
        }
    }
}

/// In each round both writers read the position, wait for each other and append there.
async fn race(store: Arc<dyn Store>, own_shop: &'static str, barrier: Arc<Barrier>) -> BatchResults {
    let mut writer = store.writer().await.unwrap();
    let mut shop_batches = Vec::new();
    for round in 0..ROUNDS {
        let after = position(&*store, "race").await;
        let mut contested = shop_batch("race", after, 1 + round % 3);
        contested.receipts.push(receipt(&format!("{own_shop}-{round}"), 0));
        contested.orders.push(row(u128::from(round), after + 1, false));
        contested.names.push(name(u128::from(round), Some(own_shop.as_bytes())));
        barrier.wait().await;
        let outcomes = writer.append(&[contested.clone(), shop_batch(own_shop, round, 1)]).await.unwrap();
        assert_eq!(outcomes[1], Outcome::Committed);
        shop_batches.push((contested, outcomes[0]));
        // Both writers have appended before either reads the position again.
        barrier.wait().await;
    }
    shop_batches
}
