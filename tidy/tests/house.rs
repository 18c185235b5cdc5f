//! Rules for the repository: headers, sizes, names, dependencies and forbidden calls.

use std::{fs, path::Path, sync::LazyLock};

const LONGEST: usize = 400;

/// Names that do not describe the contents.
const EMPTY_NAMES: [&str; 16] = [
    "util", "utils", "helper", "helpers", "common", "misc", "mod", "type", "types", "model", "models", "base", "core",
    "handler", "handlers", "impl",
];

/// Name endings reserved for the domain's services and their tests.
const SERVICE_NAMES: [&str; 6] = ["manager", "managers", "processor", "processors", "service", "services"];

/// Text that no Rust file may contain, with advice. `concat!` keeps this file itself clean.
const RUST_NEEDLES: [(&str, &str); 7] = [
    (concat!("to", "do!("), "write it, or leave the caller out until it is written"),
    (concat!("unimpl", "emented!("), "write it, or leave the caller out until it is written"),
    (concat!("d", "bg!("), "use tracing, or nothing"),
    (concat!("#[ign", "ore"), "a test that does not run proves nothing: repair it or delete it"),
    (concat!("thread::", "sleep"), "wait for the thing itself: a channel, a stepped clock, a signal"),
    (concat!("// TO", "DO"), "do it before it is merged"),
    (concat!("// FIX", "ME"), "do it before it is merged"),
];

const SCRIPT_NEEDLES: [(&str, &str); 8] = [
    (concat!("waitFor", "Timeout("), "wait for what should be seen: expect(locator).toBeVisible()"),
    (concat!("test.", "skip("), "a test that does not run proves nothing: repair it or delete it"),
    (concat!("test.", "only("), "it would silence every other test"),
    (concat!("test.", "fixme("), "a test that does not run proves nothing: repair it or delete it"),
    (concat!("describe.", "skip("), "a test that does not run proves nothing: repair it or delete it"),
    (concat!("describe.", "only("), "it would silence every other test"),
    (concat!("// TO", "DO"), "do it before it is merged"),
    (concat!("// FIX", "ME"), "do it before it is merged"),
];

/// A page consists of a loader file, a snapshot and plain forms. These would add inline scripts or a second transport.
const PAGE_NEEDLES: [&str; 6] = ["ServerAction", "ActionForm", "Action::new", "Resource", "Suspense", "ErrorBoundary"];

#[test]
fn every_file_opens_with_what_it_owns() {
    holds(headers);
    breaks(headers, "server/src/a.rs", "use std::fs;\n//! Too late.");
}

#[test]
fn files_fit_in_a_head() {
    holds(sizes);
    breaks(sizes, "app/src/a.rs", &"//! A line.\n".repeat(LONGEST + 1));
    passes(sizes, "app/tests/a.rs", &"//! A line.\n".repeat(LONGEST + 1));
}

#[test]
fn no_line_of_the_core_knows_an_extension_by_name() {
    holds(nobody_knows_an_extension);
    let there = |text: &str| {
        let file = |path: &str, text: &str| File { path: path.into(), text: text.into() };
        nobody_knows_an_extension(&[file("extensions/src/wait_times.rs", ""), file("server/src/bus.rs", text)])
    };
    assert_eq!(there("// as WaitTimes does").len(), 0);
    for name in ["use extensions::wait_times;", "\"WaitTimes.Said\"", "/s/demo/x/wait-times"] {
        assert_eq!(there(name).len(), 1, "{name}");
    }
}

#[test]
fn names_say_what_is_inside() {
    holds(names);
    for name in ["app/src/utils.rs", "server/src/push/mod.rs", "server/src/core/a.rs", "end2end/helpers.ts"] {
        breaks(names, name, "");
    }
    breaks(names, "app/src/a.rs", "    pub(crate) mod helpers {");
    breaks(names, "server/src/order_manager.rs", "");
    passes(names, "domain/src/services/manager.rs", "");
    passes(names, "server/src/core_hours.rs", "pub mod model_of_a_cup;");
}

#[test]
fn nothing_is_left_undone_or_asleep() {
    holds(needles);
    for (needle, _) in RUST_NEEDLES {
        breaks(needles, "server/src/a.rs", needle);
    }
    for (needle, _) in SCRIPT_NEEDLES {
        breaks(needles, "end2end/tests/a.spec.ts", needle);
    }
}

