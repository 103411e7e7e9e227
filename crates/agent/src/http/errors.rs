//! What can go wrong on the way to a provider, told apart by what the person can do about it.

use std::error::Error;
use std::{fmt, io};

use doorkey_client::words::Refusal;
use rustls::CertificateError;
use url::Url;

use crate::refusal::sentence;

/// Names of a certificate that an error shows, and the length of each: they come from whoever answered.
const MAX_NAMES: usize = 3;
const MAX_NAME: usize = 100;

/// Whom a request is for: all of a URL that an error may show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Target {
    host: String,
    port: u16,
}

impl Target {
    pub(super) fn of(url: &Url) -> Self {
        Self {
            host: url.host_str().unwrap_or_default().to_owned(),
            port: url.port_or_known_default().unwrap_or_default(),
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.host, self.port)
    }
}

/// Why there is no answer. Texts name host and port, never a path or a query.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum HttpError {
    /// Neither https nor http on loopback; or no URL at all.
    #[error("the address is not an https address")]
    InsecureUrl,
    /// The name does not resolve (D-01).
    #[error("cannot find {}", .target.host)]
    Dns {
        /// Whom it was for.
        target: Target,
    },
    /// No connection (D-02).
    #[error("cannot connect to {target}: {why}")]
    Connect {
        /// Whom it was for.
        target: Target,
        /// What the system said.
        why: String,
    },
    /// The certificate's issuer is unknown here, or it was revoked or is not for servers (D-03).
    #[error("the certificate of {target} is not trusted: {why}")]
    TlsUntrusted {
        /// Whom it was for.
        target: Target,
        /// What the verifier said.
        why: String,
    },
    /// The certificate's time is over or has not come (D-03).
    #[error("the certificate of {target} has expired or is not valid yet")]
    TlsExpired {
        /// Whom it was for.
        target: Target,
    },
    /// The certificate is another host's (D-03).
    #[error("the certificate of {target} is for {}", names(.presented))]
    TlsName {
        /// Whom it was for.
        target: Target,
        /// The names in the certificate.
        presented: Vec<String>,
    },
    /// No common version or cipher, or no TLS at all on the other side.
    #[error("no secure connection to {target}: {why}")]
    TlsFailed {
        /// Whom it was for.
        target: Target,
        /// What the TLS library said.
        why: String,
    },
    /// The time limit for the whole exchange passed.
    #[error("{target} did not answer in time")]
    TimedOut {
        /// Whom it was for.
        target: Target,
    },
    /// The connection broke, or what came is no HTTP, after the request may have been sent.
    #[error("{target} broke the connection instead of answering")]
    NoAnswer {
        /// Whom it was for.
        target: Target,
    },
    /// The body is over its cap.
    #[error("the answer of {target} has more than {cap} bytes")]
    TooLarge {
        /// Whom it was for.
        target: Target,
        /// The cap.
        cap: usize,
    },
    /// No client could be made, such as for want of any certificate store.
    #[error("this machine cannot make secure connections: {why}")]
    NoClient {
        /// What the library said.
        why: String,
    },
}

impl HttpError {
    /// Stable, for programs.
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::InsecureUrl => "net.insecure_url",
            Self::Dns { .. } => "net.dns",
            Self::Connect { .. } => "net.connect",
            Self::TlsUntrusted { .. } | Self::NoClient { .. } => "net.tls_untrusted",
            Self::TlsExpired { .. } => "net.tls_expired",
            Self::TlsName { .. } => "net.tls_name",
            Self::TlsFailed { .. } => "net.tls_failed",
            Self::TimedOut { .. } => "net.timeout",
            Self::NoAnswer { .. } => "net.no_answer",
            Self::TooLarge { .. } => "net.too_large",
        }
    }

    /// What to do next.
    pub(crate) fn hint(&self) -> &'static str {
        match self {
            Self::InsecureUrl => {
                "Use an address that begins with https; plain http is for 127.0.0.1, [::1] and localhost only."
            }
            Self::Dns { .. } => "Check the address or your connection.",
            Self::Connect { .. } => "Check the address, your connection, and the proxy if you use one; then try again.",
            Self::TlsUntrusted { .. } => {
                "If a company certificate is in use here, have it installed in the system's certificate store. Otherwise do not go on."
            }
            Self::TlsExpired { .. } => {
                "Check this machine's clock. If it is right, the provider must renew its certificate."
            }
            Self::TlsName { .. } => {
                "Check the address for a typing error. If it is right, the provider must mend its certificate."
            }
            Self::TlsFailed { .. } => {
                "The provider must offer TLS 1.2 or newer at this address; check that host and port are right."
            }
            Self::TimedOut { .. } | Self::NoAnswer { .. } => "Check your connection and try again.",
            Self::TooLarge { .. } => "Check that the address is the provider's own; its answers are small.",
            Self::NoClient { .. } => "Install the system's certificates (on Debian: apt install ca-certificates).",
        }
    }

    /// Whether the same request may work later.
    pub(crate) fn retryable(&self) -> bool {
        match self {
            Self::Dns { .. } | Self::Connect { .. } | Self::TimedOut { .. } | Self::NoAnswer { .. } => true,
            Self::InsecureUrl
            | Self::TlsUntrusted { .. }
            | Self::TlsExpired { .. }
            | Self::TlsName { .. }
            | Self::TlsFailed { .. }
            | Self::TooLarge { .. }
            | Self::NoClient { .. } => false,
        }
    }

    /// Whether the provider may have seen the request, and acted on it. In doubt, yes.
    pub(crate) fn may_have_been_sent(&self) -> bool {
        match self {
            Self::TimedOut { .. } | Self::NoAnswer { .. } | Self::TooLarge { .. } => true,
            Self::InsecureUrl
            | Self::Dns { .. }
            | Self::Connect { .. }
            | Self::TlsUntrusted { .. }
            | Self::TlsExpired { .. }
            | Self::TlsName { .. }
            | Self::TlsFailed { .. }
            | Self::NoClient { .. } => false,
        }
    }

    /// Whether a change of this machine, such as a certificate just installed or another proxy, may mend it.
    pub(super) fn may_lie_with_this_machine(&self) -> bool {
        match self {
            Self::Connect { .. } | Self::TlsUntrusted { .. } | Self::NoClient { .. } => true,
            Self::InsecureUrl
            | Self::Dns { .. }
            | Self::TlsExpired { .. }
            | Self::TlsName { .. }
            | Self::TlsFailed { .. }
            | Self::TimedOut { .. }
            | Self::NoAnswer { .. }
            | Self::TooLarge { .. } => false,
        }
    }

    /// The refusal to hand out.
    pub(crate) fn refusal(&self) -> Refusal {
        let refusal = Refusal::new(self.code(), sentence(self), self.hint());
        if self.retryable() { refusal.retryable() } else { refusal }
    }
}

