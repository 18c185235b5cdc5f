//! English: the texts of the static pages.

use domain::access::Role;
use domain::hours::{LocalDateTime, Weekday};
use domain::order::CancelReason;

use super::super::tables::tables;
use super::super::{Confirmation, Label, Notice};

tables! {
    /// Texts of the static pages, except those of the office.
    pages: PageWords, PageTexts, PAGES {
        unreachable = "We could not reach the bar. Check your connection and press the button again: nothing is ordered \
                       twice.",
        one_moment = "One moment …",
        choose_my_coffee = "Choose my coffee",
        not_live = "not live: this page loads itself again",
        back_to_the_bar = "Back to the bar",
        back_to_my_order = "Back to my order",
        coffee_bars = "Coffee bars",
        where_to_drink = "Where would you like your coffee?",
        type_the_code = "Type the code",
        where_the_code_is = "The 8 letters and digits below the QR code on the screen above the bar.",
        code = "Code",
        go_on = "Continue",
        type_again = "Type it again",
        next_code_in = "Next code in",
        next_code_is_there = "The next code is on the screen above the bar: scan it.",
        back_in = "Back in",
        we_try_again_in = "We try again for you in",
        try_now = "Try now",
        see_the_menu = "See the menu",
        enter_as(role: Role) -> &'static str = |role| match role {
            Role::Display => "Make this screen the display of",
            Role::Barista => "Make this a barista’s tablet at",
            Role::Manager => "Make this the manager’s device at",
            Role::Robot => "Let robots in from this device at",
        },
        link_works_once = "The link works once: press the button on the device that stays at the bar.",
        use_this_device = "Use this device",
        keep_it = "Keep it",
        change_my_drink = "Change my drink",
        change_to_this = "Change to this",
        drink_now(drink: &str) -> String = |drink| format!("Now: {drink}. You keep your number and your place."),
        counter_title(shop: &str) -> String = |shop| format!("{shop}: at the counter"),
        at_the_counter = "At the counter",
        office = "Office",
        without_a_phone = "For somebody without a phone",
        what_ran_out = "What ran out",
        just_ordered = "Just ordered here",
        drinks = "Drinks",
        ingredients = "Ingredients",
        there_again(thing: &str) -> String = |thing| format!("There again: {thing}"),
        ran_out(thing: &str) -> String = |thing| format!("Ran out: {thing}"),
        is_out = "is out",
        history_title(shop: &str) -> String = |shop| format!("{shop}: my orders"),
        my_orders = "My orders",
        no_orders_yet = "No orders yet. Scan the code on the screen above the bar.",
        newest_first = "What this phone has ordered here, the newest first.",
        earlier_orders = "Earlier orders",
        no_drink = "No drink",
        order_number(number: u32) -> String = |number| format!("Number {number}"),
        is_being_chosen = "Being chosen",
        is_in_the_queue = "In the queue",
        is_being_made = "Being made",
        is_ready = "Ready: come and get it",
        was_collected = "Collected",
        was_cancelled_by_the_bar(reason: Option<CancelReason>) -> &'static str = |reason| match reason {
            Some(CancelReason::SoldOut) => "Cancelled by the bar: something ran out",
            Some(CancelReason::Broken) => "Cancelled by the bar: a machine was broken",
            Some(CancelReason::Mistake) => "Cancelled by the bar: it was ordered by mistake",
            Some(CancelReason::Closing) => "Cancelled by the bar: it was about to close",
            Some(CancelReason::NotCollected) => "Cancelled by the bar: nobody came for it",
            Some(CancelReason::Stopped) => "Cancelled by the bar: all orders were stopped",
            Some(CancelReason::Other) => "Cancelled by the bar for another reason",
            None => "Cancelled by the bar",
        },
        was_cancelled = "Cancelled",
        bar_was_late = "The bar did not get to it",
        was_not_chosen_in_time = "Not chosen in time",
        was_not_collected = "Not collected",
        could_not_begin = "Could not begin",
        what_happened = "What happened",
        the_event = "The event",
        event_of(step: &str) -> String = |step| format!("The event: {step}"),
        further_pages = "Further pages",
        share = "Pass it on",
        who_can_read = "Anyone with this address can read this page, and nothing else.",
        address = "Address",
        open_as_others = "Open it as others see it",
        try_again_in = "Try again in",
        back = "Back",
        weekday(day: Weekday) -> &'static str = weekday,
        date(date: &LocalDateTime) -> String = |date| {
            let month = MONTHS.get(usize::from(date.month).wrapping_sub(1)).copied().unwrap_or_default();
            format!("{}, {} {month} {}", weekday(date.weekday), date.day, date.year)
        },
    }

    /// Texts of the office.
    office: OfficeWords, OfficeTexts, OFFICE {
        title(shop: &str, page: &str) -> String = |shop, page| format!("{shop}: {page}"),
        office = "Office",
        doors_hours_limits = "Doors, hours, limits",
        menu = "Menu",
        extensions = "Extensions",
        the_bar = "The bar",
        at_the_counter = "At the counter",
        the_screen = "The screen",
        doors = "Doors",
        shop_is = "The shop is",
        open = "open",
        open_after_last_orders = "open, after last orders",
        on_a_break = "on a break",
        closed = "closed",
        open_doors = "Open the doors",
        keep_open = "Keep them open, whatever the hours say",
        close_doors = "Close the doors",
        keep_closed = "Keep them closed, whatever the hours say",
        a_break = "A break",
        end_break = "End the break",
        take_a_break = "Take a break",
        pause_for = "For",
        pause_minutes(minutes: u32) -> String = |minutes| format!("{minutes} minutes"),
        until_ended = "until somebody ends it",
        what_people_read = "What people read",
        pause_reason_example = "Milk is on its way",
        end_of_demonstration = "The end of a demonstration",
        stop_explained = "All open orders end now, also those being made. The doors stay as they are.",
        stop_all() -> Confirmation = || Confirmation {
            summary: "Stop all orders",
            question: "Everybody who waits is told that the order was cancelled. It cannot be taken back.".to_owned(),
            button: "Stop them all",
            keep: "Go on",
        },
        hours = "Hours",
        when_open = "When the doors are open",
        when_open_hint = "Without openings, the doors are opened and closed by hand only. An opening that ends before \
                         it begins ends on the next day. To remove one, choose “no opening”; for more rows, save \
                         first.",
        no_opening = "no opening",
        opening(number: usize) -> String = |number| format!("Opening {number}"),
        day = "Day",
        from = "From",
        to = "To",
        zone() -> Label = || label("Time zone", "an IANA name, as Europe/Berlin; empty for the one of this machine"),
        last_orders() -> Label = || label("Last orders", "minutes before the doors close; 0 to 240"),
        first_day() -> Label = || label("First day", "empty for none"),
        last_day() -> Label = || label("Last day", "empty for none"),
        cut_off() -> Label = || label("Cut-off", "when the shop day ends, by which numbers and drinks count"),
        save_hours = "Save the hours",
        limits = "Limits",
        codes_and_capacity = "Codes and capacity",
        how_long() -> Label = || label("How long things may take", "an order keeps those of its start"),
        drinks_per_code() -> Label = || label("Drinks of one code", "orders that one QR code begins"),
        window_seconds() -> Label = || label("A code lasts", "seconds until the next one"),
        grace_seconds() -> Label = || label("It still counts for", "seconds after it left the screen"),
        room() -> Label = || label("Capacity", "orders being chosen, waiting or made at a time"),
        orders_per_guest() -> Label = || label("Orders of one guest", "in one day of the shop"),
        choose_seconds() -> Label = || label("To choose", "seconds from the scan"),
        extend_seconds() -> Label = || label("More time to choose", "seconds, once"),
        make_seconds() -> Label = || label("For the bar", "seconds to take an order, and as many to make it"),
        ready_seconds() -> Label = || label("To collect", "seconds that a drink stands ready"),
        undo_seconds() -> Label = || label("To undo", "seconds after a cancellation"),
        range(least: u32, most: u32) -> String = |least, most| format!("{least} to {most}"),
        save_limits = "Save the limits",
        changed_meanwhile() -> Notice = || Notice {
            heading: "Somebody else has changed this meanwhile.",
            text: "Nothing was saved, and what you typed is below: save it again to replace the other change.",
        },
        back_to_the_menu = "Back to the menu",
        drinks = "Drinks",
        add_a_drink = "Add a drink",
        options = "Options",
        options_hint = "A group of options is defined once; each drink lists the groups that it uses.",
        add_a_group = "Add a group of options",
        currency = "Currency",
        currency_label() -> Label =
            || label("All prices are in", "an ISO 4217 code, as EUR; empty where nothing has a price"),
        currency_pattern = "three capital letters",
        save_currency = "Save the currency",
        new_drink = "A new drink",
        known_as = "Orders and links know it as",
        icon(icon: &str) -> String = |icon| icon.replace('-', " "),
        drink_name() -> Label = || label("Name", "as everybody reads it"),
        picture = "Picture",
        price() -> Label = || label("Price", "in the smallest unit: 450 is 4.50"),
        time_to_make() -> Label = || label("Time to make", "seconds; 0 if unknown"),
        what_guests_choose = "What guests choose",
        nothing = "nothing",
        asked_first = "Asked first",
        then = "Then",
        save_drink = "Save the drink",
        add_drink = "Add the drink",
        remove_drink() -> Confirmation = || Confirmation {
            summary: "Remove this drink",
            question: "It leaves every phone at once. What has been ordered is still made.".to_owned(),
            button: "Remove it",
            keep: "Keep it",
        },
        new_group = "New options",
        not_used = "No drink uses it yet.",
        asked_with(drinks: &[&str]) -> String = |drinks| format!("Asked with: {}.", drinks.join(", ")),
        group_name() -> Label = || label("Name", "as guests read it"),
        at_least() -> Label = || label("At least", "options a guest takes"),
        at_most() -> Label = || label("At most", "options a guest takes"),
        group_hint = "To take an option away, clear its id and its name. For more rows, save first. Where exactly one \
                     is taken and none is picked beforehand, the first is.",
        new_option = "A new option",
        option_id() -> Label = || label("Id", "stays for ever, as in oat"),
        option_name = "Name",
        surcharge() -> Label = || label("Surcharge", "in the smallest unit"),
        more_time() -> Label = || label("More time", "seconds"),
        preset = "Picked beforehand",
        ingredients_and_languages = "Ingredients and other languages",
        save_options = "Save the options",
        add_options = "Add the options",
        remove_group() -> Confirmation = || Confirmation {
            summary: "Remove this group",
            question: "It can be removed once no drink uses it.".to_owned(),
            button: "Remove it",
            keep: "Keep it",
        },
        new_id() -> Label = || label("Id", "stays for ever: a–z, 0–9 and -, as in flat-white"),
        id_pattern = "a–z, 0–9 and -",
        contains() -> Label =
            || label("Contains", "with nothing ticked, guests are told to ask at the bar"),
        no_allergens = "none of these",
        other_allergens = "others, not known",
        allergens_not_known = "allergens not known",
        ingredient(number: usize) -> String = |number| format!("Ingredient {number}"),
        made_of() -> Label =
            || label("Made of", "ids, as in ice-cream: when one runs out, so does this; empty ones are left out"),
        other_languages() -> Label = || label("In other languages", "if you like"),
        language(tag: &str) -> Option<String> = |tag| {
            let known = [("ar", "Arabic"), ("de", "German"), ("es", "Spanish"), ("fr", "French"), ("it", "Italian")];
            known.into_iter().find(|(other, _)| *other == tag).map(|(_, name)| name.to_owned())
        },
        no_extensions = "This program has no extensions.",
        extensions_hint = "Extensions follow what happens here and show pages and figures of their own. They cannot \
                          change an order: when one is off or broken, only what it shows is missing.",
        extension_is = "It is",
        off = "off",
        on = "on",
        well = "well",
        catching_up = "catching up",
        events_behind(events: u64) -> String =
            |events| format!("It has {} still to process. What it shows may be out of date.", count(events)),
        skipping_events = "skipping events",
        events_skipped(events: u64) -> String = |events| {
            format!("It failed on {} and skipped them. Its figures may be a little wrong.", count(events))
        },
        restarting = "restarting",
        restarts = "It failed and starts again by itself. Orders do not wait for it.",
        stopped = "stopped",
        was_stopped = "It failed too often and was stopped. Orders go on without it, and the program’s log has the \
                      reason. To try again, switch it off and on, or restart the program.",
        extension_page(extension: &str) -> String = |extension| format!("Its page: {extension}"),
        switch_off(extension: &str) -> String = |extension| format!("Switch off: {extension}"),
        switch_on(extension: &str) -> String = |extension| format!("Switch on: {extension}"),
    }
}

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

pub(super) fn weekday(day: Weekday) -> &'static str {
    match day {
        Weekday::Mon => "Monday",
        Weekday::Tue => "Tuesday",
        Weekday::Wed => "Wednesday",
        Weekday::Thu => "Thursday",
        Weekday::Fri => "Friday",
        Weekday::Sat => "Saturday",
        Weekday::Sun => "Sunday",
    }
}

fn label(name: &'static str, hint: &'static str) -> Label {
    Label { name, hint }
}

/// A number of events: "1 event", "2 events".
fn count(events: u64) -> String {
    if events == 1 { "1 event".to_owned() } else { format!("{events} events") }
}
