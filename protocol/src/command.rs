//! The command table: one row per command of the HTTP API.
//!
//! [`command_table!`](crate::command_table) hands every row to a macro of the caller. From the rows follow the endpoint
//! constants and input functions of this module, the server functions and their dispatch in `app`, and
//! `docs/commands.md`. Who may issue a command is not in the table: [`Actor::may_issue`] decides it from the command.

use std::collections::BTreeMap;

use domain::access::Actor;
use domain::command::{Action, Command, StartSource, StoreCommand};
use domain::ids::{OrderId, ShopId};
use domain::limits::LimitsChange;
use domain::menu::change::MenuChange;
use domain::menu::{Choice, Drink, Group, Seen, StockItem};
use domain::order::CancelReason;
use domain::time::Instant;
use serde::{Deserialize, Deserializer, Serialize};

use crate::form::{self, HoursForm};
use crate::problem::RequestError;

/// A decoded form: the domain command, or the facts that the server needs to make one.
#[derive(Clone, Debug, PartialEq)]
pub struct Input {
    /// The command, as far as the form alone determines it.
    pub request: Request,
    /// Name to call out when the order is ready. It is stored beside the log, never in it.
    pub name: Option<String>,
}

/// The command of a form. Variants other than [`Self::Command`] need the server's clock, menu or code key first.
#[derive(Clone, Debug, PartialEq)]
pub enum Request {
    /// A complete domain command.
    Command(Command),
    /// Starts an order with a code that the server has to exchange for its window.
    StartWithCode {
        /// Id of the new order, made by the client.
        order: OrderId,
        /// The code of a scan, or as typed.
        code: String,
    },
    /// Pauses the shop for a number of minutes; without it, until somebody resumes.
    PauseFor {
        /// Reason that guests read.
        reason: String,
        /// Minutes from now.
        minutes: Option<u32>,
    },
    /// A menu change that is refused if it would replace an entry with the same id.
    AddToMenu(MenuChange),
}

impl Request {
    /// A command of the same kind and about the same order, to ask what an actor may issue before the server resolves
    /// the rest.
    pub fn probe(&self) -> Command {
        match self {
            Self::Command(command) => command.clone(),
            Self::StartWithCode { order, .. } => {
                Command::Start { order: *order, source: StartSource::Code { window: Instant::NEVER } }
            }
            Self::PauseFor { reason, .. } => StoreCommand::Pause { reason: reason.clone(), until: None }.into(),
            Self::AddToMenu(change) => StoreCommand::ChangeMenu(change.clone()).into(),
        }
    }

    /// The order that the command is about.
    pub fn order(&self) -> Option<OrderId> {
        match self {
            Self::Command(command) => command.order(),
            Self::StartWithCode { order, .. } => Some(*order),
            Self::PauseFor { .. } | Self::AddToMenu(_) => None,
        }
    }

    /// Whether the command changes an order that exists already and has an owner.
    pub fn changes_an_order(&self) -> bool {
        matches!(self, Self::Command(Command::Act { .. } | Command::Edit { .. }))
    }

    /// Whether this actor's role may issue the command; the services decide the single case.
    pub fn may_be_issued_by(&self, actor: Actor) -> bool {
        actor.may_issue(&self.probe())
    }
}

impl From<Command> for Input {
    fn from(command: Command) -> Self {
        Self { request: Request::Command(command), name: None }
    }
}

impl From<StoreCommand> for Input {
    fn from(command: StoreCommand) -> Self {
        Command::from(command).into()
    }
}

impl From<Request> for Input {
    fn from(request: Request) -> Self {
        Self { request, name: None }
    }
}

/// A text field; `None` if it was not sent. An `Option` alone would read an empty field as one that was not sent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct SentText(pub Option<String>);

impl<'de> Deserialize<'de> for SentText {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from).map(|text| Self(Some(text)))
    }
}

impl Input {
    fn called(command: Command, name: Option<String>) -> Self {
        Self { request: Request::Command(command), name }
    }
}

/// The page to which a browser without JavaScript returns when the form names no page of this program as its referrer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReturnPage {
    /// The guest's page of the shop.
    Ordering,
    /// The barista's board.
    Barista,
    /// The first page of the office.
    Office,
    /// The menu in the office.
    OfficeMenu,
    /// The extensions in the office.
    OfficeExtensions,
}

