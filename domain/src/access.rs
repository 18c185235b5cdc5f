//! Who asks, and what each role may ask for.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize, de};

use crate::command::{Action, Command, Door, StoreCommand};
use crate::ids::{GuestId, StaffId};

/// What a session or a key entitles its holder to. A guest needs neither.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    Barista,
    Manager,
    Display,
    Robot,
}

impl Role {
    pub const ALL: [Self; 4] = [Self::Barista, Self::Manager, Self::Display, Self::Robot];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Barista => "barista",
            Self::Manager => "manager",
            Self::Display => "display",
            Self::Robot => "robot",
        }
    }

    /// May see everything that happens in the shop, names included.
    pub fn is_staff(self) -> bool {
        matches!(self, Self::Barista | Self::Manager)
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The text given names no role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParseRoleError;

impl fmt::Display for ParseRoleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the roles are barista, manager, display and robot")
    }
}

impl std::error::Error for ParseRoleError {}

impl FromStr for Role {
    type Err = ParseRoleError;

    fn from_str(text: &str) -> Result<Self, ParseRoleError> {
        Self::ALL.into_iter().find(|role| role.as_str() == text).ok_or(ParseRoleError)
    }
}

/// Who asks. `guest:{id}`, `{role}:{id}` or `house` on every wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Actor {
    Guest(GuestId),
    /// The holder of a session or key.
    Credential(StaffId, Role),
    /// The installation itself, when it makes a shop.
    System,
}

impl Actor {
    /// Whose orders these are: a robot orders under the id of its key.
    pub fn guest(self) -> Option<GuestId> {
        match self {
            Self::Guest(guest) => Some(guest),
            Self::Credential(id, Role::Robot) => Some(GuestId(id.0)),
            Self::Credential(..) | Self::System => None,
        }
    }

    /// Who makes drinks under this name; a robot does, but only the orders of robots.
    pub fn maker(self) -> Option<StaffId> {
        match self {
            Self::Credential(id, Role::Barista | Role::Manager | Role::Robot) => Some(id),
            Self::Credential(_, Role::Display) | Self::Guest(_) | Self::System => None,
        }
    }

    pub fn is_robot(self) -> bool {
        matches!(self, Self::Credential(_, Role::Robot))
    }

    pub fn is_staff(self) -> bool {
        matches!(self, Self::Credential(_, role) if role.is_staff())
    }

    pub fn is_manager(self) -> bool {
        matches!(self, Self::Credential(_, Role::Manager))
    }

    /// Whether this role may ask this at all; the services judge the single case.
    pub fn may_issue(self, command: &Command) -> bool {
        match command {
            Command::Store(command) => self.may_issue_store(command),
            Command::EndWait { .. } => self == Self::System,
            Command::StopOrders => self.is_manager(),
            // People and robots have a door each: the tokens are for people.
            Command::Start { door: Door::Robot, .. } => self.is_robot(),
            Command::Start { door: Door::Code { .. }, .. } => matches!(self, Self::Guest(_)),
            Command::Start { door: Door::Bar, .. } | Command::WalkIn { .. } => self.is_staff(),
            Command::Submit { .. } => self.guest().is_some(),
            Command::Edit { .. } => self.guest().is_some() || self.is_staff(),
            Command::Act { action, .. } => match action {
                Action::Extend | Action::Postpone => matches!(self, Self::Guest(_)),
                Action::Cancel | Action::Recall => self.guest().is_some() || self.is_staff(),
                Action::Claim
                | Action::Release
                | Action::Complete
                | Action::Collect
                | Action::Remind
                | Action::SetAside => self.maker().is_some(),
            },
        }
    }

    fn may_issue_store(self, command: &StoreCommand) -> bool {
        match command {
            StoreCommand::Make { .. } | StoreCommand::KeepHours | StoreCommand::Emit(_) => self == Self::System,
            StoreCommand::Open { .. }
            | StoreCommand::Close { .. }
            | StoreCommand::Pause { .. }
            // What ran out is known first to whoever reaches for it.
            | StoreCommand::ChangeAvailability { .. } => self.is_staff(),
            StoreCommand::Resume => self.is_staff() || self == Self::System,
            StoreCommand::ChangeLimits(_)
            | StoreCommand::ChangeHours(_)
            | StoreCommand::ChangeMenu(_)
            | StoreCommand::SwitchExtension { .. } => self.is_manager(),
        }
    }
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Guest(id) => write!(f, "guest:{id}"),
            Self::Credential(id, role) => write!(f, "{role}:{id}"),
            Self::System => f.write_str("house"),
        }
    }
}

/// The text given names nobody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParseActorError;

impl fmt::Display for ParseActorError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("expected `house`, `guest:{id}` or `{role}:{id}`")
    }
}

impl std::error::Error for ParseActorError {}

impl FromStr for Actor {
    type Err = ParseActorError;

    fn from_str(text: &str) -> Result<Self, ParseActorError> {
        if text == "house" {
            return Ok(Self::System);
        }
        let (role, id) = text.split_once(':').ok_or(ParseActorError)?;
        if role == "guest" {
            return id.parse().map(Self::Guest).map_err(|_| ParseActorError);
        }
        Ok(Self::Credential(id.parse().map_err(|_| ParseActorError)?, role.parse().map_err(|_| ParseActorError)?))
    }
}

impl Serialize for Actor {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Actor {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from)?.parse().map_err(de::Error::custom)
    }
}
