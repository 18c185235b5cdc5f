//! Text that follows what the page knows.

/// Boxed, so that all the texts of a bundle share one piece of code; each closure of its own would bring a kilobyte.
pub type Text = Box<dyn Fn() -> String + Send>;

pub fn text(words: impl Fn() -> String + Send + 'static) -> Text {
    Box::new(words)
}
