//! What holds on every evening, whatever is asked, by whom and when: random commands against a random clock.

use std::collections::{BTreeMap, BTreeSet};

use domain::access::Who;
use domain::command::{Action, Command, Door, Limits};
use domain::event::{Event, LimitsChanged, NewOrder, Recorded};
use domain::ids::{EventId, GuestId, OrderId, ShopId, StaffId};
use domain::order::Step;
use domain::redact::{Audience, Topic, redact};
use domain::shop::{MOST_EVENTS, Said, Shop, Unheeded};
use domain::time::{Day, Instant, Now};
use domain::view::View;
use domain::view::barista::Barista;
use domain::view::display::Display;
use domain::view::ordering::Ordering;
use proptest::prelude::{Just, ProptestConfig, Strategy, any, prop, prop_assert, prop_assert_eq, prop_oneof, proptest};
use proptest::sample::select;
use proptest::strategy::ValueTree;
use proptest::test_runner::{TestCaseError, TestRunner};
use uuid::Uuid;

use crate::bar::{ANNA, BEN, CARLA, DAVE, DISPLAY, MANAGER, NINE, ROBOT, TODAY, choice, founding, id};

/// So many orders are on people's minds at a time; when one is over, the next takes its place.
const ORDERS: u16 = 6;

/// One act of an evening.
#[derive(Clone, Debug)]
struct Act {
    asker: Asker,
    ask: Ask,
    order: u16,
    version: Option<u32>,
    /// How the clock moved before it, in seconds; sometimes it is set back.
    clock: i64,
}

#[derive(Clone, Copy, Debug)]
enum Ask {
    /// Whatever usually comes next, by whoever usually asks for it.
    Next,
    Open,
    Close,
    /// By the code of so many windows ago.
    Scan(u32),
    Knock,
    /// The drink and the milk asked for.
    Submit(&'static str, Option<&'static str>),
    Act(Action),
}

#[derive(Clone, Debug)]
struct Evening {
    limits: Limits,
    acts: Vec<Act>,
}

/// Who asks: mostly those whose order or drink it is, else nobody would ever get a coffee.
#[derive(Clone, Copy, Debug)]
enum Asker {
    ItsGuest,
    ItsBarista,
    Anybody(Who),
}

impl Asker {
    fn of(self, order: u16) -> Who {
        match self {
            Self::ItsGuest => [ANNA, BEN, ROBOT][usize::from(order % 3)],
            Self::ItsBarista => [CARLA, DAVE][usize::from(order % 2)],
            Self::Anybody(who) => who,
        }
    }
}

fn asks() -> impl Strategy<Value = (Asker, Ask)> {
    let anybody = select(vec![ANNA, BEN, CARLA, DAVE, MANAGER, DISPLAY, ROBOT, Who::House]);
    let drink = select(vec!["flat-white", "flat-white", "flat-white", "flat-white", "espresso", "unicorn"]);
    let milk = select(vec![None, None, None, Some("oat"), Some("yak")]);
    let submit = (drink, milk).prop_map(|(drink, milk)| Ask::Submit(drink, milk));
    let guest = |asks: Vec<Ask>| (Just(Asker::ItsGuest), select(asks));
    let barista = |asks: Vec<Ask>| (Just(Asker::ItsBarista), select(asks));
    let act = select(Action::ALL).prop_map(Ask::Act);
    let other = select(vec![Ask::Open, Ask::Close, Ask::Scan(0), Ask::Knock, Ask::Submit("espresso", None)]);
    prop_oneof![
        20 => (Just(Asker::ItsGuest), Just(Ask::Next)),
        4 => guest(vec![Ask::Scan(0), Ask::Scan(1), Ask::Scan(4), Ask::Knock]),
        4 => (Just(Asker::ItsGuest), submit),
        1 => guest(vec![Ask::Act(Action::Cancel)]),
        12 => (Just(Asker::ItsBarista), act.clone()),
        3 => barista(vec![Ask::Open, Ask::Open, Ask::Open, Ask::Open, Ask::Close]),
        4 => (anybody.prop_map(Asker::Anybody), prop_oneof![act, other]),
    ]
}

