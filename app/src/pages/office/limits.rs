//! Form of the limits, each with its range.

use domain::limits::{Limits, LimitsChange};
use domain::setting::SettingDigest;
use leptos::prelude::*;
use protocol::command::endpoint;

use super::Office;
use super::field::label_text;
use crate::ui::command_form::{Button, FormCommand, command_form};
use crate::words::{Label, OfficeWords};

/// One limit: label, getter, and constructor of the change that sets it.
type LimitField = (fn(OfficeWords) -> Label, fn(&Limits) -> u32, fn(u32) -> LimitsChange);

macro_rules! limit {
    ($name:ident, $($path:ident).+) => {
        (
            OfficeWords::$name,
            |limits| limits.$($path).+,
            |value| LimitsChange { $name: Some(value), ..LimitsChange::default() },
        )
    };
}

const CODE_LIMITS: [LimitField; 5] = [
    limit!(drinks_per_code, drinks_per_code),
    limit!(window_seconds, window_seconds),
    limit!(grace_seconds, grace_seconds),
    limit!(room, room),
    limit!(orders_per_guest, orders_per_guest),
];

const WAIT_LIMITS: [LimitField; 5] = [
    limit!(choose_seconds, waits.choose_seconds),
    limit!(extend_seconds, waits.extend_seconds),
    limit!(make_seconds, waits.make_seconds),
    limit!(ready_seconds, waits.ready_seconds),
    limit!(undo_seconds, waits.undo_seconds),
];

pub(super) fn form(office: &Office, texts: OfficeWords) -> AnyView {
    let limits = office.typed.as_ref().and_then(|typed| typed.limits.as_ref()).unwrap_or(&office.limits);
    let fields = view! {
        <fieldset class="grid"><legend>{texts.codes_and_capacity()}</legend>{rows(CODE_LIMITS, limits, texts)}</fieldset>
        <fieldset class="grid">
            <legend>{label_text(texts.how_long())}</legend>
            {rows(WAIT_LIMITS, limits, texts)}
        </fieldset>
    };
    command_form(
        FormCommand::for_shop(endpoint::CHANGE_LIMITS, &office.shop).if_unchanged(SettingDigest::of(&office.limits)),
        Button::new(texts.save_limits(), "primary"),
        fields,
    )
    .into_any()
}

fn rows(rows: [LimitField; 5], limits: &Limits, texts: OfficeWords) -> impl IntoView + use<> {
    let row = |(label, value, set): LimitField| {
        // `u32::MAX` exceeds every limit: the refusal holds the name and the range.
        let (name, least, most) = set(u32::MAX).apply_to(*limits).err()?;
        let Label { name: label, hint } = label(texts);
        Some(view! {
            <label class="field">
                <span>{label} " " <small>{format!("{hint}; {}", texts.range(least, most))}</small></span>
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
