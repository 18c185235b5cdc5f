//! Rules for the repository: headers, sizes, names, dependencies and forbidden calls.

use std::{fs, path::Path, sync::LazyLock};

const MAX_LINES: usize = 400;

/// Names that do not describe the contents.
const EMPTY_NAMES: [&str; 16] = [
    "util", "utils", "helper", "helpers", "common", "misc", "mod", "type", "types", "model", "models", "base", "core",
    "handler", "handlers", "impl",
];

/// Name endings reserved for the domain's services and their tests.
const SERVICE_NAMES: [&str; 6] = ["manager", "managers", "processor", "processors", "service", "services"];

/// Text that no Rust file may contain, with advice. `concat!` keeps this file itself clean.
const RUST_NEEDLES: [(&str, &str); 7] = [
    (concat!("to", "do!("), "implement it, or remove the caller until it is implemented"),
    (concat!("unimpl", "emented!("), "implement it, or remove the caller until it is implemented"),
    (concat!("d", "bg!("), "use tracing, or remove it"),
    (concat!("#[ign", "ore"), "a test that does not run proves nothing: fix or delete it"),
    (concat!("thread::", "sleep"), "wait for the event itself: a channel, a test clock, a signal"),
    (concat!("// TO", "DO"), "resolve it before merging"),
    (concat!("// FIX", "ME"), "resolve it before merging"),
];

const SCRIPT_NEEDLES: [(&str, &str); 8] = [
    (concat!("waitFor", "Timeout("), "wait for the expected state: expect(locator).toBeVisible()"),
    (concat!("test.", "skip("), "a test that does not run proves nothing: fix or delete it"),
    (concat!("test.", "only("), "it disables all other tests"),
    (concat!("test.", "fixme("), "a test that does not run proves nothing: fix or delete it"),
    (concat!("describe.", "skip("), "a test that does not run proves nothing: fix or delete it"),
    (concat!("describe.", "only("), "it disables all other tests"),
    (concat!("// TO", "DO"), "resolve it before merging"),
    (concat!("// FIX", "ME"), "resolve it before merging"),
];

/// A page consists of a loader file, a snapshot and plain forms. These would add inline scripts or a second transport.
const PAGE_NEEDLES: [&str; 6] = ["ServerAction", "ActionForm", "Action::new", "Resource", "Suspense", "ErrorBoundary"];

#[test]
fn every_rust_file_has_a_header() {
    assert_clean(headers);
    assert_rejects(headers, "server/src/a.rs", "use std::fs;\n//! Too late.");
}

#[test]
fn files_are_at_most_400_lines_long() {
    assert_clean(sizes);
    assert_rejects(sizes, "app/src/a.rs", &"//! A line.\n".repeat(MAX_LINES + 1));
    assert_accepts(sizes, "app/tests/a.rs", &"//! A line.\n".repeat(MAX_LINES + 1));
}

#[test]
fn the_core_names_no_extension() {
    assert_clean(core_names_no_extension);
    let there = |text: &str| {
        let file = |path: &str, text: &str| File { path: path.into(), text: text.into() };
        core_names_no_extension(&[file("extensions/src/wait_times.rs", ""), file("server/src/bus.rs", text)])
    };
    assert_eq!(there("// as WaitTimes does").len(), 0);
    for name in ["use extensions::wait_times;", "\"WaitTimes.Said\"", "/s/demo/x/wait-times"] {
        assert_eq!(there(name).len(), 1, "{name}");
    }
}

#[test]
fn names_describe_their_contents() {
    assert_clean(names);
    for name in ["app/src/utils.rs", "engine/src/store/mod.rs", "server/src/core/a.rs", "end2end/helpers.ts"] {
        assert_rejects(names, name, "");
    }
    assert_rejects(names, "app/src/a.rs", "    pub(crate) mod helpers {");
    assert_rejects(names, "server/src/order_manager.rs", "");
    assert_accepts(names, "domain/src/services/manager.rs", "");
    assert_accepts(names, "server/src/core_hours.rs", "pub mod model_of_a_cup;");
}

#[test]
fn no_file_has_forbidden_calls_or_markers() {
    assert_clean(needles);
    for (needle, _) in RUST_NEEDLES {
        assert_rejects(needles, "server/src/a.rs", needle);
    }
    for (needle, _) in SCRIPT_NEEDLES {
        assert_rejects(needles, "end2end/tests/a.spec.ts", needle);
    }
}

