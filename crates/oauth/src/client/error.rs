use crate::Fault;

/// A setting no request can be made of.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClientError {
    /// F-04
    #[error("The client id must be printable text without spaces around it, got `{got}`.")]
    BadClientId {
        /// Cleaned.
        got: String,
    },
    /// F-05
    #[error("A scope must be printable text without spaces, quotes and backslashes, got `{got}`.")]
    BadScope {
        /// Cleaned.
        got: String,
    },
    /// F-06
    #[error("The audience must be text without spaces, got `{got}`.")]
    BadAudience {
        /// Cleaned.
        got: String,
    },
    /// F-06, RES-01
    #[error("A resource must be an absolute URI without a fragment, got `{got}`.")]
    BadResource {
        /// Cleaned.
        got: String,
    },
    /// RES-01: RFC 8707 section 2.2
    #[error("A token for `{got}` cannot be had from this sign-in, which did not ask for it.")]
    ResourceNotAsked {
        /// Cleaned.
        got: String,
    },
    /// F-07
    #[error("The parameter `{name}` is made by Doorkey for every sign-in and cannot be set.")]
    ReservedParameter {
        /// Cleaned.
        name: String,
    },
    /// CORE-01
    #[error("The parameter `{name}` is there twice.")]
    DuplicateParameter {
        /// Cleaned.
        name: String,
    },
    /// A parameter needs a name.
    #[error("There is a parameter without a name.")]
    EmptyParameter,
    /// OpenID Connect Core section 3.1.2.1
    #[error("`max_age` must be a whole number of seconds, got `{got}`.")]
    BadMaxAge {
        /// Cleaned.
        got: String,
    },
    /// RFC 9396 section 2
    #[error("`authorization_details` cannot be sent: {problem}.")]
    BadAuthorizationDetails {
        /// What is wrong with it.
        problem: String,
    },
    /// None of the ways to authenticate is known to both sides.
    #[error("The provider authenticates applications by {offered}, and this profile's credentials fit none of these.")]
    NoClientAuth {
        /// Cleaned.
        offered: String,
    },
    /// The profile names a way and not what it needs.
    #[error("`{method}` needs {what}, and the profile has none.")]
    CredentialMissing {
        /// As the standards name it.
        method: &'static str,
        /// What is missing.
        what: &'static str,
    },
    /// The private key's algorithm is not taken.
    #[error("The private key signs with {alg}; the provider takes {offered}.")]
    AssertionAlg {
        /// Of the key.
        alg: &'static str,
        /// Cleaned.
        offered: String,
    },
    /// DPoP proofs are signed with ES256 here.
    #[error("DPoP proofs are signed with ES256 here; the provider takes {offered}.")]
    DpopAlg {
        /// Cleaned.
        offered: String,
    },
}

impl Fault for ClientError {
    fn code(&self) -> &'static str {
        match self {
            Self::BadClientId { .. } => "config.bad_client_id",
            Self::BadScope { .. } => "config.bad_scope",
            Self::BadAudience { .. } | Self::BadResource { .. } => "config.bad_resource",
            Self::ResourceNotAsked { .. } => "config.resource_not_asked",
            Self::ReservedParameter { .. } => "config.reserved_parameter",
            Self::DuplicateParameter { .. }
            | Self::EmptyParameter
            | Self::BadMaxAge { .. }
            | Self::BadAuthorizationDetails { .. } => "config.bad_parameter",
            Self::NoClientAuth { .. } | Self::AssertionAlg { .. } => "config.client_auth_unsupported",
            Self::CredentialMissing { .. } => "config.credential_missing",
            Self::DpopAlg { .. } => "config.dpop_unsupported",
        }
    }

    fn hint(&self) -> String {
        match self {
            Self::BadClientId { .. } => "Copy the client id from the provider's page for this application.",
            Self::BadScope { .. } => "Give each scope by itself, such as `openid` and `profile`.",
            Self::BadAudience { .. } => "Copy the API's identifier from the provider.",
            Self::BadResource { .. } => "Give the API's full address, such as https://api.example.com/.",
            Self::ResourceNotAsked { .. } => "Add it to the profile's `resources` and sign in again.",
            Self::ReservedParameter { name } if name == "scope" => "Use the profile's `scopes`.",
            Self::ReservedParameter { name } if name == "resource" => "Use the profile's `resources`.",
            Self::ReservedParameter { .. } | Self::EmptyParameter => "Remove it from the profile's `params`.",
            Self::DuplicateParameter { .. } => "Keep one of them.",
            Self::BadMaxAge { .. } => "Give the seconds as digits; 0 asks for a fresh log-in.",
            Self::BadAuthorizationDetails { .. } => "Give a JSON list of objects, each with a `type`.",
            Self::CredentialMissing { .. } => "Give it to the profile, or leave the method to be chosen.",
            Self::AssertionAlg { .. } => "Register a key of another kind: P-256 for ES256, RSA for RS256.",
            Self::DpopAlg { .. } => "Switch DPoP off in the profile.",
            Self::NoClientAuth { .. } => {
                "Register a native (public) application without a secret, or allow client_secret_basic for this one."
            }
        }
        .to_owned()
    }
}
