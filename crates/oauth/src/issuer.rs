//! Issuer identifiers: the name of a provider, compared byte for byte (META-01, META-03, D-19).

use url::{Host, Url};

use crate::Fault;
use crate::text::clean;

/// An issuer identifier. Its text is kept as the provider writes it: a slash at the end counts
/// (RFC 8414 section 3.3).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Issuer {
    text: String,
    url: Url,
}

impl Issuer {
    /// Takes an issuer identifier as it stands in a profile: `https` with a host, or `http` on loopback,
    /// without query, fragment and user (RFC 8414 section 2).
    ///
    /// # Errors
    /// [`IssuerError`] says which rule it breaks.
    pub fn parse(text: &str) -> Result<Self, IssuerError> {
        let bad = |problem| IssuerError::Bad { issuer: shown(text), problem };
        // The URL parser mends all of these; an identifier that is compared by bytes must not need it.
        if text.is_empty() || !text.bytes().all(|b| b.is_ascii_graphic()) || text.contains('\\') {
            return Err(bad("it must be a URL without spaces"));
        }
        let url = Url::parse(text).map_err(|_| bad("it is not a URL"))?;
        let Some((scheme, rest)) = text.split_once("://") else { return Err(bad("it is not a URL")) };
        if !scheme.eq_ignore_ascii_case("https") && !scheme.eq_ignore_ascii_case("http") {
            return Err(bad("it must begin with https://"));
        }
        if rest.contains('#') {
            return Err(bad("it must not have a fragment"));
        }
        if rest.contains('?') {
            return Err(bad("it must not have a query"));
        }
        let authority = rest.split('/').next().unwrap_or_default();
        if authority.contains('@') {
            return Err(bad("it must not name a user"));
        }
        if !has_plain_host(&url) {
            return Err(bad("its host is not a host name"));
        }
        if url.scheme() == "http" && !is_loopback(&url) {
            return Err(IssuerError::Insecure { issuer: shown(text) });
        }
        Ok(Self { text: text.to_owned(), url })
    }

    /// As the provider writes it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// As a URL, to reach it; never to compare it.
    #[must_use]
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// Its host, for display.
    #[must_use]
    pub fn host(&self) -> &str {
        self.url.host_str().unwrap_or_default()
    }

    /// Whether it is served on this computer without TLS.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        self.url.scheme() == "http"
    }

    /// The same identifier with its last slash taken away or added.
    pub(crate) fn with_slash_turned(&self) -> Option<Self> {
        let text = match self.text.strip_suffix('/') {
            Some(bare) => bare.to_owned(),
            None => format!("{}/", self.text),
        };
        Self::parse(&text).ok()
    }
}

/// Whether a URL stays on this computer: an IP address of loopback, or `localhost`.
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

/// Whether the host is an IP address or made of letters, digits, `-`, `_` and `.`: a URL may hold hosts
/// such as `$(calc)` that no name can have and a careless opener would run (CVE-2025-6514).
pub(crate) fn has_plain_host(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(_) | Host::Ipv6(_)) => true,
        Some(Host::Domain(name)) => {
            !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
        }
        None => false,
    }
}

/// What a person types where an issuer is wanted: a domain, an issuer, or the address of the metadata
/// document (row D-19).
#[derive(Clone, Debug)]
pub struct TypedIssuer {
    issuer: Issuer,
    changes: Vec<IssuerChange>,
}

/// What was put right in a typed issuer; to be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IssuerChange {
    /// White space or quotes around it were dropped.
    Trimmed,
    /// `https://` was put before it, or `http://` for a loopback host.
    SchemeAdded,
    /// It was the address of the metadata document; that part was dropped.
    WellKnownRemoved,
    /// Scheme and host were written in lower case, a name in another script in its ASCII form, and the
    /// default port was dropped.
    HostNormalised,
}

const WELL_KNOWN: [&str; 2] = ["/.well-known/openid-configuration", "/.well-known/oauth-authorization-server"];

