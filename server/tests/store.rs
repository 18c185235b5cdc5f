//! The contract of every store: atomic appends, conflicts, and reads that return what was written.

#![expect(clippy::unwrap_used, reason = "tests may panic")]

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use cluster::Cluster;
use domain::access::{Actor, Role};
use domain::event::{Event, NewOrder, OrderSubmitted, Recorded, StoreClosed, StoreOpened, WorkflowStarted};
use domain::ids::{EventId, GuestId, OrderId, ShopId, StaffId};
use domain::menu::{Allergen, Allergens, Chosen, ChosenOption};
use domain::order::{Channel, Step};
use domain::time::{Day, Instant};
use engine::store::{
    Head, NameRow, OrderPosition, OrderQuery, OrderRow, Outcome, Receipt, SHOP_SNAPSHOT, ShopBatch, Store,
    StoredSnapshot, Writer,
};
use planted::{is_selected, with_fault};
use store::MemoryStore;
use store::Postgres;
use store::StoreUrl;
use store::sqlite::{self, Sqlite};
use uuid::Uuid;

#[path = "postgres/cluster.rs"]
mod cluster;
#[path = "store/connections.rs"]
mod connections;
#[path = "store/database.rs"]
mod database;
#[path = "store/faulty_store.rs"]
mod faulty_store;
#[path = "store/file.rs"]
mod file;
#[path = "store/nodes.rs"]
mod nodes;
#[path = "store/passes.rs"]
mod passes;
#[path = "store/plans.rs"]
mod plans;
#[path = "store/planted.rs"]
mod planted;
#[path = "store/pooler.rs"]
mod pooler;
#[path = "store/proxy.rs"]
mod proxy;
#[path = "store/race.rs"]
mod race;
#[path = "store/rewound.rs"]
mod rewound;
#[path = "store/schema.rs"]
mod schema;
#[path = "store/subscription.rs"]
mod subscription;
#[path = "store/unknown.rs"]
mod unknown;
#[path = "store/written.rs"]
mod written;

const NOON: Instant = Instant(1_795_257_600_000);

struct SqliteDir(PathBuf);

impl SqliteDir {
    fn new() -> Self {
        let folder = std::env::temp_dir().join(format!("crema-store-{}", Uuid::now_v7()));
        std::fs::create_dir(&folder).unwrap();
        Self(folder)
    }

    async fn open(&self) -> (Sqlite, sqlite::SqliteWriter) {
        let store = Sqlite::open(&self.0.join("crema.db")).await.unwrap();
        let writer = store.writer().await.unwrap();
        (store, writer)
    }
}

