//! The program `crema`.
fn main() {}
