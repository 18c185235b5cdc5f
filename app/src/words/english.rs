//! English: the texts of the screens. This language also declares which texts there are.

use domain::menu::{Allergen, Allergens};
use domain::order::CancelReason;

#[cfg(feature = "ssr")]
pub use self::static_pages::*;
use super::tables::tables;
use super::{Confirmation, Notice};

#[cfg(feature = "ssr")]
pub(super) mod problems;
#[cfg(feature = "ssr")]
mod static_pages;

tables! {
    /// Texts of several screens.
    shared: SharedWords, SharedTexts, SHARED {
        connecting = "connecting",
        live = "live",
        not_live(since: &str) -> String = |since| format!("not live since {since}, trying again"),
        robot = "robot",
        at_the_bar = "at the bar",
        if_you_like = "if you like",
        now = "now",
        minutes(minutes: u32) -> String = |minutes| format!("{minutes} min"),
        hours_and_minutes(hours: u32, minutes: u32) -> String = |hours, minutes| format!("{hours} h {minutes} min"),
        under_a_minute = "under a minute",
        about_minutes(minutes: u32) -> String = |minutes| format!("about {minutes} min"),
        about_an_hour = "about an hour or more",
        yes = "yes",
        no = "no",
        price(units: u32, cents: Option<u32>, currency: &str) -> String = |units, cents, currency| {
            let number = cents.map_or_else(|| units.to_string(), |cents| format!("{units}.{cents:02}"));
            match currency {
                "EUR" => [&number, " €"].concat(),
                "USD" => ["$", &number].concat(),
                "GBP" => ["£", &number].concat(),
                "JPY" => ["¥", &number].concat(),
                other => [&number, " ", other].concat(),
            }
        },
        allergen(allergen: Allergen) -> &'static str = allergen,
        option_allergens(allergens: &Allergens) -> String = |allergens| match (allergens.known(), allergens.is_complete()) {
            ([], true) => String::new(),
            ([], false) => "allergens not known".to_owned(),
            (some, true) => list(some),
            (some, false) => format!("{}, others not known", list(some)),
        },
        contains(allergens: &Allergens) -> String = |allergens| contains("Contains", allergens),
        contains_without_options(allergens: &Allergens) -> String =
            |allergens| contains("Without its options it contains", allergens),
        paused_heading = "A short break",
        paused = "We are back in a moment.",
        paused_because(reason: &str) -> String = |reason| format!("{reason}."),
        closed = "We are closed",
    }

    /// Texts of the menu and of the forms in it.
    menu: MenuWords, MenuTexts, MENU {
        menu = "Menu",
        sold_out = "sold out",
        drink_has_sold_out = "Your drink has just sold out. Choose another.",
        option_has_sold_out(option: &str) -> String = |option| format!("{option} has just sold out."),
        drink_has_left(drink: &str) -> String = |drink| format!("{drink} is no longer on the menu. Choose another."),
        option_has_left(option: &str) -> String = |option| format!("{option} is no longer on the menu."),
        has_changed(name: &str) -> String = |name| format!("{name} has changed on the menu."),
        choose_again = "Choose again.",
        choose_too(group: &str) -> String = |group| format!("Now choose {} too.", lowercase(group)),
        free = "free",
        name_to_call = "Name for the cup",
        optional = "(optional)",
        order(parts: &[&str], price: &str) -> String = |parts, price| {
            let mut text = "Order".to_owned();
            for (n, part) in parts.iter().enumerate() {
                text.push_str(if n == 0 { " " } else { ", " });
                text.push_str(&lowercase(part));
            }
            if !price.is_empty() {
                text.push_str(" · ");
                text.push_str(price);
            }
            text
        },
        at_most(options: u32) -> String = |options| format!("up to {options}"),
    }

    /// Texts of the guest's phone.
    ordering: OrderingWords, OrderingTexts, ORDERING {
        coffee = "Coffee?",
        last_orders_are_over = "Last orders are over",
        scan_to_order = "Scan the code on the screen above the bar to order.",
        come_back = "Come back when the screen above the bar shows a code.",
        closed_meanwhile = "The shop has closed meanwhile. Your choice stays here: order when it opens again.",
        my_orders = "My orders",
        what_would_you_like = "What would you like?",
        time_to_choose(left: &str) -> String = |left| format!("{left} to choose"),
        more_time = "More time",
        give_up() -> Confirmation = || Confirmation {
            summary: "Leave without ordering",
            question: "Give your place to the next guest?".to_owned(),
            button: "Yes, leave",
            keep: "Keep choosing",
        },
        your_order = "Your order",
        your_number = "Your number",
        will_call(name: &str) -> String = |name| format!("We will call “{name}”."),
        you_are_next = "You are next.",
        drinks_ahead(drinks: usize) -> String = |drinks| match drinks {
            1 => "1 drink ahead of you.".to_owned(),
            drinks => format!("{drinks} drinks ahead of you."),
        },
        progress = "Progress",
        in_the_queue = "in the queue",
        being_made = "being made",
        ready = "ready",
        collected = "collected",
        drink = "drink",
        is_in_the_queue(drink: &str) -> String = |drink| format!("Your {} is in the queue.", lowercase(drink)),
        is_being_made(drink: &str) -> String = |drink| format!("Your {} is being made.", lowercase(drink)),
        is_ready(drink: &str) -> String = |drink| format!("Your {} is ready. Come and get it!", lowercase(drink)),
        is_called(calls: u32, drink: &str) -> String =
            |calls, drink| format!("We called you {}: your {} is ready. Come and get it!", times(calls), lowercase(drink)),
        enjoy(drink: &str) -> String = |drink| format!("Enjoy your {}!", lowercase(drink)),
        cancelled_by_bar(reason: Option<CancelReason>, drink: &str) -> String = cancelled_by_bar,
        cancelled = "Your order is cancelled.",
        bar_was_late = "The bar did not get to your drink. Sorry!",
        time_is_over = "Your time to choose is over.",
        not_collected(drink: &str) -> String = |drink| format!("Your {} was not collected.", lowercase(drink)),
        could_not_begin = "Your order could not begin.",
        collect(number: u32) -> String = |number| format!("Collect it at the bar: show {number}."),
        ask_at_the_bar = "Ask at the bar: it may still stand there.",
        stands_aside = "We have put it aside for you. Ask at the bar.",
        scan_again = "For another drink, scan the code on the screen above the bar.",
        postpone(behind: usize) -> Confirmation = |behind| Confirmation {
            summary: "I am not here yet: let others go first",
            question: match behind {
                1 => "1 drink then comes before yours. You cannot take that back.".to_owned(),
                drinks => format!("{drinks} drinks then come before yours. You cannot take that back."),
            },
            button: "Let them go first",
            keep: "Keep my place",
        },
        change_my_drink = "Change my drink",
        cancel(drink: &str) -> Confirmation = |drink| Confirmation {
            summary: "Cancel my order",
            question: format!("Cancel your {}?", lowercase(drink)),
            button: "Cancel it",
            keep: "Keep it",
        },
        recall = "Undo: I still want it",
    }

    /// Texts of the display.
    display: DisplayWords, DisplayTexts, DISPLAY {
        how_to_order = "How to order",
        closed_text = "Drinks already ordered are still being made.",
        last_orders() -> Notice = || Notice {
            heading: "Last orders are over",
            text: "Drinks already begun are still being made.",
        },
        all_taken() -> Notice = || Notice { heading: "All taken", text: "Scan the next code: it comes here." },
        code_is_changing() -> Notice = || Notice { heading: "A new code comes", text: "Scan it when it is here." },
        hands_full() -> Notice = || Notice {
            heading: "Hands full",
            text: "The code is back as soon as the next drink is ready.",
        },
        not_connected() -> Notice = || Notice {
            heading: "No connection",
            text: "This screen shows what it last knew. Ask at the bar.",
        },
        one_moment() -> Notice = || Notice { heading: "One moment", text: "The code comes here." },
        scan_to_order = "Scan to order",
        qr_code(url: &str) -> String = |url| format!("QR code to {url}"),
        is_local = "Only the bar’s own computer can open this address. Start crema with --public-url.",
        left(drinks: u32) -> String = |drinks| format!("{drinks} left"),
        left_of(drinks: u32, most: u32) -> String = |drinks, most| format!("{drinks} of {most} left"),
        closing_in(time: &str) -> String = |time| format!("closing in {time}"),
        back_in(time: &str) -> String = |time| format!("back in {time}"),
        new_code_in(time: &str) -> String = |time| format!("new code in {time}"),
        menu = "Today’s menu",
        step_scan = "Scan the code",
        step_choose = "Choose your drink",
        step_wait = "Wait for your number",
        more_drinks(drinks: usize) -> String = |drinks| format!("and {drinks} more on your phone"),
        in_the_queue = "In the queue",
        being_made = "Being made",
        ready = "Ready",
        called_again = "called again",
        sound_off = "sound off",
        sound_chime = "chime on",
        sound_voice = "voice on",
        announce(number: u32, drink: &str) -> String = |number, drink| format!("Number {number}, {drink}, is ready."),
        turn_of(turn: usize, turns: usize) -> String = |turn, turns| format!("{turn} of {turns}"),
    }

    /// Texts of the barista's tablet.
    barista: BaristaWords, BaristaTexts, BARISTA {
        with_other_baristas(drinks: usize) -> String = |drinks| match drinks {
            1 => "1 drink is with another barista.".to_owned(),
            drinks => format!("{drinks} drinks are with other baristas."),
        },
        at_the_counter = "At the counter",
        office = "Office",
        shop_is = "The shop is",
        open = "open",
        on_a_break = "on a break",
        closed = "closed",
        close_shop = "Close the shop",
        open_shop = "Open the shop",
        go_on = "Go on",
        take_a_break = "Take a break",
        take_the_break = "Take the break",
        pause_for = "For",
        pause_minutes(minutes: u32) -> String = |minutes| format!("{minutes} minutes"),
        until_we_go_on = "until we go on",
        what_people_read = "What people read",
        pause_reason_example = "Milk is on its way",
        incoming = "Incoming",
        nothing_incoming = "Nothing to make. New orders come here by themselves.",
        mine = "Mine",
        nothing_mine = "Your hands are free.",
        ready = "Ready",
        nothing_ready = "Nothing waits to be collected.",
        order(number: u32, drink: &str) -> String = |number, drink| format!("Number {number}, {drink}"),
        call_for = "for",
        cancelled = "cancelled",
        is_set_aside = "set aside",
        was_called(calls: u32) -> String = |calls| format!("called {}", times(calls)),
        make = "Make",
        put_back = "Put back",
        collected = "Collected",
        undo = "Undo",
        call_again = "Call again",
        set_aside = "Set aside",
        cancel = "Cancel",
        guest_is_told = "The guest reads why the bar cancelled it.",
        why = "Why",
        choose_a_reason = "choose a reason",
        cancel_this_order = "Cancel this order",
        cancel_reason(reason: CancelReason) -> &'static str = |reason| match reason {
            CancelReason::SoldOut => "something ran out",
            CancelReason::Broken => "a machine is broken",
            CancelReason::Mistake => "it was a mistake",
            CancelReason::Closing => "we are closing",
            CancelReason::NotCollected => "nobody came for it",
            CancelReason::Stopped => "all orders were stopped",
            CancelReason::Other => "another reason",
        },
    }
}

