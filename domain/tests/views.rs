//! Views and redaction: the three screens at each step of an order, and each event for each audience.
#![expect(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

use domain::access::{Actor, Role};
use domain::command::{Action, Command, StartSource, StoreCommand};
use domain::event::{
    CodeExhausted, Event, LastOrdersCalled, OrderCancelled, OrderFinished, Recorded, ShopUnavailable, StoreClosed,
    StoreOpened,
};
use domain::hours::Hours;
use domain::ids::{EventId, GuestId, OrderId, StaffId};
use domain::limits::Limits;
use domain::menu::{Allergen, Allergens, Choice, Chosen, Drink, Group, Menu, MenuOption, StockItem};
use domain::order::{CancelReason, CancelledBy, Channel, Step};
use domain::redact::{Audience, Topic, redact};
use domain::refusal::Unavailable;
use domain::shop::{CausedEvent, Shop};
use domain::time::{Day, Instant, Now};
use domain::view::barista::{Barista, Card};
use domain::view::display::{Display, DisplayRow};
use domain::view::ordering::{GuestOrder, Ordering};
use domain::view::{CalledAgain, ParseScreenError, Paused, Screen, View};
use uuid::Uuid;

const ANNA: Actor = Actor::Guest(GuestId(Uuid::from_u128(0xA0)));
const BEN: Actor = Actor::Guest(GuestId(Uuid::from_u128(0xB0)));
const CARLA_ID: StaffId = StaffId(Uuid::from_u128(0xC0));
const CARLA: Actor = Actor::Credential(CARLA_ID, Role::Barista);
const MANAGER: Actor = Actor::Credential(StaffId(Uuid::from_u128(0xF0)), Role::Manager);
const ROBOT: Actor = Actor::Credential(StaffId(Uuid::from_u128(0xE0)), Role::Robot);

const ANNAS: OrderId = OrderId(Uuid::from_u128(1));
const BENS: OrderId = OrderId(Uuid::from_u128(2));

/// 2026-11-21T09:00:00.000Z
const NINE: Instant = Instant(1_795_251_600_000);

fn menu() -> Menu {
    let milk = |id: &str, allergen: Allergen| MenuOption {
        id: id.to_owned(),
        name: id.to_owned(),
        allergens: Allergens::all([allergen]),
        ..MenuOption::default()
    };
    Menu {
        drinks: vec![Drink {
            id: "latte".to_owned(),
            name: "Caffè latte".to_owned(),
            icon: "glass".to_owned(),
            groups: vec!["milk".to_owned()],
            ..Drink::default()
        }],
        groups: vec![Group {
            id: "milk".to_owned(),
            name: "Milk".to_owned(),
            options: vec![milk("cow", Allergen::Milk), milk("oat", Allergen::Gluten)],
            ..Group::default()
        }],
        ..Menu::default()
    }
}

/// A shop with the views of four screens: the TV, the tablet, and the phones of Anna and Ben.
struct ShopWithScreens {
    state: Shop,
    log: Vec<Recorded>,
    tv: Display,
    tablet: Barista,
    anna: Ordering,
    ben: Ordering,
}

impl ShopWithScreens {
    fn open() -> Self {
        let mut shop = Self {
            state: Shop::default(),
            log: Vec::new(),
            tv: Display::default(),
            tablet: Barista::default(),
            anna: Ordering::default(),
            ben: Ordering::default(),
        };
        let make = StoreCommand::Create {
            name: "Bar Centrale".to_owned(),
            menu: menu(),
            limits: Limits::default(),
            hours: Hours::default(),
        }
        .into();
        shop.execute(Actor::System, make, 0);
        shop
    }

    /// Executes a command `seconds` after nine, which must succeed, and publishes its events to all screens.
    fn execute(&mut self, actor: Actor, command: Command, seconds: u32) {
        let now = Now::without_hours(NINE.plus_seconds(seconds), Day(20_778));
        let channel = self.state.channel(&command);
        let caused_events = self.state.execute(actor, command, now).unwrap();
        self.record(now.at, actor, channel, caused_events);
    }

    /// Records and publishes an event without a command.
    fn record_event(&mut self, event: impl Into<Event>) {
        let event = event.into();
        self.state.evolve(&event, NINE);
        self.record(NINE, Actor::System, None, vec![CausedEvent { event, cause: None }]);
    }

