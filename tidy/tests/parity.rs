//! Checks `docs/parity.md`: every id occurs once, in order, and every named test exists.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// Groups of the list with their length and the ids that end in P (announced for the original, never published).
const GROUPS: [(&str, usize, &[usize]); 9] = [
    ("DS", 25, &[]),
    ("OR", 40, &[]),
    ("BA", 29, &[]),
    ("AD", 12, &[]),
    ("BE", 37, &[]),
    ("EX", 19, &[16, 17, 18]),
    ("OP", 15, &[5, 6]),
    ("DV", 15, &[1, 2, 3, 4, 13]),
    ("BY", 30, &[]),
];

/// Number of known defects of the original. A defect has a line once a test shows its absence.
const DEFECTS: usize = 54;

#[test]
fn every_parity_line_exists_with_a_valid_state() {
    let list = fs::read_to_string(root().join("docs/parity.md")).expect("docs/parity.md is part of the repository");
    let findings = findings(&list, &exists);
    assert!(findings.is_empty(), "docs/parity.md has faults:\n{}", findings.join("\n"));
}

#[test]
fn missing_duplicate_and_unknown_lines_are_reported() {
    let list = whole_list("open");
    assert_eq!(findings(&list, &|_| true), Vec::<String>::new());

    let without = list.replace("| OP05P | x | open |\n", "");
    assert_eq!(about(&without, "is missing"), ["OP05P"]);

    let doubled = list.replace("| AD03 | x | open |\n", "| AD03 | x | open |\n| AD03 | x | open |\n");
    assert_eq!(about(&doubled, "is here twice"), ["AD03"]);

    let unknown = list.replace("| AD03 |", "| AD3 |");
    assert_eq!(about(&unknown, "is not an id"), ["AD3"]);

    let swapped = list.replace("| AD03 |", "| AD99 |").replace("| AD04 |", "| AD03 |").replace("| AD99 |", "| AD04 |");
    assert_eq!(about(&swapped, "is out of order"), ["AD03"]);
}

#[test]
fn a_defect_line_requires_a_test() {
    let with = |rows: &str| whole_list("open") + rows;
    assert_eq!(
        findings(&with("| #6 | x | tested by a::b::c |\n| #53 | x | tested by a::b::c |\n"), &|_| true),
        [""; 0]
    );
    assert_eq!(about(&with("| #6 | x | open |\n"), "is not tested"), ["#6"]);
    assert_eq!(about(&with("| #55 | x | tested by a::b::c |\n"), "is not an id"), ["#55"]);
    assert_eq!(
        about(&with("| #7 | x | tested by a::b::c |\n| #6 | x | tested by a::b::c |\n"), "is out of order"),
        ["#6"]
    );
    assert!(!findings(&with("| #6 | x | tested by a::b::c |\n"), &|_| false).is_empty(), "a missing test is reported");
}

#[test]
fn a_parity_state_is_one_of_three() {
    for good in [
        "open",
        "tested by domain::golden::an_order_goes_its_way",
        "tested by `domain::golden::one`, end2end: one, and then two, server::api::three",
        "tested by domain::golden::one; open: the ticket, which does not exist",
        "replaced by a link, because there is nothing to type",
    ] {
        assert_eq!(findings(&whole_list(good), &|_| true), Vec::<String>::new(), "{good}");
    }
    for bad in [
        "",
        "done",
        "Open",
        "tested by",
        "tested by golden",
        "tested by a::b, and c::d",
        "replaced by a link",
        "tested by a::b::c; open: ",
    ] {
        assert!(!findings(&whole_list(bad), &|_| true).is_empty(), "{bad}");
    }
}

#[test]
fn a_title_may_hold_commas() {
    let names = names("end2end: scan, choose, done, domain::golden::a, end2end: b").expect("all parts are valid names");
    let expected = [
        Name::Browser { title: "scan, choose, done".into() },
        Name::Rust { krate: "domain".into(), file: "golden".into(), test: "a".into() },
        Name::Browser { title: "b".into() },
    ];
    assert_eq!(names, expected);
}

#[test]
fn a_named_test_is_looked_up_in_its_file() {
    let named = |test: &str| Name::Rust { krate: "tidy".into(), file: "parity".into(), test: test.into() };
    assert!(exists(&named("a_named_test_is_looked_up_in_its_file")));
    assert!(!exists(&named("whole_list")), "a function without a test attribute does not count");
    assert!(!exists(&named("a_named_test")), "a prefix of a name does not count");
    assert!(!exists(&Name::Browser { title: "a title that nobody wrote".into() }));
}

