//! Random days: random commands at random times, executed by the real rules.

use domain::command::{Action, Command, Door, StoreCommand};
use domain::limits::{Limits, Waits};
use domain::order::Step;
use proptest::prelude::{Just, Strategy, prop, prop_oneof};
use proptest::sample::select;

use crate::bar::{Bar, CARLA, MANAGER, ROBOT, choice, guest, id};

/// Number of order slots. When an order finishes, the next id takes its slot.
const ORDERS: u16 = 8;

#[derive(Clone, Debug)]
pub(crate) struct Act {
    ask: Ask,
    order: u16,
    /// Change of the clock before the command, in seconds. May be negative.
    clock: i64,
}

#[derive(Clone, Copy, Debug)]
enum Ask {
    /// The usual next command at the order's step, with this drink.
    Next(&'static str),
    Edit(&'static str, Option<&'static str>),
    Guest(Action),
    Bar(Action),
    WalkIn,
    Pause,
    Stop,
}

pub(crate) fn days() -> impl Strategy<Value = Vec<Act>> {
    let drink = || select(vec!["latte", "flat-white", "espresso"]);
    let milk = select(vec![None, Some("cow"), Some("oat")]);
    let ask = prop_oneof![
        40 => drink().prop_map(Ask::Next),
        4 => (drink(), milk).prop_map(|(drink, milk)| Ask::Edit(drink, milk)),
        5 => select(vec![Action::Cancel, Action::Postpone, Action::Recall]).prop_map(Ask::Guest),
        5 => select(vec![Action::Cancel, Action::Recall, Action::Recall, Action::Release]).prop_map(Ask::Bar),
        1 => select(vec![Ask::WalkIn, Ask::WalkIn, Ask::Pause, Ask::Pause, Ask::Stop]),
    ];
    let clock = prop_oneof![30 => 0_i64..40, 4 => 40_i64..400, 1 => -30_i64..0, 1 => Just(50_000_i64)];
    let act = (ask, 0..ORDERS, clock).prop_map(|(ask, order, clock)| Act { ask, order, clock });
    prop::collection::vec(act, 1..250)
}

/// The shop after one or more random days.
pub(crate) fn play(acts: &[Act]) -> Bar {
    let waits = Waits { ready_seconds: 300, undo_seconds: 60, ..Waits::default() };
    let mut bar =
        Bar::with(Limits { room: 6, orders_per_guest: 4, drinks_per_code: 100, waits, ..Limits::default() }, 0);
    let mut begun: Vec<u16> = (0..ORDERS).collect();
    for act in acts {
        bar.now.0 += act.clock * 1000;
        bar.settle();
        let place = usize::from(act.order);
        let was_begun = bar.log.iter().any(|recorded| recorded.event.order() == Some(id(begun[place])));
        if was_begun && bar.shop.order(id(begun[place])).is_none() {
            begun[place] += ORDERS;
        }
        act.happen(&mut bar, begun[place]);
    }
    bar
}

impl Act {
    fn happen(&self, bar: &mut Bar, order: u16) {
        let is_robot = order % 4 == 3;
        let its = if is_robot { ROBOT } else { guest(self.order) };
        let order = id(order);
        let act = |action| Command::Act { order, action, reason: None, version: None };
        let (who, command) = match self.ask {
            Ask::Next(drink) => match bar.shop.order(order).map(|order| order.step) {
                None if is_robot => (its, Command::Start { order, door: Door::Robot }),
                None => {
                    let window = bar.shop.limits().window_of(bar.now);
                    (its, Command::Start { order, door: Door::Code { window } })
                }
                Some(Step::Choosing) => (its, Command::Submit { order, choice: choice(drink, None) }),
                Some(Step::Waiting) => (CARLA, act(Action::Claim)),
                Some(Step::Making) => (CARLA, act(Action::Complete)),
                Some(_) => (CARLA, act(Action::Collect)),
            },
            Ask::Edit(drink, milk) => (its, Command::Edit { order, choice: choice(drink, milk), version: None }),
            Ask::Guest(action) => (its, act(action)),
            Ask::Bar(action) => (CARLA, act(action)),
            Ask::WalkIn => (CARLA, Command::WalkIn { order, choice: choice("latte", Some("oat")) }),
            Ask::Pause => {
                let until = Some(bar.now.plus_seconds(60));
                (CARLA, StoreCommand::Pause { reason: "milk".to_owned(), until }.into())
            }
            Ask::Stop => (MANAGER, Command::StopOrders),
        };
        bar.asks(who, command);
    }
}