    fn record(&mut self, at: Instant, actor: Actor, channel: Option<Channel>, caused_events: Vec<CausedEvent>) {
        let first = self.log.len();
        let stamp = |n: usize| EventId(Uuid::from_u128(0xEEEE_0000 + n as u128));
        for (n, caused) in caused_events.into_iter().enumerate() {
            let recorded = Recorded {
                id: stamp(first + n),
                position: (first + n + 1) as u64,
                at,
                correlation: stamp(first),
                causation: caused.cause.map(|cause| stamp(first + cause)),
                actor: Some(actor),
                channel: channel.filter(|_| caused.event.order().is_some()),
                event: caused.event,
            };
            self.publish(&recorded);
            self.log.push(recorded);
        }
    }

    fn publish(&mut self, recorded: &Recorded) {
        if let Some(seen) = redact(recorded, Audience::Public) {
            self.tv.apply(Topic::Public, &seen);
            self.anna.apply(Topic::Public, &seen);
            self.ben.apply(Topic::Public, &seen);
        }
        if let Some(seen) = redact(recorded, Audience::Staff) {
            self.tablet.apply(Topic::Staff, &seen);
        }
        let order = recorded.event.order();
        if let (Some(order), Some(seen)) = (order, redact(recorded, Audience::Owner)) {
            let phone = if order == BENS { &mut self.ben } else { &mut self.anna };
            phone.apply(Topic::Order(order), &seen);
        }
    }

    fn scan(&mut self, actor: Actor, order: OrderId, seconds: u32) {
        let window = Limits::default().window_of(NINE.plus_seconds(seconds));
        self.execute(actor, Command::Start { order, source: StartSource::Code { window } }, seconds);
    }

    fn submit(&mut self, actor: Actor, order: OrderId, seconds: u32) {
        let options = [("milk".to_owned(), "oat".to_owned())].into();
        let choice = Choice { drink: "latte".to_owned(), options, ..Choice::default() };
        self.execute(actor, Command::Submit { order, choice }, seconds);
    }

    /// Changes the order to the default options.
    fn edit(&mut self, actor: Actor, order: OrderId, seconds: u32) {
        let choice = Choice { drink: "latte".to_owned(), ..Choice::default() };
        self.execute(actor, Command::Edit { order, choice, version: None }, seconds);
    }

    fn annas_order(&self) -> &GuestOrder {
        self.anna.current().unwrap()
    }
}

fn latte() -> StockItem {
    StockItem::drink("latte")
}

fn act(order: OrderId, action: Action) -> Command {
    Command::Act { order, action, reason: None, version: None }
}

fn claim(order: OrderId) -> Command {
    act(order, Action::Claim)
}

fn release(order: OrderId) -> Command {
    act(order, Action::Release)
}

fn complete(order: OrderId) -> Command {
    act(order, Action::Complete)
}

fn collect(order: OrderId) -> Command {
    act(order, Action::Collect)
}

fn cancel(order: OrderId) -> Command {
    Command::Act { order, action: Action::Cancel, reason: Some(CancelReason::Broken), version: None }
}

fn with_oat() -> Chosen {
    menu()
        .complete(&Choice {
            drink: "latte".to_owned(),
            options: [("milk".to_owned(), "oat".to_owned())].into(),
            ..Choice::default()
        })
        .unwrap()
}

/// Anna's row at this step and version, `since` seconds after nine.
fn row(step: Step, version: u32, since: u32) -> DisplayRow {
    DisplayRow {
        order: ANNAS,
        number: 1,
        name: "Caffè latte".to_owned(),
        icon: "glass".to_owned(),
        step,
        since: NINE.plus_seconds(since),
        version,
        channel: Some(Channel::Web),
        aside: false,
        called: None,
    }
}

/// Number of cards in the columns of Carla's tablet: incoming, mine, ready.
fn columns(tablet: &Barista) -> (usize, usize, usize) {
    (tablet.incoming().count(), tablet.claimed_by(CARLA_ID).count(), tablet.ready().count())
}