#[test]
fn the_screens_know_neither_database_nor_runtime() {
    holds(screens_alone);
    breaks(screens_alone, "app/Cargo.toml", "sqlx.workspace = true");
    breaks(screens_alone, "app/src/api.rs", "    tokio::spawn(task);");
    passes(screens_alone, "app/src/api.rs", "// Not tokio: see the port.\nlet tokio_like = 1;");
}

#[test]
fn the_engine_knows_no_database() {
    holds(engine_alone);
    breaks(engine_alone, "server/src/engine/shop.rs", "use crate::store::sqlite::Sqlite;");
    breaks(engine_alone, "server/src/store.rs", "    Unavailable(#[source] sqlx::Error),");
    breaks(engine_alone, "server/src/engine/shop.rs", "use crate::store::postgres::Postgres;");
    passes(engine_alone, "server/src/store.rs", "pub mod sqlite;");
    passes(engine_alone, "server/src/store.rs", "pub mod postgres;");
}

#[test]
fn the_domain_depends_on_next_to_nothing() {
    holds(domain_alone);
    breaks(domain_alone, "domain/Cargo.toml", "[dependencies]\nrand = \"1\"");
    breaks(domain_alone, "domain/Cargo.toml", "[dependencies.rand]\nversion = \"1\"");
    passes(
        domain_alone,
        "domain/Cargo.toml",
        "[dependencies]\nserde.workspace = true\n[dev-dependencies]\nrand = \"1\"",
    );
}

#[test]
fn pages_load_by_snapshot_and_post_by_form() {
    holds(plain_pages);
    breaks(plain_pages, "app/src/pages/order.rs", "let menu = LocalResource::new(menu);");
    passes(plain_pages, "app/src/pages/order.rs", "// No Suspense: the snapshot is in the page.");
    passes(plain_pages, "app/src/live.rs", "let menu = LocalResource::new(menu);");
}

#[test]
fn no_page_carries_a_script_of_its_own() {
    holds(scripts_are_files);
    breaks(scripts_are_files, "app/src/lib.rs", "view! {\n<script inner_html=start></script> }");
    breaks(scripts_are_files, "server/src/web.rs", "\"<script>start()</script>\"");
    passes(scripts_are_files, "app/src/lib.rs", "view! { <script type=\"module\" src=loader></script> }");
    passes(scripts_are_files, "app/src/lib.rs", "<script type=\"application/json\" inner_html=json></script>");
}

#[test]
fn decisions_are_numbered_without_gaps() {
    holds(decisions);
    breaks(decisions, "docs/adr/0002-two.md", "");
    breaks(decisions, "docs/adr/one.md", "");
    passes(decisions, "docs/adr/0001-one.md", "");
}

#[test]
fn papers_name_what_is_there() {
    holds(papers);
    breaks(papers, "README.md", "Read `server/src/gone.rs` first.");
    breaks(papers, "README.md", "| a row | `node end2end/gone.mjs` |");
    breaks(papers, "docs/guides/a.md", "`docs/guides/{a,gone}.md`");
    breaks(papers, "ARCHITECTURE.md", "```text\n the engine    server/src/gone/, and more\n```");
    passes(papers, "docs/guides/a.md", "`docs/guides/a.md`, `guides/a.md`, `guides/`, `docs/guides/{yours}.md`");
    passes(
        papers,
        "README.md",
        "`crema-data/crema.toml`, `/api/…`, `localhost:3000/s/demo`, `tests/*/a.rs`, `store/open`",
    );
    passes(papers, "README.md", "```rust\nuse gone::gone; // gone/gone.rs\n```");
}

#[test]
fn both_licences_are_here() {
    for name in ["LICENSE-MIT", "LICENSE-APACHE"] {
        let is_here = HOUSE.iter().any(|file| file.path == name);
        assert!(is_here, "{name}:1: is missing. Cargo.toml promises MIT OR Apache-2.0: put the licence's text there");
    }
}

