//! The agent: the one owner of sessions. All I/O is here: sign-in, renewal, listener, vault, journal, HTTP to
//! providers, and the API's server.
//!
//! *Whoever needs the agent and finds none, is it*: [`own_or_join`]. Everything else is said over the socket, in the
//! words of `doorkey_client`, whether the agent is in this process or in another.

mod ability;
mod account;
mod activation;
mod agent;
mod application;
mod arrangement;
pub mod browser;
mod checks;
mod clock;
mod consent;
mod end_session;
mod endpoint;
mod exchanged;
mod further;
#[cfg(any(test, feature = "fuzzing"))]
#[doc(hidden)]
pub mod fuzzing;
mod hardening;
mod host;
mod http;
mod id_token;
mod identity;
mod journal;
mod look;
mod loopback;
mod mistake;
mod network;
mod ours;
mod owner;
pub mod passphrase;
mod peer;
mod policy;
mod portable;
mod preset;
mod probe;
mod profiles;
mod proof;
mod provider;
#[cfg(test)]
mod published;
mod record;
mod refresh_end;
mod refreshing;
mod refusal;
mod renew;
mod revoke;
mod schedule;
mod sending;
mod server;
mod session;
mod sessions;
mod sign_in;
mod sign_ins;
mod sign_out;
mod stepping;
pub mod time;
mod token;
mod userinfo;
pub mod vault;

pub use activation::{ActivationError, Notice, PassedSocket, notify};
pub use doorkey_oauth::ClockSkew;
pub use http::{CaFile, CaFileError, CaFiles, network_settings, proxy_in_effect};
pub use journal::history::{About, Damage, Entry, Found, History};
pub use owner::{Agency, AgencyError, Options, own_or_join, own_passed};
pub use peer::OwnRequests;
pub use portable::format_of;
pub use preset::{Preset, SUGGESTED_PORTS, guide, preset_names};
pub use profiles::{read_profiles, secrets_in, write_profiles};
