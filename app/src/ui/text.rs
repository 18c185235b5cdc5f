//! Reactive texts and attributes.

/// A boxed closure: all texts of a bundle share one code path, and each separate closure type would add a kilobyte.
pub type Text = Box<dyn Fn() -> String + Send>;

/// The text of an element, escaped for its `inner_html`.
///
/// Translators replace the text nodes of a page. Hydration does not look inside this element, and each change replaces
/// its whole content.
pub fn inner_text(words: impl Fn() -> String + Send + 'static) -> Text {
    Box::new(move || escape(&words()))
}

/// The HTML of a sentence around a name. The name's direction does not turn the sentence.
pub fn sentence_html(sentence: impl Fn(&str) -> String, name: &str) -> String {
    // No table of texts contains this character. A search for a string would add a kilobyte.
    const PLACE: char = '\u{FFFC}';
    let sentence = escape(&sentence(PLACE.encode_utf8(&mut [0; 4])));
    let (before, after) = sentence.split_once(PLACE).unwrap_or((&sentence, ""));
    [before, "<bdi translate=\"no\">", &escape(name), "</bdi>", after].concat()
}

/// Escapes a text for HTML outside of tags.
pub fn escape(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            other => html.push(other),
        }
    }
    html
}

/// Boxes the closure of a reactive attribute.
pub fn text(words: impl Fn() -> String + Send + 'static) -> Text {
    Box::new(words)
}