#[test]
fn pages_load_by_snapshot_and_post_by_form() {
    assert_clean(page_loading);
    assert_rejects(page_loading, "app/src/pages/order.rs", "let menu = LocalResource::new(menu);");
    assert_accepts(page_loading, "app/src/pages/order.rs", "// No Suspense: the snapshot is in the page.");
    assert_accepts(page_loading, "app/src/live.rs", "let menu = LocalResource::new(menu);");
}

#[test]
fn no_page_has_an_inline_script() {
    assert_clean(inline_scripts);
    assert_rejects(inline_scripts, "app/src/lib.rs", "view! {\n<script inner_html=start></script> }");
    assert_rejects(inline_scripts, "server/src/web.rs", "\"<script>start()</script>\"");
    assert_accepts(inline_scripts, "app/src/lib.rs", "view! { <script type=\"module\" src=loader></script> }");
    assert_accepts(inline_scripts, "app/src/lib.rs", "<script type=\"application/json\" inner_html=json></script>");
}

#[test]
fn decisions_are_numbered_without_gaps() {
    assert_clean(decision_numbers);
    assert_rejects(decision_numbers, "docs/adr/0002-two.md", "");
    assert_rejects(decision_numbers, "docs/adr/one.md", "");
    assert_accepts(decision_numbers, "docs/adr/0001-one.md", "");
}

#[test]
fn documents_name_existing_paths() {
    assert_clean(document_paths);
    assert_rejects(document_paths, "README.md", "Read `server/src/gone.rs` first.");
    assert_rejects(document_paths, "README.md", "| a row | `node end2end/gone.mjs` |");
    assert_rejects(document_paths, "docs/guides/a.md", "`docs/guides/{a,gone}.md`");
    assert_rejects(document_paths, "ARCHITECTURE.md", "```text\n the engine    server/src/gone/, and more\n```");
    assert_accepts(
        document_paths,
        "docs/guides/a.md",
        "`docs/guides/a.md`, `guides/a.md`, `guides/`, `docs/guides/{yours}.md`",
    );
    assert_accepts(
        document_paths,
        "README.md",
        "`crema-data/crema.toml`, `/api/…`, `localhost:3000/s/demo`, `tests/*/a.rs`, `store/open`",
    );
    assert_accepts(document_paths, "README.md", "```rust\nuse gone::gone; // gone/gone.rs\n```");
}

#[test]
fn both_licence_files_exist() {
    for name in ["LICENSE-MIT", "LICENSE-APACHE"] {
        let is_here = REPOSITORY_FILES.iter().any(|file| file.path == name);
        assert!(is_here, "{name}:1: is missing. Cargo.toml declares MIT OR Apache-2.0: add the licence text");
    }
}

#[test]
fn the_lock_file_has_the_required_versions() {
    assert_clean(locked_versions);
    let of = |name: &str, version: &str| format!("[[package]]\nname = \"{name}\"\nversion = \"{version}\"\n\n");
    let (sqlite, bindgen, cli) = ("libsqlite3-sys", "wasm-bindgen", "wasm-bindgen-cli-support");
    let lock = of(sqlite, "0.38.1") + &of(bindgen, "0.2.130") + &of(cli, "0.2.130");
    assert_accepts(locked_versions, "Cargo.lock", &lock);
    assert_rejects(locked_versions, "Cargo.lock", &lock.replace("0.38.1", "0.36.0"));
    assert_rejects(locked_versions, "Cargo.lock", &(of(sqlite, "0.37.0") + &lock));
    assert_rejects(locked_versions, "Cargo.lock", &lock.replacen("0.2.130", "0.2.131", 1));
    assert_rejects(locked_versions, "Cargo.lock", &of(sqlite, "0.37.0"));
}

fn headers(files: &[File]) -> Vec<String> {
    let headless = rust(files).filter(|file| !file.text.starts_with("//! "));
    headless.map(|file| file.at(1, "has no `//!` header. Describe in one sentence what the file owns")).collect()
}

