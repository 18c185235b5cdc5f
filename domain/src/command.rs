//! Commands: the requests that a shop accepts or refuses.

use serde::Serialize;

use crate::access::Actor;
use crate::event::Emitted;
use crate::hours::Hours;
use crate::ids::OrderId;
use crate::limits::{Limits, LimitsChange};
use crate::menu::change::MenuChange;
use crate::menu::{Choice, Menu, StockItem};
use crate::order::{CancelReason, Channel};
use crate::setting::SettingDigest;
use crate::time::Instant;

/// A request that may be refused. A command names the wanted state, so repeating it never toggles anything.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// Changes the shop itself; see [`StoreCommand`].
    Store(StoreCommand),
    /// Cancels every open order, for example after a demonstration. Managers only.
    StopOrders,
    /// Starts an order from a scanned code or through the robot API.
    Start {
        /// Id of the new order, made by the client.
        order: OrderId,
        /// Source of the start; it decides whether a token is taken.
        source: StartSource,
    },
    /// Starts and submits an order at the bar for a guest without a phone. Staff only.
    WalkIn {
        /// Id of the new order, made by the client.
        order: OrderId,
        /// Drink and options.
        choice: Choice,
    },
    /// Submits the guest's choice; allowed once, while the order is [`Step::Choosing`](crate::order::Step::Choosing).
    Submit {
        /// Order to submit.
        order: OrderId,
        /// Drink and options.
        choice: Choice,
    },
    /// Replaces the choice of an order that no barista has claimed.
    Edit {
        /// Order to edit.
        order: OrderId,
        /// New drink and options; they replace the old ones entirely.
        choice: Choice,
        /// Version that the client saw; a different current version is a conflict. `None` skips the check.
        version: Option<u32>,
    },
    /// Performs an [`Action`] on an order that has started.
    Act {
        /// Order to act on.
        order: OrderId,
        /// Action to perform.
        action: Action,
        /// Reason of a cancellation by staff, who must give one of [`CancelReason::SELECTABLE`]; ignored for other
        /// actions and for guests.
        reason: Option<CancelReason>,
        /// Version that the client saw; a different current version is a conflict. `None` skips the check.
        version: Option<u32>,
    },
    /// Ends the current wait of an order when its deadline has passed. Issued by the clock as `System` only.
    EndWait {
        /// Order whose deadline has passed.
        order: OrderId,
    },
}

/// A command about the shop itself: setup, opening state, configuration and extensions.
#[derive(Clone, Debug, PartialEq)]
pub enum StoreCommand {
    /// Creates the shop, open for orders. `System` only.
    Create {
        /// Display name of the shop.
        name: String,
        /// First menu; it is validated.
        menu: Menu,
        /// First limits; they are validated.
        limits: Limits,
        /// First opening hours; they are validated.
        hours: Hours,
    },
    /// Opens the shop for orders.
    Open {
        /// Suspends the opening hours until the next `Open` or `Close` without `hold`.
        hold: bool,
    },
    /// Closes the shop; submitted orders are still prepared.
    Close {
        /// Suspends the opening hours until the next `Open` or `Close` without `hold`.
        hold: bool,
    },
    /// Opens, closes or calls last orders as the opening hours say. Issued by the clock as `System` only.
    ApplyHours,
    /// Pauses new orders; orders that have started continue.
    Pause {
        /// Public reason. Control characters are removed; text beyond 80 characters is cut off.
        reason: String,
        /// End of the pause, within a day from now; `None` pauses until [`StoreCommand::Resume`].
        until: Option<Instant>,
    },
    /// Ends a pause. The clock issues it too, at the end of a timed pause.
    Resume,
    /// Changes some limits; each has a fixed range.
    ChangeLimits(LimitsChange),
    /// Replaces the opening hours.
    ChangeHours(Hours),
    /// Applies one change to the menu.
    ChangeMenu(MenuChange),
    /// A change of the limits, the hours or the menu that is refused if somebody else has changed the same setting since.
    IfUnchanged {
        /// Digest of the setting that the manager saw.
        before: SettingDigest,
        /// The change.
        change: Box<StoreCommand>,
    },
    /// Marks a drink, option or ingredient as sold out or available again.
    ChangeAvailability {
        /// Item of the menu.
        thing: StockItem,
        /// Wanted availability.
        available: bool,
    },
    /// Switches an extension on or off for this shop.
    SwitchExtension {
        /// Name of the extension, such as `WaitTimes`.
        extension: String,
        /// Wanted state.
        on: bool,
    },
    /// Appends events that extensions emitted. Issued by the extension host as `System` only.
    Emit(Vec<Emitted>),
}