impl ReturnPage {
    /// Path of the page in this shop.
    pub fn path(self, shop: &ShopId) -> String {
        let page = match self {
            Self::Ordering => "",
            Self::Barista => "/barista",
            Self::Office => "/office",
            Self::OfficeMenu => "/office/menu",
            Self::OfficeExtensions => "/office/extensions",
        };
        format!("/s/{shop}{page}")
    }
}

/// How a repeated request is recognised, besides the `Idempotency-Key` header that every command accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Idempotency {
    /// By the field `key` of the form.
    Field,
    /// By the id of the order that the command begins.
    Order,
}

/// One command of the table.
#[derive(Clone, Copy, Debug)]
pub struct CommandRow {
    /// Name of the server function.
    pub name: &'static str,
    /// Effect of the command, in one or a few sentences.
    pub summary: &'static [&'static str],
    /// Below `/api/`.
    pub endpoint: &'static str,
    /// Form fields without which the request is malformed, besides `shop`.
    pub required: &'static [&'static str],
    /// Form fields that have a default, besides `key`.
    pub optional: &'static [&'static str],
    /// How a repetition is recognised.
    pub idempotency: Idempotency,
    /// The page to which a browser returns.
    pub returns_to: ReturnPage,
}

/// Field of every command besides those of its row: the side of the bar, `guest` or `staff`, that a browser acts for if
/// it is both.
pub const SIDE_FIELD: &str = "by";

/// Field of every command besides those of its row: the digest of the setting that the form showed. If the setting has
/// changed since, the command is refused.
pub const BEFORE_FIELD: &str = "before";

/// The row of an endpoint, as `orders/claim`.
pub fn row(endpoint: &str) -> Option<&'static CommandRow> {
    ROWS.iter().find(|row| row.endpoint == endpoint)
}

