//! Random runs: random commands at random times, executed by the real rules.

use std::collections::{BTreeMap, BTreeSet};

use domain::access::Actor;
use domain::command::{Action, Channel, Command, Door, StoreCommand};
use domain::event::{Event, Recorded};
use domain::hours::Hours;
use domain::ids::{EventId, OrderId};
use domain::limits::{Limits, LimitsChange, Waits};
use domain::menu::change::MenuChange;
use domain::menu::{Drink, Thing};
use domain::order::Step;
use domain::redact::{Topic, redact};
use domain::shop::{CausedEvent, ExecuteError, MAX_EVENTS_PER_COMMAND, Shop};
use domain::time::{ByHours, Day, Doors, Instant, Now};
use domain::view::View;
use proptest::prelude::{Just, Strategy, prop, prop_assert, prop_assert_eq, prop_oneof};
use proptest::sample::select;
use proptest::test_runner::TestCaseError;
use uuid::Uuid;

use crate::bar::{ANNA, BEN, CARLA, DAVE, DISPLAY, MANAGER, NINE, ROBOT, choice, founding, id, menu};

/// Number of order slots. When an order finishes, the next id takes its slot.
const ORDERS: u16 = 6;

/// One random command of a run.
#[derive(Clone, Debug)]
pub(crate) struct Act {
    pub(crate) asker: Asker,
    ask: Ask,
    pub(crate) order: u16,
    version: Option<u32>,
    /// Change of the clock before the command, in seconds. May be negative.
    clock: i64,
}

#[derive(Clone, Copy, Debug)]
enum Ask {
    /// The usual next command at the order's step, by its usual actor.
    Next,
    Open,
    Close,
    /// A start with the code of this many windows ago.
    Scan(u32),
    Knock,
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
pub(crate) struct Evening {
    pub(crate) limits: Limits,
    /// Hours from 08:00 to 20:00 with last orders at 19:45; without hours if false.
    pub(crate) hours: bool,
    pub(crate) acts: Vec<Act>,
}

/// The actor of a command. Mostly the order's guest or barista, so that orders progress.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Asker {
    ItsGuest,
    ItsBarista,
    Anybody(Actor),
}

impl Asker {
    pub(crate) fn of(self, order: u16) -> Actor {
        match self {
            Self::ItsGuest => [ANNA, BEN, ROBOT][usize::from(order % 3)],
            Self::ItsBarista => [CARLA, DAVE][usize::from(order % 2)],
            Self::Anybody(who) => who,
        }
    }
}

fn asks() -> impl Strategy<Value = (Asker, Ask)> {
    let anybody = select(vec![ANNA, BEN, CARLA, DAVE, MANAGER, DISPLAY, ROBOT, Actor::System]);
    let drink = select(vec!["flat-white", "flat-white", "flat-white", "flat-white", "espresso", "unicorn"]);
    let milk = select(vec![None, None, None, Some("oat"), Some("yak")]);
    let submit = (drink, milk).prop_map(|(drink, milk)| Ask::Submit(drink, milk));
    let guest = |asks: Vec<Ask>| (Just(Asker::ItsGuest), select(asks));
    let barista = |asks: Vec<Ask>| (Just(Asker::ItsBarista), select(asks));
    let act = select(Action::ALL).prop_map(Ask::Act);
    let managers = select(vec![
        Ask::Rename("Flat White"),
        Ask::Rename("Flat white"),
        Ask::Hours(1),
        Ask::Hours(9),
        Ask::Limit(2),
        Ask::Limit(5),
        Ask::Switch(false),
        Ask::Switch(true),
        Ask::Stop,
    ]);
    let counter = select(vec![
        Ask::WalkIn("flat-white"),
        Ask::WalkIn("espresso"),
        Ask::Availability("option/milk/oat", false),
        Ask::Availability("option/milk/oat", true),
        Ask::Availability("drink/espresso", false),
        Ask::Availability("drink/espresso", true),
    ]);
    let other = select(vec![
        Ask::Open,
        Ask::Close,
        Ask::Scan(0),
        Ask::Knock,
        Ask::Submit("espresso", None),
        Ask::Pause(Some(1)),
        Ask::Resume,
        Ask::Edit("espresso"),
        Ask::WalkIn("espresso"),
        Ask::Stop,
    ]);
    prop_oneof![
        4 => (Just(Asker::ItsBarista), counter),
        1 => (Just(Asker::Anybody(MANAGER)), managers),
        4 => guest(vec![Ask::Edit("espresso"), Ask::Edit("flat-white"), Ask::Edit("unicorn")]),
        24 => (Just(Asker::ItsGuest), Just(Ask::Next)),
        4 => guest(vec![Ask::Scan(0), Ask::Scan(1), Ask::Scan(4), Ask::Knock]),
        4 => (Just(Asker::ItsGuest), submit),
        14 => (Just(Asker::ItsGuest), act.clone()),
        1 => barista(vec![Ask::Pause(None), Ask::Pause(Some(60)), Ask::Resume, Ask::Resume, Ask::Resume, Ask::Resume]),
        30 => (Just(Asker::ItsBarista), act.clone()),
        3 => barista(vec![Ask::Open, Ask::Open, Ask::Open, Ask::Open, Ask::Close]),
        4 => (anybody.prop_map(Asker::Anybody), prop_oneof![act, other]),
    ]
}

