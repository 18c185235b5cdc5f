//! Texts that people type: what shows something, and what would change the letters beside it.

/// Whether the text is a name: it shows something, has no spaces around it and no control character, also none of those
/// that turn the direction of the letters beside it.
pub fn is_name(text: &str) -> bool {
    text.trim() == text && text.chars().any(is_visible) && !text.chars().any(is_forbidden)
}

/// The text on one line, without characters that turn the direction of letters; empty if nothing of it shows.
pub fn to_name(text: &str) -> String {
    let line: String = text.chars().filter(|character| !is_direction(*character)).collect();
    let line = line.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().any(is_visible) { line } else { String::new() }
}

/// Whether no name may contain the character: a control character, or one that turns the direction of letters.
pub fn is_forbidden(character: char) -> bool {
    character.is_control() || is_direction(character)
}

/// The controls of the Unicode bidirectional algorithm.
fn is_direction(character: char) -> bool {
    matches!(character, '\u{61C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// Whether the character shows something by itself: no space, control, filler or default ignorable code point.
fn is_visible(character: char) -> bool {
    let is_filler = matches!(character, '\u{2800}' | '\u{FFF9}'..='\u{FFFB}');
    !character.is_whitespace() && !character.is_control() && !is_filler && !is_ignorable(character)
}

/// The property `Default_Ignorable_Code_Point` of Unicode 16.
fn is_ignorable(character: char) -> bool {
    matches!(
        character,
        '\u{AD}'
            | '\u{34F}'
            | '\u{61C}'
            | '\u{115F}'..='\u{1160}'
            | '\u{17B4}'..='\u{17B5}'
            | '\u{180B}'..='\u{180F}'
            | '\u{200B}'..='\u{200F}'
            | '\u{202A}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}'
            | '\u{3164}'
            | '\u{FE00}'..='\u{FE0F}'
            | '\u{FEFF}'
            | '\u{FFA0}'
            | '\u{FFF0}'..='\u{FFF8}'
            | '\u{1BCA0}'..='\u{1BCA3}'
            | '\u{1D173}'..='\u{1D17A}'
            | '\u{E0000}'..='\u{E0FFF}'
    )
}
