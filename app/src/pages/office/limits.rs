//! Form of the limits, each with its range.

use domain::ids::ShopId;
use domain::limits::{Limits, LimitsChange};
use leptos::prelude::*;

use super::field::Label;
use crate::ui::command_form::{Button, FormCommand, command_form};

/// One limit: label, getter, and constructor of the change that sets it.
type LimitField = (Label, fn(&Limits) -> u32, fn(u32) -> LimitsChange);

macro_rules! limit {
    ($label:literal, $hint:literal, $name:ident, $($path:ident).+) => {
        (
            ($label, $hint),
            |limits| limits.$($path).+,
            |value| LimitsChange { $name: Some(value), ..LimitsChange::default() },
        )
    };
}

const CODE_LIMITS: [LimitField; 5] = [
    limit!("Drinks of one code", "orders that one QR code begins", drinks_per_code, drinks_per_code),
    limit!("A code lasts", "seconds until the next one", window_seconds, window_seconds),
    limit!("It still counts for", "seconds after it left the screen", grace_seconds, grace_seconds),
    limit!("Capacity", "orders being chosen, waiting or made at a time", room, room),
    limit!("Orders of one guest", "in one day of the shop", orders_per_guest, orders_per_guest),
];

const WAIT_LIMITS: [LimitField; 5] = [
    limit!("To choose", "seconds from the scan", choose_seconds, waits.choose_seconds),
    limit!("More time to choose", "seconds, once", extend_seconds, waits.extend_seconds),
    limit!("For the bar", "seconds to take an order, and as many to make it", make_seconds, waits.make_seconds),
    limit!("To collect", "seconds that a drink stands ready", ready_seconds, waits.ready_seconds),
    limit!("To undo", "seconds after a cancellation", undo_seconds, waits.undo_seconds),
];

pub(super) fn form(shop: &ShopId, limits: &Limits) -> AnyView {
    let fields = view! {
        <fieldset class="grid"><legend>"Codes and capacity"</legend>{rows(CODE_LIMITS, limits)}</fieldset>
        <fieldset class="grid">
            <legend>"How long things may take " <small>"an order keeps those of its start"</small></legend>
            {rows(WAIT_LIMITS, limits)}
        </fieldset>
    };
    command_form(FormCommand::for_shop("store/limits", shop), Button::new("Save the limits", "primary"), fields)
        .into_any()
}

fn rows(rows: [LimitField; 5], limits: &Limits) -> impl IntoView + use<> {
    let row = |(label, value, set): LimitField| {
        // `u32::MAX` exceeds every limit: the refusal holds the name and the range.
        let (name, least, most) = set(u32::MAX).apply_to(*limits).err()?;
        let (label, hint) = label;
        Some(view! {
            <label class="field">
                <span>{label} " " <small>{format!("{hint}; {least} to {most}")}</small></span>
                <input
                    type="number"
                    inputmode="numeric"
                    name=format!("change[{name}]")
                    value=value(limits).to_string()
                    min=least.to_string()
                    max=most.to_string()
                    autocomplete="off"
                    required=true
                />
            </label>
        })
    };
    rows.into_iter().filter_map(row).collect::<Vec<_>>()
}
