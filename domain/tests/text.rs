//! Texts that people type.

use domain::text::{is_name, to_name};

/// One character of each kind that shows nothing.
const NOTHING: [&str; 16] = [
    "",
    " ",
    "\u{A0}",
    "\u{AD}",
    "\u{34F}",
    "\u{115F}",
    "\u{180E}",
    "\u{200B}",
    "\u{2028}",
    "\u{2060}",
    "\u{2800}",
    "\u{3164}",
    "\u{FE0F}",
    "\u{FEFF}",
    "\u{FFA0}",
    "\u{E0020}",
];

#[test]
fn a_text_that_shows_nothing_is_no_name() {
    for text in NOTHING {
        assert!(!is_name(text) && to_name(text).is_empty(), "{text:?}");
        let many = format!("{text}\u{200D}{text}");
        assert!(!is_name(&many) && to_name(&many).is_empty(), "{many:?}");
    }
}

#[test]
fn a_name_cannot_turn_the_letters_beside_it() {
    for turn in ['\u{61C}', '\u{200E}', '\u{200F}', '\u{202A}', '\u{202E}', '\u{2066}', '\u{2069}'] {
        let text = format!("A{turn}da");
        assert!(!is_name(&text), "{turn:?}");
        assert_eq!(to_name(&text), "Ada");
        assert_eq!(to_name(&turn.to_string()), "");
    }
}

#[test]
fn names_of_every_script_are_kept() {
    for name in ["Ada", "عائشة", "אדה", "愛", "Zoë", "ada 🫖", "👩‍👩‍👧", "❤️", "می‌خواهم", "o\u{301}"]
    {
        assert!(is_name(name), "{name}");
        assert_eq!(to_name(name), name);
    }
    assert_eq!(to_name("  Ada\u{3000}\n Lovelace "), "Ada Lovelace");
}