#[test]
fn the_display_follows_an_order_to_collection() {
    let mut shop = ShopWithScreens::open();
    assert_eq!((shop.tv.name.as_str(), shop.tv.open), ("Bar Centrale", true));
    assert_eq!(shop.tv.limits, Limits::default());
    assert_eq!(shop.tv.tokens_left(NINE), 10);

    shop.scan(ANNA, ANNAS, 10);
    assert_eq!(shop.tv.tokens_left(NINE), 9);
    assert_eq!(shop.tv.rows, [], "an order that is being chosen has no row");

    shop.submit(ANNA, ANNAS, 40);
    assert_eq!(shop.tv.rows, [row(Step::Waiting, 1, 40)]);
    assert_eq!((shop.tv.preparing().count(), shop.tv.ready().count()), (1, 0));

    shop.execute(CARLA, claim(ANNAS), 60);
    assert_eq!(shop.tv.rows, [row(Step::Making, 2, 40)], "the row of a claimed order counts from the submission");
    assert_eq!((shop.tv.preparing().count(), shop.tv.ready().count()), (1, 0));

    shop.execute(CARLA, complete(ANNAS), 100);
    assert_eq!(shop.tv.rows, [row(Step::Ready, 3, 100)]);
    assert_eq!((shop.tv.preparing().count(), shop.tv.ready().count()), (0, 1));

    shop.execute(CARLA, collect(ANNAS), 130);
    assert_eq!(shop.tv.rows, []);
}

#[test]
fn the_barista_view_follows_an_order_to_collection() {
    let card = |step, version, since, barista| Card {
        order: ANNAS,
        number: 1,
        chosen: with_oat(),
        step,
        barista,
        since: NINE.plus_seconds(since),
        version,
        channel: Some(Channel::Web),
        aside: false,
        called: None,
    };
    let mut shop = ShopWithScreens::open();
    assert_eq!((shop.tablet.name.as_str(), shop.tablet.open), ("Bar Centrale", true));

    shop.scan(ANNA, ANNAS, 10);
    assert_eq!(shop.tablet.cards, []);

    shop.submit(ANNA, ANNAS, 40);
    assert_eq!(shop.tablet.cards, [card(Step::Waiting, 1, 40, None)]);
    assert_eq!(columns(&shop.tablet), (1, 0, 0));

    shop.execute(CARLA, claim(ANNAS), 60);
    assert_eq!(shop.tablet.cards, [card(Step::Making, 2, 40, Some(CARLA_ID))]);
    assert_eq!(columns(&shop.tablet), (0, 1, 0));
    assert_eq!(
        shop.tablet.claimed_by(StaffId(Uuid::nil())).count(),
        0,
        "a claimed order is in the column of its barista only"
    );

    shop.execute(CARLA, release(ANNAS), 70);
    assert_eq!(shop.tablet.cards, [card(Step::Waiting, 3, 40, None)]);
    shop.execute(CARLA, claim(ANNAS), 80);

    shop.execute(CARLA, complete(ANNAS), 100);
    assert_eq!(shop.tablet.cards, [card(Step::Ready, 5, 100, Some(CARLA_ID))]);
    assert_eq!(columns(&shop.tablet), (0, 0, 1));

    shop.execute(CARLA, collect(ANNAS), 130);
    assert_eq!(shop.tablet.cards, []);
}

#[test]
fn the_phone_follows_an_order_to_collection() {
    let mine = |step: Step, number, chosen, version, since| GuestOrder {
        began: 6,
        order: ANNAS,
        step,
        number,
        chosen,
        since: NINE.plus_seconds(since),
        version,
        cancelled_by: None,
        reason: None,
        aside: false,
        called: None,
        due: Some(NINE.plus_seconds(310)),
        extended: false,
        ended: step.is_end().then_some(14),
    };
    let mut shop = ShopWithScreens::open();
    assert_eq!((shop.anna.bar.name.as_str(), shop.anna.bar.open), ("Bar Centrale", true));
    assert_eq!(shop.anna.bar.menu, menu());
    assert_eq!(shop.anna.current(), None);

    shop.scan(ANNA, ANNAS, 10);
    assert_eq!(*shop.annas_order(), mine(Step::Choosing, 0, None, 0, 10));
    assert_eq!(shop.anna.bar.queue, [], "an order that is being chosen is not in the queue");

    shop.submit(ANNA, ANNAS, 40);
    assert_eq!(*shop.annas_order(), mine(Step::Waiting, 1, Some(with_oat()), 1, 40));
    assert_eq!(shop.anna.bar.queue, [ANNAS]);

    shop.execute(CARLA, claim(ANNAS), 60);
    assert_eq!(*shop.annas_order(), mine(Step::Making, 1, Some(with_oat()), 2, 60));

    shop.execute(CARLA, complete(ANNAS), 100);
    assert_eq!(*shop.annas_order(), mine(Step::Ready, 1, Some(with_oat()), 3, 100));
    assert_eq!(shop.ben.orders_ahead_of(BENS), 0, "a ready order is not ahead of others");

    shop.execute(CARLA, collect(ANNAS), 130);
    assert_eq!(*shop.annas_order(), mine(Step::Collected, 1, Some(with_oat()), 4, 130));
    assert_eq!(shop.ben.current(), None, "another phone does not have the order");
}

