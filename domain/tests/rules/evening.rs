//! Random runs: random commands at random times, executed by the real rules.

use std::collections::{BTreeMap, BTreeSet};

use domain::access::Actor;
use domain::command::{Action, Command, StartSource, StoreCommand};
use domain::event::{Event, Recorded};
use domain::hours::Hours;
use domain::ids::{EventId, OrderId};
use domain::limits::{Limits, LimitsChange, Waits};
use domain::menu::change::MenuChange;
use domain::menu::{Drink, StockItem};
use domain::order::{CancelReason, Channel, Step};
use domain::redact::{Topic, redact};
use domain::shop::{CausedEvent, ExecuteError, MAX_EVENTS_PER_COMMAND, Shop};
use domain::time::{Day, Instant, Now, OpeningState, ScheduledState};
use domain::view::View;
use proptest::prelude::{Just, Strategy, prop, prop_assert, prop_assert_eq, prop_oneof};
use proptest::sample::select;
use proptest::test_runner::TestCaseError;
use uuid::Uuid;

use crate::bar::{ANNA, BEN, CARLA, DAVE, DISPLAY, MANAGER, NINE, ROBOT, choice, creation_events, id, menu};

/// Number of order slots. When an order finishes, the next id takes its slot.
const ORDERS: u16 = 6;

/// One random command of a run.
#[derive(Clone, Debug)]
pub(crate) struct RandomCommand {
    pub(crate) issuer: Issuer,
    kind: CommandKind,
    pub(crate) order: u16,
    version: Option<u32>,
    /// Change of the clock before the command, in seconds. May be negative.
    clock: i64,
}

