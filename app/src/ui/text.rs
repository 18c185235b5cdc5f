//! Reactive text.

/// A boxed closure: all texts of a bundle share one code path, and each separate closure type would add a kilobyte.
pub type Text = Box<dyn Fn() -> String + Send>;

/// Boxes the closure of a reactive text.
pub fn text(words: impl Fn() -> String + Send + 'static) -> Text {
    Box::new(words)
}