fn evenings() -> impl Strategy<Value = Evening> {
    let version = prop_oneof![5 => Just(None), 1 => (0_u32..5).prop_map(Some)];
    let clock = prop_oneof![8 => 0_i64..20, 3 => 20_i64..400, 1 => -30_i64..0, 1 => Just(43_200_i64)];
    let act = (asks(), 0..ORDERS, version, clock).prop_map(|((asker, ask), order, version, clock)| Act {
        asker,
        ask,
        order,
        version,
        clock,
    });
    let limits = (2_u32..8, 20_u32..400, 0_u32..400).prop_map(|(drinks_per_code, window_seconds, grace_seconds)| {
        Limits { drinks_per_code, window_seconds, grace_seconds }
    });
    (limits, prop::collection::vec(act, 1..150)).prop_map(|(limits, acts)| Evening { limits, acts })
}

/// An evening that is over: the state it left, and its log as the server would have stamped it.
struct Played {
    shop: Shop,
    log: Vec<Recorded>,
}

impl Evening {
    fn play(&self) -> Result<Played, TestCaseError> {
        let mut played = Played { shop: Shop::default(), log: Vec::new() };
        for event in founding(self.limits) {
            played.shop.evolve(&event);
            played.record(Who::House, NINE, None, vec![Said { event, cause: None }]);
        }
        let mut now = Now { at: NINE, day: TODAY };
        let mut rounds = [0; ORDERS as usize];
        for act in &self.acts {
            now.at.0 += act.clock * 1000;
            now.day = Day(i32::try_from(now.at.0.div_euclid(86_400_000)).unwrap());
            let before = played.shop.clone();
            let act = act.resolve(&played.shop, rounds);
            let who = act.asker.of(act.order);
            let round = &mut rounds[usize::from(act.order)];
            let command = act.command(*round * ORDERS + act.order, &self.limits, now);
            let channel = before.channel(&command);
            match played.shop.obey(who, command, now) {
                Ok(said) => {
                    *round += u16::from(said.iter().any(|said| matches!(said.event, Event::OrderFinished(_))));
                    prop_assert!(said.len() <= MOST_EVENTS);
                    prop_assert!(said.iter().enumerate().all(|(n, said)| said.cause.is_none_or(|cause| cause < n)));
                    played.record(who, now.at, channel, said);
                }
                Err(Unheeded::Refused(refusal)) => {
                    prop_assert_eq!(&played.shop, &before, "refused with {}, and yet changed", refusal);
                }
                Err(Unheeded::Runaway) => prop_assert!(false, "the services went in circles"),
            }
        }
        Ok(played)
    }
}

impl Act {
    fn resolve(&self, shop: &Shop, rounds: [u16; ORDERS as usize]) -> Self {
        let Ask::Next = self.ask else { return self.clone() };
        let order = id(rounds[usize::from(self.order)] * ORDERS + self.order);
        let (asker, ask) = match shop.order(order).map(|order| order.step) {
            None if self.order % 3 == 2 => (Asker::ItsGuest, Ask::Knock),
            None => (Asker::ItsGuest, Ask::Scan(0)),
            Some(Step::Choosing) => (Asker::ItsGuest, Ask::Submit("flat-white", None)),
            Some(Step::Waiting) => (Asker::ItsBarista, Ask::Act(Action::Claim)),
            Some(Step::Making) => (Asker::ItsBarista, Ask::Act(Action::Complete)),
            Some(_) => (Asker::ItsBarista, Ask::Act(Action::Collect)),
        };
        Self { asker, ask, ..self.clone() }
    }

    fn command(&self, order: u16, limits: &Limits, now: Now) -> Command {
        let (order, version) = (id(order), self.version);
        match self.ask {
            Ask::Next | Ask::Open => Command::OpenStore,
            Ask::Close => Command::CloseStore,
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
            Ask::Act(action) => Command::Act { order, action, version },
        }
    }
}

