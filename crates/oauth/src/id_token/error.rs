use crate::date::shown;
use crate::{ClockSkew, Fault};

/// Why an ID token is not believed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IdTokenError {
    /// Not a signed token (HP-ID-11, HP-ID-12).
    #[error("The ID token cannot be read: {problem}.")]
    Malformed {
        /// What is wrong with it.
        problem: String,
    },
    /// Five parts (HP-27, HP-ID-13).
    #[error("The ID token is encrypted; a signed one is expected.")]
    Encrypted,
    /// IDT-06, HP-14, HP-71
    #[error("The ID token is signed with {got}; {allowed} is expected.")]
    AlgNotAllowed {
        /// What was agreed.
        allowed: String,
        /// What its header says, cleaned.
        got: String,
    },
    /// HP-ID-09
    #[error("The ID token demands extensions that are not known here (`crit`: {got}).")]
    CritUnsupported {
        /// Cleaned.
        got: String,
    },
    /// HP-ID-10
    #[error("Expected an ID token (`typ` JWT), got `{got}`.")]
    WrongType {
        /// Cleaned.
        got: String,
    },
    /// J-03: fetch the keys once more, then verify again (IDT-17).
    #[error("The ID token is signed with {}, the provider publishes {}.", key(kid.as_deref()), published_keys(published))]
    UnknownKey {
        /// The name in its header, cleaned.
        kid: Option<String>,
        /// The names of the published keys, cleaned.
        published: Vec<String>,
    },
    /// J-08: the key is there and must not be used.
    #[error("The ID token is signed with the key `{kid}`, which {reason}.")]
    UnusableKey {
        /// Its name, cleaned.
        kid: String,
        /// Why.
        reason: String,
    },
    /// HP-09
    #[error("The signature of the ID token is wrong ({alg}, {tried} key(s) tried).")]
    BadSignature {
        /// What it is signed with.
        alg: &'static str,
        /// How many keys were tried.
        tried: usize,
    },
    /// HP-02
    #[error("The ID token comes from `{got}`, expected `{expected}`.")]
    IssMismatch {
        /// Whom we asked.
        expected: String,
        /// What it says, cleaned.
        got: String,
    },
    /// HP-03, HP-04
    #[error("The ID token is for `{got}`, expected `{expected}`.")]
    AudMismatch {
        /// The client id.
        expected: String,
        /// What it says, cleaned.
        got: String,
    },
    /// HP-72
    #[error("The ID token is for `{got}`, expected `{expected}` alone.")]
    AudUntrusted {
        /// The client id.
        expected: String,
        /// What it says, cleaned.
        got: String,
    },
    /// HP-ID-05
    #[error("The ID token was issued to `{got}`, expected `{expected}`.")]
    AzpMismatch {
        /// The client id.
        expected: String,
        /// What it says, cleaned.
        got: String,
    },
    /// HP-05
    #[error("The ID token does not say who signed in (`sub` is missing).")]
    SubMissing,
    /// HP-69
    #[error("The ID token expired at {}, it is now {}.", shown(*exp), shown(*now))]
    Expired {
        /// Unix seconds.
        exp: i64,
        /// Unix seconds.
        now: i64,
        /// The provider's clock, when it told.
        provider_clock: Option<i64>,
    },
    /// HP-ID-02
    #[error("The ID token is valid from {} on, it is now {}.", shown(*nbf), shown(*now))]
    NotYetValid {
        /// Unix seconds.
        nbf: i64,
        /// Unix seconds.
        now: i64,
        /// The provider's clock, when it told.
        provider_clock: Option<i64>,
    },
    /// HP-ID-02
    #[error("The ID token was issued at {}, it is now {}.", shown(*iat), shown(*now))]
    IssuedInFuture {
        /// Unix seconds.
        iat: i64,
        /// Unix seconds.
        now: i64,
        /// The provider's clock, when it told.
        provider_clock: Option<i64>,
    },
    /// HP-06
    #[error("The ID token does not say when it was issued (`iat` is missing).")]
    IatMissing,
    /// HP-07
    #[error("The ID token belongs to another sign-in: its nonce has the fingerprint {got}, expected {expected}.")]
    NonceMismatch {
        /// Fingerprint.
        expected: String,
        /// Fingerprint.
        got: String,
    },
    /// HP-68
    #[error("The ID token does not carry the nonce that was sent.")]
    NonceMissing,
    /// HP-31
    #[error("The ID token does not belong to the access token: its at_hash is `{got}`, expected `{expected}`.")]
    AtHashMismatch {
        /// Of the access token.
        expected: String,
        /// What it says, cleaned.
        got: String,
    },
    /// IDT-12
    #[error("The last log-in was at {}, more than {max_age} seconds before {}.", shown(*auth_time), shown(*now))]
    AuthTimeTooOld {
        /// Unix seconds.
        auth_time: i64,
        /// What was asked, in seconds.
        max_age: u64,
        /// Unix seconds.
        now: i64,
    },
    /// HP-ID-16: `max_age` makes it required (OpenID Connect Core section 2).
    #[error(
        "The ID token does not say when the last log-in was (`auth_time` is missing), though at most {max_age} seconds were asked for."
    )]
    AuthTimeMissing {
        /// What was asked, in seconds.
        max_age: u64,
    },
    /// Auth0's organizations.
    #[error("The ID token is for the organization `{got}` (`{claim}`), expected `{expected}`.")]
    OrganizationMismatch {
        /// `org_id` or `org_name`.
        claim: &'static str,
        /// What was asked, cleaned.
        expected: String,
        /// What it says, cleaned.
        got: String,
    },
    /// A claim of the wrong type (HP-ID-01 and others)
    #[error("`{claim}` in the ID token must be {expected}, got {got}.")]
    ClaimType {
        /// Which.
        claim: &'static str,
        /// What it must be.
        expected: &'static str,
        /// What it is.
        got: &'static str,
    },
}

