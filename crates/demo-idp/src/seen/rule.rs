//! Which rule a refused request broke, and what would mend it: by the words of the refusal, else by its code.

use crate::log::Entry;

/// A rule, where it stands, and what a right client does.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rule {
    /// Part of the refusal's words.
    words: &'static str,
    pub(crate) source: &'static str,
    pub(crate) next: &'static str,
}

const fn rule(words: &'static str, source: &'static str, next: &'static str) -> Rule {
    Rule { words, source, next }
}

/// What comes after a request that broke none.
pub(super) const fn step(source: &'static str, next: &'static str) -> Rule {
    rule("", source, next)
}

/// The more particular words stand first.
const RULES: &[Rule] = &[
    rule(
        "client_id and redirect_uri are required",
        "OpenID Connect Core 3.1.2.1",
        "Send both, once each, in the authorization request.",
    ),
    rule("unknown client_id", "RFC 6749 4.1.2.1", "Use the client id that this provider was started with."),
    rule(
        "post_logout_redirect_uri does not match",
        "RP-Initiated Logout 3",
        "Send an address that is registered for this client.",
    ),
    rule(
        "redirect_uri does not match a registered one",
        "RFC 9700 4.1.3, RFC 8252 7.3",
        "Send one that is registered, letter by letter; at a loopback address the port alone may differ.",
    ),
    rule(
        "redirect_uri is not that of the authorization request",
        "RFC 6749 4.1.3",
        "Repeat the `redirect_uri` of the authorization request, letter by letter. This code is spent.",
    ),
    rule("came twice", "RFC 6749 3.1, 3.2", "Send each parameter once; `resource` alone may repeat."),
    rule("response_type", "RFC 6749 3.1.1", "Send `response_type=code`."),
    rule(
        "response_mode must be",
        "OAuth 2.0 Form Post Response Mode 2",
        "Leave `response_mode` out, or ask for one of these.",
    ),
    rule(
        "code_challenge_method must be S256",
        "RFC 7636 4.2, RFC 9700 2.1.1",
        "Send `code_challenge_method=S256` with the SHA-256 of the verifier.",
    ),
    rule("code_challenge is required", "RFC 7636 4.3, RFC 9700 2.1.1", "Use PKCE in every authorization request."),
    rule(
        "code_verifier does not fit the code_challenge",
        "RFC 7636 4.1, 4.6",
        "Send the verifier whose SHA-256 was the challenge: 43 to 128 of its characters. This code is spent.",
    ),
    rule(
        "the code was used before",
        "RFC 6749 4.1.2",
        "Redeem a code once. What its first use gave is revoked: the person signs in again.",
    ),
    rule("the code is too old", "RFC 6749 4.1.2", "Redeem a code as soon as it comes."),
    rule("the code is not known", "RFC 6749 4.1.3", "Redeem the code of this provider, by the client it was given to."),
    rule("the code is for the key", "RFC 9449 10", "Prove the key that `dpop_jkt` named."),
    rule(
        "code, redirect_uri and code_verifier are required",
        "RFC 6749 4.1.3, RFC 7636 4.5",
        "Send all three with the code exchange.",
    ),
    rule("x-www-form-urlencoded", "RFC 6749 3.2", "Send a form, and name it so in `Content-Type`."),
    rule("parameters belong into the body", "RFC 6749 3.2", "Send nothing in the query of the token endpoint."),
    rule("authenticates in one way only", "RFC 6749 2.3", "Send the secret in the header or in the form, not in both."),
    rule("may not authenticate in this way", "RFC 8414 2", "Use a way of `token_endpoint_auth_methods_supported`."),
    rule(
        "Authorization header is not understood",
        "RFC 6749 2.3.1",
        "Encode id and secret as a form, join them with `:`, then Base64.",
    ),
    rule("client_id is missing", "RFC 6749 3.2.1", "A client without a secret sends its `client_id` in the form."),
    rule("the client is not known", "RFC 6749 5.2", "Use the client id that this provider was started with."),
    rule("the secret is wrong", "RFC 6749 2.3.1", "Send the secret that was shown when this provider started."),
    rule("must authenticate", "RFC 6749 3.2.1", "A client with a secret proves itself with it."),
    rule("public and has no secret", "RFC 6749 2.1", "Send no secret for this client, an empty one neither."),
    rule("client_id is not the one that authenticated", "RFC 6749 2.3", "Name the same client in both places."),
    rule("client_assertion", "RFC 7523 2.2, 3", "Sign a JWT with the registered key, for this endpoint, once."),
    rule(
        "the refresh token was used before",
        "RFC 9700 4.14.2",
        "Keep the newest refresh token and forget the one before: the person signs in again.",
    ),
    rule(
        "the refresh token is bound to another key",
        "RFC 9449 5",
        "Renew with a proof by the key of the first exchange.",
    ),
    rule(
        "the refresh token",
        "RFC 6749 5.2",
        "Renew with a token that this provider gave and nobody revoked; else sign in again.",
    ),
    rule("refresh_token is required", "RFC 6749 6", "Send it in the form."),
    rule("grant_type", "RFC 6749 4.1.3", "Send `grant_type` with one that the metadata name."),
    rule("grant type is not supported", "RFC 6749 5.2", "Use one of `grant_types_supported`."),
    rule("was not granted", "RFC 6749 6, RFC 8707 2.2", "Ask for no more than was granted."),
    rule("max_age must be", "OpenID Connect Core 3.1.2.1", "Send a whole number of seconds."),
    rule("id_token_hint is not", "OpenID Connect Core 3.1.2.1", "Send an ID token that this provider signed."),
    rule("prompt", "OpenID Connect Core 3.1.2.1", "Send known values, and `none` alone."),
    rule("dpop_jkt must be", "RFC 9449 10", "Send the SHA-256 thumbprint of the key."),
    rule("is not supported", "OpenID Connect Core 6", "Leave it out: the metadata do not promise it."),
    rule("the person said no", "RFC 6749 4.1.2.1", "Tell the person, and begin again only when asked."),
    rule(
        "nobody is signed in",
        "OpenID Connect Core 3.1.2.6",
        "Ask again without `prompt=none`, where a person can answer.",
    ),
    rule("has not allowed this yet", "OpenID Connect Core 3.1.2.6", "Ask again without `prompt=none`."),
    rule("asked each time", "RFC 8252 8.6", "Ask again without `prompt=none`."),
    rule("resource must be", "RFC 8707 2", "Send an absolute URI without a fragment."),
    rule(
        "no access token in the Authorization",
        "RFC 6750 2.1",
        "Send the access token in the `Authorization` header.",
    ),
    rule("carries no Bearer or DPoP token", "RFC 6750 2.1, RFC 9449 7.1", "Use the scheme that `token_type` names."),
    rule("the access token is not known", "RFC 6750 3.1", "Renew, then ask once more; else sign in again."),
    rule("the access token has no scope", "RFC 6750 3.1", "Ask for the scope `openid` when signing in."),
    rule("has not decided yet", "RFC 8628 3.5", "Wait for `interval` seconds and ask again."),
    rule("the interval was not waited for", "RFC 8628 3.5", "Wait 5 seconds longer between two questions from now on."),
    rule("the codes are too old", "RFC 8628 3.5", "Stop asking, and begin again when the person wants it."),
    rule("the device code", "RFC 8628 3.5", "Stop asking with this code."),
    rule("device_code is required", "RFC 8628 3.4", "Send it with each question."),
    rule("token is required", "RFC 7009 2.1, RFC 7662 2.1", "Send the token in the form."),
    rule("belongs to another client", "RFC 7009 2.1", "Revoke your own tokens only."),
    rule("email and password do not fit", "the login page", "Choose one of the demo people; the page names them."),
    rule("the page is out of date", "RFC 9700 4.7", "Begin the sign-in again in one browser."),
    rule("Host does not name", "RFC 9110 7.2", "Use the issuer's address as it is, not another name of this computer."),
    rule("the method must be", "RFC 9110 15.5.6", "Use one of these methods."),
    rule("the body is too long", "RFC 9110 15.5.14", "Send less."),
    rule(
        "there is nothing at this address",
        "OpenID Connect Discovery 4",
        "Take addresses from the metadata, not from memory.",
    ),
    rule("nonce", "RFC 9449 8", "Repeat the request once, with the `DPoP-Nonce` of the answer in its proof."),
    rule("htm is not", "RFC 9449 4.3", "Put the method of this very request into `htm`."),
    rule("htu is not", "RFC 9449 4.3", "Put this address without query and fragment into `htu`."),
    rule("proof", "RFC 9449 4.3", "Make a new proof for each request, with the key in its header."),
];

