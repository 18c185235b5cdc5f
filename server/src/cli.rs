//! Command-line interface of `crema`.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use domain::access::Role;
use domain::ids::ShopId;

use crate::config::{self, DataLocation, SettingArgs, Settings};

pub use self::robot::{RobotArgs, RobotAuth};

mod robot;

/// A coffee bar in one program: guests order by phone, the TV shows the queue, baristas work from tablets.
#[derive(Debug, Parser)]
#[command(
    name = "crema",
    version,
    args_conflicts_with_subcommands = true,
    after_help = "Without a command, `crema` runs `serve`. Precedence of settings: flag, environment, file."
)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Option<CliCommand>,
    #[command(flatten)]
    serve: SettingArgs,
}

/// The commands of `crema`.
#[derive(Debug, Subcommand)]
pub enum CliCommand {
    /// Serve every page until SIGTERM
    Serve(SettingArgs),
    /// Make a bearer token for a script or a robot and print it
    Token(PassArgs),
    /// Make a one-time link that signs a screen or tablet in, and print it
    Link(PassArgs),
    /// Import archived events of AWS Serverlesspresso as a new, closed shop
    Import(ImportArgs),
    /// Copy the database to a folder, also while the bar is served; the keys are not in the copy
    Backup(BackupArgs),
    /// Manage the shops of this installation
    #[command(subcommand)]
    Shop(ShopCommand),
    /// Run robots that order and make drinks, for a demo or a load test
    Robot(RobotArgs),
}

/// Arguments of `crema token` and `crema link`.
#[derive(Clone, Debug, Args)]
pub struct PassArgs {
    #[command(flatten)]
    pub location: DataLocation,
    /// The shop that the pass is for
    #[arg(long, value_name = "SHOP", default_value = "demo")]
    pub shop: ShopId,
    /// Role of the holder: barista, manager, display or robot
    #[arg(long, value_name = "ROLE")]
    pub role: Role,
}

/// Arguments of `crema import`.
#[derive(Clone, Debug, Args)]
#[command(after_help = "FILE holds EventBridge events as JSON: one array, or objects one after the other, also \
                        compressed with gzip. Missing events that must \
                        have happened are filled in; the report counts them, and the skipped entries by reason.")]
pub struct ImportArgs {
    /// File of archived events
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    #[command(flatten)]
    pub location: DataLocation,
    /// Slug of the shop to create
    #[arg(long, value_name = "SHOP")]
    pub shop: ShopId,
    /// Display name of the shop [default: SHOP]
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
    /// `eventId` of the shop to import; required if the archive has several
    #[arg(long, value_name = "ID")]
    pub event: Option<String>,
}

/// Arguments of `crema backup`.
#[derive(Clone, Debug, Args)]
pub struct BackupArgs {
    /// New folder for the copy
    #[arg(value_name = "FOLDER")]
    pub folder: PathBuf,
    #[command(flatten)]
    pub location: DataLocation,
}

/// The commands of `crema shop`.
#[derive(Debug, Subcommand)]
pub enum ShopCommand {
    /// Add a shop and print the links to it
    Add(ShopAddArgs),
}

/// Arguments of `crema shop add`.
#[derive(Clone, Debug, Args)]
#[command(after_help = "The shop is open immediately. A running server serves it without a restart.")]
pub struct ShopAddArgs {
    #[command(flatten)]
    pub location: DataLocation,
    /// Slug of the shop to add, as in its URLs
    #[arg(long, value_name = "SHOP")]
    pub shop: ShopId,
    /// Display name of the shop
    #[arg(long, value_name = "NAME")]
    pub name: String,
    /// Shop to copy menu, limits and hours from [default: those of the demo shop]
    #[arg(long, value_name = "SHOP")]
    pub like: Option<ShopId>,
}

