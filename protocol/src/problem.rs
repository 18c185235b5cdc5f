//! Problem documents (RFC 9457): the closed list of refusals and errors of the HTTP API.

use domain::ids::OrderId;
use domain::refusal::{Refusal, Unavailable};
use serde::{Deserialize, Serialize};

macro_rules! kinds {
    ($($name:ident)*) => {
        /// Every problem type of the API. Titles and advice of each stand in `docs/refusals.md`.
        #[expect(missing_docs, reason = "the title of each kind says what it means")]
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Kind {
            $($name,)*
        }

        impl Kind {
            /// All kinds, in the order of the documentation.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];
        }
    };
}

kinds! {
    CodeUnknown
    CodeOver
    CodeUsedUp
    ShopClosed
    UnavailableClosed
    UnavailablePaused
    UnavailableFull
    UnavailableLimit
    UnavailableNotStarted
    UnavailableEnded
    NotOnTheMenu
    SoldOut
    CountWrong
    OrderUnknown
    OrderAnothers
    StepIllegal
    OrderMovedOn
    AlreadyExtended
    NotDue
    LimitOutOfRange
    MenuWrong
    HoursWrong
    SlowDown
    ShopExists
    ShopUnknown
    PageUnknown
    SignedOut
    DeviceUnknown
    TokenInvalid
    RoleNotAllowed
    ForeignPost
    IdempotencyKeyReused
    LinkUnknown
    LinkUsed
    LinkOver
    Malformed
    MethodWrong
    BodyTooLarge
    Busy
    Broken
}

struct ProblemFact {
    slug: &'static str,
    status: u16,
    title: &'static str,
    /// What the person can do now.
    advice: &'static str,
}

impl Kind {
    #[rustfmt::skip]
    const fn fact(self) -> ProblemFact {
        const fn fact(slug: &'static str, status: u16, title: &'static str, advice: &'static str) -> ProblemFact {
            ProblemFact { slug, status, title, advice }
        }
        match self {
            Self::CodeUnknown => fact("code_unknown", 404, "This code was never shown here", "Scan the code on the screen above the bar."),
            Self::CodeOver => fact("code_over", 410, "This code is no longer good", "A new one is on the screen above the bar: scan again."),
            Self::CodeUsedUp => fact("code_used_up", 409, "All drinks of this code are taken", "Wait for the next code on the screen and scan again."),
            Self::ShopClosed => fact("shop_closed", 409, "The shop has closed meanwhile", "Your choice is kept here: order when it opens again."),
            Self::UnavailableClosed => fact("shop_unavailable/closed", 409, "The shop is closed", "Come back when the screen shows a code."),
            Self::UnavailablePaused => fact("shop_unavailable/paused", 409, "The bar takes a short break", "Scan again when the screen above the bar shows a code."),
            Self::UnavailableFull => fact("shop_unavailable/full", 409, "The bar is at capacity", "Try again in a few minutes, when some drinks are made."),
            Self::UnavailableLimit => fact("shop_unavailable/limit", 409, "You have had your drinks for today", "Come back tomorrow, or ask at the bar."),
            Self::UnavailableNotStarted => fact("shop_unavailable/not_started", 409, "The bar has not opened yet", "Come back on its first day; the screen above the bar shows a code then."),
            Self::UnavailableEnded => fact("shop_unavailable/ended", 409, "The bar is over", "Its last day has passed. Thank you for coming."),
            Self::SoldOut => fact("sold_out", 409, "That is sold out", "Choose something else; your place is kept."),
            Self::CountWrong => fact("count_wrong", 422, "That is too many or too few", "See the detail for how many of the group are taken."),
            Self::NotOnTheMenu => fact("not_on_the_menu", 422, "That is not on the menu", "Choose again from the menu."),
            Self::OrderUnknown => fact("order_unknown", 404, "There is no such order", "Scan the code on the screen to begin a new one."),
            Self::OrderAnothers => fact("order_anothers", 403, "This order is somebody else's", "Only whoever began it can change it."),
            Self::StepIllegal => fact("step_illegal", 409, "The order is past that step", "Look at where it stands now and try again."),
            Self::OrderMovedOn => fact("order_moved_on", 409, "Somebody was quicker", "Look at where the order stands now and try again."),
            Self::AlreadyExtended => fact("extended_already", 409, "You have had more time already", "Choose now, or scan again for a new place."),
            Self::NotDue => fact("wait_goes_on", 409, "There is still time", "Nothing has to be done."),
            Self::LimitOutOfRange => fact("limit_out_of_range", 422, "That limit is out of its range", "See the detail for the least and the most it may be."),
            Self::MenuWrong => fact("menu_wrong", 422, "Invalid menu", "See the detail for what is wrong with it."),
            Self::HoursWrong => fact("hours_wrong", 422, "Invalid opening hours", "See the detail for what is wrong with them."),
            Self::SlowDown => fact("slow_down", 429, "That was quick", "Wait a little before you try again."),
            Self::ShopExists => fact("shop_exists", 409, "The shop exists already", "Choose another name."),
            Self::ShopUnknown => fact("shop_unknown", 404, "There is no such shop", "Check the address, or scan the code on the screen above the bar."),
            Self::PageUnknown => fact("page_unknown", 404, "There is nothing here", "Check the address."),
            Self::SignedOut => fact("signed_out", 401, "This page is for the people behind the bar", "Whoever runs the bar makes a link for this device: crema link."),
            Self::DeviceUnknown => fact("device_unknown", 401, "We do not know this phone yet", "Scan the code on the screen above the bar; cookies must be allowed for this site."),
            Self::TokenInvalid => fact("token_invalid", 401, "Invalid or revoked token", "Create a new one: crema token."),
            Self::RoleNotAllowed => fact("role_forbids", 403, "Your role does not include that", "Ask somebody whose role does."),
            Self::ForeignPost => fact("foreign_post", 403, "The request came from another site", "Go back to our page and press the button there."),
            Self::IdempotencyKeyReused => fact("idempotency_key_reused", 422, "Idempotency key reused for a different request", "Send the new request with a new idempotency key."),
            Self::LinkUnknown => fact("link_unknown", 404, "This link does not exist", "Ask for a new one: crema link."),
            Self::LinkUsed => fact("link_used", 410, "This link has been used", "Each link works once. Ask for a new one: crema link."),
            Self::LinkOver => fact("link_over", 410, "This link is too old", "Links work for ten minutes. Ask for a new one: crema link."),
            Self::Malformed => fact("malformed", 400, "The request cannot be read", "See the detail for what is missing or misspelt."),
            Self::MethodWrong => fact("method_wrong", 405, "Method not allowed", "See the Allow header."),
            Self::BodyTooLarge => fact("body_too_large", 413, "The request is too large", "Send at most 64 KB."),
            Self::Busy => fact("busy", 503, "The shop cannot keep up for a moment", "Try again in a few seconds; nothing was changed."),
            Self::Broken => fact("broken", 500, "Something is broken on our side", "Try again; if it stays, tell the people behind the bar."),
        }
    }

