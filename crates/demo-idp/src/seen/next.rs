//! What a right client does after a request that was taken, and where that stands.

use super::rule::{Rule, step};
use crate::Endpoint;
use crate::log::Entry;

/// The step after this one.
pub(super) fn of(entry: &Entry) -> Rule {
    let grant = entry.params.get("grant_type").unwrap_or_default();
    match entry.endpoint {
        Endpoint::Discovery | Endpoint::OauthMetadata => step(
            "OpenID Connect Discovery 4.3, RFC 8414 3.3",
            "Compares `issuer` with the one it was given, letter by letter; then sends the browser to `authorization_endpoint`.",
        ),
        Endpoint::Jwks => step(
            "OpenID Connect Core 3.1.3.7, 10.1",
            "Checks the ID token's signature with the key that its `kid` names, by an algorithm it expects.",
        ),
        Endpoint::Pushed => step("RFC 9126 4", "Sends the browser with `client_id` and the `request_uri`, once."),
        Endpoint::Authorize | Endpoint::Login | Endpoint::Consent if entry.told.ends_here => step(
            "RFC 6749 10.12, RFC 9207 2.4, RFC 6749 4.1.3",
            "Compares `state` and `iss`; then redeems the code once, with its `code_verifier`.",
        ),
        Endpoint::Authorize => step("RFC 8252 4.1", "Waits: the person is at the provider's pages."),
        Endpoint::Token if grant == "refresh_token" => step(
            "RFC 6749 6, OpenID Connect Core 12.2",
            "Checks the new ID token against the first (`iss`, `sub`, `aud`); keeps the new refresh token in place of the old one before it uses anything.",
        ),
        Endpoint::Token if grant == "client_credentials" => {
            step("RFC 6749 5.1", "Uses the access token until `expires_in` is over.")
        }
        Endpoint::Token => step(
            "OpenID Connect Core 3.1.3.7, 3.1.3.8",
            "Checks the ID token: signature, `iss`, `aud`, `exp`, `nonce`, `at_hash`. Uses no token before that.",
        ),
        Endpoint::Userinfo => step(
            "OpenID Connect Core 5.3.2",
            "Compares `sub` with the ID token's; uses nothing of it when they differ.",
        ),
        Endpoint::Revoke => step("RFC 7009 2.2", "Forgets the token."),
        Endpoint::Introspect => step("RFC 7662 2.2", "Takes the token for good only when `active` is true."),
        Endpoint::DeviceAuthorization => step(
            "RFC 8628 3.3, 3.4",
            "Shows `user_code` and `verification_uri`, and asks at the token endpoint every `interval` seconds.",
        ),
        Endpoint::Device => step("RFC 8628 3.3", "Waits: the person types the code in."),
        Endpoint::Logout | Endpoint::LogoutConfirmed => {
            step("RP-Initiated Logout 3", "Compares `state` when the browser comes back.")
        }
        Endpoint::Register => step("RFC 7591 3.2.1", "Keeps what it was given, and signs in with it."),
        Endpoint::Login
        | Endpoint::Consent
        | Endpoint::Home
        | Endpoint::SignedOut
        | Endpoint::User
        | Endpoint::Other => step("", ""),
    }
}
