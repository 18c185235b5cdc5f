//! Page of an extension: a [`Sheet`] as a static document with a timeline, tables and a link to share.

use domain::extension::sheet::{Sheet, Table, TimelineEntry};
use domain::ids::ShopId;
use leptos::prelude::*;

use crate::shell::{self, Assets, PageHead};
use crate::ui::content::content;
use crate::ui::local_time::{ToLocalTime, time};
use crate::ui::picture::picture;
use crate::words::{PageWords, Words};

/// Data of the page.
pub struct SheetPage<'a> {
    pub shop: ShopId,
    pub shop_name: String,
    /// The extension's address; the sheet's links are relative to it.
    pub base: String,
    pub sheet: Sheet,
    /// Absolute address under which others can read the page, if it can be shared.
    pub share: Option<String>,
    /// The screen that linked here.
    pub back: Option<BackLink>,
    pub local_time: ToLocalTime<'a>,
}

/// A screen that links to pages of extensions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BackLink {
    Barista,
    Ordering,
}

/// Renders the HTML document.
pub fn html(assets: &Assets, words: Words, page: &SheetPage<'_>) -> String {
    let texts = words.pages();
    let SheetPage { shop, shop_name, base, sheet, share, back, local_time } = page;
    let back = back.map(|back| match back {
        BackLink::Barista => (format!("/s/{shop}/barista"), texts.back_to_the_bar()),
        BackLink::Ordering => (format!("/s/{shop}"), texts.back_to_my_order()),
    });
    let back = back.map(|(path, label)| view! { <p class="back"><a href=path>{label}</a></p> });
    let date = sheet.steps.first().map(|step| view! { <p class="hint">{texts.date(&local_time(step.at()))}</p> });
    let steps = (!sheet.steps.is_empty()).then(|| steps(&sheet.steps, shop, *local_time, texts));
    let tables = sheet.tables.iter().map(table).collect_view();
    let links = (!sheet.links.is_empty()).then(|| links(base, &sheet.links, texts));
    shell::document(assets, words, PageHead::static_page("sheet", format!("{shop_name}: {}", sheet.title)), move || {
        view! {
            <main class="sheet">
                {back}
                <header class="sheet-head">
                    {sheet.picture.map(|shown| picture(shown, "picture large"))}
                    <p class="shop-name">{content(shop_name.clone())}</p>
                    <h1>{sheet.title.clone()}</h1>
                    <p class="lead">{sheet.lead.clone()}</p>
                    {date}
                </header>
                {steps}
                {tables}
                {links}
                {share.clone().map(|address| share_section(address, texts))}
            </main>
        }
    })
}

fn steps(
    steps: &[TimelineEntry],
    shop: &ShopId,
    local_time: ToLocalTime<'_>,
    texts: PageWords,
) -> impl IntoView + use<> {
    let date = |step: &TimelineEntry| texts.date(&local_time(step.at()));
    let mut day = steps.first().map(date);
    let steps = steps.iter().map(|step| {
        let today = date(step);
        let new_date = (day.as_ref() != Some(&today)).then(|| view! { <p class="hint">{today.clone()}</p> });
        day = Some(today);
        let event = serde_json::to_string_pretty(&step.event.to_cloud_event(shop)).unwrap_or_default();
        // The label repeats the title for screen readers.
        let label = texts.event_of(&step.title);
        view! {
            <li>
                {picture(step.picture, "picture")}
                {new_date}
                <h3>{step.title.clone()}</h3>
                {time(step.at(), local_time)}
                <p>{step.words.clone()}</p>
                <details>
                    <summary aria-label=label>{texts.the_event()}</summary>
                    // `tabindex` makes the block scrollable by keyboard.
                    <pre dir="ltr" tabindex="0" translate="no"><code>{event}</code></pre>
                </details>
            </li>
        }
    });
    let steps = steps.collect_view();
    view! {
        <section aria-labelledby="steps">
            <h2 id="steps">{texts.what_happened()}</h2>
            <ol class="moments">{steps}</ol>
        </section>
    }
}

fn table(table: &Table) -> impl IntoView + use<> {
    let head = table.columns.iter().map(|name| view! { <th scope="col">{name.clone()}</th> }).collect_view();
    let rows = table.rows.iter().map(|row| {
        let name = row.first().map(|name| view! { <th scope="row">{name.clone()}</th> });
        let cells = row.iter().skip(1).map(|cell| view! { <td>{cell.clone()}</td> }).collect_view();
        view! { <tr>{name} {cells}</tr> }
    });
    let rows = rows.collect_view();
    view! {
        <div class="table" role="group" aria-label=table.caption.clone() tabindex="0">
            <table>
                <caption>{table.caption.clone()}</caption>
                <thead><tr>{head}</tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
}

fn links(base: &str, links: &[(String, String)], texts: PageWords) -> impl IntoView + use<> {
    let links =
        links.iter().map(|(path, words)| view! { <li><a href=format!("{base}/{path}")>{words.clone()}</a></li> });
    view! {
        <nav class="more" aria-label=texts.further_pages()>
            <ul>{links.collect_view()}</ul>
        </nav>
    }
}

/// The address in a read-only field, to copy without a script.
fn share_section(address: String, texts: PageWords) -> impl IntoView {
    view! {
        <section class="passing-on" aria-labelledby="pass-on">
            <h2 id="pass-on">{texts.share()}</h2>
            <p>{texts.who_can_read()}</p>
            <label class="field">
                <span>{texts.address()}</span>
                <input type="url" readonly=true dir="ltr" value=address.clone()/>
            </label>
            <p><a class="button" href=address>{texts.open_as_others()}</a></p>
        </section>
    }
}
