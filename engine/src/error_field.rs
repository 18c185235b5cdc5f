//! The `error` field of log entries.

use std::error::Error;

/// An error as the value of a log field, which then shows its sources too.
pub fn error_field(error: &(impl Error + 'static)) -> &(dyn Error + 'static) {
    error
}
