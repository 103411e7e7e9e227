/// What a request was for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Endpoint {
    /// The friendly page at the root.
    Home,
    /// `/.well-known/openid-configuration` (OpenID Connect Discovery 4).
    Discovery,
    /// `/.well-known/oauth-authorization-server` (RFC 8414 3).
    OauthMetadata,
    /// The public keys (RFC 7517 5).
    Jwks,
    /// Where the browser is sent (RFC 6749 3.1).
    Authorize,
    /// The login page and its form.
    Login,
    /// The consent page and its form.
    Consent,
    /// Codes and refresh tokens become tokens here (RFC 6749 3.2).
    Token,
    /// Claims about the person (OpenID Connect Core 5.3).
    Userinfo,
    /// Revocation (RFC 7009).
    Revoke,
    /// RP-initiated logout (OpenID Connect RP-Initiated Logout 2).
    Logout,
    /// The form of the page that asks whether to sign out.
    LogoutConfirmed,
    /// The page after sign-out.
    SignedOut,
    /// Pushed authorization requests (RFC 9126).
    Pushed,
    /// Introspection (RFC 7662).
    Introspect,
    /// Where a device gets its codes (RFC 8628 3.1).
    DeviceAuthorization,
    /// The page where the code of a device is typed in.
    Device,
    /// Where clients register (RFC 7591).
    Register,
    /// The profile at a provider without OpenID Connect.
    User,
    /// Anything else.
    Other,
}

impl Endpoint {
    /// Those with a path of their own.
    pub(crate) const WITH_PATH: [Self; 19] = [
        Self::Home,
        Self::Discovery,
        Self::OauthMetadata,
        Self::Jwks,
        Self::Authorize,
        Self::Login,
        Self::Consent,
        Self::Token,
        Self::Userinfo,
        Self::Revoke,
        Self::Logout,
        Self::LogoutConfirmed,
        Self::SignedOut,
        Self::Pushed,
        Self::Introspect,
        Self::DeviceAuthorization,
        Self::Device,
        Self::Register,
        Self::User,
    ];

    /// The path for an issuer whose own path is `base` (`""`, or `/tenant` without a slash at its end).
    pub(crate) fn path(self, base: &str) -> String {
        match self {
            Self::Home | Self::Other => format!("{base}/"),
            Self::Discovery => format!("{base}/.well-known/openid-configuration"),
            // RFC 8414 3.1 puts the well-known part between host and path.
            Self::OauthMetadata => format!("/.well-known/oauth-authorization-server{base}"),
            Self::Jwks => format!("{base}/jwks"),
            Self::Authorize => format!("{base}/authorize"),
            Self::Login => format!("{base}/login"),
            Self::Consent => format!("{base}/consent"),
            Self::Token => format!("{base}/token"),
            Self::Userinfo => format!("{base}/userinfo"),
            Self::Revoke => format!("{base}/revoke"),
            Self::Logout => format!("{base}/logout"),
            Self::LogoutConfirmed => format!("{base}/logout/confirmed"),
            Self::SignedOut => format!("{base}/signed-out"),
            Self::Pushed => format!("{base}/par"),
            Self::Introspect => format!("{base}/introspect"),
            Self::DeviceAuthorization => format!("{base}/device_authorization"),
            Self::Device => format!("{base}/device"),
            Self::Register => format!("{base}/register"),
            Self::User => format!("{base}/user"),
        }
    }

    /// Whether the metadata document names it.
    pub(crate) fn is_in_metadata(self) -> bool {
        match self {
            Self::Jwks
            | Self::Authorize
            | Self::Token
            | Self::Userinfo
            | Self::Revoke
            | Self::Logout
            | Self::Pushed
            | Self::Introspect
            | Self::DeviceAuthorization
            | Self::Register => true,
            Self::Home
            | Self::Discovery
            | Self::OauthMetadata
            | Self::Login
            | Self::Consent
            | Self::LogoutConfirmed
            | Self::SignedOut
            | Self::Device
            | Self::User
            | Self::Other => false,
        }
    }

    /// The methods it answers, for `Allow`.
    pub(crate) fn methods(self) -> &'static [http::Method] {
        use http::Method;
        match self {
            Self::Home
            | Self::Discovery
            | Self::OauthMetadata
            | Self::Jwks
            | Self::SignedOut
            | Self::User
            | Self::Other => &[Method::GET, Method::HEAD],
            Self::Authorize | Self::Login | Self::Consent | Self::Userinfo | Self::Logout | Self::Device => {
                &[Method::GET, Method::POST]
            }
            Self::Token
            | Self::Revoke
            | Self::LogoutConfirmed
            | Self::Pushed
            | Self::Introspect
            | Self::DeviceAuthorization
            | Self::Register => &[Method::POST],
        }
    }
}