#[test]
fn a_phone_counts_the_drinks_ahead() {
    let mut shop = ShopWithScreens::open();
    shop.scan(ANNA, ANNAS, 0);
    shop.scan(BEN, BENS, 1);
    shop.submit(BEN, BENS, 2);
    shop.submit(ANNA, ANNAS, 3);
    assert_eq!((shop.anna.orders_ahead_of(ANNAS), shop.ben.orders_ahead_of(BENS)), (1, 0));
    shop.execute(CARLA, claim(BENS), 4);
    assert_eq!(shop.anna.orders_ahead_of(ANNAS), 1, "a claimed order is still ahead");
    shop.execute(CARLA, complete(BENS), 5);
    assert_eq!(shop.anna.orders_ahead_of(ANNAS), 0);
}

#[test]
fn a_cancelled_order_leaves_every_screen_and_its_guest_sees_by_whom() {
    for (actor, by) in [(ANNA, CancelledBy::Guest), (CARLA, CancelledBy::Bar)] {
        let mut shop = ShopWithScreens::open();
        shop.scan(ANNA, ANNAS, 0);
        shop.submit(ANNA, ANNAS, 1);
        shop.execute(actor, cancel(ANNAS), 2);
        assert_eq!(
            (shop.tv.preparing().count(), columns(&shop.tablet), shop.ben.orders_ahead_of(BENS)),
            (0, (0, 0, 0), 0)
        );
        assert_eq!(shop.tablet.cancelled().count(), 1, "staff can still recall the order");
        let mine = shop.annas_order();
        assert_eq!((mine.step, mine.cancelled_by), (Step::Cancelled, Some(by)));
        shop.execute(Actor::System, Command::EndWait { order: ANNAS }, 12);
        assert_eq!((shop.tv.rows.len(), shop.tablet.cards.len(), shop.ben.bar.queue.len()), (0, 0, 0));
        assert_eq!(shop.annas_order().step, Step::Cancelled);
    }
}

#[test]
fn a_recalled_order_returns_to_its_place_on_every_screen() {
    let mut shop = ShopWithScreens::open();
    shop.scan(ANNA, ANNAS, 0);
    shop.submit(ANNA, ANNAS, 1);
    shop.scan(BEN, BENS, 2);
    shop.submit(BEN, BENS, 3);
    shop.execute(ANNA, cancel(ANNAS), 4);
    assert_eq!(shop.ben.orders_ahead_of(BENS), 0);
    shop.execute(ANNA, act(ANNAS, Action::Recall), 5);
    assert_eq!((shop.tv.preparing().next().map(|row| row.order), shop.ben.orders_ahead_of(BENS)), (Some(ANNAS), 1));
    assert_eq!((shop.annas_order().step, columns(&shop.tablet)), (Step::Waiting, (2, 0, 0)));
}

#[test]
fn a_postponed_order_is_last_on_every_screen() {
    let mut shop = ShopWithScreens::open();
    shop.scan(ANNA, ANNAS, 0);
    shop.submit(ANNA, ANNAS, 1);
    shop.scan(BEN, BENS, 2);
    shop.submit(BEN, BENS, 3);
    shop.execute(ANNA, act(ANNAS, Action::Postpone), 4);
    assert_eq!((shop.anna.orders_ahead_of(ANNAS), shop.ben.orders_ahead_of(BENS)), (1, 0));
    assert_eq!(shop.tv.preparing().map(|row| row.number).collect::<Vec<_>>(), [2, 1]);
    assert_eq!(shop.tablet.incoming().map(|card| card.number).collect::<Vec<_>>(), [2, 1]);
}

#[test]
fn a_phone_shows_the_due_time_and_the_timeout_of_a_choice() {
    let mut shop = ShopWithScreens::open();
    shop.scan(ANNA, ANNAS, 0);
    assert_eq!((shop.annas_order().due, shop.annas_order().extended), (Some(NINE.plus_seconds(300)), false));
    shop.execute(ANNA, act(ANNAS, Action::Extend), 10);
    assert_eq!((shop.annas_order().due, shop.annas_order().extended), (Some(NINE.plus_seconds(420)), true));
    shop.execute(Actor::System, Command::EndWait { order: ANNAS }, 420);
    assert_eq!((shop.annas_order().step, shop.annas_order().since), (Step::TimedOut, NINE.plus_seconds(420)));
}

