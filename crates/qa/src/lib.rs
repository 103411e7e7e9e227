//! What people who test a sign-in take away from it. Everything here is made of the agent's words
//! ([`doorkey_client::words`]), knows no secret, and asks nobody.

pub mod flow;
pub mod har;
#[cfg(test)]
mod made;
pub mod report;
pub mod sample;
mod text;