impl Played {
    fn record(&mut self, who: Who, at: Instant, channel: Option<domain::command::Channel>, said: Vec<Said>) {
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

    fn events(&self) -> impl Iterator<Item = &Event> {
        self.log.iter().map(|recorded| &recorded.event)
    }

    /// All orders there ever were.
    fn orders(&self) -> BTreeSet<OrderId> {
        self.events().filter_map(Event::order).collect()
    }

    /// What the bar has in its queue and on its counter, by the shop itself.
    fn on_the_screens(&self) -> BTreeMap<OrderId, (Step, u32)> {
        let orders = self.orders().into_iter().filter_map(|id| Some((id, self.shop.order(id)?)));
        let shown = orders.filter(|(_, order)| order.step != Step::Choosing);
        shown.map(|(id, order)| (id, (order.step, order.version))).collect()
    }

    /// A view of the topic as its reader folds it.
    fn follow<V: View>(&self, view: &mut V, topic: Topic) {
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

fn config() -> ProptestConfig {
    ProptestConfig { cases: 32, failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn the_log_read_again_is_the_same_shop(evening in evenings()) {
        let played = evening.play()?;
        let mut again = Shop::default();
        played.events().for_each(|event| again.evolve(event));
        prop_assert_eq!(&again, &played.shop);
    }

    #[test]
    fn a_snapshot_read_back_is_the_same_shop(evening in evenings()) {
        let played = evening.play()?;
        let snapshot = serde_json::to_string(&played.shop).unwrap();
        prop_assert_eq!(serde_json::from_str::<Shop>(&snapshot).unwrap(), played.shop);
    }

    #[test]
    fn no_two_orders_are_called_by_one_number(evening in evenings()) {
        let mut called = BTreeMap::new();
        for event in evening.play()?.events() {
            match event {
                Event::NumberGiven(event) => {
                    prop_assert!(event.number > 0);
                    prop_assert!(!called.values().any(|number| *number == event.number), "{} twice", event.number);
                    called.insert(event.order, event.number);
                }
                Event::OrderFinished(event) => {
                    called.remove(&event.order);
                }
                _ => {}
            }
        }
    }

    #[test]
    fn every_order_finishes_at_most_once_and_nothing_follows(evening in evenings()) {
        let mut over = BTreeSet::new();
        for event in evening.play()?.events() {
            let Some(order) = event.order() else { continue };
            prop_assert!(!over.contains(&order), "{} followed the end of {order}", event.kind());
            if matches!(event, Event::OrderFinished(_)) {
                over.insert(order);
            }
        }
    }

    #[test]
    fn versions_of_an_order_count_without_gaps(evening in evenings()) {
        let mut versions = BTreeMap::new();
        for event in evening.play()?.events() {
            let data = serde_json::to_value(event).unwrap();
            let (Some(order), Some(version)) = (event.order(), data["version"].as_u64()) else { continue };
            let before = versions.insert(order, version).unwrap_or(0);
            prop_assert_eq!(version, before + 1);
        }
    }

    #[test]
    fn a_window_begins_no_more_orders_than_it_had_tokens(evening in evenings()) {
        let mut had = BTreeMap::new();
        for event in evening.play()?.events() {
            let (window, change) = match event {
                Event::NewOrder(NewOrder { window: Some(window), .. }) => (*window, -1),
                Event::TokenReturned(event) => (event.window, 1),
                _ => continue,
            };
            let left = had.entry(window).or_insert_with(|| i64::from(evening.limits.drinks_per_code));
            *left += change;
            prop_assert!(*left >= 0, "the window of {window} gave a token it did not have");
        }
    }

    #[test]
    fn every_screen_shows_what_the_bar_has(evening in evenings()) {
        let played = evening.play()?;
        let expected = played.on_the_screens();

        let mut display = Display::default();
        played.follow(&mut display, Topic::Public);
        let rows: BTreeMap<_, _> = display.rows.iter().map(|row| (row.order, (row.step, row.version))).collect();
        prop_assert_eq!((rows.len(), &rows), (display.rows.len(), &expected));
        prop_assert!(display.rows.iter().all(|row| row.number > 0));

        let mut barista = Barista::default();
        played.follow(&mut barista, Topic::Staff);
        let cards: BTreeMap<_, _> = barista.cards.iter().map(|card| (card.order, (card.step, card.version))).collect();
        prop_assert_eq!((cards.len(), &cards), (barista.cards.len(), &expected));
        for card in &barista.cards {
            prop_assert_eq!(card.barista, played.shop.order(card.order).and_then(|order| order.barista));
        }

        let mut phone = Ordering::default();
        played.follow(&mut phone, Topic::Public);
        let queue: BTreeSet<_> = phone.bar.queue.iter().copied().collect();
        let in_queue = expected.iter().filter(|(_, (step, _))| matches!(step, Step::Waiting | Step::Making));
        prop_assert_eq!(queue, in_queue.map(|(order, _)| *order).collect());
        prop_assert!(display.open == barista.open && barista.open == phone.bar.open);
    }

    #[test]
    fn a_phone_knows_its_own_orders(evening in evenings()) {
        let played = evening.play()?;
        for order in played.orders() {
            let mut phone = Ordering::default();
            played.follow(&mut phone, Topic::Order(order));
            let mine = phone.current().map(|mine| (mine.step, mine.version));
            match played.shop.order(order) {
                Some(order) => prop_assert_eq!(mine, Some((order.step, order.version))),
                None => prop_assert!(mine.is_none_or(|(step, _)| step.is_end())),
            }
        }
    }

    #[test]
    fn neither_the_bar_nor_the_owner_is_told_who_anybody_is(evening in evenings()) {
        let shop: ShopId = "demo".parse().unwrap();
        for recorded in &evening.play()?.log {
            for audience in [Audience::Public, Audience::Owner] {
                let Some(seen) = redact(recorded, audience) else { continue };
                let json = serde_json::to_string(&seen.to_cloud_event(&shop)).unwrap();
                let ids = [ANNA, BEN, CARLA, DAVE, MANAGER, DISPLAY, ROBOT].into_iter().filter_map(person);
                for person in ids {
                    prop_assert!(!json.contains(&person), "{audience:?} sees {person} in {json}");
                }
                prop_assert!(!json.contains("\"actor\""), "{audience:?} sees the actor in {json}");
            }
        }
    }
}

fn person(who: Who) -> Option<String> {
    match who {
        Who::Guest(GuestId(id)) | Who::Holder(StaffId(id), _) => Some(id.to_string()),
        Who::House => None,
    }
}

/// The laws would hold on idle evenings too: together, these bring everything that can happen.
#[test]
fn the_evenings_are_lively() {
    let mut runner = TestRunner::deterministic();
    let mut happened: BTreeMap<_, usize> = Event::KINDS.iter().map(|kind| (*kind, 0)).collect();
    for _ in 0..96 {
        let evening = evenings().new_tree(&mut runner).unwrap().current();
        let played = evening.play().unwrap();
        for event in played.events() {
            *happened.entry(event.kind()).or_default() += 1;
        }
    }
    let rarest = happened.values().min();
    assert!(rarest >= Some(&15), "{happened:#?}");
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn no_log_however_odd_upsets_the_shop(evening in evenings(), order in any::<prop::sample::Index>(), seconds in 0_u32..400) {
        // Facts are taken in whatever they are: backwards, twice, and under limits they were not made for.
        let played = evening.play()?;
        let mut shop = Shop::default();
        let limits = Limits { drinks_per_code: 0, window_seconds: seconds, grace_seconds: 0 };
        shop.evolve(&LimitsChanged { limits }.into());
        let events: Vec<Event> = played.events().cloned().collect();
        for event in events.iter().rev().chain(&events) {
            shop.evolve(event);
        }
        shop.evolve(order.get(&events));
        for act in &evening.acts {
            let now = Now { at: NINE, day: TODAY };
            let answer = shop.obey(act.asker.of(act.order), act.command(act.order, &limits, now), now);
            prop_assert!(answer != Err(Unheeded::Runaway));
        }
        let mut display = Display::default();
        let mut barista = Barista::default();
        let mut phone = Ordering::default();
        for recorded in played.log.iter().rev().chain(&played.log) {
            display.apply(Topic::Public, recorded);
            barista.apply(Topic::Staff, recorded);
            phone.apply(Topic::Public, recorded);
        }
    }
}