fn allergen(allergen: Allergen) -> &'static str {
    match allergen {
        Allergen::Gluten => "gluten",
        Allergen::Crustaceans => "crustaceans",
        Allergen::Eggs => "eggs",
        Allergen::Fish => "fish",
        Allergen::Peanuts => "peanuts",
        Allergen::Soybeans => "soya",
        Allergen::Milk => "milk",
        Allergen::Nuts => "nuts",
        Allergen::Celery => "celery",
        Allergen::Mustard => "mustard",
        Allergen::Sesame => "sesame",
        Allergen::Sulphites => "sulphites",
        Allergen::Lupin => "lupin",
        Allergen::Molluscs => "molluscs",
    }
}

/// The cancellation of a guest's drink by the bar, with the reason if there is one in the log.
fn cancelled_by_bar(reason: Option<CancelReason>, drink: &str) -> String {
    let drink = lowercase(drink);
    match reason {
        Some(CancelReason::SoldOut) => format!("We ran out of something for your {drink}. Sorry!"),
        Some(CancelReason::Broken) => format!("A machine broke down, so we cannot make your {drink}. Sorry!"),
        Some(CancelReason::Mistake) => format!("The bar cancelled your {drink}: it was ordered by mistake."),
        Some(CancelReason::Closing) => format!("We are closing and did not get to your {drink}. Sorry!"),
        Some(CancelReason::NotCollected) => format!("Nobody came for your {drink}, so the bar cancelled it."),
        Some(CancelReason::Stopped) => format!("The bar stopped all orders, and your {drink} with them. Sorry!"),
        Some(CancelReason::Other) | None => "The bar had to cancel your order. Sorry!".to_owned(),
    }
}

