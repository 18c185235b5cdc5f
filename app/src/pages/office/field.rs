//! Form fields of the office: label, hint and current value.

use std::ops::RangeInclusive;

use domain::menu::{Allergen, Allergens};
use domain::sorted_map::SortedMap;
use leptos::prelude::*;

use crate::words::{Label, OfficeWords, Words};

/// Maximum length of a name or id.
const MAX_LENGTH: &str = "40";

/// Languages that always have a field. Other languages get one if a name exists.
const LANGUAGES: [&str; 5] = ["ar", "de", "es", "fr", "it"];

/// A label without a hint.
pub(super) fn label(name: &'static str) -> Label {
    Label { name, hint: "" }
}

/// Name and hint of a field.
pub(super) fn label_text(Label { name, hint }: Label) -> AnyView {
    let hint = (!hint.is_empty()).then(|| view! { <small>{hint}</small> });
    view! { <span>{name} " " {hint}</span> }.into_any()
}

/// An optional line of text.
pub(super) fn text(label: Label, name: String, value: &str) -> AnyView {
    let value = value.to_owned();
    view! {
        <label class="field">
            {label_text(label)}
            <input type="text" name=name value=value maxlength=MAX_LENGTH autocomplete="off"/>
        </label>
    }
    .into_any()
}

/// A required line of text.
pub(super) fn required(label: Label, name: &'static str, value: &str) -> AnyView {
    let value = value.to_owned();
    view! {
        <label class="field">
            {label_text(label)}
            <input type="text" name=name value=value maxlength=MAX_LENGTH autocomplete="off" required=true/>
        </label>
    }
    .into_any()
}

/// A required id that the manager chooses.
pub(super) fn new_id(name: &'static str, texts: OfficeWords) -> AnyView {
    view! {
        <label class="field">
            {label_text(texts.new_id())}
            <input
                type="text"
                name=name
                maxlength=MAX_LENGTH
                pattern="[a-z0-9\\-]+"
                title=texts.id_pattern()
                autocomplete="off"
                autocapitalize="none"
                spellcheck="false"
                required=true
            />
        </label>
    }
    .into_any()
}

/// An integer within an inclusive range.
pub(super) fn number(label: Label, name: String, value: u32, range: RangeInclusive<u32>) -> AnyView {
    view! {
        <label class="field">
            {label_text(label)}
            <input
                type="number"
                inputmode="numeric"
                name=name
                value=value.to_string()
                min=range.start().to_string()
                max=range.end().to_string()
                autocomplete="off"
                required=true
            />
        </label>
    }
    .into_any()
}

/// A time or date; `kind` is the input's type.
pub(super) fn date_or_time(label: Label, kind: &'static str, name: String, value: String) -> AnyView {
    view! {
        <label class="field">
            {label_text(label)}
            <input type=kind name=name value=value autocomplete="off"/>
        </label>
    }
    .into_any()
}

/// A value that can be selected.
pub(super) struct SelectOption {
    pub(super) value: String,
    pub(super) text: String,
    /// The text is a name from the menu.
    pub(super) is_name: bool,
}

impl SelectOption {
    /// A choice with a text of the tables.
    pub(super) fn new(value: impl Into<String>, text: impl Into<String>) -> Self {
        Self { value: value.into(), text: text.into(), is_name: false }
    }

    /// A choice with a name from the menu.
    pub(super) fn named(value: &str, name: &str) -> Self {
        Self { value: value.to_owned(), text: name.to_owned(), is_name: true }
    }
}

/// A selection.
pub(super) fn select(
    label: Label,
    name: String,
    chosen: &str,
    choices: impl IntoIterator<Item = SelectOption>,
) -> AnyView {
    let choices = choices.into_iter().map(|SelectOption { value, text, is_name }| {
        let is_chosen = value == chosen;
        view! { <option value=value selected=is_chosen translate=is_name.then_some("no")>{text}</option> }
    });
    let options: Vec<_> = choices.collect();
    view! { <label class="field">{label_text(label)}<select name=name autocomplete="off">{options}</select></label> }
        .into_any()
}

/// A checkbox.
pub(super) fn checkbox(label: Label, name: String, value: &'static str, is_checked: bool) -> AnyView {
    view! {
        <label class="tick">
            <input type="checkbox" name=name value=value checked=is_checked autocomplete="off"/>
            {label_text(label)}
        </label>
    }
    .into_any()
}

/// Checkboxes of all allergens, of "none of these" and of "others, not known". With nothing ticked, nothing is known.
/// `of` is the form's name of the thing: `drink`, `group[options][0]`.
pub(super) fn allergens(prefix: &str, values: &Allergens, words: Words) -> AnyView {
    let texts = words.office();
    let is_ticked = |allergen: &Allergen| values.known().contains(allergen);
    let named =
        Allergen::ALL.map(|allergen| (words.shared().allergen(allergen), allergen.as_str(), is_ticked(&allergen)));
    let is_partly_known = !values.is_complete() && !values.known().is_empty();
    let others =
        [(texts.no_allergens(), "none", values.is_none()), (texts.other_allergens(), "unknown", is_partly_known)];
    let ticks: Vec<_> = (0..)
        .zip(named.into_iter().chain(others))
        .map(|(n, (name, value, is_ticked)): (usize, _)| {
            checkbox(label(name), format!("{prefix}[allergens][{n}]"), value, is_ticked)
        })
        .collect();
    view! { <fieldset class="ticks"><legend>{label_text(texts.contains())}</legend>{ticks}</fieldset> }.into_any()
}

/// Required ingredients, with two empty fields to add more.
pub(super) fn ingredients(prefix: &str, values: &[String], texts: OfficeWords) -> AnyView {
    let rows = values.iter().map(String::as_str).chain(["", ""]).enumerate().map(|(n, ingredient)| {
        let (name, value) = (format!("{prefix}[ingredients][{n}]"), ingredient.to_owned());
        let label = texts.ingredient(n + 1);
        view! {
            <input type="text" name=name value=value aria-label=label maxlength=MAX_LENGTH autocomplete="off" autocapitalize="none"/>
        }
    });
    let rows: Vec<_> = rows.collect();
    view! {
        <fieldset class="field several">
            <legend>{label_text(texts.made_of())}</legend>
            {rows}
        </fieldset>
    }
    .into_any()
}

/// Names in other languages.
pub(super) fn names(prefix: &str, values: &SortedMap<String, String>, texts: OfficeWords) -> AnyView {
    let others = values.iter().map(|(tag, _)| tag.as_str()).filter(|tag| !LANGUAGES.contains(tag));
    let rows: Vec<_> = LANGUAGES
        .into_iter()
        .chain(others)
        .map(|tag| {
            let value = values.iter().find(|(other, _)| *other == tag).map(|(_, name)| name.clone()).unwrap_or_default();
            let name = format!("{prefix}[names][{tag}]");
            let (tag, language) = (tag.to_owned(), texts.language(tag).unwrap_or_else(|| tag.to_owned()));
            view! {
                <label class="field">
                    <span>{language}</span>
                    <input type="text" name=name value=value lang=tag dir="auto" maxlength=MAX_LENGTH autocomplete="off"/>
                </label>
            }
        })
        .collect();
    view! { <fieldset class="grid"><legend>{label_text(texts.other_languages())}</legend>{rows}</fieldset> }.into_any()
}
