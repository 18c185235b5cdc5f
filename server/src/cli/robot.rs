//! Arguments of `crema robot`.

use std::path::PathBuf;

use clap::Args;
use domain::ids::ShopId;

use crate::config::PublicUrl;
use crate::identity::secret::Secret;

/// Arguments of `crema robot`.
#[derive(Clone, Debug, Args)]
pub struct RobotArgs {
    /// Base URL of the server
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:3000")]
    pub server: PublicUrl,
    #[command(flatten)]
    pub auth: RobotAuth,
    /// The shop to order at
    #[arg(long, value_name = "SHOP", default_value = "demo")]
    pub shop: ShopId,
    /// Number of orders
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..))]
    pub orders: u32,
    /// Orders per second; 0 for no limit
    #[arg(long, value_name = "R", default_value_t = 1.0, value_parser = rate)]
    pub rate: f64,
    /// Mean seconds per step, varied by half, so that people can watch
    #[arg(long, value_name = "S", default_value_t = 0.0, value_parser = linger)]
    pub linger: f64,
    /// Scan QR codes and order like guests, subject to every limit
    #[arg(long)]
    pub as_guests: bool,
}

/// Authentication of robots: a given token, or one issued in the data folder of a local server.
#[derive(Clone, Debug, Args)]
#[group(required = true, multiple = false)]
pub struct RobotAuth {
    /// A token of the role robot, from `crema token --role robot`
    #[arg(long, value_name = "TOKEN", env = "CREMA_TOKEN", hide_env_values = true)]
    pub token: Option<Secret>,
    /// Data folder of a local server, to issue a token there
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
}

fn rate(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(rate) if rate >= 0.0 && rate.is_finite() => Ok(rate),
        _ => Err("expected a number of orders per second, 0 or more".to_owned()),
    }
}

/// Limited to 30 seconds, so that an order does not look stuck.
fn linger(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(seconds) if (0.0..=30.0).contains(&seconds) => Ok(seconds),
        _ => Err("expected 0 to 30 seconds".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may fail")]

    use clap::Parser;

    use super::*;
    use crate::cli::{Cli, CliCommand};

    fn robot(arguments: &str) -> Result<RobotArgs, clap::Error> {
        let line = format!("crema robot {arguments}");
        match Cli::try_parse_from(line.trim().split(' '))?.command {
            Some(CliCommand::Robot(robot)) => Ok(robot),
            other => panic!("expected the robot command, got {other:?}"),
        }
    }

    #[test]
    fn robot_arguments_take_either_a_token_or_a_data_folder() {
        let token = "ct_AAAAAAAAAAAAAAAAAAAAAA";
        assert_eq!(robot(&format!("--token {token}")).unwrap().auth.token.unwrap().reveal(), token);
        assert!(robot("--data d").unwrap().auth.data.is_some());
        assert!(robot("").is_err());
        assert!(robot(&format!("--token {token} --data d")).is_err());
    }

    #[test]
    fn robot_arguments_set_the_order_count_and_rate() {
        let args = robot("--data d --shop bar --orders 5 --rate 2.5 --as-guests").unwrap();
        assert_eq!((args.shop.as_str(), args.orders, args.as_guests), ("bar", 5, true));
        assert!((args.rate - 2.5).abs() < f64::EPSILON);
        for nonsense in ["--rate -1", "--rate inf", "--rate NaN", "--orders 0", "--server ftp://x"] {
            assert!(robot(&format!("--data d {nonsense}")).is_err(), "{nonsense}");
        }
    }
}
