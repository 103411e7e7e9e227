//! Rules of its own that the provider can be told to forget, one by one: what a test of providers must notice.

use std::time::Duration;

use crate::behaviour::Behaviour;

/// A rule that is not kept. [`Knobs::forget`](crate::Knobs::forget) chooses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lax {
    /// A code is redeemed as often as it comes (against RFC 6749 4.1.2).
    CodeReplay,
    /// A code that comes again is refused, and what it gave goes on (against RFC 6749 4.1.2).
    ReplayedTokensStay,
    /// Any `code_verifier` will do (against RFC 7636 4.6).
    AnyVerifier,
    /// None will do too (against RFC 9700 2.1.1).
    NoVerifier,
    /// Any `redirect_uri` will do at the token endpoint (against RFC 6749 4.1.3).
    AnyRedirectOfCode,
    /// Any client, known or not, may redeem any code (against RFC 6749 4.1.3).
    AnyClientOfCode,
    /// A renewal gets whatever scope it asks for (against RFC 6749 6).
    LargerScope,
    /// A refresh token that was replaced works for so long after that (against RFC 9700 4.14.2 where it is long).
    RefreshReuse(Duration),
    /// Each use of a replaced one within that time replaces the newest, which is refused from then on.
    ReuseReplacesNewest,
    /// One that comes again later is refused, and its family goes on (against RFC 9700 4.14.2).
    ReusedFamilyStays,
    /// A revoked access token opens all that it opened (against RFC 7009 2).
    RevokedAccessStays,
    /// A revoked refresh token renews (against RFC 7009 2).
    RevokedRefreshStays,
    /// No `code_challenge` is asked for, and any verifier fits none (against RFC 9700 2.1.1, 4.8.2).
    NoChallenge,
    /// `code_challenge_method=plain` is taken (against RFC 9700 2.1.1).
    Plain,
    /// The browser is sent back to any address of this computer (against RFC 9700 2.1).
    AnyRedirect,
    /// The logout page says that it is done, and the session goes on (against RP-Initiated Logout 2).
    LogoutKeepsSession,
    /// Authorization responses have no `iss`, and the metadata promise none (RFC 9207 is optional).
    NoIss,
    /// Token answers may be stored (against RFC 6749 5.1).
    Cacheable,
}

impl Behaviour {
    pub(crate) fn forgets(&self, rule: Lax) -> bool {
        self.lax.contains(&rule)
    }

    /// For how long a replaced refresh token goes on.
    pub(crate) fn reuse_leeway(&self) -> Duration {
        let leeways = self.lax.iter().map(|rule| match rule {
            Lax::RefreshReuse(leeway) => *leeway,
            _ => Duration::ZERO,
        });
        leeways.max().unwrap_or_default()
    }
}
