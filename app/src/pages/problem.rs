//! HTML page of a problem document: what happened, what to do, and a link back.

use leptos::prelude::*;

use crate::shell::{self, Assets, PageHead};
use crate::words::Words;
use protocol::problem::{Problem, RequestError};

/// Renders the HTML document of an error.
pub fn html(assets: &Assets, words: Words, error: &RequestError, back: Option<&str>) -> String {
    let texts = words.pages();
    let Problem { title, detail, retry_after, .. } = words.problem(error);
    let retry = retry_after.map(|seconds| view! { <p>{texts.try_again_in(seconds)}</p> });
    let back = back.map(|path| view! { <p><a class="button" href=path.to_owned()>{texts.back()}</a></p> });
    shell::document(assets, words, PageHead::static_page("problem", title.clone()), move || {
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
