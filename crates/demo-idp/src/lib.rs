//! A strict OpenID Provider on loopback: to try a sign-in with, and to test clients against.
//!
//! It does what the standards ask of a provider and forgives nothing: PKCE `S256` always, redirect URIs
//! compared, codes used once, refresh tokens rotated, and a reused one ends its family. Its people and
//! their passwords are on its pages, so that nobody has to guess and nobody mistakes it for a real account.
//!
//! ```no_run
//! use doorkey_demo_idp::{Endpoint, Settings, start};
//!
//! # async fn example() -> Result<(), doorkey_demo_idp::StartError> {
//! let provider = start(Settings::default()).await?;
//! println!("{}", provider.issuer());
//! // … a client signs in …
//! assert_eq!(provider.log().count(Endpoint::Token), 1);
//! provider.stop().await;
//! # Ok(())
//! # }
//! ```
//!
//! [`Knobs`] make it misbehave while it runs ([`Misbehaviour`] names the ways that conformance suites have, with the
//! code that a client must end in), [`Log`] tells what it was asked, and [`robot_sign_in`] is a
//! person for machines without a browser.
//!
//! Deliberately absent: TLS, persistence, any way to be reached from another
//! machine, and any crate of Doorkey: a misreading of a standard is then not shared by both sides.

mod access_token;
mod answer;
mod assertion;
mod authorize;
mod behaviour;
mod bounded;
mod client_auth;
mod client_credentials;
mod clock;
mod consent;
mod desk;
mod device;
mod dpop;
mod endpoint;
mod fault;
mod flow;
mod gate;
mod grant;
mod gzip;
mod id_token;
mod id_token_fault;
mod introspect;
mod jws;
mod keys;
mod knobs;
mod lax;
mod log;
mod login;
mod logout;
mod metadata;
mod misbehaviour;
mod oauth_only;
mod organization;
mod pages;
mod params;
mod pushed;
mod random;
mod redirect;
mod refresh;
mod registration;
mod request;
mod revoke;
mod robot;
mod running;
mod seen;
mod serve;
mod server;
mod settings;
mod state;
mod token;
mod token_exchange;
mod userinfo;

pub use behaviour::RefreshStyle;
pub use device::{Device, DeviceStatuses};
pub use dpop::DpopNonce;
pub use endpoint::Endpoint;
pub use fault::{Fault, Times};
pub use gate::Gate;
pub use id_token_fault::IdTokenFault;
pub use knobs::Knobs;
pub use lax::Lax;
pub use log::{Entry, Log, Outcome, Told};
pub use misbehaviour::{Asks, LEFT_OUT, LeftOut, Misbehaviour, MustEnd};
pub use oauth_only::Kind;
pub use organization::Organization;
pub use params::Params;
pub use redirect::Redirect;
pub use robot::{Arrived, Choice, Robot, RobotBrowser, RobotError, robot_sent_to, robot_sign_in};
pub use running::{Running, StartError, start};
pub use seen::{Judged, Verdict};
pub use settings::{Alg, Client, Consent, Person, RefreshTokens, Settings};