impl TypedIssuer {
    /// Reads what was typed.
    ///
    /// # Errors
    /// [`IssuerError`] where no issuer can be made of it.
    pub fn parse(typed: &str) -> Result<Self, IssuerError> {
        let mut changes = Vec::new();
        let mut text =
            typed.trim_matches(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '<' | '>')).to_owned();
        if text != typed {
            changes.push(IssuerChange::Trimmed);
        }
        if !text.contains("://") {
            let secure = format!("https://{text}");
            let scheme = if Url::parse(&secure).is_ok_and(|url| is_loopback(&url)) { "http" } else { "https" };
            text = format!("{scheme}://{text}");
            changes.push(IssuerChange::SchemeAdded);
        }
        for well_known in WELL_KNOWN {
            // At the end (OpenID Connect), or between host and path (RFC 8414).
            if let Some((before, after)) = text.split_once(well_known)
                && (after.is_empty() || after.starts_with('/'))
            {
                text = format!("{before}{}", if after == "/" { "" } else { after });
                changes.push(IssuerChange::WellKnownRemoved);
            }
        }
        let normal = normal_origin(&text);
        if normal != text {
            changes.push(IssuerChange::HostNormalised);
        }
        Ok(Self { issuer: Issuer::parse(&normal)?, changes })
    }

    /// The issuer it most likely is.
    #[must_use]
    pub fn issuer(&self) -> &Issuer {
        &self.issuer
    }

    /// What was put right, in order.
    #[must_use]
    pub fn changes(&self) -> &[IssuerChange] {
        &self.changes
    }

    /// The issuers it may be: people do not type the last slash on purpose, so it is open where nothing
    /// else stands after the host or where the metadata document was typed. The first is [`Self::issuer`].
    #[must_use]
    pub fn candidates(&self) -> Vec<Issuer> {
        let slash_is_open = self.issuer.url.path() == "/" || self.changes.contains(&IssuerChange::WellKnownRemoved);
        let other = if slash_is_open { self.issuer.with_slash_turned() } else { None };
        std::iter::once(self.issuer.clone()).chain(other).collect()
    }
}

/// Scheme and host in their one normal form; the rest byte for byte.
fn normal_origin(text: &str) -> String {
    let (Ok(url), Some((_, rest))) = (Url::parse(text), text.split_once("://")) else { return text.to_owned() };
    let authority_end = rest.find(['/', '?', '#', '\\']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(authority_end);
    // A user's name must reach the refusal, not vanish.
    if authority.contains('@') || !url.has_host() {
        return text.to_owned();
    }
    format!("{}{path}", url.origin().ascii_serialization())
}

/// The text, fit for an error: a user's name and password before the host are not shown.
fn shown(text: &str) -> String {
    let (scheme, rest) = text.split_once("://").unwrap_or(("", text));
    let authority_end = rest.find(['/', '?', '#', '\\']).unwrap_or(rest.len());
    let host = rest[..authority_end].rfind('@').map_or(0, |at| at + 1);
    let separator = if scheme.is_empty() { "" } else { "://" };
    clean(&format!("{scheme}{separator}{}", &rest[host..]), 200)
}

/// Why a text is no issuer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IssuerError {
    /// It breaks a rule.
    #[error("`{issuer}` is not an issuer: {problem}.")]
    Bad {
        /// As it was given, cleaned.
        issuer: String,
        /// Which rule.
        problem: &'static str,
    },
    /// `http` to another computer.
    #[error("`{issuer}` is not safe: a provider must be reached over https; http is for this computer only.")]
    Insecure {
        /// As it was given, cleaned.
        issuer: String,
    },
}