impl Drop for SqliteDir {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn shop(name: &str) -> ShopId {
    name.parse().unwrap()
}

fn order(n: u128) -> OrderId {
    OrderId(Uuid::from_u128(n))
}

fn guest(n: u128) -> GuestId {
    GuestId(Uuid::from_u128(n))
}

fn recorded(position: u64, event: impl Into<Event>) -> Recorded {
    let id = EventId(Uuid::now_v7());
    let (at, event) = (NOON, event.into());
    Recorded { id, position, at, correlation: id, causation: None, actor: Some(Actor::System), channel: None, event }
}

/// A batch with the next `count` events of a shop.
fn shop_batch(name: &str, after: u64, count: u64) -> ShopBatch {
    let events = (1..=count).map(|n| recorded(after + n, StoreOpened { held: false })).collect();
    let (receipts, orders, names) = (Vec::new(), Vec::new(), Vec::new());
    ShopBatch { shop: shop(name), epoch: format!("of-{name}"), after, after_id: None, events, receipts, orders, names }
}

fn receipt(key: &str, at: i64) -> Receipt {
    Receipt { key: key.to_owned(), request_hash: [7; 32], answer: format!("{{\"of\":\"{key}\"}}"), at }
}

fn row(n: u128, position: u64, is_new: bool) -> OrderRow {
    OrderRow { id: order(n), guest: guest(n % 10), number: 0, step: Step::Choosing, position, ended: None, is_new }
}

fn name(n: u128, sealed: Option<&[u8]>) -> NameRow {
    NameRow { order: order(n), sealed: sealed.map(<[u8]>::to_vec) }
}

async fn positions(store: &dyn Store, name: &str) -> Vec<u64> {
    let events = store.events_after(&shop(name), 0, 10_000).await.unwrap();
    events.iter().map(|recorded| recorded.position).collect()
}

/// The position of a shop's head; 0 before its first event.
async fn position(store: &dyn Store, name: &str) -> u64 {
    let heads = store.heads().await.unwrap();
    heads.iter().find(|head| head.shop == shop(name)).map_or(0, |head| head.position)
}

/// The most recently changed order of guest `n` in the shop `east`.
async fn last_order_of(store: &dyn Store, n: u128) -> Option<OrderPosition> {
    store.orders(&shop("east"), OrderQuery::OfGuest(guest(n)), None, 1).await.unwrap().first().copied()
}

/// One new and empty store of each kind. Add new stores here.
async fn all_stores(file: &SqliteDir) -> Vec<Arc<dyn Store>> {
    let mut stores: Vec<Arc<dyn Store>> = Vec::new();
    if is_selected("sqlite") {
        stores.push(Arc::new(file.open().await.0));
    }
    if is_selected("memory") {
        stores.push(Arc::new(MemoryStore::default()));
    }
    if is_selected("postgres") {
        stores.extend(postgres().await.map(|store| Arc::new(store) as Arc<dyn Store>));
    }
    stores.into_iter().map(with_fault).collect()
}

/// The server that tests share when they do not stop it; `None` if PostgreSQL is not available.
fn cluster() -> Option<&'static Cluster> {
    static SHARED: OnceLock<Cluster> = OnceLock::new();
    Cluster::is_available().then(|| SHARED.get_or_init(Cluster::new))
}

/// The URL of a new and empty PostgreSQL database.
async fn database_url() -> Option<StoreUrl> {
    Some(cluster()?.database().await)
}

/// A new and empty PostgreSQL store.
async fn postgres() -> Option<Postgres> {
    Some(Postgres::open(&database_url().await?).await.unwrap())
}

async fn for_each_store(check: impl AsyncFn(&dyn Store, &mut dyn Writer)) {
    let file = SqliteDir::new();
    for store in all_stores(&file).await {
        // The output names the store when a test fails.
        eprintln!("{store:?}");
        let mut writer = store.writer().await.unwrap();
        check(&*store, &mut *writer).await;
    }
}

#[tokio::test]
async fn the_first_position_without_an_event_is_found() {
    for_each_store(async |store, writer| {
        writer.append(&[shop_batch("east", 0, 5)]).await.unwrap();
        let first_missing = async |name, through| store.first_missing(&shop(name), through).await.unwrap();
        assert_eq!((first_missing("east", 0).await, first_missing("east", 5).await), (None, None));
        assert_eq!((first_missing("east", 7).await, first_missing("west", 1).await), (Some(6), Some(1)));
    })
    .await;
}

#[tokio::test]
async fn events_read_back_as_they_were_written() {
    for_each_store(async |store, writer| {
        let picked =
            ChosenOption {
                group: "milk".to_owned(), option: "oat".to_owned(), name: "Oat “extra”, 100 %".to_owned()
            };
        let chosen = Chosen {
            drink: "flat-white".to_owned(),
            name: "Flat white ☕".to_owned(),
            icon: "cup".to_owned(),
            options: vec![picked],
            allergens: Allergens::all([Allergen::Gluten]),
            ..Chosen::default()
        };
        let begun =
            NewOrder { order: order(1), guest: Some(guest(1)), window: Some(NOON), left: Some(9), channel: None };
        let mut shop_batch = shop_batch("demo", 0, 1);
        shop_batch.events.push(Recorded {
            actor: Some(Actor::Guest(guest(1))),
            channel: Some(Channel::Web),
            ..recorded(2, begun)
        });
        shop_batch.events.push(Recorded {
            causation: Some(shop_batch.events[1].id),
            correlation: shop_batch.events[1].id,
            at: Instant(-1),
            ..recorded(3, WorkflowStarted { order: order(1), due: None })
        });
        shop_batch.events.push(Recorded {
            actor: Some(Actor::Credential(StaffId(Uuid::from_u128(5)), Role::Robot)),
            channel: Some(Channel::Robot),
            ..recorded(4, OrderSubmitted { order: order(1), chosen, version: 1 })
        });
        shop_batch.events.push(Recorded { actor: None, ..recorded(5, StoreClosed { held: false }) });
        assert_eq!(writer.append(std::slice::from_ref(&shop_batch)).await.unwrap(), [Outcome::Committed]);

        assert_eq!(store.events_after(&shop("demo"), 0, 100).await.unwrap(), shop_batch.events);
        assert_eq!(store.events_after(&shop("demo"), 1, 2).await.unwrap(), shop_batch.events[1..3]);
        assert_eq!(store.events_after(&shop("demo"), 5, 100).await.unwrap(), []);
        assert_eq!(store.events_of_order(&shop("demo"), order(1)).await.unwrap(), shop_batch.events[1..4]);
        assert_eq!(store.events_of_order(&shop("demo"), order(2)).await.unwrap(), []);
        assert_eq!(store.events_of_order(&shop("other"), order(1)).await.unwrap(), []);
    })
    .await;
}