#[test]
fn the_lock_holds_the_versions_that_must_agree() {
    holds(locked_versions);
    let of = |name: &str, version: &str| format!("[[package]]\nname = \"{name}\"\nversion = \"{version}\"\n\n");
    let (sqlite, bindgen, cli) = ("libsqlite3-sys", "wasm-bindgen", "wasm-bindgen-cli-support");
    let lock = of(sqlite, "0.38.1") + &of(bindgen, "0.2.130") + &of(cli, "0.2.130");
    passes(locked_versions, "Cargo.lock", &lock);
    breaks(locked_versions, "Cargo.lock", &lock.replace("0.38.1", "0.36.0"));
    breaks(locked_versions, "Cargo.lock", &(of(sqlite, "0.37.0") + &lock));
    breaks(locked_versions, "Cargo.lock", &lock.replacen("0.2.130", "0.2.131", 1));
    breaks(locked_versions, "Cargo.lock", &of(sqlite, "0.37.0"));
}

fn headers(files: &[File]) -> Vec<String> {
    let headless = rust(files).filter(|file| !file.text.starts_with("//! "));
    headless.map(|file| file.at(1, "opens without `//!`. Say in one sentence what the file owns")).collect()
}

fn sizes(files: &[File]) -> Vec<String> {
    let written = files.iter().filter(|file| file.is(&["rs", "ts", "js", "mjs", "css", "scss", "sql", "sh"]));
    let long =
        written.filter(|file| !file.path.split('/').any(|name| name == "tests") && file.text.lines().count() > LONGEST);
    long.map(|file| file.at(LONGEST + 1, "is longer than 400 lines. Split the file by story, not by kind")).collect()
}

fn names(files: &[File]) -> Vec<String> {
    let mut found = Vec::new();
    for file in files.iter().filter(|file| file.is(&["rs", "ts", "js", "mjs"])) {
        let may_serve = ["domain/src/services", "domain/tests/"].iter().any(|place| file.path.starts_with(place));
        let mut judge = |line: usize, name: &str| {
            if EMPTY_NAMES.contains(&name) {
                found
                    .push(file.at(line, &format!("is called `{name}`. Name it after what it owns, as one plain noun")));
            }
            if !may_serve && name.rsplit('_').next().is_some_and(|last| SERVICE_NAMES.contains(&last)) {
                let what = format!("is called `{name}`. Only the services in domain/src/services have such names");
                found.push(file.at(line, &what));
            }
        };
        for name in file.path.split('/') {
            judge(1, name.split('.').next().unwrap_or(name));
        }
        for (line, code) in file.code() {
            let Some((before, after)) = code.split_once("mod ") else { continue };
            let is_declared = before.trim().is_empty() || before.trim().starts_with("pub");
            if let (true, Some(name)) = (is_declared && file.is(&["rs"]), after.trim().strip_suffix('{')) {
                judge(line, name.trim());
            }
        }
    }
    found
}

fn needles(files: &[File]) -> Vec<String> {
    let mut found = Vec::new();
    for file in files {
        let needles: &[(&str, &str)] = if file.is(&["rs"]) {
            &RUST_NEEDLES
        } else if file.is(&["ts", "js", "mjs"]) {
            &SCRIPT_NEEDLES
        } else {
            continue;
        };
        for (line, text) in file.text.lines().enumerate() {
            let here = needles.iter().filter(|(needle, _)| text.contains(needle));
            found.extend(here.map(|(needle, instead)| file.at(line + 1, &format!("says `{needle}`: {instead}"))));
        }
    }
    found
}

fn screens_alone(files: &[File]) -> Vec<String> {
    let mut found = Vec::new();
    for file in files.iter().filter(|file| file.path == "app/Cargo.toml" || file.path.starts_with("app/src/")) {
        for (line, code) in file.code() {
            let mut words = code.split(|c: char| !c.is_alphanumeric() && c != '_');
            if let Some(word) = words.find(|word| ["sqlx", "tokio"].contains(word)) {
                found.push(
                    file.at(line, &format!("names {word}. The server has it: add what is needed to the Backend port")),
                );
            }
        }
    }
    found
}

