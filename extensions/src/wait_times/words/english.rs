//! English: the words of `WaitTimes`.

use domain::extension::DESCRIPTION;

use super::WaitText;
use crate::duration;

pub(super) fn label(key: &str) -> Option<&'static str> {
    match key {
        DESCRIPTION => Some("Tells guests how long each drink takes now: the mean of the last ten."),
        // Early events have the label itself in place of its key.
        "wait_now" | "Wait now" => Some("Wait now"),
        _ => None,
    }
}

pub(super) fn text(text: WaitText) -> String {
    match text {
        WaitText::Title => "Wait times".to_owned(),
        WaitText::NoneYet => "No drink was made yet.".to_owned(),
        WaitText::Lead { seconds, orders } => {
            format!("From the order to the cup on the bar: {}, the mean of the last {orders}.", duration(seconds))
        }
        WaitText::Caption => "The last ten of each drink".to_owned(),
        WaitText::Drink => "Drink".to_owned(),
        WaitText::Wait => "Wait".to_owned(),
        WaitText::Orders => "Mean of".to_owned(),
        WaitText::All => "All".to_owned(),
    }
}
