//! Any no that a person reads as a page: what happened, what to do, and the way back.

use leptos::prelude::*;

use crate::shell::{self, Assets, Head};
use protocol::problem::Problem;

/// The whole document.
pub fn html(assets: &Assets, problem: &Problem, back: Option<&str>) -> String {
    let Problem { title, detail, retry_after, .. } = problem.clone();
    let wait = retry_after.map(|seconds| view! { <p>"Try again in "{seconds}" seconds."</p> });
    let back = back.map(|path| view! { <p><a class="button" href=path.to_owned()>"Back"</a></p> });
    shell::document(assets, Head::plain("problem", title.clone()), move || {
        view! {
            <main class="plain">
                <h1>{title}</h1>
                <p>{detail}</p>
                {wait}
                {back}
            </main>
        }
    })
}
