//! What is tried, what must come of it, and why: one entry for each probe.

use doorkey_client::words::{ProbeOutcome, ProbeResult};

/// One thing that is tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Rule {
    StateEchoed,
    IssPresent,
    NonceEchoed,
    CacheHeaders,
    CodeReplay,
    CodeReplayRevokes,
    WrongVerifier,
    MissingVerifier,
    CodeRedirect,
    CodeClient,
    RefreshScope,
    RefreshRotation,
    RefreshReuse,
    RefreshReuseRevokes,
    RevokedAccess,
    RevokedRefresh,
    PkceRequired,
    PkcePlain,
    RedirectExact,
    Logout,
}

struct Entry {
    name: &'static str,
    title: &'static str,
    expected: &'static str,
    source: &'static str,
    consequence: &'static str,
    advice: &'static str,
}

impl Rule {
    /// All of them, in the order in which they are tried.
    pub(crate) const ALL: [Self; 20] = [
        Self::StateEchoed,
        Self::IssPresent,
        Self::NonceEchoed,
        Self::CacheHeaders,
        Self::CodeReplay,
        Self::CodeReplayRevokes,
        Self::WrongVerifier,
        Self::MissingVerifier,
        Self::CodeRedirect,
        Self::CodeClient,
        Self::RefreshScope,
        Self::RefreshRotation,
        Self::RefreshReuse,
        Self::RefreshReuseRevokes,
        Self::RevokedAccess,
        Self::RevokedRefresh,
        Self::PkceRequired,
        Self::PkcePlain,
        Self::RedirectExact,
        Self::Logout,
    ];

    /// What is told of it.
    pub(crate) fn result(self, outcome: ProbeOutcome, got: impl Into<String>) -> ProbeResult {
        let Entry { name, title, expected, source, consequence, advice } = self.entry();
        ProbeResult {
            name: name.to_owned(),
            title: title.to_owned(),
            outcome,
            expected: expected.to_owned(),
            got: got.into(),
            source: source.to_owned(),
            consequence: consequence.to_owned(),
            advice: advice.to_owned(),
        }
    }

