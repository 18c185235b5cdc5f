//! The words of problem documents, one file a language.

use domain::language::Language;
use protocol::problem::{Problem, ProblemFacts, RequestError};

mod english;

/// The document of an error, with its title and detail in this language.
pub fn problem(error: &RequestError, language: Language) -> Problem {
    let (title, detail) = match language {
        Language::English | Language::Pseudo => (english::title(error), english::detail(error)),
    };
    let detail = match &error.facts {
        Some(ProblemFacts::Malformed(detail)) => detail.clone(),
        _ => language.present(detail),
    };
    Problem {
        kind: format!("/problems/{}", error.kind.slug()),
        status: error.kind.status(),
        title: language.present(title),
        detail,
        retry_after: error.retry_after,
        order: error.order,
    }
}

#[cfg(test)]
mod tests;
