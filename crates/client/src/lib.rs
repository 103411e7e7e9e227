//! The words of the Doorkey agent's API, and the way to it.
//!
//! A native app needs five lines to get a valid, user-scoped access token:
//!
//! ```no_run
//! use doorkey_client::{Client, words::TokenRequest};
//!
//! # async fn example() -> Result<(), doorkey_client::ClientError> {
//! let agent = Client::from_env()?;
//! let token = agent.token(&TokenRequest::for_profile("work")).await?;
//! println!("valid until {:?}", token.expires_at);
//! # Ok(())
//! # }
//! ```
//!
//! What is deliberately absent: refresh tokens, client secrets and ID tokens. They are not words of
//! this API, so no program can ask for them.

pub mod blocking;
mod client;
mod connection;
mod events;
mod paths;
mod secret;
pub mod words;

pub use client::{Client, ClientError};
pub use events::Updates;
pub use paths::{Paths, PathsError};
pub use secret::Secret;
