//! The five services. Each owns one slice of the shop's state; services communicate only through events.

pub mod config;
pub mod counting;
pub mod manager;
pub mod processor;
pub mod validator;