fn sizes(files: &[File]) -> Vec<String> {
    let written = files.iter().filter(|file| file.is(&["rs", "ts", "js", "mjs", "css", "scss", "sql", "sh"]));
    let long = written
        .filter(|file| !file.path.split('/').any(|name| name == "tests") && file.text.lines().count() > MAX_LINES);
    long.map(|file| file.at(MAX_LINES + 1, "has more than 400 lines. Split the file by feature, not by kind")).collect()
}

fn names(files: &[File]) -> Vec<String> {
    let mut findings = Vec::new();
    for file in files.iter().filter(|file| file.is(&["rs", "ts", "js", "mjs"])) {
        let allows_service_names =
            ["domain/src/services", "domain/tests/"].iter().any(|place| file.path.starts_with(place));
        let mut check = |line: usize, name: &str| {
            if EMPTY_NAMES.contains(&name) {
                findings
                    .push(file.at(line, &format!("is named `{name}`. Name it after its contents, as one plain noun")));
            }
            if !allows_service_names && name.rsplit('_').next().is_some_and(|last| SERVICE_NAMES.contains(&last)) {
                let what = format!("is named `{name}`. Only services in domain/src/services have such names");
                findings.push(file.at(line, &what));
            }
        };
        for name in file.path.split('/') {
            check(1, name.split('.').next().unwrap_or(name));
        }
        for (line, code) in file.code() {
            let Some((before, after)) = code.split_once("mod ") else { continue };
            let is_declared = before.trim().is_empty() || before.trim().starts_with("pub");
            if let (true, Some(name)) = (is_declared && file.is(&["rs"]), after.trim().strip_suffix('{')) {
                check(line, name.trim());
            }
        }
    }
    findings
}

fn needles(files: &[File]) -> Vec<String> {
    let mut findings = Vec::new();
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
            findings
                .extend(here.map(|(needle, instead)| file.at(line + 1, &format!("contains `{needle}`: {instead}"))));
        }
    }
    findings
}

fn page_loading(files: &[File]) -> Vec<String> {
    let mut findings = Vec::new();
    for file in rust(files).filter(|file| file.path == "app/src/pages.rs" || file.path.starts_with("app/src/pages/")) {
        for (line, code) in file.code() {
            let here = PAGE_NEEDLES.iter().filter(|needle| code.contains(**needle));
            let what = |needle| format!("uses {needle}. A page embeds its snapshot as data and posts forms");
            findings.extend(here.map(|needle| file.at(line, &what(needle))));
        }
    }
    findings
}

/// Files of `extensions/` are known by the spellings `wait_times`, `wait-times` and `WaitTimes`.
fn core_names_no_extension(files: &[File]) -> Vec<String> {
    let theirs = files.iter().filter_map(|file| file.path.strip_prefix("extensions/src/")?.strip_suffix(".rs"));
    let names: Vec<String> = theirs.filter(|name| *name != "lib" && !name.contains('/')).flat_map(spellings).collect();
    let core = ["domain/src/", "engine/src/", "extension_host/src/", "app/src/", "server/src/", "frontend/src/"];
    let mut findings = Vec::new();
    for file in rust(files).filter(|file| core.iter().any(|place| file.path.starts_with(place))) {
        for (line, code) in file.code() {
            let here = names.iter().filter(|name| code.contains(name.as_str()));
            findings.extend(here.map(|name| {
                file.at(line, &format!("names the extension {name}. The core must not depend on an extension"))
            }));
        }
    }
    findings
}

fn spellings(name: &str) -> [String; 3] {
    let large = name.split('_').map(|word| word[..1].to_uppercase() + &word[1..]);
    [name.to_owned(), name.replace('_', "-"), large.collect()]
}

fn inline_scripts(files: &[File]) -> Vec<String> {
    let mut findings = Vec::new();
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
                findings.push(file.at(line, "has an inline script, which the CSP blocks. Use a file, or JSON data"));
            }
        }
    }
    findings
}

fn decision_numbers(files: &[File]) -> Vec<String> {
    let records = files.iter().filter_map(|file| Some((file, file.path.strip_prefix("docs/adr/")?)));
    let mut records: Vec<_> = records.filter(|(file, name)| file.is(&["md"]) && *name != "README.md").collect();
    records.sort_by_key(|(_, name)| *name);
    let wrong = records.iter().zip(1..).filter(|((_, name), n)| !name.starts_with(&format!("{n:04}-")));
    wrong.map(|((file, _), n)| file.at(1, &format!("must have number {n:04}. Number decisions without gaps"))).collect()
}

