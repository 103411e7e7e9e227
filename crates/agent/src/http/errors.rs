//! What can go wrong on the way to a provider, told apart by what the person can do about it.

use std::fmt;

use doorkey_client::words::Refusal;
use url::Url;

use super::certificate::{Presented, day};
use super::proxy::Proxy;
use super::trust::CaFileError;
use crate::refusal::sentence;

/// Whom a request is for: all of a URL that an error may show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Target {
    pub(super) host: String,
    pub(super) port: u16,
}

impl Target {
    pub(super) fn of(url: &Url) -> Self {
        Self {
            host: url.host_str().unwrap_or_default().to_owned(),
            port: url.port_or_known_default().unwrap_or_default(),
        }
    }

    pub(super) fn proxy(proxy: &Proxy) -> Self {
        Self { host: proxy.host.clone(), port: proxy.port }
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
    /// The proxy cannot be reached, or does not let the request through.
    #[error("the proxy {proxy} does not lead to {target}: {why}")]
    Proxy {
        /// Without user and password.
        proxy: Proxy,
        /// Whom it was for.
        target: Target,
        /// What it said, or the system.
        why: String,
    },
    /// HTTP 407 of a proxy.
    #[error("the proxy {proxy} wants a user name and a password")]
    ProxyAuth {
        /// Without user and password.
        proxy: Proxy,
    },
    /// A variable names a proxy in a way that nobody understands.
    #[error("the environment's {variable} is not the address of a proxy")]
    BadProxy {
        /// Its name. Its value may hold a password.
        variable: &'static str,
    },
    /// What a person has set cannot be used.
    #[error("{}", .0.message.trim_end_matches('.'))]
    Network(Box<Refusal>),
    /// It waited for a person, who does not want it sent.
    #[error("{}", .0.message.trim_end_matches('.'))]
    Stopped(Box<Refusal>),
    /// A file of certificates that the environment or a person names cannot be used (F-10).
    #[error(transparent)]
    CaFile(#[from] CaFileError),
    /// The certificate's issuer is unknown here, or it was revoked or is not for servers (D-03).
    #[error("the certificate of {target} is not trusted: {why}{}", shown(.presented.as_deref()))]
    TlsUntrusted {
        /// Whom it was for.
        target: Target,
        /// What the verifier said.
        why: String,
        /// The certificate.
        presented: Option<Box<Presented>>,
    },
    /// The certificate's time is over (D-03).
    #[error("the certificate of {target} expired{}{}", on(.presented.as_deref().map(|it| it.not_after)), shown(.presented.as_deref()))]
    TlsExpired {
        /// Whom it was for.
        target: Target,
        /// The certificate.
        presented: Option<Box<Presented>>,
    },
    /// The certificate's time has not come (D-03).
    #[error("the certificate of {target} is not valid yet{}", shown(.presented.as_deref()))]
    TlsNotYetValid {
        /// Whom it was for.
        target: Target,
        /// The certificate.
        presented: Option<Box<Presented>>,
    },
    /// The certificate is another host's (D-03).
    #[error("the certificate of {target} is for {}{}", .presented.as_deref().map_or_else(|| "another host".to_owned(), Presented::hosts), shown(.presented.as_deref()))]
    TlsName {
        /// Whom it was for.
        target: Target,
        /// The certificate.
        presented: Option<Box<Presented>>,
    },
    /// Neither TLS 1.2 nor 1.3 on the other side (D-03).
    #[error("{target} speaks only versions of TLS that are no longer safe")]
    TlsTooOld {
        /// Whom it was for.
        target: Target,
    },
    /// What answered does not speak TLS at all.
    #[error("{target} does not speak TLS: what answers there is no https")]
    NoTls {
        /// Whom it was for.
        target: Target,
    },
    /// The other side refused the handshake, or broke it.
    #[error("no secure connection to {target}: {why}")]
    TlsFailed {
        /// Whom it was for.
        target: Target,
        /// What it said, or the TLS library.
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
            Self::Proxy { .. } => "net.proxy",
            Self::ProxyAuth { .. } => "net.proxy_auth",
            Self::BadProxy { .. } => "config.bad_proxy",
            Self::Network(_) => "config.bad_network",
            Self::Stopped(_) => "user.cancelled",
            Self::CaFile(_) => "config.bad_ca_file",
            Self::TlsUntrusted { .. } | Self::NoClient { .. } => "net.tls_untrusted",
            Self::TlsExpired { .. } => "net.tls_expired",
            Self::TlsNotYetValid { .. } => "net.tls_not_yet_valid",
            Self::TlsName { .. } => "net.tls_name",
            Self::TlsTooOld { .. } => "net.tls_too_old",
            Self::NoTls { .. } => "net.no_tls",
            Self::TlsFailed { .. } => "net.tls_failed",
            Self::TimedOut { .. } => "net.timeout",
            Self::NoAnswer { .. } => "net.no_answer",
            Self::TooLarge { .. } => "net.too_large",
        }
    }

    /// What to do next.
    pub(crate) fn hint(&self) -> String {
        match self {
            Self::InsecureUrl => {
                "Use an address that begins with https; plain http is for 127.0.0.1, [::1] and localhost only."
            }
            Self::Dns { .. } => "Check the address or your connection.",
            Self::Connect { .. } => "Check the address and your connection; then try again.",
            Self::Proxy { .. } => {
                "Check the proxy in the settings, in HTTPS_PROXY or ALL_PROXY, or the system's; hosts in NO_PROXY are reached without it."
            }
            Self::ProxyAuth { .. } => {
                "Put them into its address, as in HTTPS_PROXY=http://USER:PASSWORD@proxy.example:3128. Only such a simple password works here: for another kind, use a proxy of your own in between."
            }
            Self::BadProxy { variable } => {
                return format!(
                    "Set {variable} to such as http://proxy.example:3128 or socks5h://proxy.example:1080, or unset it."
                );
            }
            Self::Network(refusal) | Self::Stopped(refusal) => return refusal.hint.clone(),
            Self::CaFile(error) => return error.hint(),
            Self::TlsUntrusted { .. } => {
                "If your company's proxy opens connections, let DOORKEY_CA_FILE name a file with its certificate, or have that installed in the system's certificate store. If this network asks for a sign-in of its own, do that first. Otherwise do not go on."
            }
            Self::TlsExpired { .. } | Self::TlsNotYetValid { .. } => {
                "Check this computer's clock (`timedatectl`). If it is right, the provider must renew its certificate."
            }
            Self::TlsName { .. } => {
                "Check the address for a typing error. If this network asks for a sign-in of its own, do that first. If neither helps, the provider must mend its certificate."
            }
            Self::TlsTooOld { .. } => "The provider must offer TLS 1.2 or newer; nothing older is used here.",
            Self::NoTls { .. } => "Check the port. If it is right, the provider must offer TLS 1.2 or newer there.",
            Self::TlsFailed { .. } => {
                "Check that host and port are right. If they are, the provider must say why; it may want a client certificate, or other ciphers."
            }
            Self::TimedOut { .. } | Self::NoAnswer { .. } => "Check your connection and try again.",
            Self::TooLarge { .. } => "Check that the address is the provider's own; its answers are small.",
            Self::NoClient { .. } => "Install the system's certificates (on Debian: apt install ca-certificates).",
        }
        .to_owned()
    }

    /// Whether the same request may work later.
    pub(crate) fn retryable(&self) -> bool {
        match self {
            Self::Dns { .. }
            | Self::Connect { .. }
            | Self::Proxy { .. }
            | Self::TimedOut { .. }
            | Self::NoAnswer { .. } => true,
            Self::InsecureUrl
            | Self::ProxyAuth { .. }
            | Self::BadProxy { .. }
            | Self::Network(_)
            | Self::Stopped(_)
            | Self::CaFile(_)
            | Self::TlsUntrusted { .. }
            | Self::TlsExpired { .. }
            | Self::TlsNotYetValid { .. }
            | Self::TlsName { .. }
            | Self::TlsTooOld { .. }
            | Self::NoTls { .. }
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
            | Self::Proxy { .. }
            | Self::ProxyAuth { .. }
            | Self::BadProxy { .. }
            | Self::Network(_)
            | Self::Stopped(_)
            | Self::CaFile(_)
            | Self::TlsUntrusted { .. }
            | Self::TlsExpired { .. }
            | Self::TlsNotYetValid { .. }
            | Self::TlsName { .. }
            | Self::TlsTooOld { .. }
            | Self::NoTls { .. }
            | Self::TlsFailed { .. }
            | Self::NoClient { .. } => false,
        }
    }

    /// Whether a change of this machine, such as a certificate just installed or another proxy, may mend it.
    pub(super) fn may_lie_with_this_machine(&self) -> bool {
        match self {
            Self::Connect { .. }
            | Self::Proxy { .. }
            | Self::ProxyAuth { .. }
            | Self::TlsUntrusted { .. }
            | Self::NoClient { .. } => true,
            // The last three are found before there is a client that could be kept.
            Self::InsecureUrl
            | Self::Dns { .. }
            | Self::TlsExpired { .. }
            | Self::TlsNotYetValid { .. }
            | Self::TlsName { .. }
            | Self::TlsTooOld { .. }
            | Self::NoTls { .. }
            | Self::TlsFailed { .. }
            | Self::TimedOut { .. }
            | Self::NoAnswer { .. }
            | Self::TooLarge { .. }
            | Self::BadProxy { .. }
            | Self::Network(_)
            | Self::Stopped(_)
            | Self::CaFile(_) => false,
        }
    }

    /// The refusal to hand out.
    pub(crate) fn refusal(&self) -> Refusal {
        if let Self::Stopped(refusal) = self {
            return Refusal::clone(refusal);
        }
        let refusal = Refusal::new(self.code(), sentence(self), self.hint());
        if self.retryable() { refusal.retryable() } else { refusal }
    }
}

fn shown(presented: Option<&Presented>) -> String {
    presented.map(|presented| format!(" ({presented})")).unwrap_or_default()
}

fn on(seconds: Option<i64>) -> String {
    seconds.map(|seconds| format!(" on {}", day(seconds))).unwrap_or_default()
}
