//! The views that have their own bundle.

/// The names are also those of the front end's features, entry functions and style files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PageView {
    Ordering,
    Display,
    Barista,
}

impl PageView {
    pub(crate) const ALL: [Self; 3] = [Self::Ordering, Self::Display, Self::Barista];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Ordering => "ordering",
            Self::Display => "display",
            Self::Barista => "barista",
        }
    }
}
