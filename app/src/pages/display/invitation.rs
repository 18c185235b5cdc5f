//! The display without orders: how to order, and today's menu.

use domain::view::display::Display;
use leptos::prelude::*;

use crate::live::PageState;

/// The steps of an order, and the menu as the server rendered it. The bundle cannot render it, which saves kilobytes:
/// a page whose menu has changed loads itself again.
#[component]
pub fn Invitation(page: PageState<Display>) -> impl IntoView {
    #[cfg(not(target_arch = "wasm32"))]
    let menu = server::menu(page);
    #[cfg(target_arch = "wasm32")]
    let menu = String::new();
    let texts = page.words.display();
    #[cfg(target_arch = "wasm32")]
    Effect::new(move |before: Option<u32>| {
        let changes = page.read(|view| view.menu_changes.0);
        if before.is_some_and(|before| before != changes) {
            let _ = window().location().reload();
        }
        changes
    });
    view! {
        <section class="invitation" aria-label=texts.menu()>
            <ol class="steps">
                <li>{texts.step_scan()}</li>
                <li>{texts.step_choose()}</li>
                <li>{texts.step_wait()}</li>
            </ol>
            <div class="offers-frame" inner_html=menu></div>
        </section>
    }
}

#[cfg(not(target_arch = "wasm32"))]
mod server {
    use domain::view::display::Display;
    use leptos::prelude::*;

    use crate::live::PageState;
    use crate::ui::cup::Cup;

    /// Rows and columns that a television has room for.
    const MAX_ROWS: usize = 7;
    const MAX_COLUMNS: usize = 3;

    /// The list of the drinks. If it is too long, the last cell says how many more there are.
    pub(super) fn menu(page: PageState<Display>) -> String {
        let menu = page.live.with_untracked(|live| live.view.menu.clone());
        let drinks = menu.drinks.len();
        let columns = drinks.div_ceil(MAX_ROWS).clamp(1, MAX_COLUMNS);
        let rows = drinks.div_ceil(columns).clamp(1, MAX_ROWS);
        let room = rows * columns;
        let shown = if drinks > room { room - 1 } else { drinks };
        let offers = menu.drinks.iter().take(shown).map(|drink| {
            let is_out = !menu.is_drink_available(drink);
            let note = is_out.then(|| view! { <small>{page.words.menu().sold_out()}</small> });
            view! {
                <li class="offer" data-out=is_out.then_some("")>
                    <Cup icon=drink.icon.clone()/>
                    <bdi>{drink.name.clone()}</bdi>
                    {note}
                </li>
            }
        });
        let offers = offers.collect_view();
        let more = drinks - shown;
        let more = (more > 0).then(|| view! { <li class="offer">{page.words.display().more_drinks(more)}</li> });
        view! { <ul class="offers" data-columns=columns.to_string() data-rows=rows.to_string()>{offers}{more}</ul> }
            .to_html()
    }
}
