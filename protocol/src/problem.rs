//! Problem documents (RFC 9457): the closed list of refusals and errors of the HTTP API.

use domain::hours::LocalDateTime;
use domain::ids::OrderId;
use domain::refusal::{Refusal, Unavailable};
use serde::{Deserialize, Serialize};

macro_rules! kinds {
    ($($name:ident = $slug:literal, $status:literal;)*) => {
        /// Every problem type of the API. Title and advice of each are listed in `docs/refusals.md`.
        #[expect(missing_docs, reason = "the slug of each kind says what it means")]
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Kind {
            $($name,)*
        }

        impl Kind {
            /// All kinds, in the order of the documentation.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// Stable end of the document's `type`, below `/problems/`.
            pub fn slug(self) -> &'static str {
                match self {
                    $(Self::$name => $slug,)*
                }
            }

            /// HTTP status code.
            pub fn status(self) -> u16 {
                match self {
                    $(Self::$name => $status,)*
                }
            }
        }
    };
}

kinds! {
    CodeUnknown = "code_unknown", 404;
    CodeOver = "code_over", 410;
    CodeUsedUp = "code_used_up", 409;
    ShopClosed = "shop_closed", 409;
    UnavailableClosed = "shop_unavailable/closed", 409;
    UnavailablePaused = "shop_unavailable/paused", 409;
    UnavailableFull = "shop_unavailable/full", 409;
    UnavailableLimit = "shop_unavailable/limit", 409;
    UnavailableNotStarted = "shop_unavailable/not_started", 409;
    UnavailableEnded = "shop_unavailable/ended", 409;
    NotOnTheMenu = "not_on_the_menu", 422;
    SoldOut = "sold_out", 409;
    MenuChanged = "menu_changed", 409;
    CountWrong = "count_wrong", 422;
    OrderUnknown = "order_unknown", 404;
    OrderAnothers = "order_anothers", 403;
    StepIllegal = "step_illegal", 409;
    OrderMovedOn = "order_moved_on", 409;
    ReasonMissing = "reason_missing", 422;
    AlreadyExtended = "extended_already", 409;
    NotDue = "wait_goes_on", 409;
    LimitOutOfRange = "limit_out_of_range", 422;
    SettingChanged = "setting_changed", 409;
    MenuWrong = "menu_wrong", 422;
    HoursWrong = "hours_wrong", 422;
    SlowDown = "slow_down", 429;
    ShopExists = "shop_exists", 409;
    ShopUnknown = "shop_unknown", 404;
    PageUnknown = "page_unknown", 404;
    SchemaUnpublished = "schema_unpublished", 404;
    SignedOut = "signed_out", 401;
    DeviceUnknown = "device_unknown", 401;
    TokenInvalid = "token_invalid", 401;
    RoleNotAllowed = "role_forbids", 403;
    ForeignPost = "foreign_post", 403;
    IdempotencyKeyReused = "idempotency_key_reused", 422;
    LinkUnknown = "link_unknown", 404;
    LinkUsed = "link_used", 410;
    LinkOver = "link_over", 410;
    Malformed = "malformed", 400;
    MethodWrong = "method_wrong", 405;
    BodyTooLarge = "body_too_large", 413;
    BodyLate = "body_late", 408;
    Busy = "busy", 503;
    Broken = "broken", 500;
}

/// A request that was refused or has failed, as keys and facts. `app::words::problems` makes a [`Problem`] of it in the
/// language of the reader.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestError {
    /// Type of the problem.
    pub kind: Kind,
    /// Facts of this case, if its words contain any.
    pub facts: Option<ProblemFacts>,
    /// Seconds after which the same request may succeed.
    pub retry_after: Option<u32>,
    /// Order that the problem is about.
    pub order: Option<OrderId>,
}

