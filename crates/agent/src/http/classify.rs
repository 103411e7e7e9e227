//! A failure before the head of an answer, sorted. Nothing of the library's own text is kept: it shows the whole URL.

use std::error::Error;
use std::io;

use rustls::{AlertDescription, CertificateError, InvalidMessage, PeerIncompatible};

use super::errors::{HttpError, Target};
use super::proxy::Proxy;
use super::trust::Rejected;

/// How the HTTP library's tunnel says that a proxy answered HTTP 407; it has no type that could be named.
const PROXY_WANTS_PASSWORD: &str = "tunnel error: proxy authorization required";
/// How it says that a proxy answered with any other refusal.
const PROXY_REFUSED: &str = "tunnel error: unsuccessful";

pub(super) fn classify(error: &reqwest::Error, target: &Target, proxy: Option<&Proxy>) -> HttpError {
    let target = target.clone();
    if error.is_builder() {
        return HttpError::NoClient { why: innermost(error) };
    }
    if let Some(tls) = chain(error).find_map(|error| error.downcast_ref()) {
        return tls_failure(tls, target, proxy);
    }
    let unheard_of = |error: &(dyn Error + 'static)| error.is::<rustls::pki_types::InvalidDnsNameError>();
    if let Some(proxy) = proxy.filter(|_| error.is_connect()) {
        return through(error, target, proxy.clone());
    }
    // A name that no certificate can have is never asked for.
    if error.is_dns() || chain(error).any(unheard_of) {
        return HttpError::Dns { target };
    }
    let ended = |error: &(dyn Error + 'static)| {
        error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::UnexpectedEof)
    };
    match (error.is_connect(), error.is_timeout()) {
        (true, true) => HttpError::Connect { target, why: "no answer in time".to_owned() },
        // There is nothing to end before the handshake.
        (true, false) if chain(error).any(ended) => {
            HttpError::TlsFailed { target, why: "it ended the connection during the handshake".to_owned() }
        }
        (true, false) => HttpError::Connect { target, why: innermost(error) },
        (false, true) => HttpError::TimedOut { target },
        (false, false) => HttpError::NoAnswer { target },
    }
}

fn through(error: &reqwest::Error, target: Target, proxy: Proxy) -> HttpError {
    let says = |text: &str| chain(error).any(|error| error.to_string() == text);
    if says(PROXY_WANTS_PASSWORD) {
        return HttpError::ProxyAuth { proxy };
    }
    let why = if error.is_timeout() {
        "no answer in time".to_owned()
    } else if error.is_dns() {
        "its name cannot be found".to_owned()
    } else if says(PROXY_REFUSED) {
        "it refuses the connection".to_owned()
    } else {
        innermost(error)
    };
    HttpError::Proxy { proxy, target, why }
}

fn tls_failure(error: &rustls::Error, target: Target, proxy: Option<&Proxy>) -> HttpError {
    #[expect(clippy::wildcard_enum_match_arm, reason = "every other failure is told in the library's words")]
    match error {
        rustls::Error::InvalidCertificate(CertificateError::Other(other)) => match other.0.downcast_ref::<Rejected>() {
            Some(rejected) => untrusted(rejected, target, proxy),
            None => HttpError::TlsUntrusted { target, why: error.to_string(), presented: None },
        },
        rustls::Error::PeerIncompatible(
            PeerIncompatible::ServerDoesNotSupportTls12Or13 | PeerIncompatible::ServerTlsVersionIsDisabledByOurConfig,
        )
        | rustls::Error::AlertReceived(AlertDescription::ProtocolVersion) => HttpError::TlsTooOld { target },
        rustls::Error::InvalidMessage(InvalidMessage::InvalidContentType | InvalidMessage::UnknownProtocolVersion) => {
            HttpError::NoTls { target }
        }
        rustls::Error::AlertReceived(alert) => {
            HttpError::TlsFailed { target, why: format!("it refused the handshake ({alert:?})") }
        }
        other => HttpError::TlsFailed { target, why: other.to_string() },
    }
}

fn untrusted(rejected: &Rejected, target: Target, proxy: Option<&Proxy>) -> HttpError {
    // A proxy that is spoken to in TLS has a certificate of its own.
    let target = match proxy {
        Some(proxy) if rejected.host == proxy.host && rejected.host != target.host => Target::proxy(proxy),
        _ => target,
    };
    let presented = rejected.presented.clone().map(Box::new);
    #[expect(clippy::wildcard_enum_match_arm, reason = "every other way to be invalid is a matter of trust")]
    match &rejected.cause {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            HttpError::TlsExpired { target, presented }
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            HttpError::TlsNotYetValid { target, presented }
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            HttpError::TlsName { target, presented }
        }
        CertificateError::UnknownIssuer => {
            let why = match (&rejected.last_issuer, &presented) {
                (_, Some(presented)) if presented.self_signed => "it vouches for itself".to_owned(),
                (Some(issuer), _) => format!("“{issuer}” is an unknown issuer here"),
                (None, _) => "unknown issuer".to_owned(),
            };
            HttpError::TlsUntrusted { target, why, presented }
        }
        CertificateError::BadSignature => {
            let issuer = presented.as_ref().map_or("its issuer", |presented| presented.issuer.as_str());
            HttpError::TlsUntrusted { target, why: format!("“{issuer}” did not sign it"), presented }
        }
        CertificateError::Revoked => HttpError::TlsUntrusted { target, why: "it was revoked".to_owned(), presented },
        CertificateError::BadEncoding => HttpError::TlsUntrusted { target, why: "it is damaged".to_owned(), presented },
        // The platform's verifier has no public name for this one.
        CertificateError::Other(_) if presented.as_ref().is_some_and(|presented| !presented.for_servers) => {
            HttpError::TlsUntrusted { target, why: "it is not for servers".to_owned(), presented }
        }
        other => HttpError::TlsUntrusted { target, why: other.to_string(), presented },
    }
}

/// What it comes down to, in the words of the part that said it.
pub(super) fn innermost(error: &reqwest::Error) -> String {
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
