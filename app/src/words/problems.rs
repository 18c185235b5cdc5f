//! The words of problem documents, one file a language.

use domain::language::Language;
use protocol::problem::{Problem, ProblemFacts, RequestError};

use super::Words;
use super::brackets::Present;
use super::english::problems as english;

impl Words {
    /// The problem document of an error.
    pub fn problem(self, error: &RequestError) -> Problem {
        let (title, detail) = match self.language() {
            Language::English | Language::Pseudo => (english::title(error), english::detail(error)),
        };
        let detail = match &error.facts {
            Some(ProblemFacts::Malformed(detail)) => detail.clone(),
            _ => detail.present(self.language),
        };
        Problem {
            kind: format!("/problems/{}", error.kind.slug()),
            status: error.kind.status(),
            title: title.present(self.language),
            detail,
            retry_after: error.retry_after,
            order: error.order,
        }
    }
}

#[cfg(test)]
mod tests;
