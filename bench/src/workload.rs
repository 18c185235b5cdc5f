//! Synthetic workload: robot orders from start to collection, decided by the domain.

use std::collections::VecDeque;

use domain::access::{Actor, Role};
use domain::answer::Answer;
use domain::command::{Action, Command, StartSource, StoreCommand};
use domain::event::Recorded;
use domain::hours::Hours;
use domain::ids::{EventId, GuestId, OrderId, ShopId, StaffId};
use domain::limits::Limits;
use domain::menu::{Choice, Menu};
use domain::order::{Channel, Step};
use domain::shop::{CausedEvent, Shop};
use domain::time::{Day, Instant, Now};
use engine::store::{OrderRow, Receipt, ShopBatch};
use uuid::{NoContext, Timestamp, Uuid};

use crate::BenchResult;

/// Concurrent orders.
const CONCURRENT_ORDERS: usize = 64;

/// Time between two commands.
const COMMAND_INTERVAL_MS: i64 = 40;

const ROBOT: StaffId = StaffId(Uuid::from_u128(0xE0));
const START_MS: i64 = 1_795_287_600_000;
const START_DAY: Day = Day(20_778);

/// The rows that one command writes.
#[derive(Clone, Debug)]
struct CommandWrite {
    events: Vec<Recorded>,
    receipt: Option<Receipt>,
    row: Option<OrderRow>,
}

/// Generator of a shop's log.
#[derive(Debug)]
pub(crate) struct Workload {
    shop: Shop,
    menu: Menu,
    position: u64,
    now: Now,
    /// Customers, who order in turns.
    customers: Vec<StaffId>,
    /// Number of orders so far.
    started: usize,
    written: Vec<CommandWrite>,
}

/// Name and menu of the demo shop.
pub(crate) fn demo() -> (String, Menu) {
    let demo: serde_json::Value =
        serde_json::from_str(include_str!("../../server/seed/demo.json")).expect("the embedded file is valid");
    let menu = serde_json::from_value(demo["menu"].clone()).expect("the embedded menu is valid");
    (demo["name"].as_str().unwrap_or("demo").to_owned(), menu)
}

pub(crate) fn shop() -> ShopId {
    "demo".parse().expect("demo is a valid slug")
}

impl Workload {
    /// Generates a shop with `orders` orders.
    pub(crate) fn of(orders: usize) -> BenchResult<Self> {
        let mut workload = Self::new(Now::without_hours(Instant(START_MS), START_DAY), vec![ROBOT])?;
        workload.generate(orders)?;
        Ok(workload)
    }

    /// Creates a shop without orders.
    pub(crate) fn new(now: Now, customers: Vec<StaffId>) -> BenchResult<Self> {
        let (name, menu) = demo();
        let (shop, written) = (Shop::default(), Vec::new());
        let mut workload = Self { shop, menu: menu.clone(), position: 0, now, customers, started: 0, written };
        let make = StoreCommand::Create { name, menu, limits: Limits::default(), hours: Hours::default() };
        workload.execute(Actor::System, make.into(), None)?;
        Ok(workload)
    }

    /// Adds `orders` finished orders, up to `CONCURRENT_ORDERS` at a time. The domain decides every command.
    pub(crate) fn generate(&mut self, orders: usize) -> BenchResult<()> {
        let mut open = VecDeque::new();
        let last = self.started + orders;
        loop {
            if self.started < last && open.len() < CONCURRENT_ORDERS {
                let customer = self.customers[self.started % self.customers.len()];
                let choice = choice(&self.menu, self.started);
                open.push_back((OrderId(Uuid::now_v7()), 0, choice, Actor::Credential(customer, Role::Robot)));
                self.started += 1;
            }
            let Some((order, act, choice, who)) = open.pop_front() else { return Ok(()) };
            let (command, key) = match act {
                0 => (Command::Start { order, source: StartSource::Robot }, "start"),
                1 => (Command::Submit { order, choice: choice.clone() }, "submit-0"),
                2 => (Command::Act { order, action: Action::Claim, reason: None, version: Some(1) }, "claim"),
                3 => (Command::Act { order, action: Action::Complete, reason: None, version: Some(2) }, "complete"),
                _ => (Command::Act { order, action: Action::Collect, reason: None, version: Some(3) }, "collect"),
            };
            self.execute(who, command, Some((order, key)))?;
            if act < 4 {
                open.push_back((order, act + 1, choice, who));
            }
        }
    }

