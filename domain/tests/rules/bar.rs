//! Test harness of the scenarios: a shop with its log, the actors, the clock, and given/when/then.

use std::collections::BTreeMap;

use domain::access::{Actor, Role};
use domain::answer::Answer;
use domain::command::{Action, Command, StartSource};
use domain::event::{BrandChanged, Event, HoursChanged, LimitsChanged, MenuChanged, StoreClosed, StoreOpened};
use domain::hours::Hours;
use domain::ids::{GuestId, OrderId, StaffId};
use domain::limits::Limits;
use domain::menu::{Allergen, Allergens, Choice, Drink, Group, Menu, MenuOption};
use domain::order::{CancelReason, Step};
use domain::refusal::Refusal;
use domain::shop::{CausedEvent, ExecuteError, Shop};
use domain::time::{Day, Instant, Now};
use uuid::Uuid;

pub(crate) const ANNA_ID: GuestId = GuestId(Uuid::from_u128(0xA0));
pub(crate) const CARLA_ID: StaffId = StaffId(Uuid::from_u128(0xC0));
pub(crate) const ROBOT_ID: StaffId = StaffId(Uuid::from_u128(0xE0));

pub(crate) const ANNA: Actor = Actor::Guest(ANNA_ID);
pub(crate) const BEN: Actor = Actor::Guest(GuestId(Uuid::from_u128(0xB0)));

/// A guest with a numbered id, distinct from Anna and Ben.
pub(crate) fn guest(n: u16) -> Actor {
    Actor::Guest(GuestId(Uuid::from_u128(0xAA_0000 + u128::from(n))))
}

pub(crate) const CARLA: Actor = Actor::Credential(CARLA_ID, Role::Barista);
pub(crate) const DAVE: Actor = Actor::Credential(StaffId(Uuid::from_u128(0xD0)), Role::Barista);
pub(crate) const MANAGER: Actor = Actor::Credential(StaffId(Uuid::from_u128(0xF0)), Role::Manager);
pub(crate) const DISPLAY: Actor = Actor::Credential(StaffId(Uuid::from_u128(0xF1)), Role::Display);
pub(crate) const ROBOT: Actor = Actor::Credential(ROBOT_ID, Role::Robot);
pub(crate) const OTHER_ROBOT: Actor = Actor::Credential(StaffId(Uuid::from_u128(0xE1)), Role::Robot);

/// 2026-11-21T09:00:00.000Z, a Saturday. A code window starts at this instant.
pub(crate) const NINE: Instant = Instant(1_795_251_600_000);
pub(crate) const TODAY: Day = Day(20_778);
pub(crate) const TOMORROW: Day = Day(20_779);

/// The time `seconds` after [`NINE`].
pub(crate) fn at(seconds: u32) -> Now {
    Now::without_hours(NINE.plus_seconds(seconds), TODAY)
}

/// The time `seconds` after nine on the next morning.
pub(crate) fn tomorrow(seconds: u32) -> Now {
    Now::without_hours(NINE.plus_seconds(86_400 + seconds), TOMORROW)
}

pub(crate) const fn id(order: u16) -> OrderId {
    OrderId(Uuid::from_u128(order as u128))
}

/// Starts an order with the code of the window that starts `window` seconds after [`NINE`].
pub(crate) fn scan(order: u16, window: u32) -> Command {
    Command::Start { order: id(order), source: StartSource::Code { window: NINE.plus_seconds(window) } }
}

pub(crate) fn robot_start(order: u16) -> Command {
    Command::Start { order: id(order), source: StartSource::Robot }
}

pub(crate) fn submit(order: u16) -> Command {
    Command::Submit { order: id(order), choice: choice("flat-white", &[]) }
}

pub(crate) fn act(order: u16, action: Action) -> Command {
    Command::Act { order: id(order), action, reason: None, version: None }
}

pub(crate) fn cancel(order: u16) -> Command {
    cancel_because(order, Some(CancelReason::Other))
}

/// Cancels with a reason, which is the bar's.
pub(crate) fn cancel_because(order: u16, reason: Option<CancelReason>) -> Command {
    Command::Act { order: id(order), action: Action::Cancel, reason, version: None }
}

pub(crate) fn claim(order: u16) -> Command {
    act(order, Action::Claim)
}

pub(crate) fn release(order: u16) -> Command {
    act(order, Action::Release)
}

pub(crate) fn complete(order: u16) -> Command {
    act(order, Action::Complete)
}

pub(crate) fn collect(order: u16) -> Command {
    act(order, Action::Collect)
}

pub(crate) fn set_aside(order: u16) -> Command {
    act(order, Action::SetAside)
}

/// A walk-in order of a flat white.
pub(crate) fn walk_in(order: u16) -> Command {
    Command::WalkIn { order: id(order), choice: choice("flat-white", &[]) }
}

