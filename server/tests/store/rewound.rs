//! The log goes back under running engines: a standby took over without the last commits, or an older state was
//! restored. What the log does not have is forgotten.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use domain::access::Actor;
use domain::command::{Action, Command, StoreCommand};
use domain::event::{Event, Recorded};
use domain::hours::Hours;
use domain::ids::OrderId;
use domain::limits::Limits;
use domain::menu::{Choice, Menu};
use domain::refusal::Refusal;
use engine::clock::ManualClock;
use engine::read_model::state::State;
use engine::store::{SHOP_SNAPSHOT, Store, StoredSnapshot};
use engine::{CommandError, Engine};
use serde_json::{Map, Value};
use server::identity::keys::KeyFolder;
use store::{Postgres, Sqlite};
use uuid::Uuid;

use super::faulty_store::{Fault, FaultyStore};
use super::nodes::{act, barista, count, demo, execute, number, wait_until};
use super::{NOON, SqliteDir, order, positions, postgres};

/// Deletes the last five events.
const REWIND: &str = "begin; delete from event where position > (select position - 5 from head); \
                      update head set position = position - 5; commit";

enum Database {
    Sqlite(Sqlite),
    Postgres(Postgres),
}

/// A database with a shop, of which engines can be started.
struct Bar {
    database: Database,
    folder: SqliteDir,
}

impl Bar {
    async fn in_each_database() -> Vec<Self> {
        let folder = SqliteDir::new();
        let sqlite = Database::Sqlite(folder.open().await.0);
        let mut bars = vec![Self { database: sqlite, folder }];
        if let Some(postgres) = postgres().await {
            bars.push(Self { database: Database::Postgres(postgres), folder: SqliteDir::new() });
        }
        for bar in &bars {
            bar.create_shop().await;
        }
        bars
    }

    fn store(&self) -> Arc<dyn Store> {
        match &self.database {
            Database::Sqlite(store) => Arc::new(store.clone()),
            Database::Postgres(store) => Arc::new(store.clone()),
        }
    }

    async fn execute(&self, text: &'static str) {
        match &self.database {
            Database::Sqlite(store) => sqlx::raw_sql(text).execute(store.pool()).await.map(drop).unwrap(),
            Database::Postgres(store) => sqlx::raw_sql(text).execute(store.pool()).await.map(drop).unwrap(),
        }
    }

    async fn try_start(&self, store: Arc<dyn Store>) -> Result<Engine, engine::Error> {
        let keys = Arc::new(KeyFolder::open(&self.folder.0).unwrap());
        Engine::start(store, Arc::new(ManualClock::new(NOON)), keys).await
    }

    async fn start(&self) -> Engine {
        self.try_start(self.store()).await.unwrap()
    }

    async fn create_shop(&self) {
        let engine = self.start().await;
        engine.open(&demo(), None).await.unwrap();
        let menu: Menu = serde_json::from_str(
            r#"{"drinks": [{"id": "filter", "name": "Filter", "icon": "filter", "groups": []}], "groups": []}"#,
        )
        .unwrap();
        let (name, limits, hours) = ("Bar".to_owned(), Limits::default(), Hours::default());
        execute(&engine, Actor::System, StoreCommand::Create { name, menu, limits, hours }.into()).await.unwrap();
        engine.stop().await;
    }

    /// The log, which must be one that services can have written: no gap, no number twice, and no step of an order that
    /// has not begun.
    async fn log(&self) -> Vec<Recorded> {
        let log = self.store().events_after(&demo(), 0, 100_000).await.unwrap();
        assert!(log.iter().map(|recorded| recorded.position).eq(1..=log.len() as u64), "positions have gaps");
        let mut numbers = BTreeSet::new();
        let mut begun = BTreeSet::new();
        for recorded in &log {
            match (&recorded.event, recorded.event.order()) {
                (Event::NewOrder(_), Some(order)) => assert!(begun.insert(order), "{order} begins twice"),
                (event, Some(order)) => assert!(begun.contains(&order), "{event:?} of an order that never began"),
                (_, None) => {}
            }
            if let Some(number) = number(&recorded.event) {
                assert!(numbers.insert(number), "number {number} is given twice");
            }
        }
        log
    }

    /// The state of an engine that starts now.
    async fn loaded_state(&self) -> State {
        let engine = self.start().await;
        let state = state(&engine);
        engine.stop().await;
        state
    }
}

