use super::MAX_URL;
use crate::{ClientError, Fault, MixedDomains};

/// Why no sign-in can begin.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BeginError {
    /// A setting of the client.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// The Management API of another tenant.
    #[error(transparent)]
    MixedDomains(#[from] MixedDomains),
    /// Not a loopback address (NAT-02, F-02).
    #[error("The redirect URI must be http on this computer without query and fragment, got `{got}`.")]
    BadRedirect {
        /// Cleaned.
        got: String,
    },
    /// The endpoint's own query, the profile and the request have it more than once (CORE-01).
    #[error("The authorization request would carry `{name}` twice.")]
    ParameterTwice {
        /// Cleaned.
        name: String,
    },
    /// PAR-02: a request in the open would be refused there.
    #[error("This sign-in's request must be pushed to the provider first.")]
    PushNeeded,
    /// It is wished or required, and there is no endpoint for it.
    #[error("The provider offers no endpoint for pushed requests.")]
    PushNotOffered,
    /// OAuth 2.0 Form Post Response Mode
    #[error("The provider does not answer with a form; it offers {offered}.")]
    FormPostUnsupported {
        /// Cleaned.
        offered: String,
    },
    ///
    #[error("The authorization request is {length} characters long; {MAX_URL} is the most that arrives everywhere.")]
    RequestTooLong {
        /// Of the whole URL.
        length: usize,
    },
}

impl Fault for BeginError {
    fn code(&self) -> &'static str {
        match self {
            Self::Client(error) => error.code(),
            Self::MixedDomains(error) => error.code(),
            Self::BadRedirect { .. } => "config.bad_redirect",
            Self::ParameterTwice { .. } => "config.bad_parameter",
            Self::PushNeeded => "par.needed",
            Self::PushNotOffered => "par.not_offered",
            Self::FormPostUnsupported { .. } => "config.response_mode_unsupported",
            Self::RequestTooLong { .. } => "config.request_too_long",
        }
    }

    fn hint(&self) -> String {
        match self {
            Self::Client(error) => error.hint(),
            Self::MixedDomains(error) => error.hint(),
            Self::BadRedirect { .. } => "Use http://127.0.0.1 with a port and a path.".to_owned(),
            Self::ParameterTwice { name } => {
                format!("Remove `{name}` from the profile's `params`, or from the provider's authorization endpoint.")
            }
            Self::PushNeeded | Self::PushNotOffered => {
                "Leave `push` at `auto`, or ask the provider whether it takes pushed requests.".to_owned()
            }
            Self::FormPostUnsupported { .. } => "Leave the profile's response mode at `query`.".to_owned(),
            Self::RequestTooLong { .. } => "Ask for fewer scopes, or for less in `params`. Where the provider takes pushed requests, `push = \"always\"` in the profile has no such limit.".to_owned(),
        }
    }
}
