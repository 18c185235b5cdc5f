//! A long evening as the domain itself tells it: orders of robots, each from its start to its collection.

use std::collections::VecDeque;

use domain::access::{Actor, Role};
use domain::answer::Answer;
use domain::command::{Action, Channel, Command, Door, StoreCommand};
use domain::event::Recorded;
use domain::hours::Hours;
use domain::ids::{EventId, GuestId, OrderId, ShopId, StaffId};
use domain::limits::Limits;
use domain::menu::{Choice, Menu};
use domain::order::Step;
use domain::shop::{CausedEvent, Shop};
use domain::time::{Day, Instant, Now};
use server::store::{OrderRow, Receipt, ShopBatch};
use uuid::{NoContext, Timestamp, Uuid};

use crate::BenchResult;

/// Orders under way at a time, as behind a busy bar.
const CONCURRENT_ORDERS: usize = 64;

/// From one command to the next.
const COMMAND_INTERVAL_MS: i64 = 40;

const ROBOT: StaffId = StaffId(Uuid::from_u128(0xE0));
const START_MS: i64 = 1_795_287_600_000;
const START_DAY: Day = Day(20_778);

/// What one command writes.
#[derive(Clone, Debug)]
struct CommandWrite {
    events: Vec<Recorded>,
    receipt: Option<Receipt>,
    row: Option<OrderRow>,
}

#[derive(Debug)]
pub(crate) struct Workload {
    shop: Shop,
    menu: Menu,
    position: u64,
    now: Now,
    /// Who orders, one after the other.
    customers: Vec<StaffId>,
    /// Orders there were so far.
    started: usize,
    written: Vec<CommandWrite>,
}

/// Name and menu of the shop that a first start makes.
pub(crate) fn demo() -> (String, Menu) {
    let demo: serde_json::Value =
        serde_json::from_str(include_str!("../../server/seed/demo.json")).expect("our own file reads");
    let menu = serde_json::from_value(demo["menu"].clone()).expect("our own menu reads");
    (demo["name"].as_str().unwrap_or("demo").to_owned(), menu)
}

pub(crate) fn shop() -> ShopId {
    "demo".parse().expect("a slug")
}

impl Workload {
    /// An evening of so many orders.
    pub(crate) fn of(orders: usize) -> BenchResult<Self> {
        let mut workload = Self::new(Now::without_hours(Instant(START_MS), START_DAY), vec![ROBOT])?;
        workload.generate(orders)?;
        Ok(workload)
    }

    /// A bar to which nobody has come yet.
    pub(crate) fn new(now: Now, customers: Vec<StaffId>) -> BenchResult<Self> {
        let (name, menu) = demo();
        let (shop, written) = (Shop::default(), Vec::new());
        let mut workload = Self { shop, menu: menu.clone(), position: 0, now, customers, started: 0, written };
        let make = StoreCommand::Make { name, menu, limits: Limits::default(), hours: Hours::default() };
        workload.execute(Actor::System, make.into(), None)?;
        Ok(workload)
    }

    /// So many orders more, all of them over at the end. Every command is decided by the domain, with the others under
    /// way.
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
                0 => (Command::Start { order, door: Door::Robot }, "start"),
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

    /// The bar goes on at another time.
    pub(crate) fn set_time(&mut self, now: Now) {
        self.now = now;
    }

    /// What was told so far as units, which is then forgotten here.
    pub(crate) fn take_batches(&mut self, commands: usize) -> Vec<ShopBatch> {
        let batches = self.batches(commands);
        self.written.clear();
        batches
    }

    pub(crate) fn events(&self) -> impl Iterator<Item = &Recorded> {
        self.written.iter().flat_map(|written| &written.events)
    }

    /// The story as the engine hands it to the store, so many commands to a commit.
    pub(crate) fn batches(&self, commands: usize) -> Vec<ShopBatch> {
        self.written.chunks(commands).map(batch).collect()
    }

    fn execute(&mut self, who: Actor, command: Command, of: Option<(OrderId, &str)>) -> BenchResult<()> {
        let channel = of.map(|_| Channel::Robot);
        let events = self.shop.execute(who, command, self.now);
        let Now { at, day, .. } = self.now;
        self.now.at.0 += COMMAND_INTERVAL_MS;
        let events = events.map_err(|error| format!("the story does not go on: {unheeded:?}"))?;
        let answer = Answer::from_events(events.iter().map(|events| &events.event));
        let events = stamp(events, self.position, at, who, channel)?;
        self.position += events.len() as u64;
        let receipt = of.map(|(order, key)| Receipt {
            key: format!("{who}/{key}-{order}"),
            body: [7; 32],
            answer: serde_json::to_string(&answer).expect("answers have text keys only"),
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

/// Any drink with any of its options, one after the other.
fn choice(menu: &Menu, n: usize) -> Choice {
    let drink = &menu.drinks[n % menu.drinks.len()];
    let groups = drink.groups.iter().filter_map(|id| menu.group(id));
    let options = groups.map(|group| (group.id.clone(), group.options[n % group.options.len()].id.clone()));
    Choice { drink: drink.id.clone(), options: options.collect(), ..Choice::default() }
}

/// Gives the events of one command what the engine gives them.
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

/// One row for each order, however many of the commands were about it.
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
        events,
        receipts: written.iter().filter_map(|written| written.receipt.clone()).collect(),
        orders,
        names: Vec::new(),
    }
}
