//! Tests of the layout over windows, counts and digits.

use super::{Area, Layout, Load, MIN_TYPE, Part};

/// Width per height of the usual screens: 16:9, 16:10, 4:3, 5:4, and 16:9 upright.
const ASPECTS: [f32; 5] = [16.0 / 9.0, 1.6, 4.0 / 3.0, 1.25, 9.0 / 16.0];

const FULL_HD: f32 = 16.0 / 9.0;

fn load(queue: usize, making: usize, ready: usize, digits: usize) -> Load {
    Load { queue, making, ready, digits }
}

fn layout(load: Load, aspect: f32) -> Layout {
    Layout::of(load, Area::in_window(aspect))
}

/// Loads from an empty board to a full one.
fn loads() -> impl Iterator<Item = Load> {
    let counts = [0, 1, 2, 5, 9, 17, 30, 60];
    counts.into_iter().flat_map(move |queue| {
        counts.into_iter().flat_map(move |ready| {
            [0, 1, 3, 12]
                .into_iter()
                .flat_map(move |making| (1..=5).map(move |digits| load(queue, making, ready, digits)))
        })
    })
}

#[test]
fn every_layout_is_readable_across_a_room() {
    for aspect in ASPECTS {
        for load in loads() {
            let layout = layout(load, aspect);
            let size = layout.type_size(load.digits, Area::in_window(aspect));
            // Three columns of numbers with five digits are wider than the board of an old tablet.
            let least = if load.digits < 5 { MIN_TYPE } else { MIN_TYPE * 0.75 };
            assert!(size >= least, "{load:?} at {aspect}: {layout:?} has type of {size} rem");
        }
    }
}

#[test]
fn few_orders_have_names_and_large_type() {
    for aspect in ASPECTS {
        let layout = layout(load(1, 1, 1, 3), aspect);
        assert!(layout.has_names, "{layout:?} at {aspect}");
        let size = layout.type_size(3, Area::in_window(aspect));
        assert!(size > 1.1 * MIN_TYPE, "type of {size} rem at {aspect}");
    }
}

#[test]
fn names_give_way_to_numbers() {
    assert!(layout(load(6, 3, 6, 3), FULL_HD).has_names);
    assert!(!layout(load(14, 2, 6, 3), FULL_HD).has_names);
}

#[test]
fn every_order_is_shown_in_one_turn_up_to_forty_with_three_digits() {
    for aspect in [FULL_HD, 1.6] {
        for queue in 0..=24 {
            for ready in 0..=12 {
                let load = load(queue, 4, ready, 3);
                let Layout { rows, queue, making, ready, .. } = layout(load, aspect);
                let all = load.queue <= rows * queue && load.making <= rows * making && load.ready <= rows * ready;
                assert!(all, "{load:?} at {aspect}");
            }
        }
    }
}

#[test]
fn ready_orders_have_the_first_choice_of_columns() {
    let layout = layout(load(60, 9, 25, 3), FULL_HD);
    assert!(layout.ready * layout.rows >= 25, "{layout:?}");
    assert!(layout.queue >= 1 && layout.making >= 1);
}

#[test]
fn a_list_with_room_shows_everything() {
    for orders in 0..=9 {
        let part = Part::of(orders, 9, 4, 7);
        assert_eq!(part.turns, 1);
        assert!((0..orders).all(|index| part.shows(index)));
    }
}

#[test]
fn every_order_of_a_long_list_has_its_turn() {
    for kept in [0, 4] {
        let parts: Vec<_> = (0..5).map(|n| Part::of(20, 9, kept, n)).collect();
        for part in &parts {
            let shown = (0..20).filter(|index| part.shows(*index)).count();
            assert!((1..=9).contains(&shown), "{part:?} shows {shown}");
            assert!((0..kept).all(|index| part.shows(index)), "the first ones stay");
        }
        assert!((0..20).all(|index| parts.iter().any(|part| part.shows(index))));
    }
    let turns: Vec<_> = (0..4).map(|n| Part::of(20, 9, 0, n).turn).collect();
    assert_eq!(turns, [1, 2, 3, 1]);
}