#[test]
fn rust_tests_are_recognised_by_their_attribute_or_their_block() {
    let text = "
        #[test]
        #[should_panic(expected = \"why\")]
        fn plain() {}

        #[tokio::test(
            flavor = \"multi_thread\"
        )]
        async fn slow() -> Outcome {}

        proptest! {
            fn random(a in 0..9) { if a > 8 { } }
        }

        // #[test]
        // fn commented_out() {}
        fn neither() {}
    ";
    assert!(["plain", "slow", "random"].iter().all(|name| is_rust_test(text, name)));
    assert!(!["commented_out", "neither", "pla"].iter().any(|name| is_rust_test(text, name)));
}

#[test]
fn browser_tests_are_recognised_by_their_title() {
    let text =
        "test('one', f); test(\n  \"a guest's two\", f)\n// test('three', f)\ntest('it\\'s four', f); note('five')";
    assert!(["one", "a guest's two", "it's four"].iter().all(|title| is_browser_test(text, title)));
    assert!(!["three", "five", "on"].iter().any(|title| is_browser_test(text, title)));
}

/// A test as the list names it.
#[derive(Debug, PartialEq)]
enum Name {
    Rust { krate: String, file: String, test: String },
    Browser { title: String },
}

/// All faults of `list`, one per line; `exists` is called for every named test.
fn findings(list: &str, exists: &dyn Fn(&Name) -> bool) -> Vec<String> {
    let mut expected = expected_ids();
    let wanted = expected.len();
    expected.extend((1..=DEFECTS).map(|n| format!("#{n}")));
    let mut found = Vec::new();
    let mut seen: Vec<usize> = Vec::new();
    for (line, text) in list.lines().enumerate().filter(|(_, text)| text.trim_start().starts_with('|')) {
        let cells: Vec<&str> = text.trim().trim_matches('|').split('|').map(str::trim).collect();
        let &[id, what, state] = cells.as_slice() else {
            found.push(at(line, text, "does not have three cells: write id, feature and state"));
            continue;
        };
        if ["id", "#"].contains(&id) || id.starts_with("---") {
            continue;
        }
        match expected.iter().position(|known| known == id) {
            None => {
                found.push(at(line, id, "is not an id of this list: correct it, or add its group to the tidy test"));
            }
            Some(place) if seen.contains(&place) => found.push(at(line, id, "is here twice: keep one line")),
            Some(place) => {
                if seen.iter().any(|earlier| *earlier > place) {
                    found.push(at(line, id, "is out of order: sort the lines by id"));
                }
                seen.push(place);
            }
        }
        if what.is_empty() {
            found.push(at(line, id, "has no description: describe the feature in a sentence"));
        }
        if id.starts_with('#') && !state.starts_with("tested by ") {
            found.push(at(line, id, "is not tested: name the tests that detect this defect, or remove the line"));
        }
        found.extend(state_faults(state, exists).iter().map(|fault| at(line, id, fault)));
    }
    let missing = expected.iter().take(wanted).enumerate().filter(|(place, _)| !seen.contains(place));
    found.extend(missing.map(|(_, id)| format!("docs/parity.md: {id} is missing: every feature needs a line")));
    found
}

fn state_faults(state: &str, exists: &dyn Fn(&Name) -> bool) -> Vec<String> {
    match named_tests(state) {
        Ok(names) => names.iter().filter(|name| !exists(name)).map(Name::absence).collect(),
        Err(why) => vec![why],
    }
}

fn at(line: usize, subject: &str, what: &str) -> String {
    format!("docs/parity.md:{}: {subject} {what}", line + 1)
}

fn expected_ids() -> Vec<String> {
    let of_group = |(prefix, last, planned): (&str, usize, &[usize])| {
        let id = |n: usize| format!("{prefix}{n:02}{}", if planned.contains(&n) { "P" } else { "" });
        (1..=last).map(id).collect::<Vec<_>>()
    };
    GROUPS.into_iter().flat_map(of_group).collect()
}

/// The tests that a state names, or a description of the fault.
fn named_tests(state: &str) -> Result<Vec<Name>, String> {
    if state == "open" {
        return Ok(Vec::new());
    }
    if let Some(tests) = state.strip_prefix("tested by ") {
        return match tests.split_once("; open: ") {
            Some((_, "")) => Err("says that a part is open: write which".to_owned()),
            Some((tests, _)) => names(tests),
            None => names(tests),
        };
    }
    let replacement = state.strip_prefix("replaced by ").and_then(|rest| rest.split_once(", because "));
    match replacement {
        Some((by, why)) if !by.trim().is_empty() && !why.trim().is_empty() => Ok(Vec::new()),
        _ => Err(format!(
            "has the unknown state “{state}”: write “open”, “tested by NAME, NAME” or “replaced by …, because …”"
        )),
    }
}

