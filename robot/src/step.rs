//! The steps of a robot order, and how it ended.

use std::time::Duration;

use protocol::command::endpoint;

use crate::client::ClientError;

/// The requests of one order, in the order they are sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RobotStep {
    Scan,
    Start,
    Submit,
    Claim,
    Complete,
    Collect,
}

impl RobotStep {
    /// Every step, in the order they are sent.
    pub const ALL: [Self; 6] = [Self::Scan, Self::Start, Self::Submit, Self::Claim, Self::Complete, Self::Collect];

    /// The path of the command. A scan is no command: it opens the URL of the code.
    pub(super) fn path(self) -> String {
        let endpoint = match self {
            Self::Scan | Self::Start => endpoint::START,
            Self::Submit => endpoint::SUBMIT,
            Self::Claim => endpoint::CLAIM,
            Self::Complete => endpoint::COMPLETE,
            Self::Collect => endpoint::COLLECT,
        };
        format!("/api/{endpoint}")
    }

    /// The name in the summary.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Scan => "scan",
            Self::Start => "start",
            Self::Submit => "submit",
            Self::Claim => "claim",
            Self::Complete => "complete",
            Self::Collect => "collect",
        }
    }
}

/// The step at which an order failed, and the error.
#[derive(Debug)]
pub(super) struct OrderFailure {
    pub step: RobotStep,
    pub error: ClientError,
}

/// The result of an order that was collected.
#[derive(Clone, Copy, Debug)]
pub(super) struct CollectedOrder {
    /// `None` if the response that carried the number was lost.
    pub number: Option<u32>,
    pub elapsed: Duration,
}