impl Cli {
    /// Reads the settings for the given command. `robot` does not use them.
    ///
    /// # Errors
    /// A settings file that cannot be read, or an invalid setting.
    pub fn settings(&self) -> Result<Settings, config::Error> {
        match &self.command {
            Some(CliCommand::Serve(args)) => Settings::read(args),
            // Top-level flags conflict with subcommands, so `serve` holds values from the environment only.
            Some(
                CliCommand::Token(PassArgs { location, .. })
                | CliCommand::Link(PassArgs { location, .. })
                | CliCommand::Import(ImportArgs { location, .. })
                | CliCommand::Backup(BackupArgs { location, .. })
                | CliCommand::Shop(ShopCommand::Add(ShopAddArgs { location, .. })),
            ) => Settings::read(&SettingArgs { location: location.clone(), ..self.serve.clone() }),
            Some(CliCommand::Robot(_)) | None => Settings::read(&self.serve),
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may fail")]

    use std::path::Path;

    use clap::CommandFactory;

    use super::*;

    fn parse(line: &str) -> Result<Cli, clap::Error> {
        Cli::try_parse_from(line.split(' '))
    }

    #[test]
    fn the_command_line_definition_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn crema_alone_serves_and_takes_the_flags_of_serve() {
        assert!(parse("crema").unwrap().command.is_none());
        for line in ["crema --addr 0.0.0.0:80 --data d", "crema serve --addr 0.0.0.0:80 --data d"] {
            let settings = parse(line).unwrap().settings().unwrap();
            assert_eq!((settings.addr.to_string().as_str(), settings.data.as_path()), ("0.0.0.0:80", Path::new("d")));
        }
    }

    #[test]
    fn token_and_link_take_a_folder_a_shop_and_a_role() {
        let cli = parse("crema token --data d --shop bar --role robot").unwrap();
        assert_eq!(cli.settings().unwrap().data, Path::new("d"));
        let Some(CliCommand::Token(pass)) = cli.command else { panic!("expected the token command") };
        assert_eq!((pass.shop.as_str(), pass.role), ("bar", Role::Robot));
        let Some(CliCommand::Link(pass)) = parse("crema link --role display").unwrap().command else {
            panic!("expected the link command")
        };
        assert_eq!((pass.shop.as_str(), pass.role), ("demo", Role::Display));
        assert!(parse("crema link --shop demo").is_err());
        assert!(parse("crema link --role guest").unwrap_err().to_string().contains("the roles are barista"));
        assert!(parse("crema link --role display --shop Demo").is_err());
    }

    #[test]
    fn import_requires_a_file_and_a_new_shop() {
        let cli = parse("crema import events.json --data d --shop replay --event NYC").unwrap();
        assert_eq!(cli.settings().unwrap().data, Path::new("d"));
        let Some(CliCommand::Import(args)) = cli.command else { panic!("expected the import command") };
        assert_eq!((args.file.as_path(), args.shop.as_str(), args.name), (Path::new("events.json"), "replay", None));
        assert!(parse("crema import events.json").is_err(), "--shop is required");
        assert!(parse("crema import --shop replay").is_err());
    }

    #[test]
    fn shop_add_requires_a_slug_and_a_name() {
        let cli = parse("crema shop add --data d --shop south --name South --like demo").unwrap();
        assert_eq!(cli.settings().unwrap().data, Path::new("d"));
        let Some(CliCommand::Shop(ShopCommand::Add(args))) = cli.command else { panic!("expected the shop command") };
        let like = args.like.as_ref().map(ShopId::as_str);
        assert_eq!((args.shop.as_str(), args.name.as_str(), like), ("south", "South", Some("demo")));
        assert!(parse("crema shop add --shop south").is_err(), "--name is required");
        assert!(parse("crema shop add --shop South --name South").is_err());
    }

    #[test]
    fn help_lists_flag_variable_and_file_key_of_each_setting() {
        let help = Cli::command().render_help().to_string();
        for (flag, key) in
            [("addr", "addr"), ("data", "data"), ("seed", "seed"), ("public-url", "public_url"), ("log", "log")]
        {
            let names = [format!("--{flag} "), format!("CREMA_{}", key.to_uppercase()), format!("file: {key}")];
            for name in names {
                assert!(help.contains(&name), "{name} is missing in {help}");
            }
        }
    }
}
