//! A command as a plain form: posted by the browser without JavaScript, by the page itself with it.

use domain::ids::{OrderId, ShopId};
use leptos::ev::SubmitEvent;
use leptos::html::Form;
use leptos::prelude::*;

use crate::problem::Problem;
use crate::ui::notice::Notice;

#[cfg(target_arch = "wasm32")]
mod posting;

/// What a form asks for, besides what people fill in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// The end of its address: `orders/claim`.
    action: &'static str,
    hidden: Vec<(&'static str, String)>,
}

impl Command {
    /// About the shop. It has no key: the state it names either holds already or comes.
    pub fn of_shop(action: &'static str, shop: &ShopId) -> Self {
        Self { action, hidden: vec![("shop", shop.to_string())] }
    }

    /// About an order nobody else changes yet.
    pub fn of_order(action: &'static str, shop: &ShopId, order: OrderId) -> Self {
        let key = format!("{action}-{order}");
        Self::of_shop(action, shop).with("order", order.to_string()).with("key", key)
    }

    /// About an order as it stood when the form was made; pressed twice, it is the same request.
    pub fn of_step(action: &'static str, shop: &ShopId, order: OrderId, version: u32) -> Self {
        let key = format!("{action}-{order}-{version}");
        Self::of_shop(action, shop)
            .with("order", order.to_string())
            .with("version", version.to_string())
            .with("key", key)
    }

    pub fn with(mut self, name: &'static str, value: String) -> Self {
        self.hidden.push((name, value));
        self
    }
}

/// Where a post stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Posting {
    Idle,
    /// Sent, or granted and not seen on the stream yet.
    Busy,
    Failed(Problem),
}

/// One command, one button.
#[component]
pub fn CommandForm(
    command: Command,
    #[prop(into)] label: String,
    /// The look of the button.
    #[prop(optional)]
    look: &'static str,
    /// Where a granted command leads, when not the stream brings what follows.
    #[prop(optional, into)]
    leads_to: Option<String>,
    #[prop(optional)] form: NodeRef<Form>,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    let posting = RwSignal::new(Posting::Idle);
    let Command { action, hidden } = command;
    let busy = move || posting.with(|posting| *posting == Posting::Busy);
    let failed = move || match posting.get() {
        Posting::Failed(problem) => Some(view! { <Notice problem/> }),
        Posting::Idle | Posting::Busy => None,
    };
    let submit = move |event: SubmitEvent| {
        #[cfg(target_arch = "wasm32")]
        posting::send(&event, posting, leads_to.clone());
        #[cfg(not(target_arch = "wasm32"))]
        let _ = (event, &leads_to);
    };
    let hidden = hidden.into_iter().map(|(name, value)| view! { <input type="hidden" name=name value=value/> });
    view! {
        <form class="command" method="post" action=format!("/api/{action}") node_ref=form on:submit=submit>
            {hidden.collect_view()}
            {children.map(|children| children())}
            <button class=look type="submit" disabled=busy aria-busy=move || busy().then_some("true")>
                {label}
            </button>
            {failed}
        </form>
    }
}

/// A command that asks once more, with or without JavaScript.
#[component]
pub fn Confirmed(
    command: Command,
    /// What is pressed first.
    ask: &'static str,
    /// What it would mean.
    question: &'static str,
    label: &'static str,
) -> impl IntoView {
    view! {
        <details class="confirm">
            <summary>{ask}</summary>
            <div class="confirm-question">
                <p>{question}</p>
                <CommandForm command label look="danger"/>
            </div>
        </details>
    }
}