#[tokio::test]
async fn two_shops_in_one_commit_are_two_logs() {
    for_each_store(async |store, writer| {
        let outcomes = writer.append(&[shop_batch("west", 0, 2), shop_batch("east", 0, 3)]).await.unwrap();
        assert_eq!(outcomes, [Outcome::Committed, Outcome::Committed]);
        let outcomes = writer.append(&[shop_batch("west", 2, 1), shop_batch("east", 3, 1)]).await.unwrap();
        assert_eq!(outcomes, [Outcome::Committed, Outcome::Committed]);
        assert_eq!(positions(store, "west").await, [1, 2, 3]);
        assert_eq!(positions(store, "east").await, [1, 2, 3, 4]);
        // The epoch is fixed by the first batch; later batches do not change it.
        let later = ShopBatch { epoch: "another".to_owned(), ..shop_batch("west", 3, 1) };
        assert_eq!(writer.append(&[later]).await.unwrap(), [Outcome::Committed]);
        let head = |name: &str| Head { shop: shop(name), epoch: format!("of-{name}"), position: 4 };
        assert_eq!(store.heads().await.unwrap(), [head("east"), head("west")]);
    })
    .await;
}

#[tokio::test]
async fn the_second_append_to_a_position_writes_nothing() {
    for_each_store(async |store, writer| {
        writer.append(&[shop_batch("east", 0, 2), shop_batch("west", 0, 2)]).await.unwrap();
        for after in [0, 1, 3] {
            let mut late = shop_batch("east", after, 2);
            late.receipts.push(receipt("late", 0));
            late.orders.push(row(1, after + 1, true));
            late.names.push(name(1, Some(b"sealed")));
            let base = position(store, "west").await;
            let outcomes = writer.append(&[late, shop_batch("west", base, 1)]).await.unwrap();
            assert_eq!(outcomes, [Outcome::Conflict, Outcome::Committed], "after {after}");
        }
        assert_eq!(positions(store, "east").await, [1, 2]);
        assert_eq!(positions(store, "west").await, [1, 2, 3, 4, 5]);
        assert_eq!(store.receipt(&shop("east"), "late").await.unwrap(), None);
        assert_eq!(last_order_of(store, 1).await, None);
        assert_eq!(store.names(&shop("east")).await.unwrap(), []);
    })
    .await;
}

#[tokio::test]
async fn an_idempotency_key_has_one_receipt() {
    for_each_store(async |store, writer| {
        let mut first = shop_batch("east", 0, 1);
        first.receipts = vec![receipt("a", 1), receipt("b", 2)];
        writer.append(&[first]).await.unwrap();
        let mut again = shop_batch("east", 1, 1);
        again.receipts = vec![receipt("c", 3), Receipt { answer: "another".to_owned(), ..receipt("a", 4) }];
        let mut other = shop_batch("west", 0, 1);
        other.receipts.push(receipt("a", 5));
        let outcomes = writer.append(&[again, other]).await.unwrap();
        assert_eq!(outcomes, [Outcome::Conflict, Outcome::Committed]);
        assert_eq!(positions(store, "east").await, [1]);
        assert_eq!(position(store, "east").await, 1);
        assert_eq!(store.receipt(&shop("east"), "a").await.unwrap(), Some(receipt("a", 1)));
        assert_eq!(store.receipt(&shop("east"), "c").await.unwrap(), None);
        assert_eq!(store.receipt(&shop("west"), "a").await.unwrap(), Some(receipt("a", 5)));
        let mut twice = shop_batch("west", 1, 1);
        twice.receipts = vec![receipt("d", 6), receipt("d", 7)];
        assert_eq!(writer.append(&[twice]).await.unwrap(), [Outcome::Conflict]);
    })
    .await;
}