/// Calls `$callback!` with all rows of the command table. A row has the form
///
/// ```text
/// /// What it does.
/// ServerFunctionType function_name ENDPOINT_CONSTANT "end/point", Idempotency, ReturnPage,
///     { required: Type, … } { optional: Type, … } => the input, an expression over the fields;
/// ```
///
/// The caller imports the types of the fields.
#[macro_export]
macro_rules! command_table {
    ($callback:ident) => {
        $callback! {
            /// Opens the shop. With `hold`, the opening hours do not close it.
            OpenStore open_store OPEN_STORE "store/open", Field, Barista,
                {} { hold: bool } => StoreCommand::Open { hold }.into();
            /// Closes the shop. With `hold`, the opening hours do not open it.
            CloseStore close_store CLOSE_STORE "store/close", Field, Barista,
                {} { hold: bool } => StoreCommand::Close { hold }.into();
            /// Stops new orders for `minutes` (1 to 1,440), or until somebody resumes. Guests read the `reason`,
            /// which is cut at 80 characters.
            PauseStore pause_store PAUSE_STORE "store/pause", Field, Barista,
                {} { reason: String, minutes: Option<u32> } => Request::PauseFor { reason, minutes }.into();
            /// Ends a pause.
            ResumeStore resume_store RESUME_STORE "store/resume", Field, Barista,
                {} {} => StoreCommand::Resume.into();
            /// Changes the limits that `change` names, as `change[room]=40`.
            ChangeLimits change_limits CHANGE_LIMITS "store/limits", Field, Office,
                { change: LimitsChange } {} => StoreCommand::ChangeLimits(change).into();
            /// Replaces the opening hours, as `hours[week][0][day]=sat`, `hours[week][0][from]=09:00`.
            ChangeHours change_hours CHANGE_HOURS "store/hours", Field, Office,
                {} { hours: HoursForm } => StoreCommand::ChangeHours(hours.into_hours()?).into();
            /// Switches an extension on or off in this shop, by its name as `WaitTimes`.
            SwitchExtension switch_extension SWITCH_EXTENSION "store/extension", Field, OfficeExtensions,
                { extension: String, on: bool } {} => StoreCommand::SwitchExtension { extension, on }.into();
            /// Puts a drink on the menu; it replaces the drink of the same id, unless `new` is set.
            PutDrink put_drink PUT_DRINK "menu/drink", Field, OfficeMenu,
                { drink: Drink } { new: bool } => put(MenuChange::PutDrink(form::drink(drink)), new);
            /// Removes a drink from the menu.
            RemoveDrink remove_drink REMOVE_DRINK "menu/drink/remove", Field, OfficeMenu,
                { drink: String } {} => StoreCommand::ChangeMenu(MenuChange::RemoveDrink(drink)).into();
            /// Puts a group of options on the menu; it replaces the group of the same id, unless `new` is set.
            PutGroup put_group PUT_GROUP "menu/group", Field, OfficeMenu,
                { group: Group } { new: bool } => put(MenuChange::PutGroup(form::group(group)), new);
            /// Removes a group of options from the menu.
            RemoveGroup remove_group REMOVE_GROUP "menu/group/remove", Field, OfficeMenu,
                { group: String } {} => StoreCommand::ChangeMenu(MenuChange::RemoveGroup(group)).into();
            /// Sets the currency of all prices: an ISO 4217 code.
            SetCurrency set_currency SET_CURRENCY "menu/currency", Field, OfficeMenu,
                {} { currency: String } => StoreCommand::ChangeMenu(MenuChange::SetCurrency(currency)).into();
            /// Marks a `drink/{id}`, an `option/{group}/{id}` or an `ingredient/{id}` as sold out or as available.
            ChangeAvailability change_availability CHANGE_AVAILABILITY "menu/availability", Field, Barista,
                { thing: StockItem, available: bool } {} => StoreCommand::ChangeAvailability { thing, available }.into();
            /// Ends every order that is not over, each with its own events.
            StopOrders stop_orders STOP_ORDERS "orders/stop", Field, Office,
                {} {} => Command::StopOrders.into();
            /// Begins an order with the code of a scan or, with a robot's token, without one.
            Start start START "orders/start", Order, Ordering,
                { order: OrderId } { code: Option<String> } => match code {
                    Some(code) => Request::StartWithCode { order, code }.into(),
                    None => Command::Start { order, source: StartSource::Robot }.into(),
                };
            /// Chooses the drink. `options[milk]=oat` and, for groups that take several, `extras[topping][cocoa]=on`;
            /// groups left out stand at their preset. A form posts what it has `seen` of the drink and its options: then
            /// nothing stands at its preset, and what is no longer as the guest saw it is refused.
            Submit submit SUBMIT "orders/submit", Field, Ordering,
                { order: OrderId, drink: String } { options: Options, extras: Extras, seen: Option<Seen>, name: Option<String> } =>
                Input::called(Command::Submit { order, choice: Choice { drink, options, extras, seen } }, name);
            /// Begins and submits an order for a guest without a phone.
            WalkIn walk_in WALK_IN "orders/walk_in", Order, Barista,
                { order: OrderId, drink: String } { options: Options, extras: Extras, seen: Option<Seen>, name: Option<String> } =>
                Input::called(Command::WalkIn { order, choice: Choice { drink, options, extras, seen } }, name);
            /// Replaces the choice of an order that nobody makes yet. An empty `name` removes the name. `version` is the one that
            /// the client saw.
            Edit edit EDIT "orders/edit", Field, Ordering,
                { order: OrderId, drink: String }
                { options: Options, extras: Extras, seen: Option<Seen>, name: SentText, version: Option<u32> } =>
                Input::called(Command::Edit { order, choice: Choice { drink, options, extras, seen }, version }, name.0);
            /// Cancels the order. The bar must give a `reason`, which the guest reads: `sold_out`, `broken`, `mistake`,
            /// `closing`, `not_collected` or `other`.
            Cancel cancel CANCEL "orders/cancel", Field, Ordering,
                { order: OrderId } { reason: Option<CancelReason>, version: Option<u32> } =>
                Command::Act { order, action: Action::Cancel, reason, version }.into();
            /// Takes the order to make it.
            Claim claim CLAIM "orders/claim", Field, Barista,
                { order: OrderId } { version: Option<u32> } => act(order, Action::Claim, version);
            /// Puts an order that is being made back into the queue.
            Release release RELEASE "orders/release", Field, Barista,
                { order: OrderId } { version: Option<u32> } => act(order, Action::Release, version);
            /// Says that the drink is ready.
            Complete complete COMPLETE "orders/complete", Field, Barista,
                { order: OrderId } { version: Option<u32> } => act(order, Action::Complete, version);
            /// Says that the drink was handed out.
            Collect collect COLLECT "orders/collect", Field, Barista,
                { order: OrderId } { version: Option<u32> } => act(order, Action::Collect, version);
            /// Gives the guest more time to choose, once.
            Extend extend EXTEND "orders/extend", Field, Ordering,
                { order: OrderId } { version: Option<u32> } => act(order, Action::Extend, version);
            /// Moves the order behind all that are waiting now.
            Postpone postpone POSTPONE "orders/postpone", Field, Ordering,
                { order: OrderId } { version: Option<u32> } => act(order, Action::Postpone, version);
            /// Takes back a cancellation, or that the drink is ready.
            Recall recall RECALL "orders/recall", Field, Ordering,
                { order: OrderId } { version: Option<u32> } => act(order, Action::Recall, version);
            /// Calls a ready order out once more.
            Remind remind REMIND "orders/remind", Field, Barista,
                { order: OrderId } { version: Option<u32> } => act(order, Action::Remind, version);
            /// Sets a ready order aside that nobody collected.
            SetAside set_aside SET_ASIDE "orders/set_aside", Field, Barista,
                { order: OrderId } { version: Option<u32> } => act(order, Action::SetAside, version);
        }
    };
}

