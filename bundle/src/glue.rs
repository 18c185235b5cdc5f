//! Shrinks the JavaScript glue between a page and its module: removes unused code and shortens names.

use std::collections::{BTreeMap, BTreeSet};

use walrus::Module;

/// Longer names end in a hash and are shortened in both the script and the module.
const MAX_NAME_LENGTH: usize = 20;

/// Removes the classes for streamed bodies, which a dependency exports, and `initSync`; no page uses either.
pub(crate) fn without_classes(mut js: String) -> String {
    cut(&mut js, "export class IntoUnderlying", block);
    cut(&mut js, "if (Symbol.dispose) IntoUnderlying", |rest| rest.find('\n'));
    cut(&mut js, "const IntoUnderlying", |rest| rest.find(";\n").map(|end| end + 1));
    cut(&mut js, "function initSync(", block);
    js.replace("export { initSync, ", "export { ")
}

/// Deletes exports that the script does not mention, since an export keeps its code alive, and shortens the remaining
/// long names.
pub(crate) fn shorten(module: &mut Module, js: &str) -> String {
    let mentioned: BTreeSet<&str> = words(js).collect();
    let unused = module.exports.iter().filter(|export| !mentioned.contains(export.name.as_str()));
    for export in unused.map(walrus::Export::id).collect::<Vec<_>>() {
        module.exports.delete(export);
    }
    let mut short: BTreeMap<String, String> = BTreeMap::new();
    let imports = module.imports.iter_mut().map(|import| &mut import.name);
    for name in imports.chain(module.exports.iter_mut().map(|export| &mut export.name)) {
        if name.len() > MAX_NAME_LENGTH {
            let next = format!("_{}", short.len());
            name.clone_from(short.entry(name.clone()).or_insert(next));
        }
    }
    words(js).map(|word| short.get(word).map_or(word, String::as_str)).collect()
}

/// Removes the imports that the optimised module no longer has.
pub(crate) fn without_imports(mut js: String, before: &BTreeSet<String>, after: &BTreeSet<String>) -> String {
    for name in before.difference(after) {
        // Including the comma after it.
        cut(&mut js, &format!("{name}: function("), |rest| block(rest).map(|end| end + 1));
    }
    js
}

/// Returns the names of a module's imports.
pub(crate) fn imports(module: &Module) -> BTreeSet<String> {
    module.imports.iter().map(|import| import.name.clone()).collect()
}

/// Removes every statement that begins with `start`; `length` returns the length of one.
fn cut(js: &mut String, start: &str, length: impl Fn(&str) -> Option<usize>) {
    while let Some(from) = js.find(start) {
        let Some(length) = length(&js[from..]) else { return };
        js.replace_range(from..from + length, "");
    }
}

/// Returns the end of the first brace block. Assumes that its strings contain no braces.
fn block(js: &str) -> Option<usize> {
    let mut depth = 0_u32;
    for (at, sign) in js.char_indices() {
        match sign {
            '{' => depth += 1,
            '}' if depth == 1 => return Some(at + 1),
            '}' => depth -= 1,
            _ => {}
        }
    }
    None
}

/// Splits a script into identifiers and the text between them, without loss.
fn words(js: &str) -> impl Iterator<Item = &str> {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'$';
    let words = js.as_bytes().chunk_by(move |one, next| is_part(*one) == is_part(*next));
    words.filter_map(|word| std::str::from_utf8(word).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_ends_at_its_matching_brace() {
        let mut js = "a;class B { c() { d } }\nb: function() { { } },e".to_owned();
        cut(&mut js, "class B", block);
        cut(&mut js, "b: function(", |rest| block(rest).map(|end| end + 1));
        assert_eq!(js, "a;\ne");
    }

    #[test]
    fn splitting_into_words_loses_no_text() {
        let js = "wasm.a_1(x$, \"é\");";
        assert_eq!(words(js).collect::<String>(), js);
        assert!(words(js).any(|word| word == "a_1"));
    }
}
