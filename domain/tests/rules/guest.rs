//! Random evenings of one guest with up to four orders: the page that followed every event equals the page that was loaded
//! at the end.

use domain::access::Actor;
use domain::command::{Action, Command, StartSource};
use domain::event::{Event, Recorded};
use domain::ids::OrderId;
use domain::limits::Limits;
use domain::order::{CancelReason, Step};
use domain::redact::{Topic, redact};
use domain::time::Now;
use domain::view::View;
use domain::view::ordering::{GuestOrder, Ordering};
use proptest::prelude::{Just, Strategy, prop, prop_assert, prop_assert_eq, prop_oneof, proptest};
use proptest::sample::select;
use proptest::test_runner::TestCaseError;

use crate::bar::{ANNA, CARLA, NINE, choice, id};
use crate::evening::{RunResult, next_round, now_at};

/// Number of orders of the guest.
const ORDERS: u16 = 4;

/// One step of the evening, on one of the orders.
#[derive(Clone, Copy, Debug)]
enum Move {
    Scan,
    Submit,
    Guest(Action),
    Bar(Action),
    /// Seconds pass, and whatever is due happens.
    Wait(u32),
}

fn moves() -> impl Strategy<Value = Vec<(Move, u16)>> {
    let of_guest = select(vec![Action::Cancel, Action::Recall, Action::Postpone, Action::Extend]);
    let of_bar = select(vec![Action::Claim, Action::Complete, Action::Claim, Action::Complete, Action::Collect]);
    let rare = select(vec![Action::Cancel, Action::Recall, Action::Release, Action::Remind, Action::SetAside]);
    let next = prop_oneof![
        4 => Just(Move::Scan),
        5 => Just(Move::Submit),
        3 => of_guest.prop_map(Move::Guest),
        8 => of_bar.prop_map(Move::Bar),
        3 => rare.prop_map(Move::Bar),
        3 => select(vec![1_u32, 6, 11]).prop_map(Move::Wait),
        1 => select(vec![310_u32, 1000, 2000]).prop_map(Move::Wait),
    ];
    prop::collection::vec((next, 0..ORDERS), 1..60)
}

impl Move {
    fn command(self, order: OrderId, now: Now) -> Option<(Actor, Command)> {
        let act = |action| Command::Act { order, action, reason: Some(CancelReason::SoldOut), version: None };
        Some(match self {
            Self::Scan => {
                let window = Limits::default().window_of(now.at);
                (ANNA, Command::Start { order, source: StartSource::Code { window } })
            }
            Self::Submit => (ANNA, Command::Submit { order, choice: choice("flat-white", &[]) }),
            Self::Guest(action) => (ANNA, act(action)),
            Self::Bar(action) => (CARLA, act(action)),
            Self::Wait(_) => return None,
        })
    }
}

/// The orders as the server reads them: the open ones, and the one that ended last.
fn loaded(run: &RunResult) -> Ordering {
    let mut view = Ordering::default();
    run.fold_into(&mut view, Topic::Public);
    let orders = run.orders().into_iter().filter_map(|order| {
        let mut events = run.log.iter().filter(|recorded| recorded.event.order() == Some(order));
        let mut mine = GuestOrder::from_first_event(events.next()?)?;
        events.for_each(|recorded| mine.apply(recorded));
        Some(mine)
    });
    let (open, ended): (Vec<_>, Vec<_>) = orders.partition(|mine| run.shop.order(mine.order).is_some());
    let last_ended = ended.into_iter().max_by_key(|mine| mine.ended);
    view.set_orders(open.into_iter().chain(last_ended));
    view
}

fn follow(page: &mut Ordering, recorded: &Recorded) {
    for topic in [Some(Topic::Public), recorded.event.order().map(Topic::Order)].into_iter().flatten() {
        if let Some(seen) = redact(recorded, topic.audience()) {
            page.apply(topic, &seen);
        }
    }
}