/// Sorts a failure before the head of an answer. Nothing of the library's own text is kept: it shows the
/// whole URL.
pub(super) fn classify(error: &reqwest::Error, target: &Target) -> HttpError {
    let target = target.clone();
    if error.is_builder() {
        return HttpError::NoClient { why: innermost(error) };
    }
    // A name that no certificate can have is never asked for.
    if error.is_dns() || chain(error).any(|error| error.is::<rustls::pki_types::InvalidDnsNameError>()) {
        return HttpError::Dns { target };
    }
    if let Some(tls) = in_chain(error) {
        return tls_failure(tls, target);
    }
    match (error.is_connect(), error.is_timeout()) {
        (true, true) => HttpError::Connect { target, why: "no answer in time".to_owned() },
        (true, false) => HttpError::Connect { target, why: innermost(error) },
        (false, true) => HttpError::TimedOut { target },
        (false, false) => HttpError::NoAnswer { target },
    }
}

fn tls_failure(error: &rustls::Error, target: Target) -> HttpError {
    let rustls::Error::InvalidCertificate(certificate) = error else {
        return HttpError::TlsFailed { target, why: error.to_string() };
    };
    #[expect(clippy::wildcard_enum_match_arm, reason = "every other way to be invalid is a matter of trust")]
    match certificate {
        CertificateError::Expired
        | CertificateError::ExpiredContext { .. }
        | CertificateError::NotValidYet
        | CertificateError::NotValidYetContext { .. } => HttpError::TlsExpired { target },
        CertificateError::NotValidForName => HttpError::TlsName { target, presented: Vec::new() },
        CertificateError::NotValidForNameContext { presented, .. } => {
            HttpError::TlsName { target, presented: presented.clone() }
        }
        CertificateError::UnknownIssuer => HttpError::TlsUntrusted { target, why: "unknown issuer".to_owned() },
        other => HttpError::TlsUntrusted { target, why: other.to_string() },
    }
}

/// The TLS library's own error, where there is one.
fn in_chain(error: &reqwest::Error) -> Option<&rustls::Error> {
    chain(error).find_map(|error| error.downcast_ref())
}

fn innermost(error: &reqwest::Error) -> String {
    chain(error).last().map_or_else(|| "unknown".to_owned(), ToString::to_string)
}

/// What an error comes from, without the error itself: its text has the URL in it.
fn chain(error: &reqwest::Error) -> impl Iterator<Item = &(dyn Error + 'static)> {
    std::iter::successors(error.source(), |error| {
        match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
            // An `io::Error` leaves out what it wraps when asked for its source.
            Some(wrapped) => Some(wrapped as &(dyn Error + 'static)),
            None => (*error).source(),
        }
    })
}

/// The names in a certificate, as the TLS library shows them: `DnsName("op.example")`.
fn names(presented: &[String]) -> String {
    let bare = |name: &String| {
        let inside = name.split_once('(').map_or(name.as_str(), |(_kind, inside)| inside.trim_end_matches(')'));
        inside.trim_matches('"').chars().take(MAX_NAME).collect::<String>()
    };
    let shown: Vec<_> = presented.iter().take(MAX_NAMES).map(bare).collect();
    match presented.len().saturating_sub(MAX_NAMES) {
        _ if shown.is_empty() => "another name".to_owned(),
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}
