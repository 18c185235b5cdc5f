//! The extensions that come with the house: one file each, and none knows of another.

use domain::extension::Card;

/// All of them.
pub fn all() -> Vec<Card> {
    Vec::new()
}
