//! The parts that several pages are made of.

pub mod age;
pub mod badge;
pub mod command_form;
pub mod connection;
pub mod cup;
pub mod text;
