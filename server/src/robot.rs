//! Robots that order and make drinks through the public API.

use crate::cli::RobotArgs;

/// Sends the robots and waits until they are done.
pub async fn run(_args: &RobotArgs) -> Result<(), Box<dyn std::error::Error>> {
    Err("no robots yet".into())
}
