//! One file for each page; those with a bundle of their own are hydrated, the others are forms and words.

pub mod barista;
#[cfg(feature = "ssr")]
pub mod change;
#[cfg(feature = "ssr")]
pub mod counter;
pub mod display;
#[cfg(feature = "ssr")]
pub mod enter;
#[cfg(feature = "ssr")]
pub mod history;
#[cfg(feature = "ssr")]
pub mod office;
pub mod ordering;
#[cfg(feature = "ssr")]
pub mod problem;
pub mod scan;
#[cfg(feature = "ssr")]
pub mod sheet;
#[cfg(feature = "ssr")]
pub mod shops;
#[cfg(feature = "ssr")]
pub mod typing;
