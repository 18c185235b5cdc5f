//! Digests of a drink and its options as a form showed them. A choice made on it is taken only as its guest saw it.

use serde::{Deserialize, Serialize};

use crate::menu::{Allergens, Drink, Group, Menu, MenuOption};

/// Digests of one drink and of each of its options as a form showed them, with a dot behind each.
///
/// A digest covers what a guest decides by: names, prices and allergens.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Seen(pub String);

impl Seen {
    /// What a form shows of this drink now.
    pub fn of(menu: &Menu, drink: &Drink) -> Self {
        let mut seen = Self::default();
        seen.add(menu.drink_digest(drink));
        for group in menu.groups_of(drink) {
            for option in &group.options {
                seen.add(menu.option_digest(group, option));
            }
        }
        seen
    }

    fn add(&mut self, digest: u32) {
        self.0.push_str(&digest.to_string());
        self.0.push('.');
    }

    /// Whether the form showed the drink as the menu has it now.
    pub fn has_drink(&self, menu: &Menu, drink: &Drink) -> bool {
        self.has(menu.drink_digest(drink))
    }

    /// Whether the form showed the option as the menu has it now.
    pub fn has_option(&self, menu: &Menu, group: &Group, option: &MenuOption) -> bool {
        self.has(menu.option_digest(group, option))
    }

    fn has(&self, digest: u32) -> bool {
        let digest = digest.to_string();
        self.0.split('.').any(|seen| seen == digest)
    }
}

impl Menu {
    fn drink_digest(&self, drink: &Drink) -> u32 {
        let of_drink = Digest::new().text(&drink.id).text(&drink.name).price(drink.price, &self.currency);
        of_drink.allergens(&drink.allergens).0
    }

    fn option_digest(&self, group: &Group, option: &MenuOption) -> u32 {
        let of_option = Digest::new().text(&group.id).text(&option.id).text(&option.name);
        of_option.price(option.surcharge, &self.currency).allergens(&option.allergens).0
    }
}

/// FNV-1a with 32 bits. It detects changes of the menu, not forgeries: a guest only deceives itself.
struct Digest(u32);

impl Digest {
    fn new() -> Self {
        Self(0x811c_9dc5)
    }

    fn byte(self, byte: u8) -> Self {
        Self((self.0 ^ u32::from(byte)).wrapping_mul(0x0100_0193))
    }

    /// Adds a text and a byte that no text contains.
    fn text(self, text: &str) -> Self {
        text.bytes().fold(self, Self::byte).byte(0xff)
    }

    fn price(self, price: u32, currency: &str) -> Self {
        let digest = price.to_le_bytes().into_iter().fold(self, Self::byte);
        // A currency without a price says nothing.
        if price == 0 { digest } else { digest.text(currency) }
    }

    fn allergens(self, allergens: &Allergens) -> Self {
        let digest = self.byte(u8::from(allergens.is_complete()));
        allergens.known().iter().fold(digest, |digest, allergen| digest.byte(*allergen as u8))
    }
}