impl IdTokenError {
    /// Whether fetching the provider's keys once more may help (IDT-17, HP-21).
    #[must_use]
    pub fn unknown_key(&self) -> bool {
        matches!(self, Self::UnknownKey { .. })
    }

    /// How far the clocks are apart, when it is by more than a minute and times are what it is about.
    fn skew(&self) -> Option<ClockSkew> {
        let (now, theirs) = match self {
            Self::Expired { now, provider_clock, .. }
            | Self::NotYetValid { now, provider_clock, .. }
            | Self::IssuedInFuture { now, provider_clock, .. } => (*now, (*provider_clock)?),
            Self::Malformed { .. }
            | Self::Encrypted
            | Self::AlgNotAllowed { .. }
            | Self::CritUnsupported { .. }
            | Self::WrongType { .. }
            | Self::UnknownKey { .. }
            | Self::UnusableKey { .. }
            | Self::BadSignature { .. }
            | Self::IssMismatch { .. }
            | Self::AudMismatch { .. }
            | Self::AudUntrusted { .. }
            | Self::AzpMismatch { .. }
            | Self::SubMissing
            | Self::IatMissing
            | Self::NonceMismatch { .. }
            | Self::NonceMissing
            | Self::AtHashMismatch { .. }
            | Self::AuthTimeTooOld { .. }
            | Self::AuthTimeMissing { .. }
            | Self::OrganizationMismatch { .. }
            | Self::ClaimType { .. } => return None,
        };
        Some(ClockSkew::between(now, theirs)).filter(|skew| skew.is_notable())
    }
}

fn key(kid: Option<&str>) -> String {
    kid.map_or_else(|| "a key without a name".to_owned(), |kid| format!("the key `{kid}`"))
}

fn published_keys(kids: &[String]) -> String {
    if kids.is_empty() {
        return "no key that fits".to_owned();
    }
    kids.iter().take(8).map(|kid| format!("`{kid}`")).collect::<Vec<_>>().join(", ")
}

impl Fault for IdTokenError {
    fn code(&self) -> &'static str {
        match self {
            Self::Malformed { .. } => "idtoken.malformed",
            Self::Encrypted => "idtoken.encrypted_unsupported",
            Self::AlgNotAllowed { .. } => "idtoken.alg_not_allowed",
            Self::CritUnsupported { .. } => "idtoken.crit_unsupported",
            Self::WrongType { .. } => "idtoken.wrong_type",
            Self::UnknownKey { .. } => "jwks.no_matching_key",
            Self::UnusableKey { .. } => "jwks.unusable_key",
            Self::BadSignature { .. } => "idtoken.bad_signature",
            Self::IssMismatch { .. } => "idtoken.iss_mismatch",
            Self::AudMismatch { .. } => "idtoken.aud_mismatch",
            Self::AudUntrusted { .. } => "idtoken.aud_untrusted",
            Self::AzpMismatch { .. } => "idtoken.azp_mismatch",
            Self::SubMissing => "idtoken.sub_missing",
            Self::Expired { .. } => "idtoken.expired",
            Self::NotYetValid { .. } => "idtoken.not_yet_valid",
            Self::IssuedInFuture { .. } => "idtoken.issued_in_future",
            Self::IatMissing => "idtoken.iat_missing",
            Self::NonceMismatch { .. } => "idtoken.nonce_mismatch",
            Self::NonceMissing => "idtoken.nonce_missing",
            Self::AtHashMismatch { .. } => "idtoken.at_hash_mismatch",
            Self::AuthTimeTooOld { .. } => "idtoken.auth_time_too_old",
            Self::AuthTimeMissing { .. } => "idtoken.auth_time_missing",
            Self::OrganizationMismatch { .. } => "idtoken.organization_mismatch",
            Self::ClaimType { .. } => "idtoken.claim_type",
        }
    }

    fn hint(&self) -> String {
        if let Some(skew) = self.skew() {
            return skew.hint();
        }
        match self {
            Self::Encrypted => "At the provider, switch off encryption of ID tokens for this application.",
            Self::AlgNotAllowed { .. } => "At the provider, set the ID token's algorithm to RS256 or ES256.",
            Self::AudMismatch { .. } | Self::AudUntrusted { .. } | Self::AzpMismatch { .. } => {
                "Check the profile's client id."
            }
            Self::Expired { .. } | Self::NotYetValid { .. } | Self::IssuedInFuture { .. } => {
                "Check that this computer's clock is right, then start again."
            }
            Self::AuthTimeTooOld { .. } => "Sign in with `prompt=login`.",
            Self::AuthTimeMissing { .. } => "At the provider, have `auth_time` put into ID tokens, or leave out `max_age`.",
            Self::OrganizationMismatch { .. } => {
                "Sign in with an account of that organization, or change `organization`. At Auth0, a name works only where the tenant puts names into tokens."
            }
            Self::UnknownKey { .. } => "Start again; the provider may be changing its keys.",
            Self::NonceMismatch { .. } | Self::NonceMissing => {
                "Start again. If it happens again, something on the way mixes up answers."
            }
            Self::Malformed { .. }
            | Self::CritUnsupported { .. }
            | Self::WrongType { .. }
            | Self::UnusableKey { .. }
            | Self::BadSignature { .. }
            | Self::IssMismatch { .. }
            | Self::SubMissing
            | Self::IatMissing
            | Self::AtHashMismatch { .. }
            | Self::ClaimType { .. } => "Nothing of the answer was used. The provider must correct its ID tokens.",
        }
        .to_owned()
    }

    fn retryable(&self) -> bool {
        matches!(self, Self::UnknownKey { .. })
    }
}