fn engine_alone(files: &[File]) -> Vec<String> {
    let mut found = Vec::new();
    let port = "server/src/store.rs";
    let places = ["server/src/engine", "server/src/push", port];
    for file in files.iter().filter(|file| places.iter().any(|place| file.path.starts_with(place))) {
        for (line, code) in file.code() {
            let mut words = code.split(|c: char| !c.is_alphanumeric() && c != '_');
            let is_its_place = file.path == port && ["pub mod postgres;", "pub mod sqlite;"].contains(&code);
            if let Some(word) = words.find(|word| ["sqlx", "sqlite", "postgres"].contains(word) && !is_its_place) {
                found.push(file.at(line, &format!("names {word}. Ask the port in {port} for what is needed")));
            }
        }
    }
    found
}

fn domain_alone(files: &[File]) -> Vec<String> {
    let mut found = Vec::new();
    for file in files.iter().filter(|file| file.path == "domain/Cargo.toml") {
        let mut section = "";
        for (line, code) in file.code() {
            let code = code.trim();
            let name = if code.starts_with('[') {
                section = code.trim_matches(['[', ']']);
                section.strip_prefix("dependencies.").or_else(|| Some(section.split_once(".dependencies.")?.1))
            } else if section == "dependencies" || section.ends_with(".dependencies") {
                code.split(['.', '=', ' ']).next().filter(|name| !name.is_empty())
            } else {
                None
            };
            if let Some(name) = name.filter(|name| !["serde", "uuid"].contains(name)) {
                let what = format!("depends on {name}. The domain is pure: hand in what it needs as a value");
                found.push(file.at(line, &what));
            }
        }
    }
    found
}

fn plain_pages(files: &[File]) -> Vec<String> {
    let mut found = Vec::new();
    for file in rust(files).filter(|file| file.path == "app/src/pages.rs" || file.path.starts_with("app/src/pages/")) {
        for (line, code) in file.code() {
            let here = PAGE_NEEDLES.iter().filter(|needle| code.contains(**needle));
            let what = |needle| format!("uses {needle}. A page has its snapshot as data and posts by form");
            found.extend(here.map(|needle| file.at(line, &what(needle))));
        }
    }
    found
}

/// Files of `extensions/` are known by the spellings `wait_times`, `wait-times` and `WaitTimes`.
fn nobody_knows_an_extension(files: &[File]) -> Vec<String> {
    let theirs = files.iter().filter_map(|file| file.path.strip_prefix("extensions/src/")?.strip_suffix(".rs"));
    let names: Vec<String> = theirs.filter(|name| *name != "lib" && !name.contains('/')).flat_map(spellings).collect();
    let core = ["domain/src/", "app/src/", "server/src/", "frontend/src/"];
    let mut found = Vec::new();
    for file in rust(files).filter(|file| core.iter().any(|place| file.path.starts_with(place))) {
        for (line, code) in file.code() {
            let here = names.iter().filter(|name| code.contains(name.as_str()));
            found.extend(
                here.map(|name| file.at(line, &format!("knows the extension {name}. It may be gone tomorrow"))),
            );
        }
    }
    found
}

fn spellings(name: &str) -> [String; 3] {
    let large = name.split('_').map(|word| word[..1].to_uppercase() + &word[1..]);
    [name.to_owned(), name.replace('_', "-"), large.collect()]
}

fn scripts_are_files(files: &[File]) -> Vec<String> {
    let mut found = Vec::new();
    let screens = ["app/src/", "server/src/", "frontend/src/"];
    for file in rust(files).filter(|file| screens.iter().any(|place| file.path.starts_with(place))) {
        let code: Vec<&str> = file.code().map(|(_, code)| code).collect();
        let code = code.join("\n");
        for (start, _) in code.match_indices("<script") {
            let (before, from) = code.split_at(start);
            let ends = ["</script>", "/>"].iter().filter_map(|end| from.find(end));
            let element = from.get(..ends.min().unwrap_or(from.len())).unwrap_or(from);
            let is_file = element.contains("src=") && !element.contains("inner_html");
            if !is_file && !element.contains("application/json") {
                let line = before.matches('\n').count() + 1;
                found.push(file.at(line, "has an inline script, which the CSP refuses. Make it a file, or JSON data"));
            }
        }
    }
    found
}

