//! The JSON values of a text: one array, one object per line, or objects one after the other, on one line or on many.

use serde_json::{Deserializer, Error, Value};

/// The values in order; those of an array one by one. `None` stands for a line that is no JSON
/// object.
///
/// # Errors
/// An array is truncated or invalid.
pub(super) fn json_values(text: &str) -> Result<Vec<Option<Value>>, Error> {
    let mut values = Vec::new();
    let mut rest = skip_separators(text.trim_start_matches('\u{feff}'));
    while !rest.is_empty() {
        let mut parsed = Deserializer::from_str(rest).into_iter::<Value>();
        match parsed.next() {
            Some(Ok(Value::Array(items))) => values.extend(items.into_iter().map(Some)),
            Some(Ok(value @ Value::Object(_))) => values.push(Some(value)),
            Some(Err(error)) if rest.starts_with('[') => return Err(error),
            // A line of a table may begin with a number.
            Some(_) => {
                values.push(None);
                rest = skip_separators(after_invalid_line(rest));
                continue;
            }
            None => break,
        }
        rest = skip_separators(&rest[parsed.byte_offset()..]);
    }
    Ok(values)
}

/// The text after the spaces, commas and record separators (RFC 7464) between two values.
fn skip_separators(text: &str) -> &str {
    text.trim_start_matches(|character: char| character.is_whitespace() || matches!(character, ',' | '\u{1e}'))
}

/// The text after the first line and after those that continue it: they are indented or only close brackets.
fn after_invalid_line(text: &str) -> &str {
    let continues = |line: &str| line.starts_with([' ', '\t', '}', ']']);
    let mut lines = text.split_inclusive('\n');
    let mut length = lines.next().map_or(0, str::len);
    length += lines.take_while(|line| continues(line)).map(str::len).sum::<usize>();
    &text[length..]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The numbers `n` of the objects in the text; `None` for what is no JSON.
    fn numbers(text: &str) -> Vec<Option<u64>> {
        let values = json_values(text).expect("no array is truncated");
        values.into_iter().map(|value| value.map(|value| value["n"].as_u64().unwrap_or(0))).collect()
    }

    #[test]
    fn objects_are_read_however_they_are_separated() {
        let texts = [
            "{\"n\":1}\n{\"n\":2}\n",
            "\u{feff}{\"n\":1}\r\n\r\n{\"n\":2}",
            "{\"n\":1}{\"n\":2}",
            "{\"n\":1},\n{\"n\":2},",
            "[{\"n\":1},{\"n\":2}]",
            "[{\"n\":1}]\n[{\"n\":2}]",
            "{\n  \"n\": 1\n}\n{\n  \"n\": 2,\n  \"of\": {\n    \"n\": 3\n  }\n}\n",
            "\u{1e}{\"n\":1}\n\u{1e}{\"n\":2}\n",
        ];
        for text in texts {
            assert_eq!(numbers(text), [Some(1), Some(2)], "{text}");
        }
        assert!(numbers("").is_empty() && numbers(" \n,\n").is_empty());
    }

    #[test]
    fn an_invalid_line_is_one_entry_and_the_next_is_read() {
        assert_eq!(numbers("{\"n\":1}\n{\"n\":\n{\"n\":2}\n"), [Some(1), None, Some(2)]);
        assert_eq!(numbers("no\njson\n{\"n\":1}"), [None, None, Some(1)]);
        assert_eq!(numbers("{\n  \"n\": 1,\n  \"half\": \n}\n{\n  \"n\": 2\n}\n"), [None, Some(2)]);
        assert!(json_values("[{\"n\":1},").is_err());
    }
}
