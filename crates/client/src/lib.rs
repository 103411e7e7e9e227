#![doc = include_str!("../README.md")]

pub mod blocking;
#[cfg(feature = "async")]
mod client;
mod connection;
mod error;
#[cfg(feature = "async")]
mod events;
mod exchange;
mod paths;
mod secret;
mod start;
pub mod words;

#[cfg(feature = "async")]
pub use client::Client;
pub use error::ClientError;
#[cfg(feature = "async")]
pub use events::Updates;
pub use paths::{Paths, PathsError};
pub use secret::Secret;