fn decisions(files: &[File]) -> Vec<String> {
    let records = files.iter().filter_map(|file| Some((file, file.path.strip_prefix("docs/adr/")?)));
    let mut records: Vec<_> = records.filter(|(file, name)| file.is(&["md"]) && *name != "README.md").collect();
    records.sort_by_key(|(_, name)| *name);
    let wrong = records.iter().zip(1..).filter(|((_, name), n)| !name.starts_with(&format!("{n:04}-")));
    wrong.map(|((file, _), n)| file.at(1, &format!("should be number {n:04}. Number decisions without gaps"))).collect()
}

/// Folders created by running or building; documents may name files in them.
const MADE: [&str; 3] = ["crema-data/", "dist/", "keys/"];

const ENDINGS: [&str; 12] = ["/", ".rs", ".md", ".toml", ".sql", ".css", ".json", ".sh", ".js", ".mjs", ".ts", ".svg"];

/// A document may name a path by its end: `push/` for `server/src/push/`.
fn papers(files: &[File]) -> Vec<String> {
    let paths: Vec<String> = files.iter().map(|file| format!("/{}", file.path)).collect();
    let is_there = |named: &str| {
        let named = format!("/{named}");
        paths.iter().any(|path| if named.ends_with('/') { path.contains(&named) } else { path.ends_with(&named) })
    };
    let is_paper = |path: &str| path.starts_with("docs/guides/") || ["README.md", "ARCHITECTURE.md"].contains(&path);
    let mut found = Vec::new();
    for file in files.iter().filter(|file| is_paper(&file.path)) {
        for (line, word) in words(&file.text) {
            let gone = alternatives(word).into_iter().filter(|path| is_path(path) && !is_there(path));
            found.extend(gone.map(|path| file.at(line, &format!("names {path}, which is not there. Name what is"))));
        }
    }
    found
}

/// The words in backticks and in `text` blocks, with their line numbers.
fn words(paper: &str) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    let mut fence = None;
    for (n, line) in paper.lines().enumerate() {
        let said: Vec<&str> = match (line.strip_prefix("```"), fence) {
            (Some(kind), None) => {
                fence = Some(kind);
                continue;
            }
            (Some(_), Some(_)) => {
                fence = None;
                continue;
            }
            (None, Some("text")) => vec![line],
            (None, Some(_)) => continue,
            (None, None) => line.split('`').skip(1).step_by(2).collect(),
        };
        let words = said.into_iter().flat_map(str::split_whitespace);
        found.extend(words.map(|word| (n + 1, word.trim_end_matches([',', ';', '.', ':']))));
    }
    found
}

/// `a/{b,c}.rs` expands to two paths; a single name in braces is a placeholder.
fn alternatives(word: &str) -> Vec<String> {
    match word.split_once('{').and_then(|(before, rest)| Some((before, rest.split_once('}')?))) {
        Some((before, (names, after))) if names.contains(',') => {
            names.split(',').map(|name| format!("{before}{name}{after}")).collect()
        }
        Some(_) => Vec::new(),
        None => vec![word.to_owned()],
    }
}

/// URLs begin with a slash; patterns and placeholders contain other characters.
fn is_path(word: &str) -> bool {
    let is_plain = word.chars().all(|c| c.is_ascii_alphanumeric() || "._-/".contains(c));
    let is_named = !word.starts_with(['/', '.']) && ENDINGS.iter().any(|ending| word.ends_with(ending));
    is_plain && is_named && !MADE.iter().any(|folder| word.starts_with(folder))
}

fn locked_versions(files: &[File]) -> Vec<String> {
    let mut found = Vec::new();
    for file in files.iter().filter(|file| file.path == "Cargo.lock") {
        let sqlite = versions(file, "libsqlite3-sys");
        if let [(line, version)] = sqlite.as_slice() {
            let numbers: Vec<u32> = version.split('.').filter_map(|n| n.parse().ok()).collect();
            if numbers.as_slice() < &[0, 37] {
                found
                    .push(file.at(*line, "has libsqlite3-sys below 0.37, whose SQLite can corrupt its WAL. Update it"));
            }
        } else {
            let line = sqlite.last().map_or(1, |(line, _)| *line);
            found.push(
                file.at(line, "must have libsqlite3-sys exactly once. Two copies of SQLite break each other's locks"),
            );
        }
        for name in ["wasm-bindgen", "wasm-bindgen-cli-support"] {
            let versions = versions(file, name);
            if !matches!(versions.as_slice(), [(_, "0.2.130")]) {
                let line = versions.first().map_or(1, |(line, _)| *line);
                let what =
                    format!("must have {name} 0.2.130 alone. Module and bundler agree to the patch or not at all");
                found.push(file.at(line, &what));
            }
        }
    }
    found
}

