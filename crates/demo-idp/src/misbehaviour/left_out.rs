/// A row without a misbehaviour, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// Such as `HP-08`.
    pub row: &'static str,
    /// The module of the conformance suite.
    pub suite: &'static str,
    /// Why there is nothing to misbehave, or why a native client in the code flow cannot meet it.
    pub reason: &'static str,
}

const fn row(row: &'static str, suite: &'static str, reason: &'static str) -> LeftOut {
    LeftOut { row, suite, reason }
}

/// The rows that no [`Misbehaviour`](crate::Misbehaviour) stands for.
pub const LEFT_OUT: &[LeftOut] = &[
    row("HP-AZ-12", "", "a matter of time: a test holds the answer back with `Knobs::hold_answers`"),
    row("HP-AZ-13", "", "a matter of the browser: a test sends the same good answer again"),
    row(
        "HP-08",
        "oidcc-client-test-nonce-unless-code-flow",
        "for the implicit and hybrid flows; a client shows its nonce in the log",
    ),
    row("HP-22", "rp-key-rotation-op-enc-key", "no request is encrypted, so there are no encryption keys to rotate"),
    row(
        "HP-24",
        "oidcc-client-test-userinfo-bearer-header",
        "always so: userinfo takes the token in the `Authorization` header only",
    ),
    row(
        "HP-25",
        "oidcc-client-test-userinfo-bearer-body",
        "optional in RFC 6750 2.2, and left out by design: a token belongs into the header",
    ),
    row("HP-28", "oidcc-client-test-scope-userinfo-claims", "always so: the claims follow the scopes"),
    row("HP-33", "oidcc-client-test-invalid-chash", "`c_hash` is of the hybrid flow"),
    row("HP-35", "rp-response_mode-form_post", "always so: `response_mode=form_post` is answered by a form"),
    row("HP-37", "rp-claims_request-id_token", "the `claims` parameter is not offered"),
    row("HP-38", "oidcc-client-test-refresh-token", "always so: refreshing rotates, with a new ID token"),
    row("HP-41", "oidcc-client-test-3rd-party-init-login", "a native client has no address to begin a login at"),
    row("HP-42", "oidcc-client-test-discovery-webfinger-acct", "the person types the issuer; there is no WebFinger"),
    row(
        "HP-43",
        "oidcc-client-test-dynamic-registration",
        "good behaviour: `Settings::registration` opens the registration endpoint",
    ),
    row("HP-44", "oidcc-client-test-request-uri-signed-rs256", "requests are pushed (RFC 9126) instead of signed"),
    row("HP-45", "oidcc-client-test-mtls-endpoint-aliases", "no client certificates are used"),
    row("HP-46", "oidcc-client-test-rp-init-logout", "always so: sign-out comes back with its `state`"),
    row("HP-49", "oidcc-client-test-rp-backchannel-rpinitlogout", "a native client has no address to be called at"),
    row("HP-50", "oidcc-client-test-rp-frontchannel-rpinitlogout", "a native client has no page to put in a frame"),
    row(
        "HP-60",
        "fapi2-security-profile-final-client-test-happy-path",
        "good behaviour: `Settings::dpop_nonce` with `DpopNonce::NewWithEveryAnswer`",
    ),
    row(
        "HP-61",
        "fapi2-security-profile-final-client-test-happy-path-no-dpop-nonce",
        "good behaviour: `DpopNonce::NotWanted`, the default",
    ),
];
