//! Precedence of settings and errors for invalid ones.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

use std::error::Error as _;
use std::process::Command;

use clap::Parser;

use super::*;
use crate::scratch::Scratch;

#[derive(Debug, Parser)]
struct Flags {
    #[command(flatten)]
    settings: SettingArgs,
}

fn read_settings(flags: &[&str]) -> Result<Settings, Error> {
    Settings::read(&Flags::try_parse_from([&["crema"], flags].concat()).unwrap().settings)
}

/// Creates a folder with this `crema.toml`. Returns it and its path.
fn folder(settings: &str) -> (Scratch, String) {
    let scratch = Scratch::new();
    std::fs::write(scratch.path().join("crema.toml"), settings).unwrap();
    let path = scratch.path().to_str().unwrap().to_owned();
    (scratch, path)
}

const WHOLE_FILE: &str = r#"
    addr = "0.0.0.0:4000"
    seed = "none"
    public_url = "https://bar.example"
    pseudo_locale = true
    log = "debug"
    store = "postgres://bar@db.example/bar"
"#;

#[test]
fn every_setting_has_a_default() {
    let settings = read_settings(&[]).unwrap();
    assert_eq!(settings.addr.to_string(), "127.0.0.1:3000");
    assert_eq!((settings.data.as_path(), settings.seed), (Path::new("crema-data"), Seed::Demo));
    assert_eq!((settings.public_url, settings.store, settings.log.as_str()), (None, None, "info"));
    assert!(!settings.pseudo_locale);
}

#[test]
fn the_config_file_in_the_data_folder_is_read() {
    let (_scratch, data) = folder(WHOLE_FILE);
    let settings = read_settings(&["--data", &data]).unwrap();
    assert_eq!((settings.addr.to_string().as_str(), settings.seed), ("0.0.0.0:4000", Seed::None));
    assert_eq!(
        (settings.public_url.unwrap().to_string().as_str(), settings.log.as_str()),
        ("https://bar.example", "debug")
    );
    assert_eq!(settings.store, Some("postgres://bar@db.example/bar".into()));
    assert!(settings.pseudo_locale);
}

#[test]
fn the_store_password_is_never_printed() {
    let url = "postgres://bar:secret@db.example/bar";
    let (_scratch, data) = folder(&format!("store = \"{url}\""));
    let settings = read_settings(&["--data", &data]).unwrap();
    assert_eq!(settings.store.as_ref().unwrap().reveal(), url);
    assert!(!format!("{settings:?}").contains("secret"), "{settings:?}");
    for text in [format!("store = \"{url}"), format!("store = [\"{url}\"]"), format!("store = \"{url}\" seed")] {
        let (_scratch, data) = folder(&text);
        let error = read_settings(&["--data", &data]).unwrap_err();
        let output = format!("{error} {} {error:?}", error.source().unwrap());
        assert!(!output.contains("secret"), "{output}");
    }
    let error = read_settings(&["--store", "mysql://bar:secret@db.example/bar"]).unwrap_err();
    assert!(matches!(error, Error::UnsupportedStore));
    assert!(!error.to_string().contains("secret"), "{error}");
}

#[test]
fn an_explicit_config_file_may_set_the_data_folder_and_a_flag_overrides_it() {
    let (_scratch, path) = folder("data = \"/srv/bar\"\nlog = \"warn\"");
    let file = format!("{path}/crema.toml");
    assert_eq!(read_settings(&["--config", &file]).unwrap().data, Path::new("/srv/bar"));
    let settings = read_settings(&["--config", &file, "--data", "d", "--log", "trace"]).unwrap();
    assert_eq!((settings.data.as_path(), settings.log.as_str()), (Path::new("d"), "trace"));
}

#[test]
fn an_unknown_setting_is_reported_with_its_file() {
    let (_scratch, data) = folder("adr = \"0.0.0.0:4000\"");
    let error = read_settings(&["--data", &data]).unwrap_err();
    assert_eq!(error.to_string(), format!("invalid settings file {data}/crema.toml; correct it"));
    let source = error.source().unwrap().to_string();
    assert!(source.contains("unknown field `adr`") && source.contains("`addr`"), "{source}");
}

#[test]
fn an_invalid_value_is_reported_with_the_expected_form() {
    for (text, expected) in [
        ("addr = \"3000\"", "socket address"),
        ("seed = \"coffee\"", "`demo` or `none`"),
        ("public_url = \"bar\"", "https://bar.example"),
    ] {
        let (_scratch, data) = folder(text);
        let source = read_settings(&["--data", &data]).unwrap_err().source().unwrap().to_string();
        assert!(source.contains(expected), "{source}");
    }
}

#[test]
fn an_explicit_config_file_must_exist() {
    let scratch = Scratch::new();
    let missing = scratch.path().join("none.toml");
    let error = read_settings(&["--config", missing.to_str().unwrap()]).unwrap_err();
    assert!(matches!(error, Error::Unreadable { path, .. } if path == missing));
}

#[test]
fn the_file_in_the_data_folder_cannot_name_another_folder() {
    let (_scratch, data) = folder("data = \"/srv/bar\"");
    assert!(matches!(read_settings(&["--data", &data]), Err(Error::NestedDataSetting { .. })));
}

/// The environment is shared with other tests, so this test runs itself again in a child process.
#[test]
fn a_flag_wins_over_the_environment_and_the_environment_over_the_file() {
    const MARK: &str = "CREMA_TEST_HAS_ITS_ENVIRONMENT";
    if std::env::var_os(MARK).is_some() {
        return the_given_environment_holds();
    }
    let (_scratch, data) = folder(WHOLE_FILE);
    let own_name = "config::tests::a_flag_wins_over_the_environment_and_the_environment_over_the_file";
    let run = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", own_name])
        .env(MARK, "1")
        .env("CREMA_DATA", &data)
        .env("CREMA_ADDR", "127.0.0.1:2")
        .env("CREMA_SEED", "demo")
        .env("CREMA_PUBLIC_URL", "http://127.0.0.1:2")
        .env("CREMA_STORE", "postgres://bar@localhost/two")
        .output()
        .unwrap();
    let output = String::from_utf8_lossy(&run.stdout);
    assert!(run.status.success() && output.contains("1 passed"), "{output}");
}

fn the_given_environment_holds() {
    assert_eq!(read_settings(&[]).unwrap().store, Some("postgres://bar@localhost/two".into()));
    let settings = read_settings(&["--addr", "127.0.0.1:1", "--store", "postgres://bar@localhost/one"]).unwrap();
    assert_eq!(settings.store, Some("postgres://bar@localhost/one".into()));
    assert_eq!(settings.addr.to_string(), "127.0.0.1:1");
    assert_eq!((settings.seed, settings.log.as_str()), (Seed::Demo, "debug"));
    assert_eq!(settings.public_url.unwrap().to_string(), "http://127.0.0.1:2");
    // Environment variables do not conflict with a subcommand, unlike top-level flags.
    let link = crate::cli::Cli::try_parse_from(["crema", "link", "--role", "display"]).unwrap();
    assert_eq!(link.settings().unwrap().addr.to_string(), "127.0.0.1:2");
}
