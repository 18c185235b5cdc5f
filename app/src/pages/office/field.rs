//! Form fields of the office: label, hint and current value.

use domain::menu::Allergen;
use domain::sorted_map::SortedMap;
use leptos::prelude::*;

/// Maximum length of a name or id.
const MAX_LENGTH: &str = "40";

/// Languages that always have a field. Other languages get one if a name exists.
const LANGUAGES: [(&str, &str); 5] =
    [("ar", "Arabic"), ("de", "German"), ("es", "Spanish"), ("fr", "French"), ("it", "Italian")];

/// Label and hint; the hint may be empty.
pub(super) type Label = (&'static str, &'static str);

fn label_text((name, hint): Label) -> AnyView {
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
pub(super) fn new_id(name: &'static str) -> AnyView {
    view! {
        <label class="field">
            {label_text(("Id", "stays for ever: a–z, 0–9 and -, as in flat-white"))}
            <input
                type="text"
                name=name
                maxlength=MAX_LENGTH
                pattern="[a-z0-9\\-]+"
                title="a–z, 0–9 and -"
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
pub(super) fn number(label: Label, name: String, value: u32, (least, most): (u32, u32)) -> AnyView {
    view! {
        <label class="field">
            {label_text(label)}
            <input
                type="number"
                inputmode="numeric"
                name=name
                value=value.to_string()
                min=least.to_string()
                max=most.to_string()
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

/// A selection; `choices` are pairs of value and label.
pub(super) fn select(label: Label, name: String, chosen: &str, choices: Vec<(String, String)>) -> AnyView {
    let options: Vec<_> = choices
        .into_iter()
        .map(|(value, words)| {
            let is_chosen = value == chosen;
            view! { <option value=value selected=is_chosen>{words}</option> }
        })
        .collect();
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

/// Checkboxes of all allergens. `of` is the form's name of the thing: `drink`, `group[options][0]`.
pub(super) fn allergens(prefix: &str, values: &[Allergen]) -> AnyView {
    let ticks: Vec<_> = (0..)
        .zip(Allergen::ALL)
        .map(|(n, allergen): (usize, _)| {
            let name = format!("{prefix}[allergens][{n}]");
            checkbox((crate::words::allergen(allergen), ""), name, allergen.as_str(), values.contains(&allergen))
        })
        .collect();
    view! { <fieldset class="ticks"><legend>"Contains"</legend>{ticks}</fieldset> }.into_any()
}

/// Required ingredients, with two empty fields to add more.
pub(super) fn ingredients(prefix: &str, values: &[String]) -> AnyView {
    let rows = values.iter().map(String::as_str).chain(["", ""]).enumerate().map(|(n, ingredient)| {
        let (name, value) = (format!("{prefix}[ingredients][{n}]"), ingredient.to_owned());
        let label = format!("Ingredient {}", n + 1);
        view! {
            <input type="text" name=name value=value aria-label=label maxlength=MAX_LENGTH autocomplete="off" autocapitalize="none"/>
        }
    });
    let rows: Vec<_> = rows.collect();
    view! {
        <fieldset class="field several">
            <legend>"Made of " <small>"ids, as in ice-cream: when one runs out, so does this; empty ones are left out"</small></legend>
            {rows}
        </fieldset>
    }
    .into_any()
}

/// Names in other languages.
pub(super) fn names(prefix: &str, values: &SortedMap<String, String>) -> AnyView {
    let others = values.iter().map(|(tag, _)| tag).filter(|tag| LANGUAGES.iter().all(|(known, _)| known != tag));
    let others = others.map(|tag| (tag.clone(), tag.clone()));
    let asked = LANGUAGES.iter().map(|(tag, language)| ((*tag).to_owned(), (*language).to_owned()));
    let rows: Vec<_> = asked
        .chain(others)
        .map(|(tag, language)| {
            let value = values.get(&tag).cloned().unwrap_or_default();
            let name = format!("{prefix}[names][{tag}]");
            view! {
                <label class="field">
                    <span>{language}</span>
                    <input type="text" name=name value=value lang=tag dir="auto" maxlength=MAX_LENGTH autocomplete="off"/>
                </label>
            }
        })
        .collect();
    view! { <fieldset class="grid"><legend>"In other languages " <small>"if you like"</small></legend>{rows}</fieldset> }
    .into_any()
}