/// Folders created by running or building; documents may name files in them.
const GENERATED_FOLDERS: [&str; 3] = ["crema-data/", "dist/", "keys/"];

const ENDINGS: [&str; 12] = ["/", ".rs", ".md", ".toml", ".sql", ".css", ".json", ".sh", ".js", ".mjs", ".ts", ".svg"];

/// A document may name a path by its end: `sql/` for `store/src/sql/`.
fn document_paths(files: &[File]) -> Vec<String> {
    let paths: Vec<String> = files.iter().map(|file| format!("/{}", file.path)).collect();
    let is_there = |named: &str| {
        let named = format!("/{named}");
        paths.iter().any(|path| if named.ends_with('/') { path.contains(&named) } else { path.ends_with(&named) })
    };
    let is_checked = |path: &str| path.starts_with("docs/guides/") || ["README.md", "ARCHITECTURE.md"].contains(&path);
    let mut findings = Vec::new();
    for file in files.iter().filter(|file| is_checked(&file.path)) {
        for (line, word) in words(&file.text) {
            let gone = alternatives(word).into_iter().filter(|path| is_path(path) && !is_there(path));
            findings.extend(
                gone.map(|path| file.at(line, &format!("names {path}, which does not exist. Name an existing path"))),
            );
        }
    }
    findings
}

/// The words in backticks and in `text` blocks, with their line numbers.
fn words(document: &str) -> Vec<(usize, &str)> {
    let mut findings = Vec::new();
    let mut fence = None;
    for (n, line) in document.lines().enumerate() {
        let parts: Vec<&str> = match (line.strip_prefix("```"), fence) {
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
        let words = parts.into_iter().flat_map(str::split_whitespace);
        findings.extend(words.map(|word| (n + 1, word.trim_end_matches([',', ';', '.', ':']))));
    }
    findings
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
    is_plain && is_named && !GENERATED_FOLDERS.iter().any(|folder| word.starts_with(folder))
}

fn locked_versions(files: &[File]) -> Vec<String> {
    let mut findings = Vec::new();
    for file in files.iter().filter(|file| file.path == "Cargo.lock") {
        let sqlite = versions(file, "libsqlite3-sys");
        if let [(line, version)] = sqlite.as_slice() {
            let numbers: Vec<u32> = version.split('.').filter_map(|n| n.parse().ok()).collect();
            if numbers.as_slice() < &[0, 37] {
                findings
                    .push(file.at(*line, "has libsqlite3-sys below 0.37, whose SQLite can corrupt its WAL. Update it"));
            }
        } else {
            let line = sqlite.last().map_or(1, |(line, _)| *line);
            findings.push(
                file.at(
                    line,
                    "must contain libsqlite3-sys exactly once. Two copies of SQLite break each other's locks",
                ),
            );
        }
        for name in ["wasm-bindgen", "wasm-bindgen-cli-support"] {
            let versions = versions(file, name);
            if !matches!(versions.as_slice(), [(_, "0.2.130")]) {
                let line = versions.first().map_or(1, |(line, _)| *line);
                let what =
                    format!("must contain {name} 0.2.130 only. Module and bundler must have the same patch version");
                findings.push(file.at(line, &what));
            }
        }
    }
    findings
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

fn assert_clean(rule: Rule) {
    let findings = rule(&REPOSITORY_FILES);
    assert!(findings.is_empty(), "{} findings:\n{}", findings.len(), findings.join("\n"));
}

/// Checks that a rule rejects an example. Without it, a rule that never matches would always pass.
fn assert_rejects(rule: Rule, path: &str, text: &str) {
    let findings = rule(&[File { path: path.into(), text: text.into() }]);
    assert!(!findings.is_empty(), "{path} should have been rejected:\n{text}");
}

fn assert_accepts(rule: Rule, path: &str, text: &str) {
    let findings = rule(&[File { path: path.into(), text: text.into() }]);
    assert!(findings.is_empty(), "{path} should have been accepted: {}", findings.join("\n"));
}

/// A file of the repository: path from the root with slashes, and text.
struct File {
    path: String,
    text: String,
}

static REPOSITORY_FILES: LazyLock<Vec<File>> = LazyLock::new(|| {
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
