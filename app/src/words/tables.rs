//! The texts that every language has, by screen. Languages fill the structs that are declared here.

use domain::language::Language;
use domain::menu::Allergen;
use domain::order::CancelReason;

#[cfg(feature = "ssr")]
pub use self::static_pages::*;
use super::brackets::Present;
use super::page_language::PageLanguage;
use super::{Confirmation, Notice, Words};

/// The type of a text: a string, or a function of the facts in it.
macro_rules! text_type {
    () => { &'static str };
    (($($type:ty),*) -> $result:ty) => { fn($($type),*) -> $result };
}

/// The method that returns a text in the language of the page.
macro_rules! text_method {
    ($name:ident) => {
        pub fn $name(self) -> &'static str {
            self.texts().$name.present(self.0)
        }
    };
    ($name:ident ($($fact:ident: $type:ty),*) -> $result:ty) => {
        pub fn $name(self, $($fact: $type),*) -> $result {
            (self.texts().$name)($($fact),*).present(self.0)
        }
    };
}

/// Declares groups of texts. `ordering: OrderingWords, OrderingTexts, ORDERING { … }` declares the struct
/// `OrderingTexts`, of which each language has a static `ORDERING`, and the method `Words::ordering`.
macro_rules! tables {
    ($($(#[doc = $doc:literal])+ $group:ident: $words:ident, $texts:ident, $static:ident {
        $($name:ident $(($($fact:ident: $type:ty),*) -> $result:ty)?;)+
    })+) => {$(
        $(#[doc = $doc])+
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub struct $words(PageLanguage);

        $(#[doc = $doc])+
        pub(in crate::words) struct $texts {
            $(pub(in crate::words) $name: text_type!($(($($type),*) -> $result)?),)+
        }

        impl Words {
            $(#[doc = $doc])+
            pub fn $group(self) -> $words {
                $words(self.language)
            }
        }

        impl $words {
            fn texts(self) -> &'static $texts {
                match self.0.get() {
                    Language::English | Language::Pseudo => &crate::words::english::$static,
                }
            }

            $(text_method! { $name $(($($fact: $type),*) -> $result)? })+
        }
    )+};
}

// Here, after the macro that it uses.
#[cfg(feature = "ssr")]
mod static_pages;

tables! {
    /// Texts of several screens.
    shared: SharedWords, SharedTexts, SHARED {
        connecting;
        live;
        not_live(since: &str) -> String;
        unreachable() -> Notice;
        robot;
        at_the_bar;
        if_you_like;
        now;
        minutes(minutes: u32) -> String;
        hours_and_minutes(hours: u32, minutes: u32) -> String;
        under_a_minute;
        about_minutes(minutes: u32) -> String;
        about_an_hour;
        yes;
        no;
        price(units: u32, cents: Option<u32>, currency: &str) -> String;
        allergen(allergen: Allergen) -> &'static str;
        allergens(allergens: &[Allergen]) -> String;
        contains(allergens: &[Allergen]) -> String;
        paused_heading;
        paused;
        paused_because(reason: &str) -> String;
        closed;
    }

    /// Texts of the menu and of the forms in it.
    menu: MenuWords, MenuTexts, MENU {
        menu;
        sold_out;
        drink_has_sold_out;
        option_has_sold_out(option: &str) -> String;
        choose_again;
        name_to_call;
        order(drink: &str) -> String;
        at_most(options: u32) -> String;
    }

    /// Texts of the guest's phone.
    ordering: OrderingWords, OrderingTexts, ORDERING {
        welcome;
        choose_next;
        choose_my_coffee;
        coffee;
        last_orders_are_over;
        scan_to_order;
        come_back;
        closed_meanwhile;
        my_orders;
        what_would_you_like;
        time_to_choose(left: &str) -> String;
        more_time;
        give_up() -> Confirmation;
        your_order;
        your_number;
        will_call(name: &str) -> String;
        you_are_next;
        drinks_ahead(drinks: usize) -> String;
        progress;
        in_the_queue;
        being_made;
        ready;
        collected;
        drink;
        is_in_the_queue(drink: &str) -> String;
        is_being_made(drink: &str) -> String;
        is_ready(drink: &str) -> String;
        enjoy(drink: &str) -> String;
        ran_out(drink: &str) -> String;
        bar_cancelled;
        cancelled;
        bar_was_late;
        time_is_over;
        not_collected(drink: &str) -> String;
        could_not_begin;
        look_at_the_screen;
        ask_at_the_bar;
        stands_aside;
        scan_again;
        let_others_go_first;
        change_my_drink;
        cancel() -> Confirmation;
        recall;
    }

    /// Texts of the display.
    display: DisplayWords, DisplayTexts, DISPLAY {
        how_to_order;
        closed_text;
        last_orders() -> Notice;
        all_taken() -> Notice;
        one_moment() -> Notice;
        scan_to_order;
        qr_code(url: &str) -> String;
        left(drinks: u32) -> String;
        left_of(drinks: u32, most: u32) -> String;
        closing_in(time: &str) -> String;
        back_in(time: &str) -> String;
        new_code_in(time: &str) -> String;
        preparing;
        nothing_in_the_queue;
        ready;
        nothing_ready;
        more(orders: usize) -> String;
    }

    /// Texts of the barista's tablet.
    barista: BaristaWords, BaristaTexts, BARISTA {
        with_other_baristas(drinks: usize) -> String;
        at_the_counter;
        office;
        shop_is;
        open;
        on_a_break;
        closed;
        close_shop;
        open_shop;
        go_on;
        take_a_break;
        take_the_break;
        pause_for;
        pause_minutes(minutes: u32) -> String;
        until_we_go_on;
        what_people_read;
        pause_reason_example;
        incoming;
        nothing_incoming;
        mine;
        nothing_mine;
        ready;
        nothing_ready;
        order(number: u32, drink: &str) -> String;
        call_for;
        cancelled;
        is_set_aside;
        make;
        put_back;
        collected;
        undo;
        call_again;
        set_aside;
        cancel;
        guest_is_told;
        why;
        cancel_this_order;
        cancel_reason(reason: CancelReason) -> &'static str;
    }
}
