use url::Url;

use crate::{Fault, TypedIssuer};

/// Why a provider's metadata cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DiscoveryError {
    /// Nothing there (D-04, D-05).
    #[error("There is no sign-in description at {url} (HTTP {status}){}.", nor(nor_at.as_deref()))]
    NotFound {
        /// Where it was asked.
        url: String,
        /// What came.
        status: u16,
        /// The other place, where there is none either ([`DiscoveryError::nor_at`]).
        nor_at: Option<String>,
    },
    /// The provider cannot answer now.
    #[error("The provider could not give its sign-in description at {url} (HTTP {status}).")]
    Unavailable {
        /// Where it was asked.
        url: String,
        /// What came.
        status: u16,
        /// Seconds to wait, when it says so.
        retry_after: Option<u64>,
    },
    /// Neither a document nor a refusal.
    #[error("Expected HTTP 200 from {url}, got HTTP {status}.")]
    UnexpectedStatus {
        /// Where it was asked.
        url: String,
        /// What came.
        status: u16,
    },
    /// It points elsewhere; not followed (D-07).
    #[error("The address {from} redirects to `{to}`; a provider must describe itself at its own.")]
    Redirected {
        /// Where it was asked.
        from: String,
        /// Without its query.
        to: String,
    },
    /// A web page, of a captive portal for instance (D-06).
    #[error("Expected a sign-in description at {url}, got a web page{}.", titled(title.as_deref()))]
    Html {
        /// Where it was asked.
        url: String,
        /// Of the page, cleaned.
        title: Option<String>,
    },
    /// Not JSON, or cut.
    #[error("The sign-in description is not JSON (line {line}, column {column}).")]
    NotJson {
        /// From 1.
        line: usize,
        /// From 1; 0 at the end of a cut document.
        column: usize,
    },
    /// Larger than is read (D-15).
    #[error("The sign-in description is larger than {limit} bytes.")]
    TooLarge {
        /// The most that is read.
        limit: usize,
    },
    /// Nested deeper than is read (D-15).
    #[error("The sign-in description nests deeper than {limit} levels.")]
    TooDeep {
        /// The most that is read.
        limit: usize,
    },
    /// A member is there twice (D-15).
    #[error("The sign-in description has `{name}` twice.")]
    DuplicateMember {
        /// Its name, cleaned.
        name: String,
    },
    /// A number no reader can hold.
    #[error("The number `{name}` in the sign-in description is out of range.")]
    BadNumber {
        /// Its name, cleaned.
        name: String,
    },
    /// Not UTF-8 (D-15).
    #[error("The sign-in description is not UTF-8 text.")]
    BadUtf8,
    /// JSON, and not an object (D-16).
    #[error("The sign-in description must be a JSON object, got {got}.")]
    NotObject {
        /// What it is.
        got: &'static str,
    },
    /// A member of the wrong type.
    #[error("`{field}` in the sign-in description must be {expected}, got {got}.")]
    BadField {
        /// Which.
        field: &'static str,
        /// What it must be.
        expected: &'static str,
        /// What it is.
        got: &'static str,
    },
    /// The provider calls itself otherwise (META-01, D-08, D-09).
    #[error("Expected the provider to call itself `{expected}`, it calls itself `{got}`.")]
    IssuerMismatch {
        /// As asked.
        expected: String,
        /// As it says, cleaned.
        got: String,
        /// Whether only a slash at the end differs: safe to use the other one.
        only_slash: bool,
    },
    /// One document for many tenants (D-10).
    #[error("The provider calls itself `{got}`, which is a pattern for many tenants and not an issuer.")]
    IssuerTemplate {
        /// As it says, cleaned.
        got: String,
    },
    /// An address that must not be used (META-06, D-11).
    #[error("`{field}` in the sign-in description {problem}, got `{value}`.")]
    BadEndpoint {
        /// Which.
        field: &'static str,
        /// As it says, cleaned.
        value: String,
        /// Which rule it breaks.
        problem: &'static str,
    },
    /// An address that must be there (D-11).
    #[error("`{field}` is missing in the sign-in description.")]
    MissingEndpoint {
        /// Which.
        field: &'static str,
    },
    /// PKCE methods without `S256` (PKCE-03, D-12).
    #[error("The provider must offer PKCE with S256, it offers {offered}.")]
    PkceS256Unsupported {
        /// What it offers, cleaned.
        offered: String,
    },
    /// Response types without `code` (D-13).
    #[error("The provider must offer the response type `code`, it offers {offered}.")]
    NoCodeFlow {
        /// What it offers, cleaned.
        offered: String,
    },
    /// No algorithm a native client may rely on (D-14).
    #[error(
        "The provider signs its ID tokens with {offered}; RS256, PS256, ES256, EdDSA or their larger kin is needed."
    )]
    NoUsableAlg {
        /// What it offers, cleaned.
        offered: String,
    },
}

