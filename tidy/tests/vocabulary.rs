//! Holds the code to `docs/glossary.md` and `docs/style.md`: type names, identifiers and the openings of comments.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// Crates that are linked into one program or bundle.
const CRATES: [&str; 11] = [
    "domain",
    "protocol",
    "engine",
    "store",
    "extension_host",
    "app",
    "extensions",
    "robot",
    "import",
    "server",
    "frontend",
];

/// Type names that may have several declarations.
const SHARED_NAMES: [&str; 1] = [
    "Error", // The error of a module, read with its path as in `std::io::Error`: `store::Error`, `config::Error`.
];

/// Identifiers that the glossary replaces.
const BANNED: &[&str] = &[
    "Asked",
    "Asker",
    "Entrance",
    "Fallen",
    "Housed",
    "NotACursor",
    "NotARole",
    "Posted",
    "Runaway",
    "Saying",
    "Soon",
    "Told",
    "Unheeded",
    "Whom",
    "AT_ONCE",
    "BREATH",
    "LAST_ORDERS",
    "PATIENCE",
    "SILENCE",
    "WAITING",
    "heed",
    "obey",
    "spoilt",
    "start_over",
    "told",
    "work_off",
];

/// First words of a comment that stand in place of a subject or a verb.
const INVERSIONS: [&str; 14] = [
    "Neither", "Nobody", "Of", "Whatever", "What", "Whenever", "Where", "Wherever", "Whether", "Which", "Who",
    "Whoever", "Whom", "Whose",
];

/// Largest share of comments, in percent, that may begin with an inversion.
const MAX_INVERSIONS_PERCENT: usize = 5;

#[test]
fn every_type_name_has_one_declaration() {
    let mut declared: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (path, text) in sources() {
        for name in text.lines().filter_map(declaration) {
            declared.entry(name.to_owned()).or_default().push(path.clone());
        }
    }
    let twice = declared.iter().filter(|(name, paths)| paths.len() > 1 && !SHARED_NAMES.contains(&name.as_str()));
    let twice: Vec<String> = twice.map(|(name, paths)| format!("{name}: {}", paths.join(", "))).collect();
    assert!(twice.is_empty(), "{} names are declared twice:\n{}", twice.len(), twice.join("\n"));
}

#[test]
fn identifiers_use_the_terms_of_the_glossary() {
    let mut found = Vec::new();
    for (path, text) in sources() {
        for (line, code) in code_lines(&text) {
            let mut words = code.split(|c: char| !c.is_alphanumeric() && c != '_');
            found.extend(words.find(|word| BANNED.contains(word)).map(|word| format!("{path}:{line}: {word}")));
        }
    }
    assert!(found.is_empty(), "{} identifiers to rename:\n{}", found.len(), found.join("\n"));
}

#[test]
fn comments_begin_with_a_subject_or_a_verb() {
    let (mut all, mut inverted) = (0, Vec::new());
    for (path, text) in sources() {
        let mut in_comment = false;
        for (line, text) in (1..).zip(text.lines()) {
            let comment = text.trim_start().strip_prefix("//").map(|text| text.trim_start_matches(['/', '!']).trim());
            if let (Some(comment), false) = (comment.filter(|comment| !comment.is_empty()), in_comment) {
                all += 1;
                let first = comment.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
                if INVERSIONS.contains(&first) {
                    inverted.push(format!("{path}:{line}: {comment}"));
                }
            }
            in_comment = comment.is_some_and(|comment| !comment.is_empty());
        }
    }
    let most = all * MAX_INVERSIONS_PERCENT / 100;
    assert!(inverted.len() <= most, "{} of {all} comments, most {most}:\n{}", inverted.len(), inverted.join("\n"));
}

#[test]
fn the_readers_of_this_file_find_what_they_look_for() {
    assert_eq!(declaration("pub(crate) struct Batch<'a> {"), Some("Batch"));
    assert_eq!(declaration("type Bytes = Vec<u8>;"), Some("Bytes"));
    assert_eq!(declaration("    type Error = Infallible;"), None, "associated types repeat by design");
    let code =
        code_lines("let told = \"told\"; // told\n/// told\n").map(|(line, code)| (line, code.trim().to_owned()));
    assert_eq!(code.collect::<Vec<_>>(), [(1, "let told = \"\";".to_owned()), (2, String::new())]);
}

/// The name of a type that a line without indentation declares.
fn declaration(line: &str) -> Option<&str> {
    let rest = match line.strip_prefix("pub") {
        Some(rest) => rest.trim_start_matches("(super)").trim_start_matches("(crate)").strip_prefix(' ')?,
        None => line,
    };
    let rest = ["struct ", "enum ", "trait ", "type "].iter().find_map(|kind| rest.strip_prefix(kind))?;
    rest.split(|c: char| !c.is_alphanumeric() && c != '_').next().filter(|name| !name.is_empty())
}

/// The lines with their numbers, without comments and without the contents of strings.
fn code_lines(text: &str) -> impl Iterator<Item = (usize, String)> {
    (1..).zip(text.lines()).map(|(line, text)| {
        let text = text.split("//").next().unwrap_or_default();
        let code: Vec<&str> = text.split('"').step_by(2).collect();
        (line, code.join("\"\""))
    })
}

/// The Rust files of the product's crates, without tests.
fn sources() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut found = Vec::new();
    for name in CRATES {
        read_into(&mut found, &root, &format!("{name}/src"));
    }
    assert!(found.len() > 100, "the sources were not found");
    found
}

fn read_into(found: &mut Vec<(String, String)>, root: &Path, folder: &str) {
    let entries = fs::read_dir(root.join(folder)).unwrap_or_else(|error| panic!("{folder} cannot be read: {error}"));
    for entry in entries.filter_map(Result::ok) {
        let path = format!("{folder}/{}", entry.file_name().to_string_lossy());
        if entry.path().is_dir() {
            read_into(found, root, &path);
        } else if path.rsplit_once('.').is_some_and(|(_, ending)| ending == "rs") && !path.ends_with("tests.rs") {
            let text = fs::read_to_string(entry.path()).unwrap_or_else(|error| panic!("{path}: {error}"));
            found.push((path, text));
        }
    }
}