/// Line numbers and versions of a package in the lock file.
fn versions<'a>(lock: &'a File, name: &str) -> Vec<(usize, &'a str)> {
    let name = format!("name = \"{name}\"");
    let lines: Vec<&str> = lock.text.lines().collect();
    let pairs = lines.windows(2).enumerate().filter_map(|(n, pair)| match pair {
        [first, second] if *first == name => Some((n + 2, second.strip_prefix("version = \"")?.trim_end_matches('"'))),
        _ => None,
    });
    pairs.collect()
}

type Rule = fn(&[File]) -> Vec<String>;

fn holds(rule: Rule) {
    let found = rule(&HOUSE);
    assert!(found.is_empty(), "{} to tidy:\n{}", found.len(), found.join("\n"));
}

/// Checks that a rule rejects an example. Without it, a rule that never matches would always pass.
fn breaks(rule: Rule, path: &str, text: &str) {
    let found = rule(&[File { path: path.into(), text: text.into() }]);
    assert!(!found.is_empty(), "{path} should have been found:\n{text}");
}

fn passes(rule: Rule, path: &str, text: &str) {
    let found = rule(&[File { path: path.into(), text: text.into() }]);
    assert!(found.is_empty(), "{path} should have passed, but {}", found.join("\n"));
}

/// A file of the repository: path from the root with slashes, and text.
struct File {
    path: String,
    text: String,
}

static HOUSE: LazyLock<Vec<File>> = LazyLock::new(|| {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let ignored = fs::read_to_string(root.join(".gitignore")).unwrap_or_default();
    let ignored: Vec<&str> = ignored.lines().map(|line| line.trim_end_matches('/')).collect();
    let mut files = Vec::new();
    read_into(&mut files, &root, "", &ignored);
    files.sort_by(|one, other| one.path.cmp(&other.path));
    files
});

/// Reads the files that git would track. `ignored` holds the plain lines of .gitignore: names, or paths from the root.
fn read_into(files: &mut Vec<File>, root: &Path, folder: &str, ignored: &[&str]) {
    let entries = fs::read_dir(root.join(folder)).unwrap_or_else(|error| panic!("{folder} cannot be read: {error}"));
    for entry in entries.filter_map(Result::ok) {
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = if folder.is_empty() { name.clone() } else { format!("{folder}/{name}") };
        let is_built = [".git", "target", "dist", "node_modules"].contains(&name.as_str());
        if is_built || ignored.iter().any(|line| *line == name || line.strip_prefix('/') == Some(&path)) {
            continue;
        }
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => read_into(files, root, &path, ignored),
            Ok(kind) if kind.is_file() => {
                // Binary files count by name only.
                let text = fs::read_to_string(entry.path()).unwrap_or_default();
                files.push(File { path, text });
            }
            _ => {}
        }
    }
}

fn rust(files: &[File]) -> impl Iterator<Item = &File> {
    files.iter().filter(|file| file.is(&["rs"]))
}

impl File {
    fn is(&self, endings: &[&str]) -> bool {
        self.path.rsplit_once('.').is_some_and(|(_, ending)| endings.contains(&ending))
    }

    fn at(&self, line: usize, what: &str) -> String {
        format!("{}:{line}: {what}.", self.path)
    }

    /// Lines with their numbers, without comments that start a line or follow a space.
    fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        let mark = if self.is(&["toml"]) { "#" } else { "//" };
        let strip = move |line| match str::find(line, mark) {
            Some(n) if line.get(..n).is_some_and(|before| before.is_empty() || before.ends_with(' ')) => &line[..n],
            _ => line,
        };
        self.text.lines().map(strip).enumerate().map(|(n, line)| (n + 1, line))
    }
}