impl DiscoveryError {
    /// Whether the other address of [`metadata_urls`](crate::metadata_urls) may still answer.
    #[must_use]
    pub fn try_next(&self) -> bool {
        matches!(self, Self::NotFound { .. } | Self::Html { .. })
    }

    /// The same, when the other address was asked in vain as well (D-05).
    #[must_use]
    pub fn nor_at(mut self, other: &Url) -> Self {
        if let Self::NotFound { nor_at, .. } = &mut self {
            *nor_at = Some(other.to_string());
        }
        self
    }
}

fn nor(other: Option<&str>) -> String {
    other.map(|other| format!(", nor at {other}")).unwrap_or_default()
}

fn titled(title: Option<&str>) -> String {
    title.map(|title| format!(" with the title “{title}”")).unwrap_or_default()
}

impl Fault for DiscoveryError {
    fn code(&self) -> &'static str {
        match self {
            Self::NotFound { .. } => "discovery.not_found",
            Self::Unavailable { .. } => "discovery.unavailable",
            Self::Redirected { .. } => "discovery.redirected",
            Self::Html { .. } | Self::NotJson { .. } => "discovery.not_json",
            Self::UnexpectedStatus { .. }
            | Self::TooLarge { .. }
            | Self::TooDeep { .. }
            | Self::DuplicateMember { .. }
            | Self::BadNumber { .. }
            | Self::BadUtf8
            | Self::NotObject { .. }
            | Self::BadField { .. } => "discovery.bad_document",
            Self::IssuerMismatch { .. } => "discovery.issuer_mismatch",
            Self::IssuerTemplate { .. } => "discovery.issuer_template",
            Self::BadEndpoint { .. } | Self::MissingEndpoint { .. } => "discovery.bad_endpoint",
            Self::PkceS256Unsupported { .. } => "discovery.pkce_s256_unsupported",
            Self::NoCodeFlow { .. } => "discovery.no_code_flow",
            Self::NoUsableAlg { .. } => "discovery.no_usable_alg",
        }
    }

    fn hint(&self) -> String {
        match self {
            Self::NotFound { .. } => {
                "Check the issuer: it is the address before /.well-known/openid-configuration. For a provider that describes itself nowhere, write its addresses into the profile's `endpoints`.".into()
            }
            // RFC 6585 section 6
            Self::Unavailable { status: 511, .. } => {
                "This network asks for a sign-in of its own: do that first, then try again.".into()
            }
            Self::Unavailable { .. } => "Try again in a while.".into(),
            Self::Redirected { to, .. } => {
                let there = TypedIssuer::parse(to).map_or_else(|_| to.clone(), |typed| typed.issuer().as_str().to_owned());
                format!(
                    "If `{there}` is the provider you mean, use that as the issuer. If this network asks for a sign-in of its own, do that first."
                )
            }
            Self::Html { .. } => {
                "If this network asks for a sign-in of its own, do that first; otherwise check the issuer.".into()
            }
            Self::IssuerMismatch { got, only_slash: true, .. } => {
                format!("Only the slash at the end differs: use `{got}` as the issuer.")
            }
            Self::IssuerMismatch { got, .. } => {
                format!(
                    "Check the address. Use `{got}` as the issuer only if you know that this is the provider you mean."
                )
            }
            Self::IssuerTemplate { .. } => {
                "Use the tenant's own address, such as https://login.microsoftonline.com/YOUR-TENANT-ID/v2.0.".into()
            }
            Self::PkceS256Unsupported { .. } => {
                "Ask the provider to switch on PKCE with S256; signing in without it is not safe.".into()
            }
            Self::NoUsableAlg { .. } => "Ask the provider to sign ID tokens with RS256 or ES256.".into(),
            Self::NoCodeFlow { .. } => "Ask the provider to allow the authorization code flow.".into(),
            Self::UnexpectedStatus { .. }
            | Self::NotJson { .. }
            | Self::TooLarge { .. }
            | Self::TooDeep { .. }
            | Self::DuplicateMember { .. }
            | Self::BadNumber { .. }
            | Self::BadUtf8
            | Self::NotObject { .. }
            | Self::BadField { .. }
            | Self::BadEndpoint { .. }
            | Self::MissingEndpoint { .. } => "The provider must correct its sign-in description.".into(),
        }
    }

    fn retryable(&self) -> bool {
        matches!(self, Self::Unavailable { .. })
    }
}
