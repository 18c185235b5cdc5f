//! Test harness: a shop with the real rules, its log with envelopes, and an extension that receives the log.

use domain::access::{Actor, Role};
use domain::command::{Action, Command, StartSource};
use domain::event::{Event, LimitsChanged, MenuChanged, Recorded, StoreOpened};
use domain::extension::sheet::Sheet;
use domain::extension::{Emission, Extension, LoggedEvent, SheetRequest};
use domain::ids::{EventId, GuestId, OrderId, ShopId, StaffId};
use domain::language::Language;
use domain::limits::Limits;
use domain::menu::{Choice, Drink, Group, Menu, MenuOption};
use domain::order::{CancelReason, Channel};
use domain::shop::Shop;
use domain::time::{Day, Instant, Now};
use serde_json::Value;
use uuid::Uuid;

pub(crate) const CARLA: Actor = Actor::Credential(StaffId(Uuid::from_u128(0xC0)), Role::Barista);
pub(crate) const MANAGER: Actor = Actor::Credential(StaffId(Uuid::from_u128(0xF0)), Role::Manager);
pub(crate) const ROBOT: Actor = Actor::Credential(StaffId(Uuid::from_u128(0xE0)), Role::Robot);

/// 2026-11-21T09:00:00.000Z.
pub(crate) const NINE: Instant = Instant(1_795_251_600_000);

/// A guest with a numbered id.
pub(crate) fn guest(n: u16) -> Actor {
    Actor::Guest(GuestId(Uuid::from_u128(0xAA_0000 + u128::from(n))))
}

pub(crate) fn id(order: u16) -> OrderId {
    OrderId(Uuid::from_u128(u128::from(order)))
}

/// The shop day of an instant, where days begin at midnight.
pub(crate) fn day_of(at: Instant) -> Day {
    Day(i32::try_from(at.0.div_euclid(86_400_000)).unwrap())
}

pub(crate) fn choice(drink: &str, milk: Option<&str>) -> Choice {
    let options = milk.map(|milk| ("milk".to_owned(), milk.to_owned())).into_iter().collect();
    Choice { drink: drink.to_owned(), options, ..Choice::default() }
}

/// Limits that no test reaches.
pub(crate) fn unlimited() -> Limits {
    Limits { drinks_per_code: 10_000, room: 10_000, orders_per_guest: 1000, ..Limits::default() }
}

/// A menu with latte and flat white, which have milk, with espresso, and with `teas` further drinks.
fn menu(teas: u16) -> Menu {
    let drink = |id: &str, name: &str, groups: &[&str]| Drink {
        id: id.to_owned(),
        name: name.to_owned(),
        groups: groups.iter().map(|&group| group.to_owned()).collect(),
        ..Drink::default()
    };
    let option =
        |id: &str, name: &str| MenuOption { id: id.to_owned(), name: name.to_owned(), ..MenuOption::default() };
    let milk = vec![option("cow", "Cow's milk"), option("oat", "Oat")];
    let mut drinks = vec![
        drink("latte", "Latte", &["milk"]),
        drink("flat-white", "Flat white", &["milk"]),
        drink("espresso", "Espresso", &[]),
    ];
    drinks.extend((0..teas).map(|n| drink(&format!("tea-{n}"), &format!("Tea {n}"), &[])));
    let groups = vec![Group { id: "milk".to_owned(), name: "Milk".to_owned(), options: milk, ..Group::default() }];
    Menu { drinks, groups, ..Menu::default() }
}

/// A shop with its log and the current time.
pub(crate) struct TestShop {
    pub(crate) state: Shop,
    pub(crate) log: Vec<Recorded>,
    pub(crate) now: Instant,
}

impl TestShop {
    /// A shop that has been open since nine, with unlimited orders.
    pub(crate) fn open() -> Self {
        Self::with(unlimited(), 0)
    }

    pub(crate) fn with(limits: Limits, teas: u16) -> Self {
        let mut shop = Self { state: Shop::default(), log: Vec::new(), now: NINE };
        // Commands would refuse a menu with as many teas as some tests need.
        for event in [
            Event::from(LimitsChanged { limits }),
            MenuChanged { menu: menu(teas) }.into(),
            StoreOpened { held: false }.into(),
        ] {
            shop.state.evolve(&event, NINE);
            shop.record(Actor::System, None, event);
        }
        shop
    }

    /// Executes due commands and then this one. Returns `false` if it is refused.
    pub(crate) fn try_execute(&mut self, actor: Actor, command: Command) -> bool {
        self.execute_due();
        self.execute(actor, command)
    }

    /// Executes all commands that are due by now.
    pub(crate) fn execute_due(&mut self) {
        let now = Now::without_hours(self.now, day_of(self.now));
        while let Some((_, due)) = self.state.next_due(now).filter(|(due, _)| *due <= self.now) {
            assert!(self.execute(Actor::System, due), "a due command is never refused");
        }
    }

    fn execute(&mut self, actor: Actor, command: Command) -> bool {
        let channel = self.state.channel(&command);
        let Ok(events) = self.state.execute(actor, command, Now::without_hours(self.now, day_of(self.now))) else {
            return false;
        };
        for caused in events {
            self.record(actor, channel, caused.event);
        }
        true
    }

    fn record(&mut self, actor: Actor, channel: Option<Channel>, event: Event) {
        let (position, at) = (self.log.len() as u64 + 1, self.now);
        let id = EventId(Uuid::from_u128(u128::from(position)));
        let (actor, channel) = (Some(actor), channel.filter(|_| event.order().is_some()));
        self.log.push(Recorded { id, position, at, correlation: id, causation: None, actor, channel, event });
    }

