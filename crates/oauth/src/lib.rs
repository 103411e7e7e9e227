//! The rules of OAuth 2.0 and OpenID Connect for a native client, on top of the `oauth2` crate.
//!
//! Plain functions of values: no I/O, no clock, no randomness, no async. Time, random bytes and HTTP answers
//! come in; requests, decisions and reasons go out. Whoever does the I/O sends each [`Request`] as it is, does
//! not follow redirects, limits size and time, and hands the [`Response`] back.
//!
//! What a step needs is what the step before it returns, so the wrong order does not compile, and a code cannot
//! be redeemed twice:
//!
//! ```text
//! metadata_urls → finish_discovery → SignIn::prepare → judge → accept → Exchange::finish → verify
//! ```
//!
//! What must be fresh each time a request is sent (a client assertion, a DPoP proof) is put on by [`Sending`],
//! which every request may go through.
//!
//! # Where each standard is
//!
//! | standard | here |
//! |---|---|
//! | RFC 8414, OpenID Connect Discovery | [`Issuer`], [`metadata_urls`], [`finish_discovery`], [`Metadata`] |
//! | RFC 6749 4.1.1, RFC 7636, Core 3.1.2.1 | [`SignIn::begin`], [`Asked`] |
//! | RFC 9126 | [`SignIn::prepare`], [`Pushing`], [`Push`] |
//! | RFC 8707 | [`ClientSettings`], [`Target`], [`check_granted`] |
//! | RFC 9396 | [`Asked`], [`AuthorizationDetails`], [`check_granted`] |
//! | RFC 6749 4.1.2, RFC 9207, RFC 9700 4.4 and 4.7 | [`SignIn::judge`], [`SignIn::judge_pasted`], [`SignIn::accept`], [`CallbackError`] |
//! | OAuth 2.0 Form Post Response Mode | [`ResponseMode`], [`SignIn::judge_form`] |
//! | RFC 6749 2.3, RFC 7523 2.2 | [`ClientAuthMethod`], [`PrivateKey`], [`Sending`] |
//! | RFC 6749 4.1.3, 5.1, 5.2 | [`Exchange`], [`Tokens`], [`TokenError`] |
//! | RFC 9449 | [`DpopKey`], [`Proof`], [`DpopNonces`], [`Sending`] |
//! | RFC 8628 | [`DeviceStart`], [`DeviceSignIn`], [`DevicePrompt`] |
//! | RFC 6749 4.4 | [`ClientCredentials`] |
//! | RFC 8693, Auth0's connection tokens | [`TokenExchange`] |
//! | RFC 7517, RFC 7518, RFC 8037 | [`parse_key_set`], [`KeySet`] |
//! | RFC 9110 6.6.1, RFC 9111 5.1 | [`ClockSkew`] |
//! | RFC 7515, RFC 7519, RFC 8725, Core 3.1.3.7 and 3.1.3.8 | [`verify`], [`Expected`], [`IdTokenError`] |
//! | RFC 9068, Auth0's audiences | [`report_access_token`], [`check_auth0_domains`] |
//! | Core 5.3 | [`userinfo_request`], [`finish_userinfo`], [`finish_userinfo_signed`] |
//! | OAuth 2.0 without OpenID Connect | [`manual_metadata`], [`finish_account`] |
//! | RFC 6749 6, Core 12 | [`Renewal`], [`check_renewed_identity`], [`renew_at`] |
//! | RFC 7009 | [`Revocation`] |
//! | RFC 7662 | [`Introspection`] |
//! | RFC 7591, RFC 7592 | [`Registration`], [`unregister_request`] |
//! | RP-Initiated Logout, Auth0's older one | [`end_session_url`], [`auth0_logout_url`] |
//!
//! What is deliberately absent: the implicit grant, the password grant, `plain` PKCE, `alg` `none`, HMAC-signed
//! ID tokens, keys named inside a token, and any way to leave a check out. One thing is random here: ECDSA draws
//! a number for each signature inside its library, where nobody can repeat it.

