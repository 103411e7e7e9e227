use crate::Fault;
use crate::text::clean;

/// Why an answer with our `state` gave no code to redeem. The sign-in is over.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CallbackError {
    /// The provider said no, and why.
    #[error("{}{}", error.sentence(), told(description.as_deref()))]
    Refused {
        /// The error code.
        error: AuthorizationError,
        /// The provider's own words, cleaned and cut.
        description: Option<String>,
    },
    /// ISS-01: the answer of another provider.
    #[error("The answer came from `{got}`, we asked `{expected}`.")]
    IssMismatch {
        /// Whom we asked.
        expected: String,
        /// Who answers, cleaned.
        got: String,
    },
    /// ISS-02
    #[error("`{expected}` promises to sign its answers with its name (`iss`), and this answer has none.")]
    IssMissing {
        /// Whom we asked.
        expected: String,
    },
    /// HP-AZ-01
    #[error("The answer carries `{name}` twice.")]
    DuplicateParameter {
        /// Which.
        name: &'static str,
    },
    /// HP-AZ-08; its value is not kept.
    #[error("The answer carries `{name}` in the address, where only a code belongs.")]
    TokenInUrl {
        /// Which.
        name: &'static str,
    },
    /// HP-AZ-03, HP-AZ-04
    #[error("The answer carries neither a code nor an error.")]
    NoCode,
    /// The answer was judged by another sign-in than the one it was given to.
    #[error("The answer belongs to another sign-in.")]
    OtherSignIn,
}

/// Error codes of the authorization endpoint (RFC 6749 section 4.1.2.1, OpenID Connect Core section 3.1.2.6,
/// RFC 8707 section 2).
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are those of the standards")]
pub enum AuthorizationError {
    AccessDenied,
    InvalidRequest,
    UnauthorizedClient,
    UnsupportedResponseType,
    InvalidScope,
    InvalidTarget,
    ServerError,
    TemporarilyUnavailable,
    LoginRequired,
    ConsentRequired,
    InteractionRequired,
    AccountSelectionRequired,
    /// Any other, cleaned and cut.
    Other(String),
}

impl AuthorizationError {
    /// Of the refusal that it is.
    pub(super) fn code(&self) -> &'static str {
        match self {
            Self::AccessDenied => "callback.access_denied",
            Self::InvalidRequest => "callback.invalid_request",
            Self::UnauthorizedClient => "callback.unauthorized_client",
            Self::UnsupportedResponseType => "callback.unsupported_response_type",
            Self::InvalidScope => "callback.invalid_scope",
            Self::InvalidTarget => "callback.invalid_target",
            Self::ServerError => "callback.server_error",
            Self::TemporarilyUnavailable => "callback.temporarily_unavailable",
            Self::LoginRequired => "callback.login_required",
            Self::ConsentRequired => "callback.consent_required",
            Self::InteractionRequired => "callback.interaction_required",
            Self::AccountSelectionRequired => "callback.account_selection_required",
            Self::Other(_) => "callback.provider_error",
        }
    }

    pub(super) fn parse(code: &str) -> Self {
        match code {
            "access_denied" => Self::AccessDenied,
            "invalid_request" => Self::InvalidRequest,
            "unauthorized_client" => Self::UnauthorizedClient,
            "unsupported_response_type" => Self::UnsupportedResponseType,
            "invalid_scope" => Self::InvalidScope,
            "invalid_target" => Self::InvalidTarget,
            "server_error" => Self::ServerError,
            "temporarily_unavailable" => Self::TemporarilyUnavailable,
            "login_required" => Self::LoginRequired,
            "consent_required" => Self::ConsentRequired,
            "interaction_required" => Self::InteractionRequired,
            "account_selection_required" => Self::AccountSelectionRequired,
            other => Self::Other(clean(other, 80)),
        }
    }

    pub(super) fn needs_interaction(&self) -> bool {
        matches!(
            self,
            Self::LoginRequired | Self::ConsentRequired | Self::InteractionRequired | Self::AccountSelectionRequired
        )
    }

    fn sentence(&self) -> String {
        match self {
            Self::AccessDenied => "You (or your administrator) declined.",
            Self::InvalidRequest => "The provider did not understand the request (invalid_request).",
            Self::UnauthorizedClient => {
                "The provider does not let this application sign people in this way (unauthorized_client)."
            }
            Self::UnsupportedResponseType => {
                "The provider does not offer the authorization code flow to this application (unsupported_response_type)."
            }
            Self::InvalidScope => "The provider does not know or does not allow a scope that was asked for (invalid_scope).",
            Self::InvalidTarget => {
                "The provider does not know or does not allow the resource that was asked for (invalid_target)."
            }
            Self::ServerError => "The provider had a problem of its own (server_error).",
            Self::TemporarilyUnavailable => "The provider is too busy or under maintenance (temporarily_unavailable).",
            Self::LoginRequired => "The provider wants you to log in, which this request did not allow (login_required).",
            Self::ConsentRequired => {
                "The provider wants your consent, which this request did not allow to ask for (consent_required)."
            }
            Self::InteractionRequired => {
                "The provider wants to ask you something, which this request did not allow (interaction_required)."
            }
            Self::AccountSelectionRequired => {
                "The provider wants you to choose an account, which this request did not allow (account_selection_required)."
            }
            Self::Other(code) => return format!("The provider refused the sign-in (`{code}`)."),
        }
        .to_owned()
    }
}