/// The options picked, by group.
pub type Options = BTreeMap<String, String>;

/// The options picked of groups that take several, by group and option; the value of a checkbox says nothing.
pub type Extras = BTreeMap<String, BTreeMap<String, String>>;

macro_rules! rows {
    ($($(#[doc = $summary:literal])+ $type:ident $function:ident $constant:ident $endpoint:literal, $idempotency:ident,
        $page:ident, { $($required:ident: $required_type:ty),* } { $($optional:ident: $optional_type:ty),* }
        => $input:expr;)*) => {
        /// Endpoints below `/api/`, for forms, robots and scripts.
        pub mod endpoint {
            $($(#[doc = $summary])+ pub const $constant: &str = $endpoint;)*
        }

        /// The functions that make an [`Input`] of decoded form fields, one a row.
        #[expect(clippy::too_many_arguments, reason = "one for each field of a form")]
        pub mod input {

            use super::*;

            $($(#[doc = $summary])+
            ///
            /// # Errors
            /// A field has a value that the form's syntax does not allow.
            pub fn $function($($required: $required_type,)* $($optional: $optional_type,)*) -> Result<Input, RequestError> {
                Ok($input)
            })*
        }

        /// All commands, in the order of the documentation.
        pub const ROWS: &[CommandRow] = &[$(CommandRow {
            name: stringify!($function),
            summary: &[$($summary),+],
            endpoint: $endpoint,
            required: &[$(stringify!($required)),*],
            optional: &[$(stringify!($optional)),*],
            idempotency: Idempotency::$idempotency,
            returns_to: ReturnPage::$page,
        }),*];
    };
}

command_table!(rows);

fn act(order: OrderId, action: Action, version: Option<u32>) -> Input {
    Command::Act { order, action, reason: None, version }.into()
}

fn put(change: MenuChange, is_new: bool) -> Input {
    if is_new { Request::AddToMenu(change).into() } else { StoreCommand::ChangeMenu(change).into() }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn endpoints_are_unique() {
        let endpoints: BTreeSet<_> = ROWS.iter().map(|row| row.endpoint).collect();
        assert_eq!(endpoints.len(), ROWS.len());
    }

    #[test]
    fn every_action_has_an_endpoint() {
        for action in Action::ALL {
            let name: String = format!("{action:?}")
                .chars()
                .enumerate()
                .flat_map(|(n, c)| {
                    let separator = (n > 0 && c.is_ascii_uppercase()).then_some('_');
                    separator.into_iter().chain([c.to_ascii_lowercase()])
                })
                .collect();
            assert!(row(&format!("orders/{name}")).is_some(), "{action:?} has no row in the command table");
        }
    }
}