/// Changes the order to `drink` without options.
pub(crate) fn edit(order: u16, drink: &str) -> Command {
    Command::Edit { order: id(order), choice: choice(drink, &[]), version: None }
}

pub(crate) fn choice(drink: &str, options: &[(&str, &str)]) -> Choice {
    let options = options.iter().map(|(group, option)| ((*group).to_owned(), (*option).to_owned()));
    Choice { drink: drink.to_owned(), options: options.collect::<BTreeMap<_, _>>(), ..Choice::default() }
}

/// A menu with a flat white, which has the groups milk and size, and an espresso without groups.
pub(crate) fn menu() -> Menu {
    let drink = |id: &str, name: &str, groups: &[&str]| Drink {
        id: id.to_owned(),
        name: name.to_owned(),
        icon: "cup".to_owned(),
        allergens: Allergens::none(),
        groups: groups.iter().map(|group| (*group).to_owned()).collect(),
        ..Drink::default()
    };
    let option = |id: &str, name: &str, allergens: &[Allergen]| MenuOption {
        id: id.to_owned(),
        name: name.to_owned(),
        allergens: Allergens::all(allergens),
        ..MenuOption::default()
    };
    let group = |id: &str, options: Vec<MenuOption>| Group {
        id: id.to_owned(),
        name: id.to_owned(),
        options,
        ..Group::default()
    };
    Menu {
        drinks: vec![drink("flat-white", "Flat white", &["size", "milk"]), drink("espresso", "Espresso", &[])],
        groups: vec![
            group(
                "milk",
                vec![option("cow", "cow's milk", &[Allergen::Milk]), option("oat", "oat", &[Allergen::Gluten])],
            ),
            group("size", vec![option("small", "small", &[]), option("large", "large", &[])]),
            group("bean", vec![option("house", "house blend", &[])]),
        ],
        ..Menu::default()
    }
}

/// The events that create an open shop.
pub(crate) fn creation_events(limits: Limits) -> Vec<Event> {
    vec![
        BrandChanged { name: "Bar Centrale".to_owned() }.into(),
        LimitsChanged { limits }.into(),
        HoursChanged { hours: Hours::default() }.into(),
        MenuChanged { menu: menu() }.into(),
        StoreOpened { held: false }.into(),
    ]
}

/// A shop with these events in its log.
pub(crate) fn given(events: impl IntoIterator<Item = Event>) -> TestShop {
    let mut state = Shop::default();
    let log: Vec<Event> = events.into_iter().collect();
    for event in &log {
        state.evolve(event, NINE);
    }
    TestShop { before: state.clone(), state, log, answer: Ok(Vec::new()) }
}

/// A shop with its log and the answer to the last command.
#[derive(Clone)]
pub(crate) struct TestShop {
    state: Shop,
    /// State before the last command.
    before: Shop,
    /// All events so far.
    log: Vec<Event>,
    /// Result of the last command.
    answer: Result<Vec<CausedEvent>, ExecuteError>,
}

impl TestShop {
    pub(crate) fn open() -> Self {
        given(creation_events(Limits::default()))
    }

    pub(crate) fn closed() -> Self {
        Self::open().and(StoreClosed { held: false })
    }

    /// Anna has been choosing for order 1 since nine.
    pub(crate) fn choosing() -> Self {
        Self::open().after(ANNA, scan(1, 0), at(0))
    }

    /// Anna has submitted a flat white as order 1.
    pub(crate) fn waiting() -> Self {
        Self::choosing().after(ANNA, submit(1), at(30))
    }

    /// Carla has claimed order 1.
    pub(crate) fn making() -> Self {
        Self::waiting().after(CARLA, claim(1), at(60))
    }

    /// Carla has completed order 1.
    pub(crate) fn ready() -> Self {
        Self::making().after(CARLA, complete(1), at(90))
    }

    /// Appends an event to the log without a command.
    pub(crate) fn and(self, event: impl Into<Event>) -> Self {
        given(self.log.into_iter().chain([event.into()]))
    }

    /// Restores the state from a snapshot that lacks `field` in `part`, as older versions wrote it.
    pub(crate) fn restored_without(mut self, part: &str, field: &str) -> Self {
        let mut state = serde_json::to_value(&self.state).unwrap();
        state[part].as_object_mut().unwrap().remove(field).unwrap();
        self.state = serde_json::from_value(state).unwrap();
        self
    }

    pub(crate) fn when(mut self, actor: Actor, command: Command, now: Now) -> Self {
        self.before = self.state.clone();
        let announced = self.check_start(actor, &command, now);
        self.answer = self.state.execute(actor, command, now);
        if let Some(announced) = announced {
            assert_eq!(announced, self.started(), "a start is decided as it was announced");
        }
        self.log.extend(self.answer.iter().flatten().map(|caused| caused.event.clone()));
        self
    }