#[derive(Clone, Copy, Debug)]
enum CommandKind {
    /// The usual next command at the order's step, by its usual actor.
    Next,
    Open,
    Close,
    /// A start with the code of this many windows ago.
    Scan(u32),
    RobotStart,
    /// Drink and milk.
    Submit(&'static str, Option<&'static str>),
    Act(Action),
    /// Seconds until the pause ends, if it ends by itself.
    Pause(Option<u32>),
    Resume,
    Edit(&'static str),
    WalkIn(&'static str),
    /// The thing and its availability.
    Availability(&'static str, bool),
    /// The new name of the first drink.
    Rename(&'static str),
    /// Days until the last day of the hours.
    Hours(i32),
    Limit(u32),
    /// The state of the extension `WaitTimes`.
    Switch(bool),
    Stop,
}

#[derive(Clone, Debug)]
pub(crate) struct RandomRun {
    pub(crate) limits: Limits,
    /// Hours from 08:00 to 20:00 with last orders at 19:45; without hours if false.
    pub(crate) hours: bool,
    pub(crate) commands: Vec<RandomCommand>,
}

/// The actor of a command. Mostly the order's guest or barista, so that orders progress.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Issuer {
    OrderGuest,
    OrderBarista,
    Fixed(Actor),
}

impl Issuer {
    pub(crate) fn actor(self, order: u16) -> Actor {
        match self {
            Self::OrderGuest => [ANNA, BEN, ROBOT][usize::from(order % 3)],
            Self::OrderBarista => [CARLA, DAVE][usize::from(order % 2)],
            Self::Fixed(actor) => actor,
        }
    }
}

fn issued_commands() -> impl Strategy<Value = (Issuer, CommandKind)> {
    let any_actor = select(vec![ANNA, BEN, CARLA, DAVE, MANAGER, DISPLAY, ROBOT, Actor::System]);
    let drink = select(vec!["flat-white", "flat-white", "flat-white", "flat-white", "espresso", "unicorn"]);
    let milk = select(vec![None, None, None, Some("oat"), Some("yak")]);
    let submit = (drink, milk).prop_map(|(drink, milk)| CommandKind::Submit(drink, milk));
    let guest = |kinds: Vec<CommandKind>| (Just(Issuer::OrderGuest), select(kinds));
    let barista = |kinds: Vec<CommandKind>| (Just(Issuer::OrderBarista), select(kinds));
    let act = select(Action::ALL).prop_map(CommandKind::Act);
    let managers = select(vec![
        CommandKind::Rename("Flat White"),
        CommandKind::Rename("Flat white"),
        CommandKind::Hours(1),
        CommandKind::Hours(9),
        CommandKind::Limit(2),
        CommandKind::Limit(5),
        CommandKind::Switch(false),
        CommandKind::Switch(true),
        CommandKind::Stop,
    ]);
    let counter = select(vec![
        CommandKind::WalkIn("flat-white"),
        CommandKind::WalkIn("espresso"),
        CommandKind::Availability("option/milk/oat", false),
        CommandKind::Availability("option/milk/oat", true),
        CommandKind::Availability("drink/espresso", false),
        CommandKind::Availability("drink/espresso", true),
    ]);
    let other = select(vec![
        CommandKind::Open,
        CommandKind::Close,
        CommandKind::Scan(0),
        CommandKind::RobotStart,
        CommandKind::Submit("espresso", None),
        CommandKind::Pause(Some(1)),
        CommandKind::Resume,
        CommandKind::Edit("espresso"),
        CommandKind::WalkIn("espresso"),
        CommandKind::Stop,
    ]);
    // Repeated entries make the shop open and unpaused most of the time.
    let mut pauses = vec![CommandKind::Pause(None), CommandKind::Pause(Some(60))];
    pauses.extend([CommandKind::Resume; 4]);
    let mut doors = vec![CommandKind::Open; 4];
    doors.push(CommandKind::Close);
    prop_oneof![
        4 => (Just(Issuer::OrderBarista), counter),
        1 => (Just(Issuer::Fixed(MANAGER)), managers),
        4 => guest(vec![CommandKind::Edit("espresso"), CommandKind::Edit("flat-white"), CommandKind::Edit("unicorn")]),
        24 => (Just(Issuer::OrderGuest), Just(CommandKind::Next)),
        4 => guest(vec![CommandKind::Scan(0), CommandKind::Scan(1), CommandKind::Scan(4), CommandKind::RobotStart]),
        4 => (Just(Issuer::OrderGuest), submit),
        14 => (Just(Issuer::OrderGuest), act.clone()),
        1 => barista(pauses),
        30 => (Just(Issuer::OrderBarista), act.clone()),
        3 => barista(doors),
        4 => (any_actor.prop_map(Issuer::Fixed), prop_oneof![act, other]),
    ]
}

pub(crate) fn random_runs() -> impl Strategy<Value = RandomRun> {
    let version = prop_oneof![5 => Just(None), 1 => (0_u32..5).prop_map(Some)];
    let clock = prop_oneof![24 => 0_i64..5, 6 => 5_i64..150, 2 => -30_i64..0, 1 => select(vec![38_700_i64, 86_400])];
    let act = (issued_commands(), 0..ORDERS, version, clock)
        .prop_map(|((issuer, kind), order, version, clock)| RandomCommand { issuer, kind, order, version, clock });
    let waits = (20_u32..600, 0_u32..60, 60_u32..1800, 60_u32..900, 0_u32..60).prop_map(
        |(choose_seconds, extend_seconds, make_seconds, ready_seconds, undo_seconds)| Waits {
            choose_seconds,
            extend_seconds,
            make_seconds,
            ready_seconds,
            undo_seconds,
        },
    );
    let limits = (2_u32..8, 20_u32..400, 0_u32..400, 2_u32..6, 1_u32..20, waits).prop_map(
        |(drinks_per_code, window_seconds, grace_seconds, room, orders_per_guest, waits)| Limits {
            drinks_per_code,
            window_seconds,
            grace_seconds,
            room,
            orders_per_guest,
            waits,
        },
    );
    let commands = prop::collection::vec(act, 1..150);
    (limits, prop::bool::weighted(0.25), commands).prop_map(|(limits, hours, commands)| RandomRun {
        limits,
        hours,
        commands,
    })
}

/// The `Now` of an instant, with or without hours.
pub(crate) fn now_at(at: Instant, hours: bool) -> Now {
    const MINUTE: i64 = 60_000;
    let day = Day(i32::try_from(at.0.div_euclid(86_400_000)).unwrap());
    if !hours {
        return Now::without_hours(at, day);
    }
    let midnight = at.0 - at.0.rem_euclid(86_400_000);
    let [opening, last_orders, closing, next] =
        [480, 1185, 1200, 1920].map(|minutes| Instant(midnight + minutes * MINUTE));
    let (doors, since, until) = if at < opening {
        (OpeningState::Closed, Instant(closing.0 - 1440 * MINUTE), opening)
    } else if at < last_orders {
        (OpeningState::Open, opening, last_orders)
    } else if at < closing {
        (OpeningState::LastOrders, last_orders, closing)
    } else {
        (OpeningState::Closed, closing, next)
    };
    Now { at, day, hours: ScheduledState { state: doors, since, until } }
}

/// The result of a run: the state, and the log with envelopes as the server would write them.
pub(crate) struct RunResult {
    pub(crate) shop: Shop,
    pub(crate) log: Vec<Recorded>,
}

impl RandomRun {
    pub(crate) fn execute(&self) -> Result<RunResult, TestCaseError> {
        let mut result = RunResult::open(self.limits);
        let mut now = now_at(NINE, self.hours);
        let mut rounds = [0; ORDERS as usize];
        for random in &self.commands {
            now.at.0 += random.clock * 1000;
            now = now_at(now.at, self.hours);
            while let Some((_, command)) = result.shop.next_due(now).filter(|(due, _)| *due <= now.at) {
                let events = result.execute(Actor::System, command, now)?;
                prop_assert!(!events.is_empty(), "a due command succeeds and has events");
                for order in
                    events.iter().filter(|event| matches!(event, Event::OrderFinished(_))).filter_map(Event::order)
                {
                    next_round(&mut rounds, order);
                }
            }
            let random = random.resolve(&result.shop, rounds);
            let actor = random.issuer.actor(random.order);
            let round = &mut rounds[usize::from(random.order)];
            let command = random.command(*round * ORDERS + random.order, &self.limits, now);
            let events = result.execute(actor, command, now)?;
            *round += u16::from(events.iter().any(|event| matches!(event, Event::OrderFinished(_))));
        }
        Ok(result)
    }
}

/// Assigns the next order id to the slot of a finished order.
pub(crate) fn next_round<const N: usize>(rounds: &mut [u16; N], order: OrderId) {
    let place = usize::try_from(order.0.as_u128() % N as u128).unwrap();
    rounds[place] += 1;
}

impl RandomCommand {
    fn resolve(&self, shop: &Shop, rounds: [u16; ORDERS as usize]) -> Self {
        let CommandKind::Next = self.kind else { return self.clone() };
        let order = id(rounds[usize::from(self.order)] * ORDERS + self.order);
        let (issuer, kind) = match shop.order(order).map(|order| order.step) {
            None if self.order % 3 == 2 => (Issuer::OrderGuest, CommandKind::RobotStart),
            None => (Issuer::OrderGuest, CommandKind::Scan(0)),
            Some(Step::Choosing) => (Issuer::OrderGuest, CommandKind::Submit("flat-white", None)),
            Some(Step::Waiting) if self.clock == 0 => (Issuer::OrderGuest, CommandKind::Act(Action::Postpone)),
            Some(Step::Waiting) => (Issuer::OrderBarista, CommandKind::Act(Action::Claim)),
            Some(Step::Making) => (Issuer::OrderBarista, CommandKind::Act(Action::Complete)),
            Some(Step::Cancelled) => (Issuer::OrderBarista, CommandKind::Act(Action::Recall)),
            Some(_) if self.clock == 1 => (Issuer::OrderBarista, CommandKind::Act(Action::Remind)),
            Some(_) if matches!(self.clock, 2 | 3) => (Issuer::OrderBarista, CommandKind::Act(Action::SetAside)),
            Some(_) => (Issuer::OrderBarista, CommandKind::Act(Action::Collect)),
        };
        Self { issuer, kind, ..self.clone() }
    }

    pub(crate) fn command(&self, order: u16, limits: &Limits, now: Now) -> Command {
        let (order, version) = (id(order), self.version);
        match self.kind {
            CommandKind::Next | CommandKind::Open => StoreCommand::Open { hold: false }.into(),
            CommandKind::Close => StoreCommand::Close { hold: false }.into(),
            CommandKind::Pause(seconds) => {
                let until = seconds.map(|seconds| now.at.plus_seconds(seconds));
                StoreCommand::Pause { reason: "milk".to_owned(), until }.into()
            }
            CommandKind::Resume => StoreCommand::Resume.into(),
            CommandKind::Scan(ago) => {
                let current = limits.window_of(now.at);
                let window = Instant(current.0 - i64::from(ago * limits.window_seconds) * 1000);
                Command::Start { order, source: StartSource::Code { window } }
            }
            CommandKind::RobotStart => Command::Start { order, source: StartSource::Robot },
            CommandKind::Submit(drink, milk) => {
                let milk: Vec<_> = milk.iter().map(|milk| ("milk", *milk)).collect();
                Command::Submit { order, choice: choice(drink, &milk) }
            }
            CommandKind::Act(action) => {
                let reason = (action == Action::Cancel).then_some(CancelReason::Broken);
                Command::Act { order, action, reason, version }
            }
            CommandKind::Edit(drink) => Command::Edit { order, choice: choice(drink, &[]), version },
            CommandKind::WalkIn(drink) => Command::WalkIn { order, choice: choice(drink, &[]) },
            CommandKind::Availability(thing, available) => {
                StoreCommand::ChangeAvailability { thing: StockItem(thing.to_owned()), available }.into()
            }
            CommandKind::Rename(name) => {
                let drink = menu().drinks.swap_remove(0);
                StoreCommand::ChangeMenu(MenuChange::PutDrink(Drink { name: name.to_owned(), ..drink })).into()
            }
            CommandKind::Hours(days) => {
                let last_day = Some(Day(now.day.0 + days));
                StoreCommand::ChangeHours(Hours { last_day, ..Hours::default() }).into()
            }
            CommandKind::Limit(room) => {
                StoreCommand::ChangeLimits(LimitsChange { room: Some(room), ..LimitsChange::default() }).into()
            }
            CommandKind::Switch(on) => StoreCommand::SwitchExtension { extension: "WaitTimes".to_owned(), on }.into(),
            CommandKind::Stop => Command::StopOrders,
        }
    }
}

impl RunResult {
    /// An open shop with these limits.
    pub(crate) fn open(limits: Limits) -> Self {
        let mut result = Self { shop: Shop::default(), log: Vec::new() };
        for event in creation_events(limits) {
            result.shop.evolve(&event, NINE);
            result.record(Actor::System, NINE, None, vec![CausedEvent { event, cause: None }]);
        }
        result
    }

    /// Executes a command and returns its events. A refusal has none and leaves the state unchanged.
    pub(crate) fn execute(&mut self, actor: Actor, command: Command, now: Now) -> Result<Vec<Event>, TestCaseError> {
        let before = self.shop.clone();
        let channel = before.channel(&command);
        match self.shop.execute(actor, command, now) {
            Ok(caused_events) => {
                prop_assert!(caused_events.len() <= MAX_EVENTS_PER_COMMAND);
                prop_assert!(
                    caused_events.iter().enumerate().all(|(n, caused)| caused.cause.is_none_or(|cause| cause < n))
                );
                let events = caused_events.iter().map(|caused| caused.event.clone()).collect();
                self.record(actor, now.at, channel, caused_events);
                Ok(events)
            }
            Err(ExecuteError::Refused(refusal)) => {
                prop_assert_eq!(&self.shop, &before, "the refusal {:?} leaves the state unchanged", refusal);
                Ok(Vec::new())
            }
            Err(ExecuteError::EventLoop) => Err(TestCaseError::fail("the services are in an event loop")),
        }
    }

    fn record(&mut self, actor: Actor, at: Instant, channel: Option<Channel>, caused_events: Vec<CausedEvent>) {
        let first = self.log.len();
        let stamp = |n: usize| EventId(Uuid::from_u128(0xEEEE_0000 + n as u128));
        self.log.extend(caused_events.into_iter().enumerate().map(|(n, caused)| Recorded {
            id: stamp(first + n),
            position: (first + n + 1) as u64,
            at,
            correlation: stamp(first),
            causation: caused.cause.map(|cause| stamp(first + cause)),
            actor: Some(actor),
            channel: channel.filter(|_| caused.event.order().is_some()),
            event: caused.event,
        }));
    }

    pub(crate) fn events(&self) -> impl Iterator<Item = &Event> {
        self.log.iter().map(|recorded| &recorded.event)
    }

    /// All orders in the log.
    pub(crate) fn orders(&self) -> BTreeSet<OrderId> {
        self.events().filter_map(Event::order).collect()
    }

    /// The orders that screens must show, from the shop's state.
    pub(crate) fn visible_orders(&self) -> BTreeMap<OrderId, (Step, u32)> {
        let orders = self.orders().into_iter().filter_map(|id| Some((id, self.shop.order(id)?)));
        let shown = orders.filter(|(_, order)| order.step != Step::Choosing);
        shown.map(|(id, order)| (id, (order.step, order.version))).collect()
    }

    /// The orders whose guests are choosing.
    pub(crate) fn orders_in_choice(&self) -> BTreeSet<OrderId> {
        let is_choosing = |id: &OrderId| self.shop.order(*id).is_some_and(|order| order.step == Step::Choosing);
        self.orders().into_iter().filter(is_choosing).collect()
    }

    /// Folds the topic's redacted events into the view.
    pub(crate) fn fold_into<V: View>(&self, view: &mut V, topic: Topic) {
        for recorded in &self.log {
            let is_in_topic = match topic {
                Topic::Order(order) => recorded.event.order() == Some(order),
                Topic::Public | Topic::Staff => true,
            };
            if let Some(seen) = redact(recorded, topic.audience()).filter(|_| is_in_topic) {
                view.apply(topic, &seen);
            }
        }
    }
}
