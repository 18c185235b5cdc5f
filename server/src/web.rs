//! The HTTP face: pages, commands, streams and the files they load.

pub mod assets;
