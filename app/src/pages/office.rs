//! Office: the manager's settings, as static pages with forms.

use domain::hours::Hours;
use domain::ids::ShopId;
use domain::limits::Limits;
use domain::menu::{Drink, Group, Menu};
use domain::view::Paused;
use leptos::prelude::*;

use self::extensions::ListedExtension;
use self::typed::Typed;
use crate::shell::{self, Assets, PageHead};
use crate::words::{Notice, OfficeWords, Words};

mod doors;
mod drink;
pub mod extensions;
mod field;
mod group;
mod hours;
mod limits;
mod menu;
pub mod typed;

/// Data shared by the office's pages.
#[derive(Clone, Debug)]
pub struct Office {
    pub shop: ShopId,
    /// The shop's name.
    pub name: String,
    pub open: bool,
    /// Last orders were called.
    pub closing: bool,
    pub paused: Option<Paused>,
    pub hours: Hours,
    pub limits: Limits,
    pub menu: Menu,
    /// Values of a form that was refused because somebody else had changed its setting.
    pub typed: Option<Typed>,
}

/// The office page to render.
#[derive(Clone, Debug)]
pub enum OfficePage {
    Doors,
    Menu,
    /// The drink to change; `None` adds one.
    Drink(Option<Drink>),
    /// The group of options to change; `None` adds one.
    Group(Option<Group>),
    Extensions(Vec<ListedExtension>),
}

impl OfficePage {
    fn heading(&self, texts: OfficeWords) -> &str {
        match self {
            Self::Doors => texts.office(),
            Self::Menu => texts.menu(),
            Self::Drink(Some(drink)) => &drink.name,
            Self::Drink(None) => texts.new_drink(),
            Self::Group(Some(group)) => &group.name,
            Self::Group(None) => texts.new_group(),
            Self::Extensions(_) => texts.extensions(),
        }
    }

    /// The heading is the name of a drink or of a group.
    fn has_own_name(&self) -> bool {
        matches!(self, Self::Drink(Some(_)) | Self::Group(Some(_)))
    }
}

/// Renders the HTML document.
pub fn html(assets: &Assets, words: Words, office: &Office, page: &OfficePage) -> String {
    let texts = words.office();
    let heading = page.heading(texts);
    let title = texts.title(&office.name, heading);
    shell::document(assets, words, PageHead::static_page("office", title).for_staff(), || {
        let content = match page {
            OfficePage::Doors => doors::page(office, words).into_any(),
            OfficePage::Menu => menu::page(office, words).into_any(),
            OfficePage::Drink(drink) => drink::page(office, drink.as_ref(), words).into_any(),
            OfficePage::Group(group) => group::page(office, group.as_ref(), words).into_any(),
            OfficePage::Extensions(listed) => extensions::page(office, listed, texts).into_any(),
        };
        view! {
            <main class="office">
                {nav(office, page, texts)}
                <h1 translate=page.has_own_name().then_some("no")>{heading}</h1>
                {office.typed.as_ref().map(|_| conflict_notice(texts))}
                {content}
            </main>
        }
    })
}

/// Says that the form below was not saved.
fn conflict_notice(texts: OfficeWords) -> impl IntoView + use<> {
    let Notice { heading, text } = texts.changed_meanwhile();
    view! { <p class="notice" role="alert"><strong>{heading}</strong> " " {text}</p> }
}

fn nav(office: &Office, page: &OfficePage, texts: OfficeWords) -> impl IntoView + use<> {
    let shop = &office.shop;
    let links = [
        ("office", texts.doors_hours_limits(), matches!(page, OfficePage::Doors)),
        ("office/menu", texts.menu(), matches!(page, OfficePage::Menu)),
        ("office/extensions", texts.extensions(), matches!(page, OfficePage::Extensions(_))),
        ("barista", texts.the_bar(), false),
        ("counter", texts.at_the_counter(), false),
        ("display", texts.the_screen(), false),
    ];
    let links = links.map(|(path, label, is_here)| {
        view! { <li><a href=format!("/s/{shop}/{path}") aria-current=is_here.then_some("page")>{label}</a></li> }
    });
    view! {
        <nav class="office-nav" aria-label=texts.office()>
            <p class="shop-name" translate="no">{office.name.clone()}</p>
            <ul>{links.to_vec()}</ul>
        </nav>
    }
}