    fn entry(self) -> Entry {
        match self {
            Self::StateEchoed => Entry {
                name: "authorization.state",
                title: "The answer brings `state` back",
                expected: "the very `state` of the request, once",
                source: "RFC 6749 section 4.1.2",
                consequence: "Clients cannot tell an answer of their own from one that somebody else sent (CSRF).",
                advice: "Return `state` byte for byte in every authorization response, errors too.",
            },
            Self::IssPresent => Entry {
                name: "authorization.iss",
                title: "The answer says who gave it",
                expected: "`iss` with the issuer, once, where the metadata promise it",
                source: "RFC 9207 sections 2 and 3; RFC 9700 section 2.1 (recommended)",
                consequence: "A client of several providers can be made to send this one's code to another (mix-up).",
                advice: "Return `iss`, and publish `authorization_response_iss_parameter_supported`.",
            },
            Self::NonceEchoed => Entry {
                name: "id_token.nonce",
                title: "The ID token carries the `nonce` of the request",
                expected: "the very `nonce` of the request",
                source: "OpenID Connect Core sections 2 and 3.1.3.7 (11)",
                consequence: "A stolen ID token or code can be put into somebody else's sign-in.",
                advice: "Put the request's `nonce` into the ID token, unchanged.",
            },
            Self::CacheHeaders => Entry {
                name: "token.cache_headers",
                title: "Token answers are not to be stored",
                expected: "`Cache-Control: no-store`",
                source: "RFC 6749 section 5.1",
                consequence: "A cache on the way can keep tokens and give them to others.",
                advice: "Send `Cache-Control: no-store` with every answer of the token endpoint.",
            },
            Self::CodeReplay => Entry {
                name: "code.replay",
                title: "A code that was redeemed, once more",
                expected: "refused, as `invalid_grant`",
                source: "RFC 6749 sections 4.1.2 and 10.5",
                consequence: "Whoever sees a code in a log or a browser's history can redeem it.",
                advice: "Mark a code as used in the same transaction that reads it.",
            },
            Self::CodeReplayRevokes => Entry {
                name: "code.replay_revokes",
                title: "The tokens of a code that came twice",
                expected: "revoked: somebody else has the code",
                source: "RFC 6749 section 4.1.2 (should)",
                consequence: "Where a thief was first, the thief's tokens go on.",
                advice: "When a code comes twice, revoke what its first use gave.",
            },
            Self::WrongVerifier => Entry {
                name: "pkce.wrong_verifier",
                title: "A code with another `code_verifier`",
                expected: "refused, as `invalid_grant`",
                source: "RFC 7636 section 4.6",
                consequence: "PKCE protects nobody: an intercepted code can be redeemed by anybody.",
                advice: "Compare the hash of `code_verifier` with the `code_challenge` that the code was given for.",
            },
            Self::MissingVerifier => Entry {
                name: "pkce.missing_verifier",
                title: "A code without `code_verifier`",
                expected: "refused",
                source: "RFC 9700 section 2.1.1; RFC 7636 section 4.6",
                consequence: "PKCE can be left out by whoever intercepted the code.",
                advice: "Where the code was given for a challenge, refuse a token request without the verifier.",
            },
            Self::CodeRedirect => Entry {
                name: "code.redirect_uri",
                title: "A code with another `redirect_uri`",
                expected: "refused, as `invalid_grant`",
                source: "RFC 6749 section 4.1.3",
                consequence: "A code that was led to another address can still be put into an honest client.",
                advice: "Compare `redirect_uri` with that of the authorization request, byte for byte.",
            },
            Self::CodeClient => Entry {
                name: "code.client",
                title: "A code by another client",
                expected: "refused, as `invalid_grant` or `invalid_client`",
                source: "RFC 6749 sections 4.1.3 and 5.2",
                consequence: "Any application can redeem the codes of any other.",
                advice: "Redeem a code only for the client that it was given to.",
            },
            Self::RefreshScope => Entry {
                name: "refresh.scope",
                title: "A renewal with a scope that was not granted",
                expected: "refused as `invalid_scope`, or a token without that scope",
                source: "RFC 6749 section 6",
                consequence: "An application can give itself more than the person has allowed.",
                advice: "Hold the scopes of a renewal against those of the grant.",
            },
            Self::RefreshRotation => Entry {
                name: "refresh.rotation",
                title: "A refresh token that was used is replaced",
                expected: "a new refresh token, for a public client without a bound key",
                source: "RFC 9700 sections 2.2.2 and 4.14.2",
                consequence: "A stolen refresh token works until it ends, and nobody notices.",
                advice: "Rotate refresh tokens of public clients, or bind them to a key (RFC 9449).",
            },
            Self::RefreshReuse => Entry {
                name: "refresh.reuse",
                title: "A refresh token that was replaced, once more",
                expected: "refused as `invalid_grant`, at once or after a short leeway",
                source: "RFC 9700 section 4.14.2",
                consequence: "A stolen refresh token can be used beside the honest client.",
                advice: "Refuse a replaced refresh token; allow seconds at most, for answers that were lost.",
            },
            Self::RefreshReuseRevokes => Entry {
                name: "refresh.reuse_revokes",
                title: "The newest refresh token after an old one came back",
                expected: "revoked: two have it, and nobody knows who is the thief",
                source: "RFC 9700 section 4.14.2",
                consequence: "A thief who renewed first stays signed in.",
                advice: "When a replaced refresh token comes back, revoke the whole family.",
            },
            Self::RevokedAccess => Entry {
                name: "revocation.access_token",
                title: "An access token after it was revoked",
                expected: "refused by userinfo, or inactive by introspection",
                source: "RFC 7009 sections 2 and 2.2",
                consequence: "Signing out leaves programs with access.",
                advice: "Look a revoked token up before it opens anything; or do not offer to revoke access tokens.",
            },
            Self::RevokedRefresh => Entry {
                name: "revocation.refresh_token",
                title: "A refresh token after it was revoked",
                expected: "refused, as `invalid_grant`",
                source: "RFC 7009 section 2",
                consequence: "Signing out ends nothing: whoever has the token goes on renewing it.",
                advice: "End the grant when its refresh token is revoked.",
            },
            Self::PkceRequired => Entry {
                name: "pkce.downgrade",
                title: "A request without `code_challenge`, and its code with a verifier",
                expected: "no code for a public client; no token for a verifier without a challenge",
                source: "RFC 8252 section 8.1; RFC 9700 sections 2.1.1 and 4.8.2",
                consequence: "Whoever takes the challenge out of the address takes PKCE away (downgrade).",
                advice: "Require PKCE of public clients, and refuse a `code_verifier` that no challenge belongs to.",
            },
            Self::PkcePlain => Entry {
                name: "pkce.plain",
                title: "A request with `code_challenge_method=plain`",
                expected: "refused",
                source: "RFC 7636 sections 4.4.1 and 7.2; RFC 9700 section 2.1.1 (should not)",
                consequence: "Whoever sees the authorization request has the verifier too.",
                advice: "Take `S256` only, and publish it in `code_challenge_methods_supported`.",
            },
            Self::RedirectExact => Entry {
                name: "authorization.redirect_uri",
                title: "A redirect to an address that is not registered",
                expected: "the browser is not sent there",
                source: "RFC 9700 sections 2.1 and 4.1.3; RFC 6749 section 3.1.2.4",
                consequence: "Codes can be had at addresses that the client never named.",
                advice: "Compare `redirect_uri` with the registered ones as text; only the port of a loopback address may differ.",
            },
            Self::Logout => Entry {
                name: "logout.session",
                title: "A sign-in with `prompt=none` after signing out",
                expected: "`login_required`",
                source: "OpenID Connect RP-Initiated Logout section 2; OpenID Connect Core section 3.1.2.6",
                consequence: "Whoever uses the browser next is signed in as the person who signed out.",
                advice: "End the browser's session at the logout endpoint, or ask the person there.",
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn each_says_what_it_wants_and_why() {
        let all = Rule::ALL.map(|rule| rule.result(ProbeOutcome::Passed, "it"));
        assert_eq!(all.iter().map(|one| &one.name).collect::<HashSet<_>>().len(), Rule::ALL.len());
        for one in all {
            let is_sentence = |text: &str| text.ends_with('.') && text.starts_with(char::is_uppercase);
            assert!(is_sentence(&one.consequence) && is_sentence(&one.advice), "{one:?}");
            assert!(one.source.contains("RFC") || one.source.contains("OpenID"), "{one:?}");
        }
    }
}
