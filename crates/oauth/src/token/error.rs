use crate::json::JsonFault;
use crate::{ClockSkew, Fault};

/// Why the token endpoint gave nothing that can be used. Never holds the answer's body or what was sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// `invalid_grant` (T-01)
    #[error("The provider refused the sign-in code (used, expired, or for another redirect address){}", told(description.as_deref()))]
    CodeRejected {
        /// The provider's own words, cleaned and scrubbed.
        description: Option<String>,
    },
    /// `invalid_client`, `unauthorized_client`, 401 (T-02)
    #[error("The provider refused this application: client id, secret or authentication method is wrong ({error}){}", told(description.as_deref()))]
    ClientRejected {
        /// The error code, or the status where there is none.
        error: String,
        /// The provider's own words, cleaned and scrubbed.
        description: Option<String>,
    },
    /// `invalid_scope` (T-03)
    #[error("The provider does not know or does not allow a scope that was asked for{}", told(description.as_deref()))]
    InvalidScope {
        /// The provider's own words, cleaned and scrubbed.
        description: Option<String>,
    },
    /// `invalid_target` (T-03, RFC 8707)
    #[error("The provider does not know or does not allow the resource that was asked for{}", told(description.as_deref()))]
    InvalidTarget {
        /// The provider's own words, cleaned and scrubbed.
        description: Option<String>,
    },
    /// `unsupported_grant_type` (T-03)
    #[error("The provider does not allow this application this grant{}", told(description.as_deref()))]
    UnsupportedGrant {
        /// The provider's own words, cleaned and scrubbed.
        description: Option<String>,
    },
    /// Any other error code.
    #[error("The provider refused the request (`{error}`){}", told(description.as_deref()))]
    Refused {
        /// The error code, cleaned.
        error: String,
        /// The provider's own words, cleaned and scrubbed.
        description: Option<String>,
    },
    /// 5xx, 408, 429, `server_error`, `temporarily_unavailable` (T-04)
    #[error("The provider could not answer (HTTP {status}){}", told(description.as_deref()))]
    ServerError {
        /// What came.
        status: u16,
        /// Seconds to wait, when it says so.
        retry_after: Option<u64>,
        /// The provider's own words, cleaned and scrubbed.
        description: Option<String>,
    },
    /// Not JSON (HP-TK-01)
    #[error("Expected JSON from the token endpoint, got {declared}{}.", begun(start.as_deref()))]
    NotJson {
        /// The content type, cleaned.
        declared: String,
        /// How the body begins, where it cannot hold secrets.
        start: Option<String>,
    },
    /// JSON that is cut, too deep, or has a member twice (HP-TK-05)
    #[error("The token endpoint's answer cannot be read: {0}.")]
    BadDocument(JsonFault),
    /// JSON, and not an object.
    #[error("The token endpoint's answer must be a JSON object, got {got}.")]
    NotObject {
        /// What it is.
        got: &'static str,
    },
    /// HP-TK-02: neither success nor an OAuth error.
    #[error("Expected HTTP 200 from the token endpoint, got HTTP {status}.")]
    UnexpectedStatus {
        /// What came.
        status: u16,
    },
    /// A member of the wrong type (HP-TK-03, T-08)
    #[error("`{field}` must be {expected}, got {got}.")]
    BadField {
        /// Which, cleaned.
        field: String,
        /// What it must be.
        expected: &'static str,
        /// What it is.
        got: &'static str,
    },
    /// CORE-08, T-09
    #[error("The token type must be Bearer, got {got}.")]
    UnsupportedType {
        /// Cleaned.
        got: String,
    },
    /// DPOP-05, HP-TK-09
    #[error("The token is not bound to the key whose proof was sent: its type is Bearer, DPoP is expected.")]
    DpopDowngrade,
    /// `invalid_dpop_proof` (RFC 9449 section 5)
    #[error("The provider refused the proof that the key is held (DPoP){}", told(description.as_deref()))]
    ProofRejected {
        /// The provider's own words, cleaned and scrubbed.
        description: Option<String>,
        /// How far the clocks are apart, where that is why ([`TokenError::knowing`]).
        skew: Option<ClockSkew>,
    },
    /// T-15
    #[error("{what} is larger than {limit} bytes.")]
    TooLarge {
        /// The answer, or which token.
        what: String,
        /// The most that is taken.
        limit: usize,
    },
    /// CORE-16, T-06; not followed.
    #[error("The token endpoint redirects to `{to}`; redirects are not followed there.")]
    UnexpectedRedirect {
        /// Without its query.
        to: String,
    },
    /// HP-TK-07
    #[error("The ID token is missing, although `openid` was asked for.")]
    IdTokenMissing,
}