    /// Sets the time of the next command.
    pub(crate) fn set_time(&mut self, now: Now) {
        self.now = now;
    }

    /// Returns the generated batches and removes them.
    pub(crate) fn take_batches(&mut self, commands: usize) -> Vec<ShopBatch> {
        let batches = self.batches(commands);
        self.written.clear();
        batches
    }

    pub(crate) fn events(&self) -> impl Iterator<Item = &Recorded> {
        self.written.iter().flat_map(|written| &written.events)
    }

    /// Returns the generated batches, each with up to `commands` commands.
    pub(crate) fn batches(&self, commands: usize) -> Vec<ShopBatch> {
        self.written.chunks(commands).map(batch).collect()
    }

    fn execute(&mut self, who: Actor, command: Command, of: Option<(OrderId, &str)>) -> BenchResult<()> {
        let channel = of.map(|_| Channel::Robot);
        let events = self.shop.execute(who, command, self.now);
        let Now { at, day, .. } = self.now;
        self.now.at.0 += COMMAND_INTERVAL_MS;
        let events = events.map_err(|error| format!("command rejected: {error:?}"))?;
        let answer = Answer::from_events(events.iter().map(|events| &events.event));
        let events = stamp(events, self.position, at, who, channel)?;
        self.position += events.len() as u64;
        let receipt = of.map(|(order, key)| Receipt {
            key: format!("{who}/{key}-{order}"),
            request_hash: [7; 32],
            answer: serde_json::to_string(&answer).expect("answers have string keys only"),
            at: at.0,
        });
        let row = of.map(|(id, _)| OrderRow {
            id,
            guest: who.guest().unwrap_or(GuestId(ROBOT.0)),
            number: answer.number.unwrap_or(0),
            step: answer.step.unwrap_or(Step::Choosing),
            position: self.position,
            ended: self.shop.order(id).is_none().then_some(day),
            is_new: answer.version == Some(0),
        });
        self.written.push(CommandWrite { events, receipt, row });
        Ok(())
    }
}

/// Returns the `n`-th choice, cycling through drinks and options.
fn choice(menu: &Menu, n: usize) -> Choice {
    let drink = &menu.drinks[n % menu.drinks.len()];
    let groups = drink.groups.iter().filter_map(|id| menu.group(id));
    let options = groups.map(|group| (group.id.clone(), group.options[n % group.options.len()].id.clone()));
    Choice { drink: drink.id.clone(), options: options.collect(), ..Choice::default() }
}

/// Adds ids, positions and causes to the events of one command, as the engine does.
fn stamp(
    events: Vec<CausedEvent>,
    after: u64,
    at: Instant,
    who: Actor,
    channel: Option<Channel>,
) -> BenchResult<Vec<Recorded>> {
    let time = Timestamp::from_unix(NoContext, u64::try_from(at.0 / 1000)?, 0);
    let ids: Vec<EventId> = events.iter().map(|_| EventId(Uuid::new_v7(time))).collect();
    let events = (after + 1..).zip(events).zip(&ids).map(|((position, events), id)| Recorded {
        id: *id,
        position,
        at,
        correlation: ids[0],
        causation: events.cause.map(|cause| ids[cause]),
        actor: Some(who),
        channel,
        event: events.event,
    });
    Ok(events.collect())
}

/// Merges commands into one batch with one row per order.
fn batch(written: &[CommandWrite]) -> ShopBatch {
    let mut orders: Vec<OrderRow> = Vec::new();
    for row in written.iter().filter_map(|written| written.row.as_ref()) {
        match orders.iter_mut().find(|known| known.id == row.id) {
            Some(known) => {
                *known = OrderRow { is_new: known.is_new, number: known.number.max(row.number), ..row.clone() }
            }
            None => orders.push(row.clone()),
        }
    }
    let events: Vec<Recorded> = written.iter().flat_map(|written| written.events.clone()).collect();
    ShopBatch {
        shop: shop(),
        epoch: "00000000".to_owned(),
        after: events.first().map_or(0, |first| first.position - 1),
        after_id: None,
        events,
        receipts: written.iter().filter_map(|written| written.receipt.clone()).collect(),
        orders,
        names: Vec::new(),
    }
}
