use crate::token::TokenError;
use crate::token::error::told;
use crate::{ClockSkew, Fault};

/// Why a renewal gave nothing, and what becomes of the refresh token. Only [`SessionEnded`](Self::SessionEnded)
/// ends it, and only if the vault still holds the very one that was refused (S-29).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RenewalError {
    /// `invalid_grant`: the token is dead.
    #[error("The provider has ended this sign-in{}", told(description.as_deref()))]
    SessionEnded {
        /// The provider's own words, cleaned and scrubbed.
        description: Option<String>,
    },
    /// The provider wants the person; the token is kept.
    #[error("The provider wants to ask you something before it goes on (`{error}`){}", told(description.as_deref()))]
    InteractionRequired {
        /// The error code.
        error: String,
        /// The provider's own words, cleaned and scrubbed.
        description: Option<String>,
    },
    /// A setting is wrong, here or at the provider; the token is kept.
    #[error("The sign-in could not be renewed: {0}")]
    Config(TokenError),
    /// Not now; the token is kept.
    #[error("The sign-in could not be renewed now: {cause}.")]
    Later {
        /// Why.
        cause: LaterCause,
        /// Seconds to wait, when the provider says so.
        retry_after: Option<u64>,
    },
    /// The answer was refused, nothing of it was used; the token is kept.
    #[error("The provider's answer to the renewal was refused: {0}")]
    BadAnswer(TokenError),
}

/// Why a renewal may work later.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LaterCause {
    /// The provider is busy or broken.
    #[error("the provider answered HTTP {0}")]
    Busy(u16),
    /// Nothing is there; the provider may have moved its token endpoint.
    #[error("the token endpoint is gone (HTTP {0})")]
    Gone(u16),
    /// A page or a redirect where JSON belongs, or a proxy that wants a password: most likely a captive portal.
    #[error("something on the network answered in the provider's place")]
    NotTheProvider,
}

impl RenewalError {
    /// The same, told with the clocks where they may be why ([`TokenError::knowing`]).
    #[must_use]
    pub fn knowing(self, clocks: Option<ClockSkew>) -> Self {
        match self {
            Self::Config(error) => Self::Config(error.knowing(clocks)),
            Self::SessionEnded { .. } | Self::InteractionRequired { .. } | Self::Later { .. } | Self::BadAnswer(_) => {
                self
            }
        }
    }
}

impl From<TokenError> for RenewalError {
    fn from(error: TokenError) -> Self {
        match error {
            TokenError::CodeRejected { description } => Self::SessionEnded { description },
            // Names some providers have for the same.
            TokenError::Refused { error, description }
                if matches!(error.as_str(), "bad_refresh_token" | "invalid_refresh_token" | "expired_token") =>
            {
                Self::SessionEnded { description }
            }
            TokenError::Refused { error, description }
                if matches!(error.as_str(), "interaction_required" | "login_required" | "consent_required") =>
            {
                Self::InteractionRequired { error, description }
            }
            // Of the network, not of the provider (RFC 6585 section 6).
            TokenError::ServerError { status: 511, retry_after, .. } => {
                Self::Later { cause: LaterCause::NotTheProvider, retry_after }
            }
            TokenError::ServerError { status, retry_after, .. } => {
                Self::Later { cause: LaterCause::Busy(status), retry_after }
            }
            TokenError::UnexpectedStatus { status: status @ (404 | 410) } => {
                Self::Later { cause: LaterCause::Gone(status), retry_after: None }
            }
            TokenError::NotJson { .. }
            | TokenError::UnexpectedRedirect { .. }
            | TokenError::UnexpectedStatus { status: 407 } => {
                Self::Later { cause: LaterCause::NotTheProvider, retry_after: None }
            }
            TokenError::ClientRejected { .. }
            | TokenError::InvalidScope { .. }
            | TokenError::InvalidTarget { .. }
            | TokenError::UnsupportedGrant { .. }
            | TokenError::ProofRejected { .. }
            | TokenError::Refused { .. } => Self::Config(error),
            TokenError::BadDocument(_)
            | TokenError::NotObject { .. }
            | TokenError::UnexpectedStatus { .. }
            | TokenError::BadField { .. }
            | TokenError::UnsupportedType { .. }
            | TokenError::DpopDowngrade
            | TokenError::TooLarge { .. }
            | TokenError::IdTokenMissing => Self::BadAnswer(error),
        }
    }
}

impl Fault for RenewalError {
    fn code(&self) -> &'static str {
        match self {
            Self::SessionEnded { .. } => "refresh.session_ended",
            Self::InteractionRequired { .. } => "refresh.interaction_required",
            // A clock is not a setting: the same code as at a sign-in.
            Self::Config(error @ TokenError::ProofRejected { skew: Some(_), .. }) => error.code(),
            Self::Config(_) => "refresh.config",
            Self::Later { .. } => "refresh.later",
            Self::BadAnswer(error) => error.code(),
        }
    }

    fn hint(&self) -> String {
        match self {
            Self::SessionEnded { .. } => {
                "Sign in again. It happens when the sign-in grew too old, was revoked, or you are signed in on many devices.".into()
            }
            Self::InteractionRequired { .. } => "Sign in again.".into(),
            Self::Config(error) => error.hint(),
            Self::Later { cause: LaterCause::NotTheProvider, .. } => {
                "If this network asks for a sign-in of its own, do that; the renewal is tried again by itself.".into()
            }
            Self::Later { cause: LaterCause::Busy(_) | LaterCause::Gone(_), .. } => {
                "It is tried again by itself; you stay signed in.".into()
            }
            Self::BadAnswer(_) => "The old sign-in is kept. If it happens again, sign in again.".into(),
        }
    }

    fn retryable(&self) -> bool {
        matches!(self, Self::Later { .. })
    }
}
