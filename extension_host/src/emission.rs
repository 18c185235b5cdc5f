//! Converts extension emissions to events: adds the name prefix and hop count and enforces the limits.

use domain::event::{Emitted, MAX_HOPS, is_extension_event_name};
use domain::extension::{Emission, MAX_EMISSIONS};

/// Events for the emissions, and the number of dropped emissions. `hops` is the largest hop count among the
/// delivered events. Emissions beyond [`MAX_HOPS`] or [`MAX_EMISSIONS`] and those with reserved names are dropped.
pub(super) fn events(extension: &str, emissions: Vec<Emission>, hops: u8) -> (Vec<Emitted>, u64) {
    let total = emissions.len();
    let hops = hops.saturating_add(1);
    let events: Vec<Emitted> = emissions
        .into_iter()
        .filter(|_| hops <= MAX_HOPS)
        .map(|Emission { name, facts, pins }| Emitted { kind: format!("{extension}.{name}"), hops, facts, pins })
        .filter(|event| is_extension_event_name(&event.kind))
        .take(MAX_EMISSIONS)
        .collect();
    let dropped = total - events.len();
    (events, dropped as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn emissions(count: usize) -> Vec<Emission> {
        vec![Emission { name: "ThingSaid", ..Emission::default() }; count]
    }

    #[test]
    fn emitted_events_carry_the_extension_name_and_hops_plus_one() {
        let (events, dropped) = events("Tray", emissions(1), 3);
        assert_eq!((events[0].kind.as_str(), events[0].hops, dropped), ("Tray.ThingSaid", 4, 0));
    }

    #[test]
    fn emissions_beyond_the_hop_limit_are_dropped() {
        assert_eq!(events("Tray", emissions(2), 7).0.len(), 2);
        assert_eq!(events("Tray", emissions(2), 8), (Vec::new(), 2));
        assert_eq!(events("Tray", emissions(1), u8::MAX), (Vec::new(), 1));
    }

    #[test]
    fn an_extension_emits_at_most_twenty_events_at_a_time_under_its_own_name() {
        let (emitted, dropped) = events("Tray", emissions(23), 0);
        assert_eq!((emitted.len(), dropped), (20, 3));
        assert_eq!(events("OrderManager", emissions(1), 0), (Vec::new(), 1));
    }
}
