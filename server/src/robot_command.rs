//! `crema robot`: sends robots with a given token, or with one issued in the data folder of a local server.

use engine::clock::SystemClock;
use robot::{RobotOptions, Robots};

use crate::cli::RobotArgs;
use crate::config::{self, DataLocation, SettingArgs, Settings};
use crate::control::{PassKind, PassRequest};

/// Why the robots did not start.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(transparent)]
    Settings(#[from] config::Error),
    #[error("cannot make a token in the data folder")]
    Token(#[source] Box<crate::Error>),
    #[error("missing token: give --token or --data")]
    NoCredentials,
    #[error(transparent)]
    Robots(#[from] robot::Error),
}

/// Runs `crema robot` until all orders are done or Ctrl-C stops it.
///
/// # Errors
/// The run could not start or did not finish, or the summary cannot be written.
pub async fn run(args: &RobotArgs) -> Result<(), Box<dyn std::error::Error>> {
    let options = options(args);
    robot::run(&options, &token(args, &options).await?).await
}

/// Connects robots without starting them.
///
/// # Errors
/// The server or the shop cannot be used, or no token could be issued.
pub async fn connect(args: &RobotArgs) -> Result<Robots, Error> {
    let options = options(args);
    Ok(Robots::connect(&options, &token(args, &options).await?).await?)
}

fn options(args: &RobotArgs) -> RobotOptions {
    RobotOptions {
        server: args.server.to_string(),
        shop: args.shop.clone(),
        orders: args.orders,
        rate: args.rate,
        linger: args.linger,
        as_guests: args.as_guests,
    }
}

/// The given token, or one issued through the running server or directly in the data folder.
async fn token(args: &RobotArgs, options: &RobotOptions) -> Result<String, Error> {
    if let Some(token) = &args.auth.token {
        return Ok(token.reveal());
    }
    let data = Some(args.auth.data.clone().ok_or(Error::NoCredentials)?);
    let settings = Settings::read(&SettingArgs {
        location: DataLocation { data, ..DataLocation::default() },
        ..SettingArgs::default()
    })?;
    let request = PassRequest { make: PassKind::Token, shop: args.shop.clone(), role: options.required_role() };
    let issued = crate::issue_pass(&settings, &request, &SystemClock::new()).await;
    issued.map(|issued| issued.secret.reveal()).map_err(|error| Error::Token(Box::new(error)))
}