fn state(engine: &Engine) -> State {
    engine.read_model(&demo()).unwrap().read().state.clone()
}

fn walk_in(n: u128) -> Command {
    Command::WalkIn { order: order(n), choice: Choice { drink: "filter".to_owned(), ..Choice::default() } }
}

async fn walk_in_three(engine: &Engine) {
    for n in 1..=3 {
        execute(engine, barista(), walk_in(n)).await.unwrap();
    }
}

/// The orders that an engine shows.
fn open_orders(engine: &Engine) -> Vec<OrderId> {
    state(engine).own.into_keys().collect()
}

#[tokio::test]
async fn an_engine_forgets_what_the_log_no_longer_has_and_continues_under_a_new_epoch() {
    for bar in Bar::in_each_database().await {
        let engine = bar.start().await;
        walk_in_three(&engine).await;
        let before = state(&engine);
        bar.execute(REWIND).await;
        let answer = execute(&engine, barista(), walk_in(4)).await.unwrap();
        bar.log().await;
        let after = state(&engine);
        assert_ne!(after.epoch, before.epoch);
        assert!(answer.number.is_some() && after.own.contains_key(&order(4)), "{answer:?}");
        assert!(!after.own.contains_key(&order(3)), "an order that never began is shown");
        let gone = execute(&engine, barista(), act(3, Action::Claim)).await;
        assert_eq!(gone, Err(CommandError::Refusal(Refusal::UnknownOrder)));
        engine.stop().await;
        assert_eq!(State { epoch: after.epoch.clone(), ..bar.loaded_state().await }, after);
    }
}

#[tokio::test]
async fn two_engines_over_a_log_that_went_back_write_nothing_of_what_it_lost() {
    for bar in Bar::in_each_database().await {
        let (here, there) = (bar.start().await, bar.start().await);
        walk_in_three(&here).await;
        let lost = state(&here).position;
        wait_until(async || state(&there).position >= lost).await;
        bar.execute(REWIND).await;
        // This engine grows the log to the length that the other remembers.
        for n in 4.. {
            execute(&here, barista(), walk_in(n)).await.unwrap();
            if state(&here).position >= state(&there).position {
                break;
            }
        }
        let ghost = execute(&there, barista(), act(3, Action::Claim)).await;
        assert!(matches!(ghost, Err(CommandError::Refusal(_))), "{ghost:?}");
        execute(&there, barista(), walk_in(100)).await.unwrap();
        execute(&here, barista(), walk_in(101)).await.unwrap();
        let log = bar.log().await;
        assert_eq!(count(&log, |event| event.order() == Some(order(3)) && event.step().is_some()), 0);
        wait_until(async || open_orders(&here) == open_orders(&there)).await;
        here.stop().await;
        there.stop().await;
    }
}

#[tokio::test]
async fn an_idle_engine_notices_within_seconds_that_the_log_went_back() {
    for bar in Bar::in_each_database().await {
        let engine = bar.start().await;
        walk_in_three(&engine).await;
        bar.execute(REWIND).await;
        wait_until(async || !open_orders(&engine).contains(&order(3))).await;
        assert_eq!(state(&engine).position, bar.log().await.len() as u64);
        engine.stop().await;
    }
}

#[tokio::test]
async fn a_saved_state_beyond_the_log_or_of_another_log_is_not_used() {
    for bar in Bar::in_each_database().await {
        let engine = bar.start().await;
        walk_in_three(&engine).await;
        // The stop saves the state.
        engine.stop().await;
        bar.execute(REWIND).await;
        let engine = bar.start().await;
        assert_eq!(state(&engine).position, bar.log().await.len() as u64);
        assert!(!open_orders(&engine).contains(&order(3)));
        for n in 4..=6 {
            execute(&engine, barista(), walk_in(n)).await.unwrap();
        }
        let expected = state(&engine);
        // The saved state is that of the log before, at a position that the log has again.
        drop(engine);
        assert_eq!(bar.loaded_state().await, expected);
    }
}

#[tokio::test]
async fn a_log_that_has_gone_takes_no_commands_and_returns_with_its_orders() {
    for bar in Bar::in_each_database().await {
        let engine = bar.start().await;
        walk_in_three(&engine).await;
        let before = open_orders(&engine);
        bar.execute("create table kept_event as select * from event").await;
        bar.execute("create table kept_head as select * from head").await;
        bar.execute("begin; delete from event; delete from head; commit").await;
        assert_eq!(execute(&engine, barista(), walk_in(4)).await, Err(CommandError::Busy));
        assert_eq!(positions(&*bar.store(), "demo").await, Vec::<u64>::new());
        assert!(engine.read_model(&demo()).is_none(), "a shop without a log is served");
        bar.execute(
            "begin; insert into event select * from kept_event; insert into head select * from kept_head; commit",
        )
        .await;
        wait_until(async || engine.read_model(&demo()).is_some()).await;
        assert_eq!(open_orders(&engine), before);
        engine.stop().await;
    }
}

