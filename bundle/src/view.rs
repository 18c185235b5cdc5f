//! The screens that get a bundle of their own.

/// Also the names of the front end's features, its entry functions and the style files.
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
