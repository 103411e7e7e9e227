use crate::token::error::told;
use crate::{ClientError, Fault, TokenError};

/// Why a device sign-in is over.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DeviceError {
    /// No endpoint for it.
    #[error("The provider offers no sign-in with a code on another device.")]
    NotOffered,
    /// A setting of the client.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// The provider gave no codes.
    #[error("The provider gave no code to sign in with (`{error}`){}", told(description.as_deref()))]
    Refused {
        /// The error code, or the status where there is none.
        error: String,
        /// The provider's own words, cleaned and scrubbed.
        description: Option<String>,
        /// Whether it may pass by itself.
        for_now: bool,
    },
    /// HP-89
    #[error("The provider's answer with the code cannot be used: {problem}.")]
    BadAnswer {
        /// What is wrong with it.
        problem: String,
    },
    /// T-20
    #[error("The provider names `{got}` as the page to open, which {problem}.")]
    BadUri {
        /// Cleaned.
        got: String,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// CORE-16; not followed.
    #[error("The device endpoint redirects to `{to}`; redirects are not followed there.")]
    Redirected {
        /// Without its query.
        to: String,
    },
    /// DEV-03
    #[error("You (or your administrator) declined.")]
    Denied,
    /// DEV-03
    #[error("The code has expired.")]
    Expired,
    /// Any other answer of the token endpoint.
    #[error(transparent)]
    Token(#[from] TokenError),
}

impl Fault for DeviceError {
    fn code(&self) -> &'static str {
        match self {
            Self::NotOffered => "device.not_offered",
            Self::Client(error) => error.code(),
            Self::Refused { .. } => "device.refused",
            Self::BadAnswer { .. } => "device.bad_answer",
            Self::BadUri { .. } => "device.bad_uri",
            Self::Redirected { .. } => "net.unexpected_redirect",
            Self::Denied => "device.access_denied",
            Self::Expired => "device.expired",
            Self::Token(error) => error.code(),
        }
    }

    fn hint(&self) -> String {
        match self {
            Self::Client(error) => error.hint(),
            Self::Token(error) => error.hint(),
            Self::NotOffered => "Sign in with the browser on this computer.".to_owned(),
            Self::Refused { for_now: true, .. } => "Start again in a while.".to_owned(),
            Self::Refused { .. } => "Allow this application the device code grant at the provider.".to_owned(),
            Self::Denied => "Sign in again and allow it, or ask your administrator.".to_owned(),
            Self::Expired => "Start again for a new code.".to_owned(),
            Self::BadAnswer { .. } | Self::BadUri { .. } | Self::Redirected { .. } => {
                "The provider must correct its device endpoint. Nothing was opened.".to_owned()
            }
        }
    }

    fn retryable(&self) -> bool {
        match self {
            Self::Refused { for_now, .. } => *for_now,
            Self::Expired => true,
            Self::Token(error) => error.retryable(),
            Self::NotOffered
            | Self::Client(_)
            | Self::BadAnswer { .. }
            | Self::BadUri { .. }
            | Self::Redirected { .. }
            | Self::Denied => false,
        }
    }
}