    /// HTTP status code.
    pub fn status(self) -> u16 {
        self.fact().status
    }

    /// Stable end of the document's `type`, below `/problems/`.
    pub fn slug(self) -> &'static str {
        self.fact().slug
    }

    /// Short English title, without a full stop.
    pub fn title(self) -> &'static str {
        self.fact().title
    }

    /// English advice for the person: what to do now.
    pub fn advice(self) -> &'static str {
        self.fact().advice
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
    /// Short title for people.
    pub title: String,
    /// What is wrong in this case, or what to do now.
    pub detail: String,
    /// Seconds after which the same request may succeed; sent as `Retry-After` too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<u32>,
    /// Order that the problem is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<OrderId>,
}

impl From<Kind> for Problem {
    fn from(kind: Kind) -> Self {
        let fact = kind.fact();
        Self {
            kind: format!("/problems/{}", fact.slug),
            status: fact.status,
            title: fact.title.to_owned(),
            detail: fact.advice.to_owned(),
            retry_after: None,
            order: None,
        }
    }
}

impl Problem {
    /// A `malformed` problem. `detail` names the field at fault and never contains its value.
    pub fn malformed(detail: impl Into<String>) -> Self {
        Self { detail: detail.into(), ..Kind::Malformed.into() }
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

impl From<&Refusal> for Kind {
    fn from(refusal: &Refusal) -> Self {
        match refusal {
            Refusal::UnknownCode => Self::CodeUnknown,
            Refusal::CodeExpired => Self::CodeOver,
            Refusal::NoTokensLeft { .. } => Self::CodeUsedUp,
            Refusal::ShopClosed => Self::ShopClosed,
            Refusal::NotOnTheMenu { .. } => Self::NotOnTheMenu,
            Refusal::SoldOut { .. } => Self::SoldOut,
            Refusal::OptionCountOutOfRange { .. } => Self::CountWrong,
            Refusal::InvalidMenu { .. } => Self::MenuWrong,
            Refusal::InvalidHours(_) => Self::HoursWrong,
            Refusal::UnknownOrder => Self::OrderUnknown,
            Refusal::NotOwner => Self::OrderAnothers,
            Refusal::IllegalStep { .. } => Self::StepIllegal,
            Refusal::VersionConflict { .. } => Self::OrderMovedOn,
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

#[cfg(test)]
mod tests;
