//! Components shared by several pages.

pub mod age;
pub mod badge;
pub mod command_form;
pub mod connection;
pub mod content;
pub mod cup;
#[cfg(feature = "ssr")]
pub mod local_time;
#[cfg(feature = "ssr")]
pub mod picture;
pub mod pins;
pub mod text;
