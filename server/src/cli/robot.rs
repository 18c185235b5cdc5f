//! What `crema robot` is told: where to order, how much and how fast.

use std::path::PathBuf;

use clap::Args;
use domain::ids::ShopId;

use crate::config::PublicUrl;
use crate::identity::secret::Secret;

#[derive(Clone, Debug, Args)]
pub struct RobotArgs {
    /// Where the bar is
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:3000")]
    pub server: PublicUrl,
    #[command(flatten)]
    pub way: Way,
    /// The shop to order at
    #[arg(long, value_name = "SHOP", default_value = "demo")]
    pub shop: ShopId,
    /// How many drinks to order
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..))]
    pub orders: u32,
    /// Orders a second; 0 for as many as the bar takes
    #[arg(long, value_name = "R", default_value_t = 1.0, value_parser = rate)]
    pub rate: f64,
    /// Seconds they take over each step, give or take a half, so that people can watch
    #[arg(long, value_name = "S", default_value_t = 0.0, value_parser = linger)]
    pub linger: f64,
    /// Scan codes and wait in the queue like people, within every limit
    #[arg(long)]
    pub as_guests: bool,
}

/// How robots get in: with a token, or with one they have made for them in the data folder of a bar that runs here.
#[derive(Clone, Debug, Args)]
#[group(required = true, multiple = false)]
pub struct Way {
    /// A token of the role robot, from `crema token --role robot`
    #[arg(long, value_name = "TOKEN", env = "CREMA_TOKEN", hide_env_values = true)]
    pub token: Option<Secret>,
    /// The data folder of the bar, to have a token made there
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
}

fn rate(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(rate) if rate >= 0.0 && rate.is_finite() => Ok(rate),
        _ => Err("a rate is a number of orders a second, 0 or more".to_owned()),
    }
}

/// Longer than half a minute, and an order would look like one that is stuck.
fn linger(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(seconds) if (0.0..=30.0).contains(&seconds) => Ok(seconds),
        _ => Err("a step takes 0 to 30 seconds".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may fail")]

    use clap::Parser;

    use super::*;
    use crate::cli::{Cli, Command};

    fn robot(arguments: &str) -> Result<RobotArgs, clap::Error> {
        let line = format!("crema robot {arguments}");
        match Cli::try_parse_from(line.trim().split(' '))?.command {
            Some(Command::Robot(robot)) => Ok(robot),
            other => panic!("{other:?} is no robot"),
        }
    }

    #[test]
    fn a_robot_gets_in_with_a_token_or_by_the_data_folder_and_not_with_both() {
        let token = "ct_AAAAAAAAAAAAAAAAAAAAAA";
        assert_eq!(robot(&format!("--token {token}")).unwrap().way.token.unwrap().reveal(), token);
        assert!(robot("--data d").unwrap().way.data.is_some());
        assert!(robot("").is_err());
        assert!(robot(&format!("--token {token} --data d")).is_err());
    }

    #[test]
    fn a_robot_is_told_how_much_and_how_fast() {
        let told = robot("--data d --shop bar --orders 5 --rate 2.5 --as-guests").unwrap();
        assert_eq!((told.shop.as_str(), told.orders, told.as_guests), ("bar", 5, true));
        assert!((told.rate - 2.5).abs() < f64::EPSILON);
        for nonsense in ["--rate -1", "--rate inf", "--rate NaN", "--orders 0", "--server ftp://x"] {
            assert!(robot(&format!("--data d {nonsense}")).is_err(), "{nonsense}");
        }
    }
}
