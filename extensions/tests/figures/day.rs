//! Random days: random commands at random times, executed by the real rules.

use domain::command::{Action, Command, StartSource, StoreCommand};
use domain::limits::{Limits, Waits};
use domain::order::{CancelReason, Step};
use proptest::prelude::{Just, Strategy, prop, prop_oneof};
use proptest::sample::select;

use crate::bar::{CARLA, MANAGER, ROBOT, TestShop, choice, guest, id};

/// Number of order slots. When an order finishes, the next id takes its slot.
const ORDERS: u16 = 8;

#[derive(Clone, Debug)]
pub(crate) struct RandomCommand {
    kind: CommandKind,
    order: u16,
    /// Change of the clock before the command, in seconds. May be negative.
    clock: i64,
}

#[derive(Clone, Copy, Debug)]
enum CommandKind {
    /// The usual next command at the order's step, with this drink.
    Next(&'static str),
    Edit(&'static str, Option<&'static str>),
    Guest(Action),
    Staff(Action),
    WalkIn,
    Pause,
    Stop,
}

pub(crate) fn days() -> impl Strategy<Value = Vec<RandomCommand>> {
    let drink = || select(vec!["latte", "flat-white", "espresso"]);
    let milk = select(vec![None, Some("cow"), Some("oat")]);
    let kind = prop_oneof![
        40 => drink().prop_map(CommandKind::Next),
        4 => (drink(), milk).prop_map(|(drink, milk)| CommandKind::Edit(drink, milk)),
        5 => select(vec![Action::Cancel, Action::Postpone, Action::Recall]).prop_map(CommandKind::Guest),
        5 => select(vec![Action::Cancel, Action::Recall, Action::Recall, Action::Release]).prop_map(CommandKind::Staff),
        1 => select(vec![
            CommandKind::WalkIn,
            CommandKind::WalkIn,
            CommandKind::Pause,
            CommandKind::Pause,
            CommandKind::Stop,
        ]),
    ];
    let clock = prop_oneof![30 => 0_i64..40, 4 => 40_i64..400, 1 => -30_i64..0, 1 => Just(50_000_i64)];
    let act = (kind, 0..ORDERS, clock).prop_map(|(kind, order, clock)| RandomCommand { kind, order, clock });
    prop::collection::vec(act, 1..250)
}

/// The shop after one or more random days.
pub(crate) fn play(commands: &[RandomCommand]) -> TestShop {
    let waits = Waits { ready_seconds: 300, undo_seconds: 60, ..Waits::default() };
    let mut shop =
        TestShop::with(Limits { room: 6, orders_per_guest: 4, drinks_per_code: 100, waits, ..Limits::default() }, 0);
    let mut slot_orders: Vec<u16> = (0..ORDERS).collect();
    for random in commands {
        shop.now.0 += random.clock * 1000;
        shop.execute_due();
        let slot = usize::from(random.order);
        let was_started = shop.log.iter().any(|recorded| recorded.event.order() == Some(id(slot_orders[slot])));
        if was_started && shop.state.order(id(slot_orders[slot])).is_none() {
            slot_orders[slot] += ORDERS;
        }
        random.issue(&mut shop, slot_orders[slot]);
    }
    shop
}

impl RandomCommand {
    fn issue(&self, shop: &mut TestShop, order: u16) {
        let is_robot = order % 4 == 3;
        let guest_or_robot = if is_robot { ROBOT } else { guest(self.order) };
        let order = id(order);
        let act = |action| Command::Act { order, action, reason: Some(CancelReason::Broken), version: None };
        let (actor, command) = match self.kind {
            CommandKind::Next(drink) => match shop.state.order(order).map(|order| order.step) {
                None if is_robot => (guest_or_robot, Command::Start { order, source: StartSource::Robot }),
                None => {
                    let window = shop.state.limits().window_of(shop.now);
                    (guest_or_robot, Command::Start { order, source: StartSource::Code { window } })
                }
                Some(Step::Choosing) => (guest_or_robot, Command::Submit { order, choice: choice(drink, None) }),
                Some(Step::Waiting) => (CARLA, act(Action::Claim)),
                Some(Step::Making) => (CARLA, act(Action::Complete)),
                Some(_) => (CARLA, act(Action::Collect)),
            },
            CommandKind::Edit(drink, milk) => {
                (guest_or_robot, Command::Edit { order, choice: choice(drink, milk), version: None })
            }
            CommandKind::Guest(action) => (guest_or_robot, act(action)),
            CommandKind::Staff(action) => (CARLA, act(action)),
            CommandKind::WalkIn => (CARLA, Command::WalkIn { order, choice: choice("latte", Some("oat")) }),
            CommandKind::Pause => {
                let until = Some(shop.now.plus_seconds(60));
                (CARLA, StoreCommand::Pause { reason: "milk".to_owned(), until }.into())
            }
            CommandKind::Stop => (MANAGER, Command::StopOrders),
        };
        shop.try_execute(actor, command);
    }
}