impl TokenError {
    /// The same, told with the clocks where they may be why.
    #[must_use]
    pub fn knowing(mut self, clocks: Option<ClockSkew>) -> Self {
        if let Self::ProofRejected { skew, .. } = &mut self {
            *skew = clocks.filter(|clocks| clocks.matters_to_proofs());
        }
        self
    }
}

/// The end of a sentence, with the provider's words if there are any.
pub(crate) fn told(description: Option<&str>) -> String {
    description.map_or_else(|| ".".to_owned(), |text| format!(". The provider says: “{text}”."))
}

fn begun(start: Option<&str>) -> String {
    start.map(|start| format!(" that begins with “{start}”")).unwrap_or_default()
}

impl Fault for TokenError {
    fn code(&self) -> &'static str {
        match self {
            Self::CodeRejected { .. } => "token.code_rejected",
            Self::ClientRejected { .. } => "token.client_rejected",
            Self::InvalidScope { .. } => "token.invalid_scope",
            Self::InvalidTarget { .. } => "token.invalid_target",
            Self::UnsupportedGrant { .. } => "token.unsupported_grant_type",
            Self::Refused { .. } => "token.refused",
            Self::ServerError { .. } => "token.server_error",
            Self::NotJson { .. } => "token.not_json",
            Self::BadDocument(JsonFault::TooLarge { .. }) | Self::TooLarge { .. } => "token.too_large",
            Self::BadDocument(_) | Self::NotObject { .. } | Self::UnexpectedStatus { .. } => "token.bad_response",
            Self::BadField { .. } => "token.bad_field",
            Self::UnsupportedType { .. } => "token.unsupported_type",
            Self::DpopDowngrade => "token.dpop_downgrade",
            Self::ProofRejected { skew: Some(_), .. } => "dpop.clock",
            Self::ProofRejected { skew: None, .. } => "dpop.proof_rejected",
            Self::UnexpectedRedirect { .. } => "net.unexpected_redirect",
            Self::IdTokenMissing => "idtoken.missing",
        }
    }

    fn hint(&self) -> String {
        match self {
            Self::CodeRejected { .. } => "Start again.",
            Self::ClientRejected { .. } => {
                "Check the client id. If the provider made this a native or public application, remove the client secret; otherwise check it."
            }
            Self::InvalidScope { .. } => "Remove the scope from the profile, or allow it at the provider.",
            Self::InvalidTarget { .. } => "Check the profile's `audience` and `resources`.",
            Self::UnsupportedGrant { .. } => {
                "In the provider's settings, allow this application the authorization code and refresh token grants."
            }
            Self::DpopDowngrade => {
                "Switch on DPoP (sender-constrained tokens) for this application at the provider, or switch it off in the profile."
            }
            Self::ProofRejected { skew: Some(skew), .. } => return skew.hint(),
            Self::ProofRejected { skew: None, .. } => {
                "Check that this computer's clock is right; if it is, the key of this sign-in is no longer the provider's: sign in again."
            }
            Self::Refused { .. } => "Check the profile against the provider's settings.",
            // RFC 6585 section 6
            Self::ServerError { status: 511, .. } => {
                "This network asks for a sign-in of its own: do that first, then start again."
            }
            Self::ServerError { .. } => "Start again in a while.",
            Self::NotJson { .. } => {
                "If this network asks for a sign-in of its own, do that first; otherwise check the token endpoint."
            }
            Self::IdTokenMissing => {
                "Allow OpenID Connect for this application at the provider, or remove `openid` from the profile's scopes."
            }
            Self::BadDocument(_)
            | Self::NotObject { .. }
            | Self::UnexpectedStatus { .. }
            | Self::BadField { .. }
            | Self::UnsupportedType { .. }
            | Self::TooLarge { .. }
            | Self::UnexpectedRedirect { .. } => "The provider must correct its token endpoint. Nothing was saved.",
        }
        .to_owned()
    }

    fn retryable(&self) -> bool {
        matches!(self, Self::ServerError { .. })
    }
}
