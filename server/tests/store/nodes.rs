//! Two engines over one store, in memory and in PostgreSQL: the engine that meets a conflict catches up and decides
//! again.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use domain::access::{Actor, Role};
use domain::answer::Answer;
use domain::command::{Action, Command, StartSource, StoreCommand};
use domain::event::{Event, Recorded};
use domain::hours::Hours;
use domain::ids::{OrderId, ShopId, StaffId};
use domain::limits::{Limits, LimitsChange};
use domain::menu::{Choice, Menu};
use domain::order::Step;
use domain::refusal::{Refusal, Unavailable};
use engine::clock::{Clock, ManualClock};
use engine::read_model::Update;
use engine::store::{ShopBatch, Store};
use engine::{CommandError, CommandRequest, Engine, IdempotencyKey, Reply};
use server::identity::keys::KeyFolder;
use store::MemoryStore;
use uuid::Uuid;

use super::faulty_store::{Fault, FaultyStore};
use super::{NOON, SqliteDir, order, postgres, shop};

/// One shop with two engines, as two machines would serve it.
struct Nodes {
    store: FaultyStore,
    clock: Arc<ManualClock>,
    /// The clock of the other node.
    other_clock: Arc<ManualClock>,
    here: Engine,
    there: Engine,
    /// The folder with the shop's keys.
    folder: SqliteDir,
}

impl Nodes {
    /// Creates the shop. Both engines know of it and of nothing else.
    async fn new(store: Arc<dyn Store>, ahead: Duration) -> Self {
        let (folder, store, clock) =
            (SqliteDir::new(), FaultyStore::new(store, None), Arc::new(ManualClock::new(NOON)));
        let other_clock = Arc::new(ManualClock::new(NOON));
        other_clock.advance(ahead);
        let keys = Arc::new(KeyFolder::open(&folder.0).unwrap());
        let start = async |clock: &Arc<ManualClock>| {
            let clock = Arc::clone(clock) as Arc<dyn Clock>;
            Engine::start(Arc::new(store.clone()), clock, keys.clone()).await.unwrap()
        };
        let here = start(&clock).await;
        here.open(&demo(), None).await.unwrap();
        let menu: Menu = serde_json::from_str(
            r#"{"drinks": [{"id": "filter", "name": "Filter", "icon": "filter", "groups": []}], "groups": []}"#,
        )
        .unwrap();
        let make =
            StoreCommand::Create { name: "Bar".to_owned(), menu, limits: Limits::default(), hours: Hours::default() }
                .into();
        execute(&here, Actor::System, make).await.unwrap();
        let there = start(&other_clock).await;
        Self { store, clock, other_clock, here, there, folder }
    }

    /// Creates one pair of nodes for each kind of store.
    async fn in_each_store() -> Vec<Self> {
        Self::with_clock_ahead(Duration::ZERO).await
    }

    /// Like [`Self::in_each_store`], with the other node's clock ahead by this duration.
    async fn with_clock_ahead(ahead: Duration) -> Vec<Self> {
        let mut nodes = vec![Self::new(Arc::new(MemoryStore::default()), ahead).await];
        if let Some(postgres) = postgres().await {
            nodes.push(Self::new(Arc::new(postgres), ahead).await);
        }
        nodes
    }

    async fn log(&self) -> Vec<Recorded> {
        let log = self.store.events_after(&demo(), 0, 100_000).await.unwrap();
        assert!(log.iter().map(|recorded| recorded.position).eq(1..=log.len() as u64), "positions have gaps");
        log
    }
}

pub(super) fn demo() -> ShopId {
    shop("demo")
}

fn robot() -> Actor {
    Actor::Credential(StaffId(Uuid::from_u128(5)), Role::Robot)
}

pub(super) fn barista() -> Actor {
    Actor::Credential(StaffId(Uuid::from_u128(7)), Role::Barista)
}

fn manager() -> Actor {
    Actor::Credential(StaffId(Uuid::from_u128(6)), Role::Manager)
}

fn start(n: u128) -> Command {
    Command::Start { order: order(n), source: StartSource::Robot }
}

fn submit(n: u128) -> Command {
    Command::Submit { order: order(n), choice: Choice { drink: "filter".to_owned(), ..Choice::default() } }
}

pub(super) fn act(n: u128, action: Action) -> Command {
    Command::Act { order: order(n), action, reason: None, version: None }
}

