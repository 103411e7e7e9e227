//! What people who test a sign-in take away from it. Everything here is made of the agent's words
//! ([`doorkey_client::words`]), knows no secret, and asks nobody; but for [`scenario`], which has an agent sign in and a
//! browser fill in the provider's page.

pub mod compare;
pub mod edited;
pub mod evidence;
pub mod flow;
#[cfg(any(test, feature = "fuzzing"))]
#[doc(hidden)]
pub mod fuzzing;
pub mod har;
pub mod report;
pub mod sample;
#[cfg(feature = "scenarios")]
pub mod scenario;
#[cfg(test)]
mod tests;
mod text;