impl CallbackError {
    /// Whether the provider refused only because the person had to be asked something, which `prompt=none` did not
    /// allow (OpenID Connect Core section 3.1.2.6): asked without it, the person can go on.
    #[must_use]
    pub fn needs_interaction(&self) -> bool {
        matches!(self, Self::Refused { error, .. } if error.needs_interaction())
    }

    pub(super) fn refused(error: &str, description: Option<String>) -> Self {
        Self::Refused { error: AuthorizationError::parse(error), description }
    }
}

fn told(description: Option<&str>) -> String {
    description.map(|text| format!(" The provider says: “{text}”.")).unwrap_or_default()
}

impl Fault for CallbackError {
    fn code(&self) -> &'static str {
        match self {
            Self::Refused { error, .. } => error.code(),
            Self::IssMismatch { .. } => "callback.iss_mismatch",
            Self::IssMissing { .. } => "callback.iss_missing",
            Self::DuplicateParameter { .. } => "callback.duplicate_parameter",
            Self::TokenInUrl { .. } => "callback.token_in_url",
            Self::NoCode => "callback.no_code",
            Self::OtherSignIn => "callback.state_mismatch",
        }
    }

    fn hint(&self) -> String {
        match self {
            Self::Refused { error, .. } => match error {
                AuthorizationError::AccessDenied => "Sign in again and allow it, or ask your administrator.",
                AuthorizationError::UnauthorizedClient | AuthorizationError::UnsupportedResponseType => {
                    "In the provider's settings, make this a native application and allow the authorization code grant."
                }
                AuthorizationError::InvalidScope => "Remove the scope from the profile, or allow it at the provider.",
                AuthorizationError::InvalidTarget => "Check the profile's `audience` and `resources`.",
                AuthorizationError::ServerError | AuthorizationError::TemporarilyUnavailable => {
                    "Start again in a while."
                }
                AuthorizationError::LoginRequired
                | AuthorizationError::ConsentRequired
                | AuthorizationError::InteractionRequired
                | AuthorizationError::AccountSelectionRequired => "Sign in without `prompt=none`.",
                AuthorizationError::InvalidRequest | AuthorizationError::Other(_) => {
                    "Check the profile's client id, scopes and parameters against the provider's settings."
                }
            },
            Self::IssMismatch { .. } | Self::IssMissing { .. } => {
                "Start again. If it happens again, the provider or something on the way mixes up its answers."
            }
            Self::TokenInUrl { .. } => "Allow only the authorization code grant for this application at the provider.",
            Self::DuplicateParameter { .. } | Self::NoCode | Self::OtherSignIn => "Start again.",
        }
        .to_owned()
    }

    fn retryable(&self) -> bool {
        matches!(
            self,
            Self::Refused { error: AuthorizationError::ServerError | AuthorizationError::TemporarilyUnavailable, .. }
        )
    }
}