#[test]
fn every_screen_shows_the_reason_of_a_pause() {
    let mut shop = ShopWithScreens::open();
    let until = Some(NINE.plus_seconds(60));
    shop.execute(CARLA, StoreCommand::Pause { reason: "Milk is coming".to_owned(), until }.into(), 0);
    let paused = Some(Paused { reason: "Milk is coming".to_owned(), until });
    assert_eq!([&shop.tv.paused, &shop.tablet.paused, &shop.anna.bar.paused], [&paused; 3]);
    shop.execute(Actor::System, StoreCommand::Resume.into(), 60);
    assert_eq!([&shop.tv.paused, &shop.tablet.paused, &shop.anna.bar.paused], [&None; 3]);
}

#[test]
fn a_start_while_closed_is_visible_to_its_guest_only() {
    let mut shop = ShopWithScreens::open();
    shop.execute(CARLA, StoreCommand::Close { hold: false }.into(), 0);
    assert!(!shop.tv.open && !shop.tablet.open && !shop.anna.bar.open);
    shop.scan(ANNA, ANNAS, 1);
    assert_eq!(shop.annas_order().step, Step::Unavailable);
    assert_eq!((shop.tv.rows.len(), shop.tablet.cards.len(), shop.anna.bar.queue.len()), (0, 0, 0));
    assert_eq!(shop.tv.tokens_left(NINE), 10, "the token is returned");
    shop.execute(CARLA, StoreCommand::Open { hold: false }.into(), 2);
    assert!(shop.tv.open && shop.tablet.open && shop.anna.bar.open);
}

#[test]
fn an_edited_choice_is_on_every_screen() {
    let mut shop = ShopWithScreens::open();
    shop.scan(ANNA, ANNAS, 0);
    shop.submit(ANNA, ANNAS, 1);
    shop.edit(ANNA, ANNAS, 2);
    let words = "Caffè latte, cow";
    assert_eq!(shop.tablet.cards[0].chosen.description(), words);
    assert_eq!(shop.annas_order().chosen.as_ref().map(Chosen::description).as_deref(), Some(words));
    assert_eq!((shop.tv.rows[0].name.as_str(), shop.tv.rows[0].version), ("Caffè latte", 2));
    assert_eq!(shop.tv.rows[0].since, NINE.plus_seconds(1), "an edit leaves the waiting time unchanged");
}

#[test]
fn an_order_set_aside_is_on_the_tablet_but_not_on_the_display() {
    let mut shop = ShopWithScreens::open();
    shop.scan(ANNA, ANNAS, 0);
    shop.submit(ANNA, ANNAS, 1);
    shop.execute(CARLA, claim(ANNAS), 2);
    shop.execute(CARLA, complete(ANNAS), 3);
    shop.execute(CARLA, act(ANNAS, Action::SetAside), 4);
    assert_eq!((shop.tv.ready().count(), columns(&shop.tablet)), (0, (0, 0, 1)));
    assert!(shop.tablet.cards[0].aside && shop.annas_order().aside);
    // An order that is made again is called out again.
    shop.execute(CARLA, act(ANNAS, Action::Recall), 5);
    shop.execute(CARLA, complete(ANNAS), 6);
    assert_eq!(shop.tv.ready().count(), 1);
    assert!(!shop.tablet.cards[0].aside && !shop.annas_order().aside);
}

#[test]
fn a_call_is_on_every_screen_each_time_and_ends_with_the_ready_step() {
    let mut shop = ShopWithScreens::open();
    shop.scan(ANNA, ANNAS, 0);
    shop.submit(ANNA, ANNAS, 10);
    shop.execute(CARLA, claim(ANNAS), 20);
    shop.execute(CARLA, complete(ANNAS), 30);
    assert_eq!(shop.annas_order().called, None);
    for (times, seconds) in [(1, 60), (2, 90)] {
        shop.execute(CARLA, act(ANNAS, Action::Remind), seconds);
        let called = Some(CalledAgain { times, at: NINE.plus_seconds(seconds) });
        assert_eq!(shop.annas_order().called, called);
        assert_eq!((shop.tv.rows[0].called, shop.tablet.cards[0].called), (called, called));
    }
    // A call brings an order back that was set aside.
    shop.execute(CARLA, act(ANNAS, Action::SetAside), 100);
    assert_eq!(shop.tv.ready().count(), 0);
    shop.execute(CARLA, act(ANNAS, Action::Remind), 110);
    assert_eq!((shop.tv.ready().count(), shop.tablet.cards[0].aside, shop.annas_order().aside), (1, false, false));
    shop.execute(CARLA, act(ANNAS, Action::SetAside), 120);
    shop.execute(CARLA, act(ANNAS, Action::Recall), 130);
    assert_eq!((shop.annas_order().called, shop.tv.rows[0].called, shop.tablet.cards[0].called), (None, None, None));
}