#[tokio::test]
async fn an_order_id_starts_once_in_each_shop() {
    for_each_store(async |store, writer| {
        let begins =
            |name: &str, after| ShopBatch { orders: vec![row(1, after + 1, true)], ..shop_batch(name, after, 1) };
        writer.append(&[begins("east", 0)]).await.unwrap();
        let outcomes = writer.append(&[begins("west", 0), begins("east", 1), shop_batch("north", 0, 1)]).await.unwrap();
        assert_eq!(outcomes, [Outcome::Committed, Outcome::Conflict, Outcome::Committed]);
        assert_eq!(positions(store, "east").await, [1]);
        assert_eq!(positions(store, "north").await, [1]);
        // The order continues in the first shop, and the guest's last order is the one changed last.
        let mut second = shop_batch("east", 1, 2);
        second.orders = vec![OrderRow { guest: guest(1), ..row(2, 2, true) }];
        writer.append(&[second]).await.unwrap();
        assert_eq!(last_order_of(store, 1).await, Some((order(2), 2)));
        let mut goes_on = shop_batch("east", 3, 1);
        goes_on.orders = vec![OrderRow { number: 1, step: Step::Waiting, ..row(1, 4, false) }];
        assert_eq!(writer.append(&[goes_on]).await.unwrap(), [Outcome::Committed]);
        assert_eq!(last_order_of(store, 1).await, Some((order(1), 4)));
        assert_eq!(last_order_of(store, 2).await, None);
    })
    .await;
}

#[tokio::test]
async fn a_name_is_kept_until_it_is_removed() {
    for_each_store(async |store, writer| {
        let mut given = shop_batch("demo", 0, 1);
        given.names = vec![name(1, Some(b"one")), name(2, Some(b"two")), name(3, Some(b"three"))];
        let mut changed = shop_batch("demo", 1, 1);
        changed.names = vec![name(1, None), name(2, Some(b"another")), name(4, None)];
        // A name is set and removed in one batch.
        changed.names.extend([name(5, Some(b"five")), name(5, None)]);
        for shop_batch in [given, changed] {
            writer.append(&[shop_batch]).await.unwrap();
        }
        let mut names = store.names(&shop("demo")).await.unwrap();
        names.sort_unstable();
        assert_eq!(names, [(order(2), b"another".to_vec()), (order(3), b"three".to_vec())]);
        assert_eq!(store.names(&shop("other")).await.unwrap(), []);
    })
    .await;
}

#[tokio::test]
async fn old_receipts_are_deleted_in_batches() {
    for_each_store(async |store, writer| {
        let mut many = shop_batch("demo", 0, 1);
        many.receipts = (0..700).map(|n| receipt(&format!("k{n}"), n)).collect();
        writer.append(&[many]).await.unwrap();
        let gone = [writer.maintain(600).await.unwrap(), writer.maintain(600).await.unwrap()];
        assert_eq!((gone, writer.maintain(600).await.unwrap()), ([500, 100], 0));
        assert_eq!(store.receipt(&shop("demo"), "k599").await.unwrap(), None);
        assert_eq!(store.receipt(&shop("demo"), "k600").await.unwrap(), Some(receipt("k600", 600)));
    })
    .await;
}