impl Actor {
    /// Whether the role may issue this kind of command. The services check ownership and state.
    pub fn may_issue(self, command: &Command) -> bool {
        match command {
            Command::Store(command) => self.may_issue_store(command),
            Command::EndWait { .. } => self == Self::System,
            Command::StopOrders => self.is_manager(),
            // Each source has its own role, so that robots never use up the tokens of guests.
            Command::Start { source: StartSource::Robot, .. } => self.is_robot(),
            Command::Start { source: StartSource::Code { .. }, .. } => matches!(self, Self::Guest(_)),
            Command::Start { source: StartSource::Bar, .. } | Command::WalkIn { .. } => self.is_staff(),
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
                | Action::SetAside => self.preparer_id().is_some(),
            },
        }
    }

    fn may_issue_store(self, command: &StoreCommand) -> bool {
        match command {
            StoreCommand::Create { .. } | StoreCommand::ApplyHours | StoreCommand::Emit(_) => self == Self::System,
            StoreCommand::Open { .. }
            | StoreCommand::Close { .. }
            | StoreCommand::Pause { .. }
            // Baristas notice first that something ran out.
            | StoreCommand::ChangeAvailability { .. } => self.is_staff(),
            StoreCommand::Resume => self.is_staff() || self == Self::System,
            StoreCommand::ChangeLimits(_)
            | StoreCommand::ChangeHours(_)
            | StoreCommand::ChangeMenu(_)
            | StoreCommand::SwitchExtension { .. } => self.is_manager(),
            StoreCommand::IfUnchanged { change, .. } => self.may_issue_store(change),
        }
    }
}

impl From<StoreCommand> for Command {
    fn from(command: StoreCommand) -> Self {
        Self::Store(command)
    }
}

impl Command {
    /// The order that the command is about; `None` for commands about the shop.
    pub fn order(&self) -> Option<OrderId> {
        match self {
            Self::Store(_) | Self::StopOrders => None,
            Self::Start { order, .. }
            | Self::WalkIn { order, .. }
            | Self::Submit { order, .. }
            | Self::Edit { order, .. }
            | Self::Act { order, .. }
            | Self::EndWait { order } => Some(*order),
        }
    }
}

macro_rules! actions {
    ($($(#[$doc:meta])* $name:ident,)*) => {
        /// An action on an order that has started.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
        pub enum Action {
            $($(#[$doc])* $name,)*
        }

        impl Action {
            /// Every action, in declaration order.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];
        }
    };
}

actions! {
    /// Cancels the order. Guests may until a barista claims it, staff until it is over.
    Cancel,
    /// Assigns a waiting order to the acting barista or robot.
    Claim,
    /// Returns a claimed order to the queue. Its barista or a manager may.
    Release,
    /// Marks a claimed order as ready. Only its barista may.
    Complete,
    /// Marks a ready order as handed over.
    Collect,
    /// Extends the guest's time to choose, once per order.
    Extend,
    /// Moves the guest's waiting order behind all orders that wait now.
    Postpone,
    /// Undoes a cancellation, or returns a ready order to preparation.
    Recall,
    /// Calls the guest of a ready order again. An order that was set aside is back on the display.
    Remind,
    /// Takes an uncollected ready order off the list of ready orders; it expires as before.
    SetAside,
}

/// The source of a start. It decides which role may start and whether a token is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StartSource {
    /// A QR code that the server has verified. Takes a token.
    Code {
        /// Start of the window that the code belongs to.
        window: Instant,
    },
    /// The robot API, authenticated by a bearer token. Takes no token of a window.
    Robot,
    /// A member of staff at the bar. Takes no token and skips the checks of hours and capacity.
    Bar,
}

impl StartSource {
    /// The channel recorded in the order's events.
    pub fn channel(self) -> Channel {
        match self {
            Self::Code { .. } => Channel::Web,
            Self::Robot => Channel::Robot,
            Self::Bar => Channel::WalkIn,
        }
    }
}
