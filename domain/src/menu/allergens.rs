//! The allergens of drinks and options. That none are known and that there are none are two values.

use serde::{Deserialize, Serialize};

/// Allergens as far as somebody has declared them. The default is that nothing is known.
///
/// On the wire a list of names. The name `unknown` in it says that there may be more; an empty list, or `none` alone, that
/// there are none. A missing list says that nothing is known: so do all events from before 2026-11-27, which left an
/// empty list out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(into = "Vec<WireName>", try_from = "Vec<WireName>")]
pub struct Allergens {
    known: Vec<Allergen>,
    is_complete: bool,
}

/// A name in a list of allergens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum WireName {
    None,
    Unknown,
    #[serde(untagged)]
    Allergen(Allergen),
}

impl Allergens {
    /// These allergens and, if `is_complete`, no others.
    pub fn new(known: Vec<Allergen>, is_complete: bool) -> Self {
        Self { known, is_complete }
    }

    /// These allergens and no others.
    pub fn all(known: impl Into<Vec<Allergen>>) -> Self {
        Self::new(known.into(), true)
    }

    /// Declared to contain none.
    pub fn none() -> Self {
        Self::all([])
    }

    /// The allergens that are declared.
    pub fn known(&self) -> &[Allergen] {
        &self.known
    }

    /// Whether there are no others than the known ones.
    pub fn is_complete(&self) -> bool {
        self.is_complete
    }

    /// Whether it is declared that there are none.
    pub fn is_none(&self) -> bool {
        self.is_complete && self.known.is_empty()
    }

    /// Whether nothing is known.
    pub(super) fn is_unknown(&self) -> bool {
        *self == Self::default()
    }

    /// Adds the allergens of another part of the drink, sorted and without duplicates.
    // A sort would add kilobytes to the WebAssembly bundle.
    pub(super) fn include(&mut self, more: &Self) {
        self.is_complete &= more.is_complete;
        for allergen in &more.known {
            if let Err(index) = self.known.binary_search(allergen) {
                self.known.insert(index, *allergen);
            }
        }
    }
}

impl From<Allergens> for Vec<WireName> {
    fn from(allergens: Allergens) -> Self {
        let more = (!allergens.is_complete).then_some(WireName::Unknown);
        allergens.known.into_iter().map(WireName::Allergen).chain(more).collect()
    }
}

impl TryFrom<Vec<WireName>> for Allergens {
    type Error = &'static str;

    fn try_from(names: Vec<WireName>) -> Result<Self, Self::Error> {
        if names.contains(&WireName::None) && names.len() > 1 {
            return Err("allergens: `none` stands alone, without another one.");
        }
        let known = names.iter().filter_map(|name| match name {
            WireName::Allergen(allergen) => Some(*allergen),
            WireName::None | WireName::Unknown => None,
        });
        Ok(Self { known: known.collect(), is_complete: !names.contains(&WireName::Unknown) })
    }
}

/// The 14 allergens of Regulation (EU) No 1169/2011, Annex II, in its order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Allergen {
    /// Cereals containing gluten (Annex II, 1).
    Gluten,
    /// Crustaceans (2).
    Crustaceans,
    /// Eggs (3).
    Eggs,
    /// Fish (4).
    Fish,
    /// Peanuts (5).
    Peanuts,
    /// Soybeans (6).
    Soybeans,
    /// Milk, including lactose (7).
    Milk,
    /// Tree nuts (8).
    Nuts,
    /// Celery (9).
    Celery,
    /// Mustard (10).
    Mustard,
    /// Sesame seeds (11).
    Sesame,
    /// Sulphur dioxide and sulphites (12).
    Sulphites,
    /// Lupin (13).
    Lupin,
    /// Molluscs (14).
    Molluscs,
}

impl Allergen {
    /// Every allergen, in the order of Annex II.
    pub const ALL: [Self; 14] = [
        Self::Gluten,
        Self::Crustaceans,
        Self::Eggs,
        Self::Fish,
        Self::Peanuts,
        Self::Soybeans,
        Self::Milk,
        Self::Nuts,
        Self::Celery,
        Self::Mustard,
        Self::Sesame,
        Self::Sulphites,
        Self::Lupin,
        Self::Molluscs,
    ];

    /// The name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Gluten => "gluten",
            Self::Crustaceans => "crustaceans",
            Self::Eggs => "eggs",
            Self::Fish => "fish",
            Self::Peanuts => "peanuts",
            Self::Soybeans => "soybeans",
            Self::Milk => "milk",
            Self::Nuts => "nuts",
            Self::Celery => "celery",
            Self::Mustard => "mustard",
            Self::Sesame => "sesame",
            Self::Sulphites => "sulphites",
            Self::Lupin => "lupin",
            Self::Molluscs => "molluscs",
        }
    }
}