/// Where the words say too little.
const BY_CODE: &[Rule] = &[
    rule("invalid_request", "RFC 6749 5.2", "Mend what the words name."),
    rule("invalid_client", "RFC 6749 5.2", "Prove yourself as you are registered."),
    rule("invalid_grant", "RFC 6749 5.2", "The person signs in again."),
    rule("invalid_target", "RFC 8707 2", "Ask for a resource that this provider knows."),
    rule("invalid_scope", "RFC 6749 5.2", "Ask for scopes that were granted."),
    rule("invalid_dpop_proof", "RFC 9449 5", "Make a new proof."),
    rule("use_dpop_nonce", "RFC 9449 8", "Repeat the request once, with the `DPoP-Nonce` of the answer in its proof."),
    rule("invalid_token", "RFC 6750 3.1", "Renew, then ask once more."),
];

/// The rule that the refused request broke.
pub(super) fn of_refusal(entry: &Entry) -> Rule {
    let why = entry.told.why.as_deref().unwrap_or_default();
    let error = entry.outcome.as_ref().and_then(|outcome| outcome.error.as_deref()).unwrap_or_default();
    let by_words = RULES.iter().find(|rule| why.contains(rule.words));
    let found = by_words.or_else(|| BY_CODE.iter().find(|rule| rule.words == error));
    found.copied().unwrap_or(step("", "Mend what the words name."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_is_one_that_the_provider_says() {
        let said = [
            include_str!("../answer.rs"),
            include_str!("../assertion.rs"),
            include_str!("../authorize.rs"),
            include_str!("../authorize/asked.rs"),
            include_str!("../client_auth.rs"),
            include_str!("../desk.rs"),
            include_str!("../device.rs"),
            include_str!("../dpop.rs"),
            include_str!("../login.rs"),
            include_str!("../logout.rs"),
            include_str!("../refresh.rs"),
            include_str!("../revoke.rs"),
            include_str!("../serve.rs"),
            include_str!("../token.rs"),
            include_str!("../userinfo.rs"),
        ];
        for rule in RULES {
            assert!(said.iter().any(|file| file.contains(rule.words)), "nobody says: {}", rule.words);
        }
    }
}