    /// Advances the clock.
    pub(crate) fn after(mut self, seconds: u32) -> Self {
        self.now = self.now.plus_seconds(seconds);
        self
    }

    /// The guest with the order's number scans and submits.
    pub(crate) fn order(self, order: u16, drink: &str) -> Self {
        self.start(order).submit(order, choice(drink, None))
    }

    pub(crate) fn start(mut self, order: u16) -> Self {
        let window = self.state.limits().window_of(self.now);
        assert!(
            self.try_execute(guest(order), Command::Start { order: id(order), source: StartSource::Code { window } })
        );
        self
    }

    pub(crate) fn submit(mut self, order: u16, choice: Choice) -> Self {
        assert!(self.try_execute(guest(order), Command::Submit { order: id(order), choice }));
        self
    }

    pub(crate) fn edit(mut self, order: u16, choice: Choice) -> Self {
        assert!(self.try_execute(guest(order), Command::Edit { order: id(order), choice, version: None }));
        self
    }

    pub(crate) fn robot_order(mut self, order: u16, drink: &str) -> Self {
        assert!(self.try_execute(ROBOT, Command::Start { order: id(order), source: StartSource::Robot }));
        assert!(self.try_execute(ROBOT, Command::Submit { order: id(order), choice: choice(drink, None) }));
        self
    }

    pub(crate) fn act(mut self, actor: Actor, order: u16, action: Action) -> Self {
        assert!(self.try_execute(
            actor,
            Command::Act { order: id(order), action, reason: Some(CancelReason::Broken), version: None }
        ));
        self
    }

    pub(crate) fn staff_act(self, order: u16, action: Action) -> Self {
        self.act(CARLA, order, action)
    }

    /// Carla claims and completes the order at the same instant.
    pub(crate) fn make(self, order: u16) -> Self {
        self.staff_act(order, Action::Claim).staff_act(order, Action::Complete)
    }

    /// Orders a drink that is ready `seconds` later.
    pub(crate) fn serve(self, order: u16, drink: &str, seconds: u32) -> Self {
        self.order(order, drink).after(seconds).make(order)
    }

    /// Executes all commands that are due by now.
    pub(crate) fn with_due_commands(mut self) -> Self {
        self.execute_due();
        self
    }
}

/// An instance of a built-in extension that receives the log from its first event.
pub(crate) struct TestExtension {
    name: &'static str,
    extension: Box<dyn Extension>,
    delivered: usize,
}

impl TestExtension {
    pub(crate) fn new(name: &'static str) -> Self {
        Self { name, extension: create_extension(name, None), delivered: 0 }
    }

    /// Delivers the events of the log that were not delivered before.
    pub(crate) fn on_event(&mut self, log: &[Recorded]) {
        for recorded in log.get(self.delivered..).unwrap_or_default() {
            self.extension.on_event(&LoggedEvent { recorded, day: day_of(recorded.at) });
        }
        self.delivered = self.delivered.max(log.len());
    }

    pub(crate) fn with_log(name: &'static str, shop: &TestShop) -> Self {
        let mut extension = Self::new(name);
        extension.on_event(&shop.log);
        extension
    }

    pub(crate) fn tick(&mut self, now: Instant) -> Vec<Emission> {
        self.extension.tick(now)
    }

    pub(crate) fn on_start(&mut self, now: Instant) -> Vec<Emission> {
        self.extension.on_start(now)
    }

    /// Restarts the extension from its saved state.
    pub(crate) fn restarted(self) -> Self {
        let saved = self.extension.save();
        Self { extension: create_extension(self.name, Some(&saved)), ..self }
    }

    pub(crate) fn save(&self) -> String {
        self.extension.save()
    }

    /// The page at this path, requested at `now`.
    pub(crate) fn page(&self, path: &str, now: Instant) -> Option<Sheet> {
        self.page_in(Language::English, path, now)
    }

    pub(crate) fn page_in(&self, language: Language, path: &str, now: Instant) -> Option<Sheet> {
        let shop: ShopId = "demo".parse().unwrap();
        let story = |_| unreachable!("the page needs no events of the log");
        let today = day_of(now);
        self.extension.view(&SheetRequest { shop: &shop, path, language, now, today, order_events: &story })
    }

    pub(crate) fn json(&self, path: &str, now: Instant) -> Value {
        serde_json::from_str(&self.page(path, now).unwrap().json).unwrap()
    }
}

fn create_extension(name: &str, saved: Option<&str>) -> Box<dyn Extension> {
    let manifest = extensions::all().into_iter().find(|manifest| manifest.name == name).unwrap();
    (manifest.make)(saved).unwrap()
}

/// The texts of a page that are not in the brackets of [`Language::Pseudo`] and are no number.
pub(crate) fn texts_outside_words(sheet: &Sheet) -> Vec<&str> {
    let tables = sheet
        .tables
        .iter()
        .flat_map(|table| [&table.caption].into_iter().chain(&table.columns).chain(table.rows.iter().flatten()));
    let links = sheet.links.iter().map(|(_, text)| text);
    let texts = [&sheet.title, &sheet.lead].into_iter().chain(tables).chain(links).map(String::as_str);
    texts.filter(|text| !text.starts_with('⟦') && text.parse::<u32>().is_err()).collect()
}
