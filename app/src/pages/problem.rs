//! HTML page of a problem document: what happened, what to do, and a link back.

use leptos::prelude::*;

use crate::shell::{self, Assets, PageHead};
use protocol::problem::Problem;

/// Renders the HTML document.
pub fn html(assets: &Assets, problem: &Problem, back: Option<&str>) -> String {
    let Problem { title, detail, retry_after, .. } = problem.clone();
    let retry = retry_after.map(|seconds| view! { <p>"Try again in "{seconds}" seconds."</p> });
    let back = back.map(|path| view! { <p><a class="button" href=path.to_owned()>"Back"</a></p> });
    shell::document(assets, PageHead::static_page("problem", title.clone()), move || {
        view! {
            <main class="plain">
                <h1>{title}</h1>
                <p>{detail}</p>
                {retry}
                {back}
            </main>
        }
    })
}
