use crate::token::error::told;
use crate::{ClientError, Fault};

/// Why no client was registered.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RegistrationError {
    /// No endpoint for it.
    #[error("The provider does not let applications register themselves.")]
    NotOffered,
    /// NAT-02
    #[error("A native application needs redirect addresses on this computer (http, loopback).")]
    BadRedirect,
    /// A scope, or the id the provider chose.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// RFC 7591 section 3.2.2
    #[error("The provider refused to register the application (`{error}`){}", told(description.as_deref()))]
    Refused {
        /// The error code, or the status where there is none.
        error: String,
        /// The provider's own words, cleaned and scrubbed.
        description: Option<String>,
        /// Whether it may pass by itself.
        for_now: bool,
    },
    /// RFC 7592 section 2.3
    #[error("The provider did not forget the application (HTTP {status}){}", told(description.as_deref()))]
    NotForgotten {
        /// What came.
        status: u16,
        /// The provider's own words, cleaned and scrubbed.
        description: Option<String>,
        /// Whether it may pass by itself.
        for_now: bool,
    },
    /// Not an answer that is read.
    #[error("The provider's answer to the registration cannot be used: {problem}.")]
    BadAnswer {
        /// What is wrong with it.
        problem: String,
    },
    /// It would not let the browser come back.
    #[error("The provider registered the application without its redirect address `{uri}`.")]
    RedirectLost {
        /// Ours.
        uri: String,
    },
    /// A way to authenticate that cannot be gone.
    #[error("The provider registered the application for `{got}`, which it cannot do.")]
    AuthMethod {
        /// Cleaned.
        got: String,
    },
    /// CORE-16; not followed.
    #[error("The registration endpoint redirects to `{to}`; redirects are not followed there.")]
    Redirected {
        /// Without its query.
        to: String,
    },
}

impl Fault for RegistrationError {
    fn code(&self) -> &'static str {
        match self {
            Self::NotOffered => "registration.not_offered",
            Self::BadRedirect => "config.bad_redirect",
            Self::Client(error) => error.code(),
            Self::Refused { .. } => "registration.refused",
            Self::NotForgotten { .. } => "registration.not_forgotten",
            Self::BadAnswer { .. } => "registration.bad_answer",
            Self::RedirectLost { .. } | Self::AuthMethod { .. } => "registration.not_as_asked",
            Self::Redirected { .. } => "net.unexpected_redirect",
        }
    }

    fn hint(&self) -> String {
        match self {
            Self::Client(error) => error.hint(),
            Self::BadRedirect => "Use http://127.0.0.1 with a port and a path.".to_owned(),
            Self::Refused { for_now: true, .. } | Self::NotForgotten { for_now: true, .. } => {
                "Try again in a while.".to_owned()
            }
            Self::NotForgotten { .. } => "Remove the application in the provider's console.".to_owned(),
            Self::NotOffered
            | Self::Refused { .. }
            | Self::BadAnswer { .. }
            | Self::RedirectLost { .. }
            | Self::AuthMethod { .. }
            | Self::Redirected { .. } => {
                "Register a native (public) application in the provider's console, and give its client id.".to_owned()
            }
        }
    }

    fn retryable(&self) -> bool {
        matches!(self, Self::Refused { for_now: true, .. } | Self::NotForgotten { for_now: true, .. })
    }
}