pub use access_token::{
    AccessTokenContext, AccessTokenKind, AccessTokenReport, MixedDomains, TokenNote, check_auth0_domains,
    report_access_token,
};
pub use account::{Account, AccountError, AccountPointers, finish_account};
pub use answer::{Request, Response, answered_at, patience_asked};
pub use asked::Asked;
pub use callback::{AuthorizationError, Callback, CallbackError, NotOurs, OurAnswer};
pub use check::{Check, CheckOutcome, Report};
pub use client::{ClientAuthMethod, ClientError, ClientSettings, Push, ResponseMode};
pub use client_credentials::ClientCredentials;
pub use device::{DeviceAnswer, DeviceError, DevicePrompt, DeviceSignIn, DeviceStart, DeviceStep};
pub use discovery::{
    DiscoveryError, ManualEndpoints, check_discovery, finish_discovery, manual_metadata, metadata_urls, parse_metadata,
};
pub use dpop::{DpopError, DpopKey, DpopNonces, Proof};
pub use endpoint::Endpoint;
pub use exchange::Exchange;
pub use fault::Fault;
pub use granted::check_granted;
pub use id_token::{Claims, Expected, IdTokenError, StandardClaims, decoded_id_token, verify};
pub use introspection::{Introspected, Introspection, IntrospectionError};
pub use issuer::{Issuer, IssuerChange, IssuerError, TypedIssuer};
pub use json::JsonFault;
pub use jwks::{JwksError, KeySet, SkippedKey, parse_key_set};
pub use logout::{EndSession, EndSessionError, auth0_logout_url, end_session_url};
pub use metadata::{Metadata, check_moved};
pub use negative::negative_request;
pub use par::{ParError, Pushing};
pub use pasted::PasteError;
pub use private_key::{PrivateKey, PrivateKeyError};
pub use registration::{
    ClientMetadata, Registered, Registration, RegistrationError, finish_unregister, unregister_request,
};
pub use renewal::{
    LaterCause, OldIdentity, Renewal, RenewalError, RenewedIdentityError, check_renewed_identity, renew_at,
};
pub use revocation::{RevocableToken, Revocation, RevocationError};
pub use seal::{Fresh, Sending, Sent};
pub use secret::{
    AccessToken, ClientSecret, Code, DeviceCode, DpopKeyText, IdTokenText, Nonce, PrivateKeyText, RefreshToken, Secret,
    State, Verifier, kind,
};
pub use sign_in::{Ask, BeginError, Entropy, Prepared, SignIn};
pub use signing_alg::SigningAlg;
pub use skew::ClockSkew;
pub use target::Target;
pub use text::clean;
pub use token::{AuthorizationDetails, TokenError, TokenType, Tokens, check_token_answer};
pub use token_exchange::{ExchangeFor, Exchanged, SubjectToken, TokenExchange};
pub use userinfo::{
    UserInfo, UserInfoError, finish_userinfo, finish_userinfo_signed, userinfo_request, userinfo_request_bound,
};

#[cfg(any(test, feature = "fuzzing"))]
#[doc(hidden)]
pub mod fuzzing;

mod access_token;
mod account;
mod answer;
mod asked;
mod callback;
mod check;
mod client;
mod client_credentials;
mod date;
mod device;
mod discovery;
mod dpop;
mod endpoint;
mod exchange;
mod fault;
mod form_post;
mod granted;
mod id_token;
mod introspection;
mod issuer;
mod json;
mod jwks;
mod logout;
mod metadata;
mod negative;
mod par;
mod pasted;
mod private_key;
mod registration;
mod renewal;
mod revocation;
mod seal;
mod secret;
mod sign_in;
mod signing_alg;
mod skew;
mod target;
mod text;
mod token;
mod token_exchange;
mod userinfo;

#[cfg(test)]
mod test_provider;