    /// The announcement of a start on the guest's page; `None` for other commands.
    fn check_start(&self, actor: Actor, command: &Command, now: Now) -> Option<Result<(), Refusal>> {
        match (actor, command) {
            (Actor::Guest(guest), Command::Start { order, source: StartSource::Code { window } })
                if self.state.order(*order).is_none() =>
            {
                Some(self.state.check_start(guest, *window, now))
            }
            _ => None,
        }
    }

    /// Whether the last command began an order, or the reason for which it did not.
    fn started(&self) -> Result<(), Refusal> {
        match self.refusal() {
            Some(refusal) => Err(refusal.clone()),
            None => self.answer().unavailable.map_or(Ok(()), |reason| Err(Refusal::Unavailable(reason))),
        }
    }

    /// Executes a command of the setup, which must succeed.
    pub(crate) fn after(self, actor: Actor, command: Command, now: Now) -> Self {
        let command_text = format!("{command:?}");
        let shop = self.when(actor, command, now);
        assert!(shop.answer.is_ok(), "the setup command {command_text} by {actor} failed: {:?}", shop.answer);
        shop
    }

    /// Lets time pass without an event.
    pub(crate) fn idle(mut self, now: Now) -> Self {
        self.state.bound_waits(now.at);
        self
    }

    /// Asserts the names of the last command's events, in order.
    #[track_caller]
    pub(crate) fn then<const N: usize>(self, kinds: [&str; N]) -> Self {
        let kinds_of_events: Vec<&str> = self.events().iter().map(|caused| caused.event.kind()).collect();
        assert_eq!(kinds_of_events, kinds);
        self
    }

    /// Asserts the last command's events, each with the index of its cause.
    #[track_caller]
    pub(crate) fn then_exactly<const N: usize>(self, expected: [(Event, Option<usize>); N]) -> Self {
        let expected = expected.map(|(event, cause)| CausedEvent { event, cause });
        assert_eq!(self.events(), expected);
        self
    }

    /// Asserts that the last command was refused and left the state unchanged.
    #[track_caller]
    pub(crate) fn refused(self, refusal: Refusal) -> Self {
        assert_eq!(self.answer, Err(ExecuteError::Refused(refusal)));
        assert_eq!(self.state, self.before, "a refusal leaves the state unchanged");
        self
    }

    /// The refusal of the last command, if it was refused.
    pub(crate) fn refusal(&self) -> Option<&Refusal> {
        match &self.answer {
            Err(ExecuteError::Refused(refusal)) => Some(refusal),
            _ => None,
        }
    }

    #[track_caller]
    pub(crate) fn events(&self) -> &[CausedEvent] {
        self.answer.as_deref().unwrap_or_else(|error| panic!("the command failed: {error:?}"))
    }

    /// The answer to the last command.
    pub(crate) fn answer(&self) -> Answer {
        Answer::from_events(self.events().iter().map(|caused| &caused.event))
    }

    pub(crate) fn log(&self) -> &[Event] {
        &self.log
    }

    pub(crate) fn step(&self, order: u16) -> Option<Step> {
        self.state.order(id(order)).map(|order| order.step)
    }

    /// The next command of the clock, for a shop without hours.
    pub(crate) fn next_due(&self) -> Option<(Instant, Command)> {
        self.state.next_due(at(0))
    }

    /// The next command of the clock, for a shop with hours.
    pub(crate) fn due(&self, order: u16) -> Option<Instant> {
        self.state.due(id(order))
    }

    pub(crate) fn next_due_at(&self, now: Now) -> Option<(Instant, Command)> {
        self.state.next_due(now)
    }

    pub(crate) fn capacity_free_by(&self) -> Option<Instant> {
        self.state.capacity_free_by()
    }

    pub(crate) fn current_answer(&self, actor: Actor, command: &Command) -> Answer {
        self.state.current_answer(actor, command)
    }

    /// The barista who has claimed the order.
    pub(crate) fn barista(&self, order: u16) -> Option<StaffId> {
        self.state.order(id(order)).and_then(|order| order.barista)
    }

    pub(crate) fn limits(&self) -> &Limits {
        self.state.limits()
    }

    pub(crate) fn hours(&self) -> &Hours {
        self.state.hours()
    }

    pub(crate) fn version(&self, order: u16) -> Option<u32> {
        self.state.order(id(order)).map(|order| order.version)
    }

    /// The last number given to the order.
    pub(crate) fn number(&self, order: u16) -> Option<u32> {
        self.log.iter().rev().find_map(|event| match event {
            Event::NumberGiven(event) if event.order == id(order) => Some(event.number),
            _ => None,
        })
    }

    pub(crate) fn window_lengths(&self) -> Vec<u32> {
        self.state.window_lengths().collect()
    }

    /// Number of orders that the window's code can still start, found by starting orders on a copy of the state.
    pub(crate) fn starts_left(&self, window: u32, now: Now) -> usize {
        let mut state = self.state.clone();
        (1000..2000).filter(|order| state.execute(guest(*order), scan(*order, window), now).is_ok()).count()
    }
}
