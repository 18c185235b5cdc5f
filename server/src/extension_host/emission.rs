//! What an extension says, as events: under its own name, with its hops, and no more than may be said.

use domain::event::{Emitted, MAX_HOPS, is_free};
use domain::extension::{Emission, MAX_EMISSIONS};

/// The events of what was said, after having heard one of so many hops, and how much of it nobody will hear.
pub(super) fn events(extension: &str, said: Vec<Emission>, hops: u8) -> (Vec<Emitted>, u64) {
    let all = said.len();
    let hops = hops.saturating_add(1);
    let events: Vec<Emitted> = said
        .into_iter()
        .filter(|_| hops <= MAX_HOPS)
        .map(|Emission { name, facts, pins }| Emitted { kind: format!("{extension}.{name}"), hops, facts, pins })
        .filter(|event| is_free(&event.kind))
        .take(MAX_EMISSIONS)
        .collect();
    let dropped = all - events.len();
    (events, dropped as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(count: usize) -> Vec<Emission> {
        vec![Emission { name: "ThingSaid", ..Emission::default() }; count]
    }

    #[test]
    fn what_is_said_has_the_name_of_who_says_it_and_one_hop_more_than_what_was_heard() {
        let (events, dropped) = events("Tray", said(1), 3);
        assert_eq!((events[0].kind.as_str(), events[0].hops, dropped), ("Tray.ThingSaid", 4, 0));
    }

    #[test]
    fn what_has_gone_round_eight_times_is_said_no_more() {
        assert_eq!(events("Tray", said(2), 7).0.len(), 2);
        assert_eq!(events("Tray", said(2), 8), (Vec::new(), 2));
        assert_eq!(events("Tray", said(1), u8::MAX), (Vec::new(), 1));
    }

    #[test]
    fn twenty_things_are_said_at_a_time_and_nothing_under_another_name() {
        let (heard, dropped) = events("Tray", said(23), 0);
        assert_eq!((heard.len(), dropped), (20, 3));
        assert_eq!(events("OrderManager", said(1), 0), (Vec::new(), 1));
    }
}