fn check(page: &Ordering, run: &RunResult) -> Result<(), TestCaseError> {
    prop_assert_eq!(page, &loaded(run));
    for order in run.orders() {
        let Some(open) = run.shop.order(order) else { continue };
        let shown = page.order(order).map(|mine| (mine.step, mine.version));
        prop_assert_eq!(shown, Some((open.step, open.version)), "{} is not over", order);
    }
    let is_ready = |mine: &GuestOrder| mine.step == Step::Ready;
    prop_assert!(page.current().is_none_or(is_ready) || !page.orders.iter().any(is_ready));
    prop_assert!(page.orders.iter().filter(|mine| mine.is_over()).count() <= 1);
    Ok(())
}

/// Plays the evening. One page follows from the start, another from the step `load` on.
fn play(moves: &[(Move, u16)], load: usize) -> Result<RunResult, TestCaseError> {
    let limits = Limits { drinks_per_code: 1000, orders_per_guest: 1000, ..Limits::default() };
    let mut run = RunResult::open(limits);
    let mut pages = vec![Ordering::default()];
    let (mut rounds, mut followed) = ([0; ORDERS as usize], 0);
    let mut now = now_at(NINE, false);
    for (n, (next, slot)) in moves.iter().enumerate() {
        if let Move::Wait(seconds) = next {
            now = now_at(now.at.plus_seconds(*seconds), false);
            while let Some((_, due)) = run.shop.next_due(now).filter(|(at, _)| *at <= now.at) {
                run.execute(Actor::System, due, now)?;
            }
        } else if let Some((actor, command)) = next.command(id(rounds[usize::from(*slot)] * ORDERS + slot), now) {
            run.execute(actor, command, now)?;
        }
        for recorded in &run.log[followed..] {
            if let Event::OrderFinished(event) = &recorded.event {
                next_round(&mut rounds, event.order);
            }
            for page in &mut pages {
                follow(page, recorded);
            }
        }
        followed = run.log.len();
        if n == load {
            pages.push(loaded(&run));
        }
        pages.iter().try_for_each(|page| check(page, &run))?;
    }
    Ok(run)
}

proptest! {
    #[test]
    fn a_page_that_followed_every_event_equals_a_loaded_one(moves in moves(), load in 0_usize..60) {
        play(&moves, load)?;
    }
}

/// Plays moves on the first two orders; returns the page that followed.
fn page_after(moves: &[(Move, u16)]) -> Ordering {
    loaded(&play(moves, 0).unwrap())
}

fn shown(page: &Ordering) -> Vec<(OrderId, Step)> {
    page.orders.iter().map(|mine| (mine.order, mine.step)).collect()
}

#[test]
fn an_order_that_was_recalled_is_shown_after_another_was_collected() {
    let begin = |slot| [(Move::Scan, slot), (Move::Submit, slot)];
    let bar = |action, slot| (Move::Bar(action), slot);
    let (first, second) = (begin(0), begin(1));
    let a_is_ready = [bar(Action::Claim, 0), bar(Action::Complete, 0)];
    let b_is_cancelled = [bar(Action::Cancel, 1), bar(Action::Collect, 0)];
    let b_is_ready = [bar(Action::Recall, 1), bar(Action::Claim, 1), bar(Action::Complete, 1)];
    let moves = [&first[..], &second, &a_is_ready, &b_is_cancelled, &b_is_ready].concat();
    assert_eq!(shown(&page_after(&moves)), [(id(1), Step::Ready), (id(0), Step::Collected)]);
}

#[test]
fn a_ready_order_comes_before_one_that_is_being_chosen() {
    let bar = |action| (Move::Bar(action), 0);
    let moves = [(Move::Scan, 0), (Move::Submit, 0), (Move::Scan, 1), bar(Action::Claim), bar(Action::Complete)];
    assert_eq!(shown(&page_after(&moves)), [(id(0), Step::Ready), (id(1), Step::Choosing)]);
}

#[test]
fn an_order_that_ended_is_shown_until_another_begins() {
    let give_up = [(Move::Scan, 0), (Move::Submit, 0), (Move::Scan, 1), (Move::Guest(Action::Cancel), 1)];
    let page = page_after(&give_up);
    assert_eq!(shown(&page), [(id(0), Step::Waiting), (id(1), Step::Cancelled)]);
    let page = page_after(&[&give_up[..], &[(Move::Scan, 1)]].concat());
    assert_eq!(shown(&page), [(id(5), Step::Choosing), (id(0), Step::Waiting)]);
}