#[tokio::test]
async fn the_latest_snapshot_is_read() {
    for_each_store(async |store, writer| {
        assert_eq!(store.load_snapshot(&shop("demo"), SHOP_SNAPSHOT).await.unwrap(), None);
        for position in [7, 1007] {
            let saved = StoredSnapshot { version: 1, position, state: format!("{{\"at\":{position}}}") };
            writer.save_snapshot(&shop("demo"), SHOP_SNAPSHOT, &saved).await.unwrap();
            assert_eq!(store.load_snapshot(&shop("demo"), SHOP_SNAPSHOT).await.unwrap(), Some(saved));
        }
        assert_eq!(store.load_snapshot(&shop("other"), SHOP_SNAPSHOT).await.unwrap(), None);
        // Snapshots of extensions are independent of the shop's.
        assert_eq!(store.load_snapshot(&shop("demo"), "WaitTimes").await.unwrap(), None);
        let of_extension = StoredSnapshot { version: 9, position: 8, state: "{}".to_owned() };
        writer.save_snapshot(&shop("demo"), "WaitTimes", &of_extension).await.unwrap();
        assert_eq!(store.load_snapshot(&shop("demo"), "WaitTimes").await.unwrap(), Some(of_extension));
        assert_eq!(store.load_snapshot(&shop("demo"), SHOP_SNAPSHOT).await.unwrap().unwrap().position, 1007);
    })
    .await;
}

#[tokio::test]
async fn a_guests_orders_are_listed_by_last_change_in_pages() {
    for_each_store(async |store, writer| {
        let mut many = shop_batch("east", 0, 30);
        // Orders 10, 20 and 30 belong to guest 0.
        many.orders = (1..=30).map(|n| row(u128::from(n), n, true)).collect();
        writer.append(&[many, shop_batch("west", 0, 1)]).await.unwrap();
        let mine = OrderQuery::OfGuest(guest(3));
        let list = async |before, most| store.orders(&shop("east"), mine, before, most).await.unwrap();
        assert_eq!(list(None, 100).await, [(order(23), 23), (order(13), 13), (order(3), 3)]);
        assert_eq!(list(None, 2).await, [(order(23), 23), (order(13), 13)]);
        // An order that starts between two pages appears on neither.
        writer.append(&[ShopBatch { orders: vec![row(33, 31, true)], ..shop_batch("east", 30, 1) }]).await.unwrap();
        assert_eq!(list(Some(13), 2).await, [(order(3), 3)]);
        assert_eq!(list(Some(3), 2).await, []);
        // A changed order moves to the top.
        writer.append(&[ShopBatch { orders: vec![row(3, 32, false)], ..shop_batch("east", 31, 1) }]).await.unwrap();
        assert_eq!(list(None, 2).await, [(order(3), 32), (order(33), 31)]);
        assert_eq!(store.orders(&shop("west"), mine, None, 2).await.unwrap(), []);
    })
    .await;
}

#[tokio::test]
async fn the_orders_of_a_day_are_those_that_ended_on_it() {
    for_each_store(async |store, writer| {
        let (today, tomorrow) = (Day(20_778), Day(20_779));
        let ends = |n: u64, position, day| OrderRow { ended: Some(day), ..row(u128::from(n), position, false) };
        let begin =
            ShopBatch { orders: (1..=4).map(|n| row(u128::from(n), n, true)).collect(), ..shop_batch("east", 0, 4) };
        let mut day = shop_batch("east", 4, 3);
        // One order starts and ends in the same batch.
        day.orders = vec![ends(2, 5, today), ends(1, 6, today), OrderRow { is_new: true, ..ends(5, 7, today) }];
        let next = ShopBatch { orders: vec![ends(3, 8, tomorrow)], ..shop_batch("east", 7, 1) };
        for shop_batch in [begin, day, next] {
            assert_eq!(writer.append(&[shop_batch]).await.unwrap(), [Outcome::Committed]);
        }
        let list = async |day, before, most| {
            store.orders(&shop("east"), OrderQuery::EndedOn(day), before, most).await.unwrap()
        };
        assert_eq!(list(today, None, 100).await, [(order(5), 7), (order(1), 6), (order(2), 5)]);
        assert_eq!(list(today, Some(7), 1).await, [(order(1), 6)]);
        assert_eq!(list(today, Some(5), 1).await, []);
        assert_eq!(list(tomorrow, None, 100).await, [(order(3), 8)]);
        assert_eq!(list(Day(20_780), None, 100).await, []);
        assert_eq!(store.orders(&shop("west"), OrderQuery::EndedOn(today), None, 9).await.unwrap(), []);
    })
    .await;
}