#[tokio::test]
async fn a_hole_in_the_log_is_an_error_that_names_the_position() {
    for bar in Bar::in_each_database().await {
        let engine = bar.start().await;
        walk_in_three(&engine).await;
        let position = state(&engine).position;
        drop(engine);
        for (hole, text) in [
            (position, "delete from event where position = (select position from head)"),
            (position - 2, "delete from event where position = (select position - 2 from head)"),
        ] {
            bar.execute(text).await;
            let error = bar.try_start(bar.store()).await.map(drop).unwrap_err();
            assert_eq!(error.to_string(), format!("event {hole} of shop demo is missing from the log"));
        }
    }
}

#[tokio::test]
async fn a_hole_among_the_events_of_a_saved_state_is_an_error_that_names_the_position() {
    for bar in Bar::in_each_database().await {
        let engine = bar.start().await;
        walk_in_three(&engine).await;
        let position = state(&engine).position;
        engine.stop().await;
        for (hole, text) in [
            (position - 1, "delete from event where position = (select position - 1 from head)"),
            (3, "delete from event where position in (3, 4)"),
            (1, "delete from event where position = 1"),
        ] {
            bar.execute(text).await;
            let error = bar.try_start(bar.store()).await.map(drop).unwrap_err();
            assert_eq!(error.to_string(), format!("event {hole} of shop demo is missing from the log"));
        }
    }
}

#[tokio::test]
async fn a_saved_state_is_compared_by_the_whole_id_of_its_last_event() {
    for bar in Bar::in_each_database().await {
        let engine = bar.start().await;
        walk_in_three(&engine).await;
        let expected = state(&engine);
        engine.stop().await;
        // Another log: its last event has the same tag, and its orders are not those of this one.
        let saved = bar.store().load_snapshot(&demo(), SHOP_SNAPSHOT).await.unwrap().unwrap();
        let mut other: Value = serde_json::from_str(&saved.state).unwrap();
        let mut id = bar.store().event_id(&demo(), saved.position).await.unwrap().unwrap().0.into_bytes();
        id[8] ^= 1;
        other["last_event"] = Uuid::from_bytes(id).to_string().into();
        other["own"] = Value::Object(Map::new());
        let other = StoredSnapshot { state: other.to_string(), ..saved };
        bar.store().writer().await.unwrap().save_snapshot(&demo(), SHOP_SNAPSHOT, &other).await.unwrap();
        assert_eq!(bar.loaded_state().await, expected);
    }
}

#[tokio::test]
async fn conflicts_without_news_are_answered_as_busy_and_a_stop_ends_them() {
    for bar in Bar::in_each_database().await {
        let store = FaultyStore::new(bar.store(), Some(Fault::ConflictWithoutNews));
        let engine = bar.try_start(Arc::new(store.clone())).await.unwrap();
        assert_eq!(execute(&engine, barista(), walk_in(1)).await, Err(CommandError::Busy));
        assert!(store.attempts().len() <= 4, "{} attempts", store.attempts().len());
        tokio::time::timeout(Duration::from_secs(5), engine.stop()).await.expect("the stop must end");
    }
}

#[tokio::test]
async fn a_hole_in_the_log_of_a_running_engine_is_not_passed_over() {
    for bar in Bar::in_each_database().await {
        let engine = bar.start().await;
        walk_in_three(&engine).await;
        let seen = state(&engine).position;
        bar.execute(
            "begin; insert into event select shop, position + 2, id, kind, dataversion, subject, at, correlation, \
             causation, actor, channel, data from event where position = (select position from head); \
             update head set position = position + 2; commit",
        )
        .await;
        assert_eq!(execute(&engine, barista(), walk_in(4)).await, Err(CommandError::Busy));
        assert_eq!(state(&engine).position, seen);
        let missing = bar.try_start(bar.store()).await.map(drop).unwrap_err();
        assert_eq!(missing.to_string(), format!("event {} of shop demo is missing from the log", seen + 1));
    }
}
