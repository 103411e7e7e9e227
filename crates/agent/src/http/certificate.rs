//! What is in a certificate that was refused, for people: whoever reads it can tell a proxy from an attacker, and an
//! old certificate from a wrong clock. Nothing is decided here.

use std::fmt;

use doorkey_oauth::clean;
use jiff::Timestamp;
use x509_parser::prelude::{FromDer, GeneralName, ParsedExtension, X509Certificate, X509Name};

/// How much of it is shown: it comes from whoever answered.
const MAX_NAMES: usize = 3;
const MAX_NAME: usize = 100;

/// A certificate's own words, cleaned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Presented {
    /// Its common name, or another name for whom it was made.
    subject: String,
    pub(super) issuer: String,
    /// Hosts it is for.
    names: Vec<String>,
    /// Unix seconds.
    pub(super) not_before: i64,
    /// Unix seconds.
    pub(super) not_after: i64,
    pub(super) self_signed: bool,
    /// Whether its extended key usage allows servers (RFC 5280 section 4.2.1.12).
    pub(super) for_servers: bool,
}

impl Presented {
    /// Nothing where it cannot be read.
    pub(super) fn of(der: &[u8]) -> Option<Self> {
        let (_, certificate) = X509Certificate::from_der(der).ok()?;
        Some(Self {
            subject: name(certificate.subject()),
            issuer: name(certificate.issuer()),
            names: certificate.extensions().iter().flat_map(|extension| hosts(extension.parsed_extension())).collect(),
            not_before: certificate.validity().not_before.timestamp(),
            not_after: certificate.validity().not_after.timestamp(),
            self_signed: certificate.subject().as_raw() == certificate.issuer().as_raw(),
            for_servers: match certificate.extended_key_usage() {
                Ok(Some(usage)) => usage.value.server_auth || usage.value.any,
                Ok(None) | Err(_) => true,
            },
        })
    }

    /// The hosts it is for.
    pub(super) fn hosts(&self) -> String {
        let shown = self.names.iter().take(MAX_NAMES).cloned().collect::<Vec<_>>().join(", ");
        match self.names.len().saturating_sub(MAX_NAMES) {
            _ if shown.is_empty() => "no host at all".to_owned(),
            0 => shown,
            more => format!("{shown} and {more} more"),
        }
    }
}

/// The middle of a sentence.
impl fmt::Display for Presented {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { subject, issuer, not_before, not_after, .. } = self;
        let (from, until) = (day(*not_before), day(*not_after));
        write!(f, "issued to “{subject}” by “{issuer}” for {}, valid from {from} to {until}", self.hosts())
    }
}

/// `2026-01-31`, in UTC.
pub(super) fn day(seconds: i64) -> String {
    Timestamp::from_second(seconds).map_or_else(|_| seconds.to_string(), |at| at.strftime("%Y-%m-%d").to_string())
}

/// The name whose certificate follows up `chain`, from the first on, and is not in it: who would have to be trusted.
pub(super) fn last_issuer<'a>(chain: impl Iterator<Item = &'a [u8]>) -> Option<String> {
    let parsed: Vec<_> = chain.filter_map(|der| X509Certificate::from_der(der).ok()).map(|(_, it)| it).collect();
    let mut at = parsed.first()?;
    // As many steps as there are certificates: a circle ends too.
    for _ in &parsed {
        let of_itself = at.subject().as_raw() == at.issuer().as_raw();
        match parsed.iter().find(|above| above.subject().as_raw() == at.issuer().as_raw()) {
            Some(above) if !of_itself => at = above,
            _ => break,
        }
    }
    Some(name(at.issuer()))
}

fn name(name: &X509Name<'_>) -> String {
    let common = name.iter_common_name().chain(name.iter_organization()).find_map(|part| part.as_str().ok());
    let text = common.map_or_else(|| name.to_string(), str::to_owned);
    if text.is_empty() { "nobody".to_owned() } else { clean(&text, MAX_NAME) }
}

fn hosts(extension: &ParsedExtension<'_>) -> Vec<String> {
    let ParsedExtension::SubjectAlternativeName(names) = extension else { return Vec::new() };
    let host = |name: &GeneralName<'_>| match name {
        GeneralName::DNSName(name) => Some(clean(name, MAX_NAME)),
        GeneralName::IPAddress(bytes) => match bytes.len() {
            4 => <[u8; 4]>::try_from(*bytes).ok().map(|it| std::net::Ipv4Addr::from(it).to_string()),
            _ => <[u8; 16]>::try_from(*bytes).ok().map(|it| std::net::Ipv6Addr::from(it).to_string()),
        },
        _ => None,
    };
    names.general_names.iter().filter_map(host).collect()
}

#[cfg(test)]
mod tests {
    use rcgen::{CertificateParams, DnType, KeyPair, date_time_ymd};

    use super::*;

    fn made(change: impl FnOnce(&mut CertificateParams)) -> Vec<u8> {
        let names = ["op.example", "127.0.0.1", "::1", "a.example", "b.example"].map(str::to_owned);
        let mut params = CertificateParams::new(names).expect("names");
        (params.not_before, params.not_after) = (date_time_ymd(2020, 1, 31), date_time_ymd(2030, 2, 1));
        change(&mut params);
        params.self_signed(&KeyPair::generate().expect("a key")).expect("a certificate").der().to_vec()
    }

    #[test]
    fn a_certificate_says_whose_it_is_for_what_and_when() {
        let der = made(|params| params.distinguished_name.push(DnType::CommonName, "Ada\u{1b}[31m"));
        assert_eq!(
            Presented::of(&der).expect("a certificate").to_string(),
            "issued to “Ada\u{fffd}[31m” by “Ada\u{fffd}[31m” for op.example, 127.0.0.1, ::1 and 2 more, valid from 2020-01-31 to 2030-02-01"
        );
    }

    #[test]
    fn names_may_be_missing_and_are_cut() {
        let long = "x".repeat(2_000);
        let der = made(|params| {
            params.subject_alt_names.clear();
            params.distinguished_name = rcgen::DistinguishedName::new();
            params.distinguished_name.push(DnType::OrganizationName, long.as_str());
        });
        let presented = Presented::of(&der).expect("a certificate");
        assert_eq!(presented.issuer.chars().count(), MAX_NAME + 1);
        assert_eq!(presented.hosts(), "no host at all");
        let nobody = made(|params| params.distinguished_name = rcgen::DistinguishedName::new());
        assert_eq!(Presented::of(&nobody).expect("a certificate").issuer, "nobody");
    }

    #[test]
    fn a_certificate_that_is_cut_or_bent_makes_nothing_panic() {
        let der = made(|_| ());
        for end in 0..der.len() {
            assert_eq!(Presented::of(&der[..end]), None);
            let mut bent = der.clone();
            bent[end] ^= 0xff;
            let _ = (Presented::of(&bent), last_issuer([&bent[..], &der[..]].into_iter()));
        }
    }
}