pub(super) async fn execute(engine: &Engine, who: Actor, command: Command) -> Reply {
    engine.execute(&demo(), CommandRequest { actor: who, command, idempotency_key: None, name: None }).await.unwrap()
}

async fn execute_with_key(engine: &Engine, key: &str, body: u8, command: Command) -> Reply {
    let key = Some(IdempotencyKey { text: key.to_owned(), request_hash: [body; 32] });
    engine.execute(&demo(), CommandRequest { actor: robot(), command, idempotency_key: key, name: None }).await.unwrap()
}

pub(super) fn count(log: &[Recorded], matches: impl Fn(&Event) -> bool) -> usize {
    log.iter().filter(|recorded| matches(&recorded.event)).count()
}

#[tokio::test]
async fn an_engine_restarted_on_the_same_store_continues() {
    for nodes in Nodes::in_each_store().await {
        execute(&nodes.here, robot(), start(1)).await.unwrap();
        nodes.here.stop().await;
        let keys = Arc::new(KeyFolder::open(&nodes.folder.0).unwrap());
        let engine = Engine::start(Arc::new(nodes.store.clone()), nodes.clock.clone(), keys).await.unwrap();
        let position = engine.read_model(&demo()).unwrap().read().state.position;
        assert_eq!(position, nodes.log().await.len() as u64);
        let again = execute(&engine, robot(), start(1)).await;
        assert_eq!(again, Err(CommandError::Refusal(Refusal::IllegalStep { step: Step::Choosing })));
    }
}

#[tokio::test]
async fn a_conflicting_engine_decides_again_and_gives_the_next_number() {
    for nodes in Nodes::in_each_store().await {
        let Nodes { here, there, .. } = &nodes;
        execute(here, robot(), start(1)).await.unwrap();
        execute(there, robot(), start(2)).await.unwrap();
        assert_eq!(execute(there, robot(), submit(2)).await.unwrap().number, Some(1));
        // The first decision of this engine would have given number 1.
        let read_model = here.read_model(&demo()).unwrap();
        let (seen, mut news) = read_model.subscribe(|seen| seen.state.position);
        assert_eq!(execute(here, robot(), submit(1)).await.unwrap().number, Some(2));
        // Subscribers receive the other node's events too, once and in order.
        let mut shown = Vec::new();
        while let Ok(Update::Event(published)) = news.try_recv() {
            shown.push(published.recorded.position);
        }
        assert!(shown.iter().copied().eq(seen + 1..=read_model.read().state.position), "{shown:?}");
    }
}

#[tokio::test]
async fn a_conflicting_engine_refuses_what_has_become_illegal() {
    for nodes in Nodes::in_each_store().await {
        let Nodes { here, there, .. } = &nodes;
        execute(here, robot(), start(1)).await.unwrap();
        // The append makes the other engine catch up with that order.
        execute(there, robot(), start(2)).await.unwrap();
        execute(there, robot(), act(1, Action::Cancel)).await.unwrap();
        let late = execute(here, robot(), submit(1)).await;
        assert_eq!(late, Err(CommandError::Refusal(Refusal::UnknownOrder)));
        execute(there, manager(), StoreCommand::Close { hold: false }.into()).await.unwrap();
        let closed = execute(here, robot(), start(3)).await.unwrap();
        assert_eq!((closed.step, closed.unavailable), (Some(Step::Unavailable), Some(Unavailable::Closed)));
        let log = nodes.log().await;
        assert_eq!(count(&log, |event| matches!(event, Event::OrderSubmitted(_))), 0);
        assert_eq!(count(&log, |event| event.order() == Some(order(1)) && event.step().is_some()), 2);
    }
}

#[tokio::test]
async fn a_key_answered_on_one_node_has_the_same_answer_on_the_other() {
    for nodes in Nodes::in_each_store().await {
        let Nodes { here, there, .. } = &nodes;
        let first = execute_with_key(there, "a", 1, start(1)).await.unwrap();
        // The first decision lacks the order and the second has it; the idempotency key is checked before both.
        assert_eq!(execute_with_key(here, "a", 1, start(1)).await.unwrap(), first);
        let submitted = execute_with_key(there, "b", 2, submit(1)).await.unwrap();
        assert_eq!(execute_with_key(here, "b", 2, submit(1)).await.unwrap(), submitted);
        // Another request with the same key is refused.
        execute_with_key(there, "c", 3, start(2)).await.unwrap();
        assert_eq!(execute_with_key(here, "c", 4, start(3)).await, Err(CommandError::IdempotencyKeyReused));
        // Without a key no answer can be repeated, but the order has started and is over.
        execute(there, robot(), start(4)).await.unwrap();
        execute(there, robot(), act(4, Action::Cancel)).await.unwrap();
        // A refusal writes nothing and uses the state known so far, so this engine has to catch up first.
        let there = there.read_model(&demo()).unwrap().read().state.position;
        wait_until(async || here.read_model(&demo()).unwrap().read().state.position >= there).await;
        let begun = execute(here, robot(), start(4)).await;
        assert_eq!(begun, Err(CommandError::Refusal(Refusal::IllegalStep { step: Step::Cancelled })));
        let log = nodes.log().await;
        assert_eq!(count(&log, |event| matches!(event, Event::NewOrder(_))), 3);
        assert_eq!(count(&log, |event| matches!(event, Event::OrderSubmitted(_))), 1);
    }
}

