//! A renewal must be about the same person (OpenID Connect Core section 12.2, RT-04).

use crate::check::{Ledger, Report, Rule, Verdict};
use crate::text::clean;
use crate::{Claims, Fault, Nonce};

/// What the session knows of its first ID token.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the names are those of the claims")]
pub struct OldIdentity {
    pub iss: String,
    pub sub: String,
    pub azp: Option<String>,
    pub auth_time: Option<i64>,
    pub nonce: Option<Nonce>,
}

impl OldIdentity {
    /// As the first ID token had it.
    #[must_use]
    pub fn of(claims: &Claims) -> Self {
        Self {
            iss: claims.iss.clone(),
            sub: claims.sub.clone(),
            azp: claims.azp.clone(),
            auth_time: claims.auth_time,
            nonce: claims.nonce.clone(),
        }
    }
}

const SOURCE: &str = "OpenID Connect Core 12.2";
const ISS: Rule = Rule { name: "refresh.iss", source: SOURCE };
const SUB: Rule = Rule { name: "refresh.sub", source: SOURCE };
const AZP: Rule = Rule { name: "refresh.azp", source: SOURCE };
const AUTH_TIME: Rule = Rule { name: "refresh.auth_time", source: SOURCE };
const NONCE: Rule = Rule { name: "refresh.nonce", source: SOURCE };

/// Compares the claims of a renewed ID token, verified before, with those of the first one. After an error
/// nothing of the answer may be used.
#[must_use]
pub fn check_renewed_identity(old: &OldIdentity, renewed: &Claims) -> Report<(), RenewedIdentityError> {
    let mut ledger = Ledger::new();
    ledger.enter(ISS, same(&old.iss, &renewed.iss, |expected, got| RenewedIdentityError::Iss { expected, got }));
    ledger.enter(SUB, same(&old.sub, &renewed.sub, |expected, got| RenewedIdentityError::Sub { expected, got }));
    ledger.enter(
        AZP,
        match (&old.azp, &renewed.azp) {
            (Some(old), Some(new)) => same(old, new, |expected, got| RenewedIdentityError::Azp { expected, got }),
            (old, new) => {
                Verdict::not_applicable(old.as_deref().unwrap_or("nothing"), new.as_deref().unwrap_or("nothing"))
            }
        },
    );
    // Some providers write 0 for "not known".
    let time = |time: Option<i64>| time.filter(|time| *time != 0).map(|time| time.to_string());
    ledger.enter(
        AUTH_TIME,
        match (time(old.auth_time), time(renewed.auth_time)) {
            (Some(old), Some(new)) => {
                same(&old, &new, |expected, got| RenewedIdentityError::AuthTime { expected, got })
            }
            (old, new) => {
                Verdict::not_applicable(old.as_deref().unwrap_or("nothing"), new.as_deref().unwrap_or("nothing"))
            }
        },
    );
    ledger.enter(
        NONCE,
        match (&old.nonce, &renewed.nonce) {
            (_, None) => Verdict::not_applicable("nothing, or the first one", "nothing"),
            (Some(old), Some(new)) if old.same_as(new) => Verdict::passed(old.fingerprint(), new.fingerprint()),
            (old, Some(new)) => Verdict::failed(
                old.as_ref().map_or_else(|| "nothing".to_owned(), Nonce::fingerprint),
                new.fingerprint(),
                RenewedIdentityError::Nonce,
            ),
        },
    );
    ledger.close(|| Ok(()))
}

fn same(
    old: &str,
    new: &str,
    error: impl FnOnce(String, String) -> RenewedIdentityError,
) -> Verdict<RenewedIdentityError> {
    if old == new {
        Verdict::passed(old, new)
    } else {
        Verdict::failed(old, new, error(clean(old, 200), clean(new, 200)))
    }
}

/// The renewed ID token is about something else.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "each variant is a claim, with what it was and what it is now")]
pub enum RenewedIdentityError {
    #[error("The provider now calls itself `{got}`, at sign-in it was `{expected}`.")]
    Iss { expected: String, got: String },
    #[error("The provider answered for another user: `{got}`, signed in is `{expected}`.")]
    Sub { expected: String, got: String },
    #[error("The renewed ID token was issued to `{got}`, the first one to `{expected}`.")]
    Azp { expected: String, got: String },
    #[error("The renewed ID token tells another log-in time, {got} and not {expected}.")]
    AuthTime { expected: String, got: String },
    #[error("The renewed ID token carries the nonce of another sign-in.")]
    Nonce,
}

impl Fault for RenewedIdentityError {
    fn code(&self) -> &'static str {
        match self {
            Self::Iss { .. } => "refresh.iss_changed",
            Self::Sub { .. } => "refresh.sub_changed",
            Self::Azp { .. } => "refresh.azp_changed",
            Self::AuthTime { .. } => "refresh.auth_time_changed",
            Self::Nonce => "refresh.nonce_changed",
        }
    }

    fn hint(&self) -> String {
        "Nothing of the answer was used. Sign in again.".to_owned()
    }
}
