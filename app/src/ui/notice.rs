//! What went wrong and what to do, where it cannot be overlooked.

use leptos::prelude::*;

use crate::problem::Problem;

#[component]
pub fn Notice(problem: Problem) -> impl IntoView {
    view! {
        <div class="notice" role="alert">
            <strong>{problem.title}</strong>
            " "
            {problem.detail}
        </div>
    }
}
