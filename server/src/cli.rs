//! What can be asked of `crema` on the command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use domain::access::Role;
use domain::ids::ShopId;

use crate::config::{self, DataLocation, SettingArgs, Settings};

pub use self::robot::{RobotArgs, Way};

mod robot;

/// A coffee bar in one program: guests order by phone, the TV shows the queue, baristas work from tablets.
#[derive(Debug, Parser)]
#[command(
    name = "crema",
    version,
    args_conflicts_with_subcommands = true,
    after_help = "Without a command, `crema` serves. Of a setting given more than once, the flag wins, then the \
                  environment, then the file."
)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Option<Command>,
    #[command(flatten)]
    serve: SettingArgs,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Open the bar: serve every page, until SIGTERM
    Serve(SettingArgs),
    /// Make a key for a script or a robot and print it
    Token(PassArgs),
    /// Make a link that lets one screen or tablet in, and print it
    Link(PassArgs),
    /// Make a shop of the archived events of AWS Serverlesspresso, to look at and to replay
    Import(ImportArgs),
    /// Manage the shops of this installation
    #[command(subcommand)]
    Shop(ShopCommand),
    /// Send robots that order, to try the bar or to show it off
    Robot(RobotArgs),
}

/// For whom a token or a link is made.
#[derive(Clone, Debug, Args)]
pub struct PassArgs {
    #[command(flatten)]
    pub place: DataLocation,
    /// The shop it opens
    #[arg(long, value_name = "SHOP", default_value = "demo")]
    pub shop: ShopId,
    /// What its holder may do: barista, manager, display or robot
    #[arg(long, value_name = "ROLE")]
    pub role: Role,
}

/// Which archive, and what to call what is made of it.
#[derive(Clone, Debug, Args)]
#[command(after_help = "FILE holds events of EventBridge as JSON: one array, or one object a line. What follows from \
                        them and is not there is filled in; the report says how much, and what was not told and why. \
                        The shop is new, and its doors are closed.")]
pub struct ImportArgs {
    /// The archived events
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    #[command(flatten)]
    pub place: DataLocation,
    /// The shop to make
    #[arg(long, value_name = "SHOP")]
    pub shop: ShopId,
    /// Its name over the door [default: SHOP]
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
    /// The bar to tell of, by its `eventId`, where the archive has several
    #[arg(long, value_name = "ID")]
    pub event: Option<String>,
}

/// What can be done with shops.
#[derive(Debug, Subcommand)]
pub enum ShopCommand {
    /// Add a shop, and print the links to it
    Add(ShopAddArgs),
}

/// The shop to add.
#[derive(Clone, Debug, Args)]
#[command(after_help = "The shop is there at once, open, beside a running server too; other shops notice nothing.")]
pub struct ShopAddArgs {
    #[command(flatten)]
    pub place: DataLocation,
    /// The shop to add: its slug in URLs
    #[arg(long, value_name = "SHOP")]
    pub shop: ShopId,
    /// Its name over the door
    #[arg(long, value_name = "NAME")]
    pub name: String,
    /// The shop whose menu, limits and hours it begins with [default: those of the demonstration]
    #[arg(long, value_name = "SHOP")]
    pub like: Option<ShopId>,
}

impl Cli {
    /// The settings that hold for the command given. `robot` has none but its own.
    pub fn settings(&self) -> Result<Settings, config::Error> {
        match &self.command {
            Some(Command::Serve(args)) => Settings::read(args),
            // Flags and a command exclude each other here, so what `serve` holds came from the environment.
            Some(
                Command::Token(PassArgs { place, .. })
                | Command::Link(PassArgs { place, .. })
                | Command::Import(ImportArgs { place, .. })
                | Command::Shop(ShopCommand::Add(ShopAddArgs { place, .. })),
            ) => Settings::read(&SettingArgs { place: place.clone(), ..self.serve.clone() }),
            Some(Command::Robot(_)) | None => Settings::read(&self.serve),
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
    fn the_command_line_contradicts_itself_nowhere() {
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
    fn a_token_or_link_names_its_folder_shop_and_role() {
        let cli = parse("crema token --data d --shop bar --role robot").unwrap();
        assert_eq!(cli.settings().unwrap().data, Path::new("d"));
        let Some(Command::Token(pass)) = cli.command else { panic!("it was a token that was asked for") };
        assert_eq!((pass.shop.as_str(), pass.role), ("bar", Role::Robot));
        let Some(Command::Link(pass)) = parse("crema link --role display").unwrap().command else {
            panic!("it was a link that was asked for")
        };
        assert_eq!((pass.shop.as_str(), pass.role), ("demo", Role::Display));
        assert!(parse("crema link --shop demo").is_err());
        assert!(parse("crema link --role guest").unwrap_err().to_string().contains("the roles are barista"));
        assert!(parse("crema link --role display --shop Demo").is_err());
    }

    #[test]
    fn an_import_names_its_file_and_a_shop_to_be() {
        let cli = parse("crema import events.json --data d --shop replay --event NYC").unwrap();
        assert_eq!(cli.settings().unwrap().data, Path::new("d"));
        let Some(Command::Import(args)) = cli.command else { panic!("it was an import that was asked for") };
        assert_eq!((args.file.as_path(), args.shop.as_str(), args.name), (Path::new("events.json"), "replay", None));
        assert!(parse("crema import events.json").is_err(), "it goes into no shop by chance");
        assert!(parse("crema import --shop replay").is_err());
    }

    #[test]
    fn a_shop_to_be_founded_has_an_address_and_a_name() {
        let cli = parse("crema shop add --data d --shop south --name South --like demo").unwrap();
        assert_eq!(cli.settings().unwrap().data, Path::new("d"));
        let Some(Command::Shop(ShopCommand::Add(args))) = cli.command else {
            panic!("it was a shop that was asked for")
        };
        let like = args.like.as_ref().map(ShopId::as_str);
        assert_eq!((args.shop.as_str(), args.name.as_str(), like), ("south", "South", Some("demo")));
        assert!(parse("crema shop add --shop south").is_err(), "nobody can find a bar without a name");
        assert!(parse("crema shop add --shop South --name South").is_err());
    }

    #[test]
    fn help_says_all_three_names_of_each_setting() {
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
