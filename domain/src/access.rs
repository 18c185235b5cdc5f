//! Roles, actors and the permissions of each role.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize, de};

use crate::ids::{GuestId, StaffId};

/// The role of a session or bearer token. Guests have no role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Prepares orders and opens, closes or pauses the shop.
    Barista,
    /// Everything a barista may do, and the configuration of the shop.
    Manager,
    /// A public screen; read-only.
    Display,
    /// An API client that orders and prepares its own orders.
    Robot,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 4] = [Self::Barista, Self::Manager, Self::Display, Self::Robot];

    /// The name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Barista => "barista",
            Self::Manager => "manager",
            Self::Display => "display",
            Self::Robot => "robot",
        }
    }

    /// Whether the role may see all events of the shop unredacted: baristas and managers.
    pub fn is_staff(self) -> bool {
        matches!(self, Self::Barista | Self::Manager)
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The text is not the name of a [`Role`].
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

/// The issuer of a command. `guest:{id}`, `{role}:{id}` or, for `System`, `house` on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Actor {
    /// A guest's device session.
    Guest(GuestId),
    /// The holder of a session or bearer token.
    Credential(StaffId, Role),
    /// The program itself: shop creation, the clock and the extension host.
    System,
}

impl Actor {
    /// The guest id under which the actor orders. A robot orders under the id of its token.
    pub fn guest(self) -> Option<GuestId> {
        match self {
            Self::Guest(guest) => Some(guest),
            Self::Credential(id, Role::Robot) => Some(GuestId(id.0)),
            Self::Credential(..) | Self::System => None,
        }
    }

    /// The id under which the actor prepares orders; `None` if it may not. Robots may prepare robot orders only.
    pub fn preparer_id(self) -> Option<StaffId> {
        match self {
            Self::Credential(id, Role::Barista | Role::Manager | Role::Robot) => Some(id),
            Self::Credential(_, Role::Display) | Self::Guest(_) | Self::System => None,
        }
    }

    /// Whether the actor is a robot.
    pub fn is_robot(self) -> bool {
        matches!(self, Self::Credential(_, Role::Robot))
    }

    /// Whether the actor is a barista or a manager.
    pub fn is_staff(self) -> bool {
        matches!(self, Self::Credential(_, role) if role.is_staff())
    }

    /// Whether the actor is a manager.
    pub fn is_manager(self) -> bool {
        matches!(self, Self::Credential(_, Role::Manager))
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

/// The text is not an [`Actor`].
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
