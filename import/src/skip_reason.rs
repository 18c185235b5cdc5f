//! The reasons for which entries of an archive are skipped.

use std::fmt;

/// Why an entry was skipped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum SkipReason {
    InvalidJson,
    NotAnEvent,
    DuplicateId,
    UnknownKind,
    OtherTenant,
    MissingOrder,
    MissingCause,
    Request,
    Metric,
    NoChange,
    OutOfRange,
    Repeated,
    IllegalStep,
    AmbiguousOrder,
    DrinkUnknown,
    OutcomeUnknown,
}

impl fmt::Display for SkipReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::InvalidJson => "invalid JSON",
            Self::NotAnEvent => "not an event: id, detail-type, time or detail is missing or invalid",
            Self::DuplicateId => "duplicate event id",
            Self::UnknownKind => "unknown event name",
            Self::OtherTenant => "belongs to another shop than the chosen one",
            Self::MissingOrder => "missing order id",
            Self::MissingCause => "missing or unknown timeout cause",
            Self::Request => "a request, not a fact; used only where the fact is missing",
            Self::Metric => "a metric computed by an extension",
            Self::NoChange => "changes no imported setting",
            Self::OutOfRange => "limit out of range",
            Self::Repeated => "repeated event of the same order",
            Self::IllegalStep => "illegal in the state of its order",
            Self::AmbiguousOrder => "missing order id, and no single order of that guest matches",
            Self::DrinkUnknown => "order skipped: its drink is not in the archive",
            Self::OutcomeUnknown => "order skipped: its outcome is not in the archive",
        })
    }
}