impl Fault for IssuerError {
    fn code(&self) -> &'static str {
        match self {
            Self::Bad { .. } => "config.bad_issuer",
            Self::Insecure { .. } => "config.insecure_issuer",
        }
    }

    fn hint(&self) -> String {
        match self {
            Self::Bad { .. } => "Give the provider's issuer, such as https://tenant.example.com/.".to_owned(),
            Self::Insecure { .. } => "Use the provider's https:// address.".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_in_the_address_is_not_repeated() {
        for text in ["https://user:CANARY@op.example", "http://user:CANARY@op.example/x", "user:CANARY@op.example"] {
            let error = Issuer::parse(text).expect_err("it names a user");
            assert!(!error.to_string().contains("CANARY"), "{error}");
            assert!(error.to_string().contains("op.example"), "{error}");
        }
    }

    #[test]
    fn the_text_is_kept_byte_for_byte() {
        // META-01, ocrs#77, #226: slash, default port, case and percent-encoding.
        for text in [
            "https://op.example",
            "https://op.example/",
            "https://op.example:443",
            "https://OP.example/Tenant",
            "https://op.example/%7euser/",
            "https://op.example/a/../b",
            "http://127.0.0.1:4000",
            "http://[::1]:4000/t",
            "http://localhost:4000/",
        ] {
            assert_eq!(Issuer::parse(text).expect(text).as_str(), text);
        }
    }

    #[test]
    fn what_is_no_issuer_is_refused() {
        // META-03, F-03
        for (text, code) in [
            ("", "config.bad_issuer"),
            ("op.example", "config.bad_issuer"),
            ("https://", "config.bad_issuer"),
            ("ftp://op.example", "config.bad_issuer"),
            ("javascript:alert(1)", "config.bad_issuer"),
            ("https://op.example?a=1", "config.bad_issuer"),
            ("https://op.example/?", "config.bad_issuer"),
            ("https://op.example#", "config.bad_issuer"),
            ("https://user:pass@op.example", "config.bad_issuer"),
            ("https://@op.example", "config.bad_issuer"),
            ("https://op.example/a b", "config.bad_issuer"),
            (" https://op.example", "config.bad_issuer"),
            ("https:\\\\op.example", "config.bad_issuer"),
            ("https://op.exa\tmple", "config.bad_issuer"),
            ("https://bücher.example", "config.bad_issuer"),
            ("https://$(calc)/", "config.bad_issuer"),
            ("http://op.example", "config.insecure_issuer"),
            ("http://127.0.0.1.evil.example", "config.insecure_issuer"),
            ("http://localhost.evil.example", "config.insecure_issuer"),
        ] {
            assert_eq!(Issuer::parse(text).expect_err(text).code(), code, "{text}");
        }
    }

    #[test]
    fn what_people_type_becomes_an_issuer_and_is_shown() {
        // D-19
        use IssuerChange::{HostNormalised, SchemeAdded, Trimmed, WellKnownRemoved};
        for (typed, issuer, changes) in [
            ("https://op.example/x", "https://op.example/x", &[][..]),
            (" op.example\n", "https://op.example", &[Trimmed, SchemeAdded]),
            ("localhost:4000", "http://localhost:4000", &[SchemeAdded]),
            ("127.0.0.1:4000/t", "http://127.0.0.1:4000/t", &[SchemeAdded]),
            ("https://op.example/.well-known/openid-configuration", "https://op.example", &[WellKnownRemoved]),
            ("op.example/t/.well-known/openid-configuration", "https://op.example/t", &[SchemeAdded, WellKnownRemoved]),
            (
                "https://op.example/.well-known/oauth-authorization-server/t",
                "https://op.example/t",
                &[WellKnownRemoved],
            ),
            ("HTTPS://OP.Example/Tenant/", "https://op.example/Tenant/", &[HostNormalised]),
            ("https://op.example:443/", "https://op.example/", &[HostNormalised]),
            ("bücher.example", "https://xn--bcher-kva.example", &[SchemeAdded, HostNormalised]),
        ] {
            let read = TypedIssuer::parse(typed).expect(typed);
            assert_eq!(read.issuer().as_str(), issuer, "{typed}");
            assert_eq!(read.changes(), changes, "{typed}");
        }
        for typed in ["", "   ", "user:pass@op.example", "op.example?tenant=1", "op.example#x", "http://op.example"] {
            assert!(TypedIssuer::parse(typed).is_err(), "{typed}");
        }
    }

    #[test]
    fn the_last_slash_is_open_where_nobody_chose_it() {
        let candidates = |typed: &str| {
            let read = TypedIssuer::parse(typed).expect(typed);
            read.candidates().iter().map(|issuer| issuer.as_str().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(candidates("op.example"), ["https://op.example", "https://op.example/"]);
        assert_eq!(candidates("https://op.example/"), ["https://op.example/", "https://op.example"]);
        assert_eq!(candidates("https://op.example/t"), ["https://op.example/t"]);
        assert_eq!(
            candidates("https://op.example/t/.well-known/openid-configuration"),
            ["https://op.example/t", "https://op.example/t/"]
        );
    }
}