#[tokio::test]
async fn a_wait_that_expires_on_two_nodes_ends_once() {
    for nodes in Nodes::in_each_store().await {
        let Nodes { here, there, .. } = &nodes;
        execute(here, robot(), start(1)).await.unwrap();
        execute(there, robot(), start(2)).await.unwrap();
        nodes.clock.advance(Duration::from_hours(1));
        let is_end = |event: &Event| matches!(event, Event::OrderTimedOut(_));
        let polling = async {
            while count(&nodes.log().await, is_end) < 2 {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(10), polling).await.expect("timed out waiting for the waits to end");
        // Stopping waits for pending decisions.
        here.stop().await;
        there.stop().await;
        let log = nodes.log().await;
        assert_eq!(count(&log, is_end), 2);
        for n in [1, 2] {
            assert_eq!(count(&log, |event| is_end(event) && event.order() == Some(order(n))), 1, "order {n}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn concurrent_answers_of_two_nodes_agree_with_the_log() {
    /// Number of orders for each engine.
    const ORDERS: u128 = 200;
    for nodes in Nodes::in_each_store().await {
        let nodes = Arc::new(nodes);
        let room = StoreCommand::ChangeLimits(LimitsChange { room: Some(1000), ..LimitsChange::default() }).into();
        execute(&nodes.here, manager(), room).await.unwrap();
        let mut tasks = tokio::task::JoinSet::new();
        for n in 1..=2 * ORDERS {
            let nodes = Arc::clone(&nodes);
            tasks.spawn(async move {
                let engine = if n % 2 == 0 { &nodes.here } else { &nodes.there };
                let begun = execute(engine, robot(), start(n)).await.unwrap();
                assert_eq!((begun.order, begun.step), (Some(order(n)), Some(Step::Choosing)));
                execute_with_key(engine, &format!("k{n}"), 0, submit(n)).await.unwrap()
            });
        }
        let answers: Vec<Answer> = tasks.join_all().await;
        let returned_numbers: BTreeMap<OrderId, u32> =
            answers.iter().map(|answer| (answer.order.unwrap(), answer.number.unwrap())).collect();
        let log = nodes.log().await;
        let numbers = log.iter().filter_map(|recorded| match &recorded.event {
            Event::NumberGiven(event) => Some((event.order, event.number)),
            _ => None,
        });
        assert_eq!(numbers.collect::<BTreeMap<_, _>>(), returned_numbers);
        let numbers: BTreeSet<u32> = returned_numbers.into_values().collect();
        assert!(numbers.into_iter().map(u128::from).eq(1..=2 * ORDERS), "numbers must be consecutive and unique");
        assert_eq!(count(&log, |event| matches!(event, Event::NumberGiven(_))), answers.len());
    }
}

#[tokio::test]
async fn an_idle_node_receives_events_and_names_of_another() {
    for nodes in Nodes::in_each_store().await {
        let Nodes { here, there, .. } = &nodes;
        let request = CommandRequest { actor: robot(), command: start(1), idempotency_key: None, name: None };
        there.execute(&demo(), request).await.unwrap().unwrap();
        let request =
            CommandRequest { actor: robot(), command: submit(1), idempotency_key: None, name: Some("Ada".to_owned()) };
        there.execute(&demo(), request).await.unwrap().unwrap();
        let name = || here.read_model(&demo()).unwrap().read().state.names.get(&order(1)).map(ToString::to_string);
        wait_until(async || name().as_deref() == Some("Ada")).await;
        for action in [Action::Claim, Action::Complete, Action::Collect] {
            execute(there, barista(), act(1, action)).await.unwrap();
        }
        wait_until(async || name().is_none()).await;
        let position = nodes.log().await.len() as u64;
        wait_until(async || here.read_model(&demo()).unwrap().read().state.position == position).await;
    }
}

#[tokio::test]
async fn an_engine_takes_the_head_lock_after_two_conflicts() {
    const COMMANDS: u128 = 5;
    let Some(postgres) = postgres().await else { return };
    let nodes = Nodes::new(Arc::new(postgres), Duration::ZERO).await;
    // The store forces a conflict on every append except those under the head lock.
    let store = FaultyStore::new(Arc::new(nodes.store.clone()), Some(Fault::AlwaysConflict));
    let (clock, keys) = (Arc::clone(&nodes.clock), Arc::new(KeyFolder::open(&nodes.folder.0).unwrap()));
    let late = Engine::start(Arc::new(store.clone()), clock, keys).await.unwrap();
    for n in 1..=COMMANDS {
        execute(&late, robot(), start(n)).await.unwrap();
    }
    let attempts = store.attempts();
    let begins = |shop_batch: &ShopBatch, n| shop_batch.orders.iter().any(|row| row.is_new && row.id == order(n));
    for n in 1..=COMMANDS {
        assert_eq!(attempts.iter().filter(|shop_batch| begins(shop_batch, n)).count(), 3, "order {n}");
    }
    let log = nodes.log().await;
    assert_eq!(count(&log, |event| matches!(event, Event::NewOrder(_))), usize::try_from(COMMANDS).unwrap());
}

#[tokio::test]
async fn nodes_with_different_clocks_end_waits_once_and_number_orders_once() {
    for nodes in Nodes::with_clock_ahead(Duration::from_mins(10)).await {
        let Nodes { here, there, .. } = &nodes;
        let mut returned_numbers = Vec::new();
        for n in 1..=6 {
            let engine = if n % 2 == 0 { here } else { there };
            execute(engine, robot(), start(n)).await.unwrap();
            // An order started here may be over on the other node already.
            let submitted = if n > 2 { execute(engine, robot(), submit(n)).await.ok() } else { None };
            returned_numbers.extend(submitted.and_then(|answer| answer.number));
        }
        let is_end = |event: &Event| matches!(event, Event::OrderFinished(_));
        // The node with the earlier clock ends some waits and the other node ends the rest, in any order.
        for _ in 0..36 {
            nodes.clock.advance(Duration::from_mins(5));
            nodes.other_clock.advance(Duration::from_mins(5));
            tokio::task::yield_now().await;
        }
        wait_until(async || count(&nodes.log().await, is_end) == 6).await;
        here.stop().await;
        there.stop().await;
        let log = nodes.log().await;
        for n in 1..=6 {
            assert_eq!(count(&log, |event| is_end(event) && event.order() == Some(order(n))), 1, "order {n}");
        }
        let mut numbers: Vec<u32> = log.iter().filter_map(|recorded| number(&recorded.event)).collect();
        numbers.sort_unstable();
        returned_numbers.sort_unstable();
        assert!(
            returned_numbers.len() >= 2 && (1..).zip(&returned_numbers).all(|(n, number)| n == *number),
            "numbers must be consecutive and unique: {returned_numbers:?}"
        );
        assert_eq!(numbers, returned_numbers);
        // Folding the log gives the same state whatever the clock shows.
        let keys = Arc::new(KeyFolder::open(&nodes.folder.0).unwrap());
        let mut states = Vec::new();
        for clock in [&nodes.clock, &nodes.other_clock] {
            let clock = Arc::clone(clock) as Arc<dyn Clock>;
            let engine = Engine::start(Arc::new(nodes.store.clone()), clock, keys.clone()).await.unwrap();
            states.push(engine.read_model(&demo()).unwrap().read().state.clone());
            engine.stop().await;
        }
        assert_eq!(states[0], states[1]);
        for engine in [here, there] {
            let seen = engine.read_model(&demo()).unwrap().read().state.clone();
            if seen.position == states[0].position {
                assert_eq!(seen, states[0]);
            }
        }
    }
}

pub(super) fn number(event: &Event) -> Option<u32> {
    if let Event::NumberGiven(event) = event { Some(event.number) } else { None }
}

/// Waits until the condition holds.
pub(super) async fn wait_until(condition: impl AsyncFn() -> bool) {
    let polling = async {
        while !condition().await {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), polling).await.expect("timed out waiting for the condition");
}