#[test]
fn last_orders_are_on_every_screen_until_the_shop_opens_or_closes() {
    let mut shop = ShopWithScreens::open();
    let closing = |shop: &ShopWithScreens| (shop.tv.closing, shop.tablet.closing, shop.anna.bar.closing);
    let closing_time = Some(NINE.plus_seconds(3600));
    shop.record_event(LastOrdersCalled { closing: NINE.plus_seconds(3600) });
    assert_eq!(closing(&shop), (closing_time, closing_time, closing_time));
    shop.record_event(StoreOpened { held: false });
    assert_eq!(closing(&shop), (None, None, None));
    shop.record_event(LastOrdersCalled { closing: NINE.plus_seconds(3600) });
    shop.record_event(StoreClosed { held: false });
    assert_eq!(closing(&shop), (None, None, None));
}

#[test]
fn a_sold_out_drink_is_marked_on_the_phone_menu() {
    let mut shop = ShopWithScreens::open();
    shop.execute(CARLA, StoreCommand::ChangeAvailability { thing: latte(), available: false }.into(), 1);
    let menu = &shop.anna.bar.menu;
    assert!(!menu.is_drink_available(&menu.drinks[0]));
    shop.execute(CARLA, StoreCommand::ChangeAvailability { thing: latte(), available: true }.into(), 2);
    assert_eq!(shop.anna.bar.menu.out, []);
}

#[test]
fn a_phone_keeps_open_orders_and_the_last_finished_one() {
    let order = |n: u128| OrderId(Uuid::from_u128(100 + n));
    let mut shop = ShopWithScreens::open();
    shop.scan(ANNA, order(0), 0);
    shop.submit(ANNA, order(0), 0);
    for n in 1..=3 {
        shop.scan(ANNA, order(n), 1);
        shop.execute(ANNA, cancel(order(n)), 2);
    }
    let orders: Vec<_> = shop.anna.orders.iter().map(|mine| (mine.order, mine.step)).collect();
    assert_eq!(orders, [(order(0), Step::Waiting), (order(3), Step::Cancelled)]);
}

#[test]
fn the_display_counts_the_tokens_of_the_two_valid_windows() {
    let mut shop = ShopWithScreens::open();
    for (n, seconds) in [0, 310, 320, 610].into_iter().enumerate() {
        let guest = Actor::Guest(GuestId(Uuid::from_u128(100 + n as u128)));
        shop.scan(guest, OrderId(Uuid::from_u128(100 + n as u128)), seconds);
    }
    assert_eq!(shop.tv.windows, [(NINE.plus_seconds(300), 8), (NINE.plus_seconds(600), 9)]);
    assert_eq!(shop.tv.tokens_left(NINE.plus_seconds(900)), 10, "an unused window has all tokens");
}

#[test]
fn a_robot_order_is_marked_on_every_screen() {
    let mut shop = ShopWithScreens::open();
    shop.execute(ROBOT, Command::Start { order: BENS, source: StartSource::Robot }, 0);
    shop.submit(ROBOT, BENS, 1);
    assert_eq!(shop.tv.rows[0].channel, Some(Channel::Robot));
    assert_eq!(shop.tablet.cards[0].channel, Some(Channel::Robot));
    assert_eq!(shop.tv.tokens_left(NINE), 10);
}