/// Splits names at commas. A part that is not a name belongs to the preceding browser test's title.
fn names(tests: &str) -> Result<Vec<Name>, String> {
    let mut names: Vec<Name> = Vec::new();
    for part in tests.replace('`', "").split(", ").map(str::trim) {
        if let Some(title) = part.strip_prefix("end2end: ") {
            names.push(Name::Browser { title: title.into() });
        } else if let Some(name) = rust_name(part) {
            names.push(name);
        } else if let Some(Name::Browser { title }) = names.last_mut() {
            title.push_str(", ");
            title.push_str(part);
        } else {
            return Err(format!("names “{part}”: write crate::file::test or end2end: TITLE"));
        }
    }
    Ok(names)
}

fn rust_name(part: &str) -> Option<Name> {
    let is_word = |word: &&str| !word.is_empty() && word.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    let words: Vec<&str> = part.split("::").collect();
    match words.as_slice() {
        [krate, file, test] if words.iter().all(is_word) => {
            Some(Name::Rust { krate: (*krate).into(), file: (*file).into(), test: (*test).into() })
        }
        _ => None,
    }
}

impl Name {
    /// Reports the missing test and where it was searched.
    fn absence(&self) -> String {
        match self {
            Self::Rust { krate, file, test } => format!(
                "names a test that does not exist: “{test}”, searched in {krate}/tests/{file}.rs, {krate}/tests/*/{file}.rs or {krate}/src/**/{file}.rs"
            ),
            Self::Browser { title } => {
                format!("names a test that does not exist: “{title}”, searched in end2end/tests/*.spec.ts")
            }
        }
    }
}

fn exists(name: &Name) -> bool {
    match name {
        Name::Rust { krate, file, test } => {
            let file = format!("{file}.rs");
            let krate = root().join(krate);
            let mut candidates = files_below(&krate.join("tests"), 1);
            candidates.extend(files_below(&krate.join("src"), usize::MAX));
            candidates.iter().filter(|path| path.ends_with(&file)).any(|path| is_rust_test(&text_of(path), test))
        }
        Name::Browser { title } => files_below(&root().join("end2end/tests"), 0)
            .iter()
            .filter(|path| path.to_string_lossy().ends_with(".spec.ts"))
            .any(|path| is_browser_test(&text_of(path), title)),
    }
}

/// Returns whether `text` has a test function with this name.
fn is_rust_test(text: &str, name: &str) -> bool {
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let declares = |line: &str| {
        let after = line.trim_start_matches("pub ").trim_start_matches("async ").strip_prefix("fn ");
        after.and_then(|rest| rest.strip_prefix(name)).is_some_and(|rest| rest.starts_with('('))
    };
    lines.iter().enumerate().filter(|(_, line)| declares(line)).any(|(n, _)| {
        let is_end_of_another = |line: &&&str| line.is_empty() || line.ends_with(['}', '{', ';']);
        let mut above = lines.iter().take(n).rev().take_while(|line| !is_end_of_another(line));
        above.any(|line| line.starts_with("#[test]") || line.starts_with("#[tokio::test")) || is_in_proptest(&lines, n)
    })
}

/// Returns whether line `n` is inside a `proptest!` block.
fn is_in_proptest(lines: &[&str], n: usize) -> bool {
    let Some(start) = lines.iter().take(n).rposition(|line| line.starts_with("proptest! {")) else { return false };
    let block = lines.iter().take(n).skip(start).copied().collect::<String>();
    block.matches('{').count() > block.matches('}').count()
}

/// Returns whether `text` has a browser test with exactly this title, in any quotes.
fn is_browser_test(text: &str, title: &str) -> bool {
    let live: Vec<&str> = text.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
    let live = live.join("\n").replace("\\'", "'").replace("\\\"", "\"");
    ['\'', '"', '`'].iter().any(|quote| {
        let quoted = format!("{quote}{title}{quote}");
        live.match_indices(&quoted)
            .any(|(n, _)| live.get(..n).is_some_and(|before| before.trim_end().ends_with("test(")))
    })
}

fn files_below(folder: &Path, depth: usize) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let paths = entries.filter_map(Result::ok).map(|entry| entry.path());
    let (folders, mut files): (Vec<_>, Vec<_>) = paths.partition(|path| path.is_dir());
    if depth > 0 {
        files.extend(folders.iter().flat_map(|folder| files_below(folder, depth - 1)));
    }
    files
}

fn text_of(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{} cannot be read: {error}", path.display()))
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// A valid list with every line in the same state.
fn whole_list(state: &str) -> String {
    let head = ["| id | what | state |\n".to_string(), "| --- | --- | --- |\n".to_string()];
    let rows = expected_ids().into_iter().map(|id| format!("| {id} | x | {state} |\n"));
    head.into_iter().chain(rows).collect()
}

/// The ids for which `list` has this finding.
fn about(list: &str, what: &str) -> Vec<String> {
    let found = findings(list, &|_| true).into_iter().filter(|finding| finding.contains(what));
    found.filter_map(|finding| Some(finding.split_once(what)?.0.split_whitespace().last()?.to_string())).collect()
}