/// The facts in the words of a problem.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProblemFacts {
    /// The refusal of the command.
    Refusal(Refusal),
    /// The shop is at capacity until a place comes free.
    FreeWithin {
        /// Seconds until a place comes free, at most.
        seconds: u32,
    },
    /// The shop takes a break for this reason, which may be empty.
    Paused {
        /// Text of the staff.
        reason: String,
        /// Whether the end of the break is set.
        has_end: bool,
    },
    /// The closed shop opens at this local time.
    OpensAt(LocalDateTime),
    /// The guest has had all orders of a day.
    LimitReached {
        /// Orders of one guest in a day.
        orders: u32,
    },
    /// English text for the author of the request. It names the field at fault and never contains its value.
    Malformed(String),
}

impl RequestError {
    /// An error of the kind `malformed`. `detail` names the field at fault and never contains its value.
    pub fn malformed(detail: impl Into<String>) -> Self {
        Self::from(Kind::Malformed).with(ProblemFacts::Malformed(detail.into()))
    }

    /// Sets the facts of this case.
    pub fn with(self, facts: ProblemFacts) -> Self {
        Self { facts: Some(facts), ..self }
    }

    /// Sets the seconds after which the same request may succeed.
    pub fn retry_after(self, seconds: u32) -> Self {
        Self { retry_after: Some(seconds), ..self }
    }

    /// Sets the order that the problem is about.
    pub fn about(self, order: Option<OrderId>) -> Self {
        Self { order, ..self }
    }
}

impl From<Kind> for RequestError {
    fn from(kind: Kind) -> Self {
        Self { kind, facts: None, retry_after: None, order: None }
    }
}

impl From<Refusal> for RequestError {
    fn from(refusal: Refusal) -> Self {
        Self::from(Kind::from(&refusal)).with(ProblemFacts::Refusal(refusal))
    }
}

/// The document, `application/problem+json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// `/problems/{slug}`.
    #[serde(rename = "type")]
    pub kind: String,
    /// HTTP status code.
    pub status: u16,
    /// Short title for people, without a full stop.
    pub title: String,
    /// Cause in this case, or advice for the person.
    pub detail: String,
    /// Seconds after which the same request may succeed; sent as `Retry-After` too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<u32>,
    /// Order that the problem is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<OrderId>,
}

impl From<&Refusal> for Kind {
    fn from(refusal: &Refusal) -> Self {
        match refusal {
            Refusal::UnknownCode => Self::CodeUnknown,
            Refusal::CodeExpired => Self::CodeOver,
            Refusal::NoTokensLeft { .. } => Self::CodeUsedUp,
            Refusal::ShopClosed => Self::ShopClosed,
            Refusal::NotOnTheMenu { .. } => Self::NotOnTheMenu,
            Refusal::SoldOut { .. } => Self::SoldOut,
            Refusal::MenuChanged { .. } => Self::MenuChanged,
            Refusal::OptionCountOutOfRange { .. } => Self::CountWrong,
            Refusal::InvalidMenu { .. } => Self::MenuWrong,
            Refusal::InvalidHours(_) => Self::HoursWrong,
            Refusal::UnknownOrder => Self::OrderUnknown,
            Refusal::NotOwner => Self::OrderAnothers,
            Refusal::IllegalStep { .. } => Self::StepIllegal,
            Refusal::VersionConflict { .. } => Self::OrderMovedOn,
            Refusal::SettingChanged => Self::SettingChanged,
            Refusal::ReasonMissing => Self::ReasonMissing,
            Refusal::Unavailable(reason) => (*reason).into(),
            Refusal::RoleNotAllowed => Self::RoleNotAllowed,
            Refusal::ShopExists => Self::ShopExists,
            Refusal::AlreadyExtended => Self::AlreadyExtended,
            Refusal::NotDue { .. } => Self::NotDue,
            Refusal::LimitOutOfRange { .. } => Self::LimitOutOfRange,
        }
    }
}

impl From<Unavailable> for Kind {
    fn from(reason: Unavailable) -> Self {
        match reason {
            Unavailable::Closed => Self::UnavailableClosed,
            Unavailable::Paused => Self::UnavailablePaused,
            Unavailable::Full => Self::UnavailableFull,
            Unavailable::Limit => Self::UnavailableLimit,
            Unavailable::NotStarted => Self::UnavailableNotStarted,
            Unavailable::Ended => Self::UnavailableEnded,
        }
    }
}