/// One event of each kind, in the order of `Event::KINDS`.
fn every_event() -> Vec<Recorded> {
    let mut shop = ShopWithScreens::open();
    shop.execute(CARLA, StoreCommand::Pause { reason: "Milk is coming".to_owned(), until: None }.into(), 0);
    shop.execute(CARLA, StoreCommand::Resume.into(), 0);
    shop.execute(MANAGER, StoreCommand::SwitchExtension { extension: "WaitTimes".to_owned(), on: false }.into(), 0);
    shop.scan(ANNA, ANNAS, 0);
    shop.execute(ANNA, act(ANNAS, Action::Extend), 0);
    shop.submit(ANNA, ANNAS, 1);
    shop.edit(ANNA, ANNAS, 1);
    shop.execute(ANNA, act(ANNAS, Action::Postpone), 1);
    shop.execute(CARLA, claim(ANNAS), 2);
    shop.execute(CARLA, release(ANNAS), 3);
    shop.execute(CARLA, claim(ANNAS), 4);
    shop.execute(CARLA, complete(ANNAS), 5);
    shop.execute(CARLA, act(ANNAS, Action::Recall), 5);
    shop.execute(CARLA, complete(ANNAS), 5);
    shop.execute(CARLA, act(ANNAS, Action::Remind), 5);
    shop.execute(CARLA, act(ANNAS, Action::SetAside), 5);
    shop.execute(CARLA, StoreCommand::ChangeAvailability { thing: latte(), available: false }.into(), 6);
    shop.execute(Actor::System, Command::EndWait { order: ANNAS }, 1805);
    shop.scan(BEN, BENS, 1807);
    shop.execute(BEN, cancel(BENS), 1808);
    let late = OrderId(Uuid::from_u128(4));
    shop.scan(ANNA, late, 1809);
    shop.execute(Actor::System, Command::EndWait { order: late }, 2109);
    let third = OrderId(Uuid::from_u128(5));
    shop.scan(ANNA, third, 2110);
    shop.execute(CARLA, StoreCommand::ChangeAvailability { thing: latte(), available: true }.into(), 2110);
    shop.submit(ANNA, third, 2110);
    shop.execute(CARLA, claim(third), 2111);
    shop.execute(CARLA, complete(third), 2112);
    shop.execute(MANAGER, Command::StopOrders, 2112);
    shop.execute(CARLA, collect(third), 2113);
    shop.record_event(CodeExhausted { window: NINE, next: NINE.plus_seconds(300) });
    shop.record_event(LastOrdersCalled { closing: NINE.plus_seconds(3600) });
    shop.execute(CARLA, StoreCommand::Close { hold: false }.into(), 2114);
    shop.scan(BEN, OrderId(Uuid::from_u128(3)), 2115);
    let first_of_kind = Event::KINDS.iter().map(|kind| shop.log.iter().find(|recorded| recorded.event.kind() == *kind));
    first_of_kind.map(|recorded| recorded.unwrap().clone()).collect()
}