pub(crate) fn evenings() -> impl Strategy<Value = Evening> {
    let version = prop_oneof![5 => Just(None), 1 => (0_u32..5).prop_map(Some)];
    let clock = prop_oneof![24 => 0_i64..5, 6 => 5_i64..150, 2 => -30_i64..0, 1 => select(vec![38_700_i64, 86_400])];
    let act = (asks(), 0..ORDERS, version, clock).prop_map(|((asker, ask), order, version, clock)| Act {
        asker,
        ask,
        order,
        version,
        clock,
    });
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
    let acts = prop::collection::vec(act, 1..150);
    (limits, prop::bool::weighted(0.25), acts).prop_map(|(limits, hours, acts)| Evening { limits, hours, acts })
}

/// The `Now` of an instant, with or without hours.
pub(crate) fn moment(at: Instant, hours: bool) -> Now {
    const MINUTE: i64 = 60_000;
    let day = Day(i32::try_from(at.0.div_euclid(86_400_000)).unwrap());
    if !hours {
        return Now::without_hours(at, day);
    }
    let midnight = at.0 - at.0.rem_euclid(86_400_000);
    let [opening, last_orders, closing, next] =
        [480, 1185, 1200, 1920].map(|minutes| Instant(midnight + minutes * MINUTE));
    let (doors, since, until) = if at < opening {
        (Doors::Closed, Instant(closing.0 - 1440 * MINUTE), opening)
    } else if at < last_orders {
        (Doors::Open, opening, last_orders)
    } else if at < closing {
        (Doors::LastOrders, last_orders, closing)
    } else {
        (Doors::Closed, closing, next)
    };
    Now { at, day, hours: ByHours { doors, since, until } }
}

/// The result of a run: the state, and the log with envelopes as the server would write them.
pub(crate) struct Played {
    pub(crate) shop: Shop,
    pub(crate) log: Vec<Recorded>,
}

impl Evening {
    pub(crate) fn play(&self) -> Result<Played, TestCaseError> {
        let mut played = Played { shop: Shop::default(), log: Vec::new() };
        for event in founding(self.limits) {
            played.shop.evolve(&event, NINE);
            played.record(Actor::System, NINE, None, vec![CausedEvent { event, cause: None }]);
        }
        let mut now = moment(NINE, self.hours);
        let mut rounds = [0; ORDERS as usize];
        for act in &self.acts {
            now.at.0 += act.clock * 1000;
            now = moment(now.at, self.hours);
            while let Some((_, command)) = played.shop.next_due(now).filter(|(due, _)| *due <= now.at) {
                let said = played.heed(Actor::System, command, now)?;
                prop_assert!(!said.is_empty(), "a due command succeeds and has events");
                for order in
                    said.iter().filter(|event| matches!(event, Event::OrderFinished(_))).filter_map(Event::order)
                {
                    next_round(&mut rounds, order);
                }
            }
            let act = act.resolve(&played.shop, rounds);
            let who = act.asker.of(act.order);
            let round = &mut rounds[usize::from(act.order)];
            let command = act.command(*round * ORDERS + act.order, &self.limits, now);
            let said = played.heed(who, command, now)?;
            *round += u16::from(said.iter().any(|event| matches!(event, Event::OrderFinished(_))));
        }
        Ok(played)
    }
}

/// Assigns the next order id to the slot of a finished order.
fn next_round(rounds: &mut [u16; ORDERS as usize], order: OrderId) {
    let place = usize::try_from(order.0.as_u128() % u128::from(ORDERS)).unwrap();
    rounds[place] += 1;
}

impl Act {
    fn resolve(&self, shop: &Shop, rounds: [u16; ORDERS as usize]) -> Self {
        let Ask::Next = self.ask else { return self.clone() };
        let order = id(rounds[usize::from(self.order)] * ORDERS + self.order);
        let (asker, ask) = match shop.order(order).map(|order| order.step) {
            None if self.order % 3 == 2 => (Asker::ItsGuest, Ask::Knock),
            None => (Asker::ItsGuest, Ask::Scan(0)),
            Some(Step::Choosing) => (Asker::ItsGuest, Ask::Submit("flat-white", None)),
            Some(Step::Waiting) if self.clock == 0 => (Asker::ItsGuest, Ask::Act(Action::Postpone)),
            Some(Step::Waiting) => (Asker::ItsBarista, Ask::Act(Action::Claim)),
            Some(Step::Making) => (Asker::ItsBarista, Ask::Act(Action::Complete)),
            Some(Step::Cancelled) => (Asker::ItsBarista, Ask::Act(Action::Recall)),
            Some(_) if self.clock == 1 => (Asker::ItsBarista, Ask::Act(Action::Remind)),
            Some(_) if matches!(self.clock, 2 | 3) => (Asker::ItsBarista, Ask::Act(Action::SetAside)),
            Some(_) => (Asker::ItsBarista, Ask::Act(Action::Collect)),
        };
        Self { asker, ask, ..self.clone() }
    }

