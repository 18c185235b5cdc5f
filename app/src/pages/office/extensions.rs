//! Office page of extensions: description, health and on/off switch of each.

use leptos::prelude::*;
use protocol::command::endpoint;

use super::Office;
use crate::ui::command_form::{Button, FormCommand, command_form};
use crate::words::OfficeWords;

/// One built-in extension, as the office lists it.
#[derive(Clone, Debug)]
pub struct ListedExtension {
    /// Name in code and events: `LongQueues`.
    pub name: String,
    /// Name in URLs: `long-queues`.
    pub slug: String,
    /// Description.
    pub words: String,
    pub on: bool,
    /// It has a page that managers may open.
    pub has_page: bool,
    /// Meaningful only if `on`.
    pub health: ExtensionHealth,
}

/// Health of an extension in one shop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExtensionHealth {
    Healthy,
    /// `behind` events of the log are not processed yet.
    CatchingUp {
        behind: u64,
    },
    /// `skipped` events failed repeatedly and were skipped.
    SkippedEvents {
        skipped: u64,
    },
    /// It panicked or timed out and waits for its restart.
    Failing,
    /// It failed too often and is not restarted.
    Stopped,
}

impl ExtensionHealth {
    /// A label and an explanation.
    fn words(self, texts: OfficeWords) -> (&'static str, String) {
        match self {
            Self::Healthy => (texts.well(), String::new()),
            Self::CatchingUp { behind } => (texts.catching_up(), texts.events_behind(behind)),
            Self::SkippedEvents { skipped } => (texts.skipping_events(), texts.events_skipped(skipped)),
            Self::Failing => (texts.restarting(), texts.restarts().to_owned()),
            Self::Stopped => (texts.stopped(), texts.was_stopped().to_owned()),
        }
    }

    fn as_str(self) -> &'static str {
        match self {
            Self::Healthy | Self::CatchingUp { .. } => "well",
            _ => "ill",
        }
    }
}

pub(super) fn page(office: &Office, listed: &[ListedExtension], texts: OfficeWords) -> impl IntoView + use<> {
    let rows = listed.iter().map(|extension| row(office, extension, texts)).collect_view();
    let none = listed.is_empty().then(|| view! { <p>{texts.no_extensions()}</p> });
    view! {
        <p class="hint">{texts.extensions_hint()}</p>
        {none}
        {rows}
    }
}

fn row(office: &Office, extension: &ListedExtension, texts: OfficeWords) -> impl IntoView + use<> {
    let ListedExtension { name, slug, words, on, has_page, health } = extension.clone();
    let shop = &office.shop;
    let title = title_of(&name);
    let (id, labelled) = (format!("extension-{slug}"), format!("extension-{slug}"));
    let (health_label, meaning) = health.words(texts);
    let state = if on { format!("{}, {health_label}", texts.on()) } else { texts.off().to_owned() };
    let meaning = (on && !meaning.is_empty()).then(|| view! { <p>{meaning}</p> });
    let link = (on && has_page).then(|| {
        view! { <p><a href=format!("/s/{shop}/x/{slug}")>{texts.extension_page(&title)}</a></p> }
    });
    let button =
        if on { Button::new(texts.switch_off(&title), "") } else { Button::new(texts.switch_on(&title), "primary") };
    let switch =
        FormCommand::for_shop(endpoint::SWITCH_EXTENSION, shop).with("extension", name).with("on", (!on).to_string());
    let health = if on { health.as_str() } else { "off" };
    view! {
        <section aria-labelledby=labelled>
            // A proper name, from the code of the extension.
            <h2 id=id translate="no">{title}</h2>
            <p>{words}</p>
            <p class="standing" data-health=health>{texts.extension_is()} " " <strong>{state}</strong> "."</p>
            {meaning}
            {link}
            {command_form(switch, button, ())}
        </section>
    }
}

/// Converts `LongQueues` to "Long queues".
fn title_of(name: &str) -> String {
    let mut title = String::with_capacity(name.len() + 4);
    for character in name.chars() {
        if character.is_ascii_uppercase() && !title.is_empty() {
            title.push(' ');
            title.push(character.to_ascii_lowercase());
        } else {
            title.push(character);
        }
    }
    title
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::Words;

    #[test]
    fn a_failing_extension_is_marked_and_explained() {
        let texts = |health: ExtensionHealth| (health.words(Words::default().office()), health.as_str());
        assert_eq!(texts(ExtensionHealth::Healthy), (("well", String::new()), "well"));
        let ((word, meaning), mark) = texts(ExtensionHealth::CatchingUp { behind: 1 });
        assert_eq!((word, mark), ("catching up", "well"));
        assert!(meaning.starts_with("It has 1 event still to process."), "{meaning}");
        for (health, words) in [
            (ExtensionHealth::SkippedEvents { skipped: 2 }, "It failed on 2 events and skipped them."),
            (ExtensionHealth::Failing, "It failed and starts again by itself."),
            (ExtensionHealth::Stopped, "It failed too often and was stopped."),
        ] {
            let ((_, meaning), mark) = texts(health);
            assert!(meaning.starts_with(words), "{meaning}");
            assert_eq!(mark, "ill");
        }
    }

    #[test]
    fn an_extension_name_is_split_into_words() {
        assert_eq!([title_of("LongQueues"), title_of("Tally")], ["Long queues", "Tally"]);
    }
}
