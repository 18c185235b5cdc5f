//! Office: the manager's settings, as static pages with forms.

use domain::hours::Hours;
use domain::ids::ShopId;
use domain::limits::Limits;
use domain::menu::{Drink, Group, Menu};
use domain::view::Paused;
use leptos::prelude::*;

use self::extensions::ListedExtension;
use crate::shell::{self, Assets, PageHead};

mod doors;
mod drink;
pub mod extensions;
mod field;
mod group;
mod hours;
mod limits;
mod menu;

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
    fn heading(&self) -> String {
        match self {
            Self::Doors => "Office".to_owned(),
            Self::Menu => "Menu".to_owned(),
            Self::Drink(Some(drink)) => drink.name.clone(),
            Self::Drink(None) => "A new drink".to_owned(),
            Self::Group(Some(group)) => group.name.clone(),
            Self::Group(None) => "New options".to_owned(),
            Self::Extensions(_) => "Extensions".to_owned(),
        }
    }
}

/// Renders the HTML document.
pub fn html(assets: &Assets, office: &Office, page: &OfficePage) -> String {
    let (office, page) = (office.clone(), page.clone());
    let heading = page.heading();
    shell::document(assets, PageHead::static_page("office", format!("{}: {heading}", office.name)), move || {
        let content = match &page {
            OfficePage::Doors => doors::page(&office).into_any(),
            OfficePage::Menu => menu::page(&office).into_any(),
            OfficePage::Drink(drink) => drink::page(&office, drink.as_ref()).into_any(),
            OfficePage::Group(group) => group::page(&office, group.as_ref()).into_any(),
            OfficePage::Extensions(listed) => extensions::page(&office, listed).into_any(),
        };
        view! {
            <main class="office">
                {nav(&office, &page)}
                <h1>{heading}</h1>
                {content}
            </main>
        }
    })
}

fn nav(office: &Office, page: &OfficePage) -> impl IntoView + use<> {
    let shop = &office.shop;
    let links = [
        ("office", "Doors, hours, limits", matches!(page, OfficePage::Doors)),
        ("office/menu", "Menu", matches!(page, OfficePage::Menu)),
        ("office/extensions", "Extensions", matches!(page, OfficePage::Extensions(_))),
        ("barista", "The bar", false),
        ("counter", "At the counter", false),
        ("display", "The screen", false),
    ];
    let links = links.map(|(path, words, is_here)| {
        view! { <li><a href=format!("/s/{shop}/{path}") aria-current=is_here.then_some("page")>{words}</a></li> }
    });
    view! {
        <nav class="office-nav" aria-label="Office">
            <p class="shop-name">{office.name.clone()}</p>
            <ul>{links.to_vec()}</ul>
        </nav>
    }
}