/// A number of times.
fn times(times: u32) -> String {
    match times {
        1 => "once".to_owned(),
        2 => "twice".to_owned(),
        times => format!("{times} times"),
    }
}

/// What a drink contains, and that somebody must be asked about what is not known.
fn contains(begin: &str, allergens: &Allergens) -> String {
    match (allergens.known(), allergens.is_complete()) {
        ([], true) => "No listed allergens.".to_owned(),
        ([], false) => "Allergens are not known: ask at the bar.".to_owned(),
        (some, true) => format!("{begin} {}.", list(some)),
        (some, false) => format!("{begin} {}. Other allergens are not known: ask at the bar.", list(some)),
    }
}

/// Joins allergens: "gluten, milk and nuts".
fn list(allergens: &[Allergen]) -> String {
    let mut text = String::new();
    for (n, allergen) in allergens.iter().enumerate() {
        text.push_str(match allergens.len() - n {
            _ if n == 0 => "",
            1 => " and ",
            _ => ", ",
        });
        text.push_str(self::allergen(*allergen));
    }
    text
}

/// A name within a sentence: "flat white", but "Earl Grey". ASCII only: the Unicode tables would add kilobytes.
fn lowercase(name: &str) -> String {
    let is_proper = name.bytes().skip(1).any(|byte| byte.is_ascii_uppercase());
    if is_proper { name.to_owned() } else { name.to_ascii_lowercase() }
}
