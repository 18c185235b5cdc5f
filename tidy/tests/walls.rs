//! The walls between the crates: which may depend on which, what only some may use, and how large one may become.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Each crate of the product with the crates of this workspace that it may depend on, apart from tests.
const CRATES: [(&str, &[&str]); 11] = [
    ("domain", &[]),
    ("protocol", &["domain"]),
    ("engine", &["domain", "protocol"]),
    ("store", &["domain", "engine"]),
    ("extension_host", &["domain", "engine"]),
    ("app", &["domain", "protocol"]),
    ("frontend", &["app"]),
    ("extensions", &["domain"]),
    ("robot", &["domain", "protocol"]),
    ("import", &["domain"]),
    ("server", &["domain", "protocol", "engine", "store", "extension_host", "app", "extensions", "robot", "import"]),
];

/// Dependencies that only these crates may have.
const RESERVED: [(&str, &[&str]); 6] = [
    ("sqlx", &["store"]),
    ("libsqlite3-sys", &["store"]),
    ("axum", &["server"]),
    ("tokio", &["engine", "store", "extension_host", "robot", "server"]),
    ("leptos", &["app", "frontend", "server"]),
    ("serde_json", &["engine", "store", "extension_host", "app", "extensions", "robot", "import", "server"]),
];

/// All dependencies of the crates that stay pure.
const PURE: [(&str, &[&str]); 2] = [("domain", &["serde", "uuid"]), ("protocol", &["domain", "serde"])];

/// Largest share of the product's lines, in percent, that one crate may have.
const MAX_SHARE_PERCENT: usize = 25;

#[test]
fn crates_depend_on_each_other_in_one_direction() {
    let names: Vec<&str> = CRATES.iter().map(|(name, _)| *name).collect();
    let mut findings = Vec::new();
    for (name, allowed) in CRATES {
        let found = dependencies(&manifest(name));
        let found = found.iter().filter(|found| names.contains(&found.as_str()) && !allowed.contains(&found.as_str()));
        findings.extend(found.map(|found| format!("{name} depends on {found}")));
    }
    assert!(findings.is_empty(), "{}", findings.join("\n"));
}

#[test]
fn reserved_dependencies_stay_in_their_crates() {
    let mut findings = Vec::new();
    for (name, _) in CRATES {
        for found in dependencies(&manifest(name)) {
            let is_pure = PURE.iter().all(|(pure, all)| *pure != name || all.contains(&found.as_str()));
            let is_allowed = RESERVED.iter().all(|(reserved, crates)| *reserved != found || crates.contains(&name));
            if !is_pure || !is_allowed {
                findings.push(format!("{name} depends on {found}: extend a port, or pass a value"));
            }
        }
    }
    assert!(findings.is_empty(), "{}", findings.join("\n"));
}

#[test]
fn no_crate_holds_more_than_a_quarter_of_the_product() {
    let lines: BTreeMap<&str, usize> = CRATES.iter().map(|(name, _)| (*name, lines_in(&root().join(name)))).collect();
    let all: usize = lines.values().sum();
    let table: Vec<String> =
        lines.iter().map(|(name, lines)| format!("{name}: {lines} lines, {} %", lines * 100 / all)).collect();
    let largest = lines.values().max().copied().unwrap_or_default();
    assert!(largest * 100 <= all * MAX_SHARE_PERCENT, "of {all} lines\n{}", table.join("\n"));
}

#[test]
fn the_reader_of_manifests_finds_every_form() {
    let text = "[package]\nname = \"a\"\n[dependencies]\nserde.workspace = true\nuuid = { workspace = true }\n\
                [target.'cfg(unix)'.dependencies]\ntokio = \"1\"\n[dependencies.axum]\nversion = \"1\"\n\
                [dev-dependencies]\nsqlx = \"1\"\n";
    assert_eq!(dependencies(text), ["serde", "uuid", "tokio", "axum"]);
}

/// The names under `[dependencies]`, also of one target. Those of tests are left out.
fn dependencies(manifest: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut is_listed = false;
    for line in manifest.lines().map(str::trim).filter(|line| !line.starts_with('#')) {
        if let Some(section) = line.strip_prefix('[').map(|line| line.trim_end_matches(']')) {
            is_listed = section == "dependencies" || section.ends_with(".dependencies");
            found.extend(section.strip_prefix("dependencies.").map(str::to_owned));
        } else if is_listed {
            let name = line.split(['.', '=', ' ']).next().filter(|name| !name.is_empty());
            found.extend(name.map(str::to_owned));
        }
    }
    found
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn manifest(name: &str) -> String {
    let path = root().join(name).join("Cargo.toml");
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{} cannot be read: {error}", path.display()))
}

/// The lines of all Rust files under `src/`.
fn lines_in(folder: &Path) -> usize {
    let (mut folders, mut lines) = (vec![folder.join("src")], 0);
    while let Some(folder) = folders.pop() {
        let entries =
            fs::read_dir(&folder).unwrap_or_else(|error| panic!("{} cannot be read: {error}", folder.display()));
        for path in entries.filter_map(Result::ok).map(|entry| entry.path()) {
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                lines += fs::read_to_string(&path).map_or(0, |text| text.lines().count());
            }
        }
    }
    lines
}