    pub(crate) fn command(&self, order: u16, limits: &Limits, now: Now) -> Command {
        let (order, version) = (id(order), self.version);
        match self.ask {
            Ask::Next | Ask::Open => StoreCommand::Open { hold: false }.into(),
            Ask::Close => StoreCommand::Close { hold: false }.into(),
            Ask::Pause(seconds) => {
                let until = seconds.map(|seconds| now.at.plus_seconds(seconds));
                StoreCommand::Pause { reason: "milk".to_owned(), until }.into()
            }
            Ask::Resume => StoreCommand::Resume.into(),
            Ask::Scan(ago) => {
                let current = limits.window_of(now.at);
                let window = Instant(current.0 - i64::from(ago * limits.window_seconds) * 1000);
                Command::Start { order, door: Door::Code { window } }
            }
            Ask::Knock => Command::Start { order, door: Door::Robot },
            Ask::Submit(drink, milk) => {
                let milk: Vec<_> = milk.iter().map(|milk| ("milk", *milk)).collect();
                Command::Submit { order, choice: choice(drink, &milk) }
            }
            Ask::Act(action) => Command::Act { order, action, reason: None, version },
            Ask::Edit(drink) => Command::Edit { order, choice: choice(drink, &[]), version },
            Ask::WalkIn(drink) => Command::WalkIn { order, choice: choice(drink, &[]) },
            Ask::Availability(thing, available) => {
                StoreCommand::ChangeAvailability { thing: Thing(thing.to_owned()), available }.into()
            }
            Ask::Rename(name) => {
                let drink = menu().drinks.swap_remove(0);
                StoreCommand::ChangeMenu(MenuChange::PutDrink(Drink { name: name.to_owned(), ..drink })).into()
            }
            Ask::Hours(days) => {
                let last_day = Some(Day(now.day.0 + days));
                StoreCommand::ChangeHours(Hours { last_day, ..Hours::default() }).into()
            }
            Ask::Limit(room) => {
                StoreCommand::ChangeLimits(LimitsChange { room: Some(room), ..LimitsChange::default() }).into()
            }
            Ask::Switch(on) => StoreCommand::SwitchExtension { extension: "WaitTimes".to_owned(), on }.into(),
            Ask::Stop => Command::StopOrders,
        }
    }
}

impl Played {
    /// Executes a command and returns its events. A refusal has none and leaves the state unchanged.
    pub(crate) fn heed(&mut self, who: Actor, command: Command, now: Now) -> Result<Vec<Event>, TestCaseError> {
        let before = self.shop.clone();
        let channel = before.channel(&command);
        match self.shop.execute(who, command, now) {
            Ok(said) => {
                prop_assert!(said.len() <= MAX_EVENTS_PER_COMMAND);
                prop_assert!(said.iter().enumerate().all(|(n, said)| said.cause.is_none_or(|cause| cause < n)));
                let events = said.iter().map(|said| said.event.clone()).collect();
                self.record(who, now.at, channel, said);
                Ok(events)
            }
            Err(ExecuteError::CommandError(refusal)) => {
                prop_assert_eq!(&self.shop, &before, "the refusal {} leaves the state unchanged", refusal);
                Ok(Vec::new())
            }
            Err(ExecuteError::EventLoop) => Err(TestCaseError::fail("the services are in an event loop")),
        }
    }

    fn record(&mut self, who: Actor, at: Instant, channel: Option<Channel>, said: Vec<CausedEvent>) {
        let first = self.log.len();
        let stamp = |n: usize| EventId(Uuid::from_u128(0xEEEE_0000 + n as u128));
        self.log.extend(said.into_iter().enumerate().map(|(n, said)| Recorded {
            id: stamp(first + n),
            position: (first + n + 1) as u64,
            at,
            correlation: stamp(first),
            causation: said.cause.map(|cause| stamp(first + cause)),
            actor: Some(who),
            channel: channel.filter(|_| said.event.order().is_some()),
            event: said.event,
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
    pub(crate) fn on_the_screens(&self) -> BTreeMap<OrderId, (Step, u32)> {
        let orders = self.orders().into_iter().filter_map(|id| Some((id, self.shop.order(id)?)));
        let shown = orders.filter(|(_, order)| order.step != Step::Choosing);
        shown.map(|(id, order)| (id, (order.step, order.version))).collect()
    }

    /// Folds the topic's redacted events into the view.
    pub(crate) fn follow<V: View>(&self, view: &mut V, topic: Topic) {
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