/// The part of an event that an audience sees.
#[derive(Debug, PartialEq)]
enum Visibility {
    /// Everything except the actor.
    Whole,
    /// Everything except the actor and this field.
    But(&'static str),
    Nothing,
}

#[test]
fn each_event_is_redacted_for_the_public_and_the_owner() {
    use Visibility::{But, Nothing, Whole};
    let table = [
        ("Validator.NewOrder", But("guest"), But("guest")),
        ("Validator.TokenReturned", Whole, Whole),
        ("Validator.CodeExhausted", Whole, Nothing),
        ("ConfigService.StoreOpened", Whole, Nothing),
        ("ConfigService.StoreClosed", Whole, Nothing),
        ("ConfigService.LastOrdersCalled", Whole, Nothing),
        ("ConfigService.StorePaused", Whole, Nothing),
        ("ConfigService.StoreResumed", Whole, Nothing),
        ("ConfigService.MenuChanged", Whole, Nothing),
        ("ConfigService.AvailabilityChanged", Whole, Nothing),
        ("ConfigService.HoursChanged", Whole, Nothing),
        ("ConfigService.LimitsChanged", Whole, Nothing),
        ("ConfigService.BrandChanged", Whole, Nothing),
        ("ConfigService.ExtensionSwitched", Nothing, Nothing),
        ("OrderProcessor.OrdersStopped", Whole, Nothing),
        ("OrderProcessor.WorkflowStarted", Nothing, Whole),
        ("OrderProcessor.WaitExtended", Nothing, Whole),
        ("OrderProcessor.OrderTimedOut", Whole, Whole),
        ("OrderProcessor.ShopUnavailable", Nothing, Whole),
        ("OrderProcessor.WaitingCompletion", Whole, Whole),
        ("OrderProcessor.OrderFinished", Whole, Whole),
        ("Counting.NumberGiven", Nothing, Whole),
        ("OrderManager.OrderSubmitted", But("chosen"), Whole),
        ("OrderManager.OrderEdited", But("chosen"), Whole),
        ("OrderManager.OrderClaimed", But("barista"), But("barista")),
        ("OrderManager.OrderReleased", Whole, Whole),
        ("OrderManager.OrderCompleted", Whole, Whole),
        ("OrderManager.OrderCancelled", Whole, Whole),
        ("OrderManager.OrderPostponed", Whole, Whole),
        ("OrderManager.OrderRecalled", Whole, Whole),
        ("OrderManager.GuestReminded", Whole, Whole),
        ("OrderManager.OrderSetAside", Whole, Whole),
        ("OrderManager.OrderExpired", Whole, Whole),
        ("OrderManager.OrderCollected", Whole, Whole),
    ];
    assert_eq!(table.each_ref().map(|(kind, ..)| *kind), Event::KINDS);
    for (recorded, (kind, public, owner)) in every_event().iter().zip(table) {
        assert_eq!(visibility(recorded, Audience::Public), public, "{kind} for the public");
        assert_eq!(visibility(recorded, Audience::Owner), owner, "{kind} for the owner");
        assert_eq!(redact(recorded, Audience::Staff).as_deref(), Some(recorded), "{kind} for staff");
    }
}

fn visibility(recorded: &Recorded, audience: Audience) -> Visibility {
    let Some(seen) = redact(recorded, audience) else { return Visibility::Nothing };
    let without_actor = Recorded { actor: None, event: seen.event.clone(), ..recorded.clone() };
    assert_eq!(*seen, without_actor, "redaction removes only the actor from the envelope");
    let (whole, seen) = [&recorded.event, &seen.event].map(|event| serde_json::to_value(event).unwrap()).into();
    let changed: Vec<_> =
        ["guest", "barista", "chosen"].into_iter().filter(|key| whole.get(key) != seen.get(key)).collect();
    match changed.as_slice() {
        [] if whole == seen => Visibility::Whole,
        [key] => Visibility::But(key),
        _ => panic!("redaction removes more than one field: {seen}"),
    }
}

#[test]
fn the_public_sees_the_drink_without_its_options() {
    let submitted = every_event().into_iter().find_map(|recorded| match &recorded.event {
        Event::OrderSubmitted(_) => Some(redact(&recorded, Audience::Public).unwrap().into_owned().event),
        _ => None,
    });
    let Some(Event::OrderSubmitted(event)) = submitted else { panic!("redaction keeps the kind of the event") };
    assert_eq!(event.chosen, Chosen { options: Vec::new(), allergens: Allergens::default(), ..with_oat() });
}

#[test]
fn events_of_unknown_orders_create_no_rows() {
    let at = Recorded { actor: None, ..every_event().swap_remove(0) };
    let (mut tv, mut tablet, mut phone) = (Display::default(), Barista::default(), Ordering::default());
    for event in every_event().into_iter().filter(|recorded| !matches!(recorded.event, Event::OrderSubmitted(_))) {
        tv.apply(Topic::Public, &event);
        tablet.apply(Topic::Staff, &event);
        phone.apply(Topic::Public, &event);
    }
    assert_eq!((tv.rows.len(), tablet.cards.len(), phone.bar.queue.len()), (0, 0, 0));
    // A topic of an order must start with the order's first event.
    for event in [
        ShopUnavailable { order: ANNAS, reason: Unavailable::Closed }.into(),
        OrderCancelled { order: ANNAS, by: CancelledBy::Bar, reason: None, version: 1 }.into(),
        OrderFinished { order: ANNAS, outcome: Step::Cancelled }.into(),
    ] {
        phone.apply(Topic::Order(ANNAS), &Recorded { event, ..at.clone() });
    }
    assert_eq!(phone.current(), None);
}

#[test]
fn topics_round_trip_as_text() {
    for (topic, text) in [
        (Topic::Public, "public"),
        (Topic::Staff, "staff"),
        (Topic::Order(ANNAS), "order/00000000-0000-0000-0000-000000000001"),
    ] {
        assert_eq!(topic.to_string(), text);
        assert_eq!(text.parse(), Ok(topic));
    }
    for text in ["", "Public", "order", "order/", "order/1", "public/"] {
        assert!(text.parse::<Topic>().is_err(), "{text:?} is not a topic");
    }
}

#[test]
fn a_screen_is_found_by_its_name() {
    assert_eq!(Screen::ALL.map(Screen::name), ["ordering", "display", "barista"]);
    assert_eq!(Screen::ALL.map(|screen| screen.name().parse()), Screen::ALL.map(Ok));
    for unknown in ["", "Display", "office"] {
        assert_eq!(unknown.parse::<Screen>(), Err(ParseScreenError), "{unknown}");
    }
}
