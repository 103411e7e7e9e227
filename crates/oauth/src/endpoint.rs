use std::ops::Deref;

use url::Url;

use crate::issuer::{Issuer, has_plain_host, is_loopback};

/// The address of an endpoint, safe to open and to send to: `https`, or `http` on loopback for an issuer
/// that is there itself; with a host, without fragment and user (META-06, CORE-01, CORE-15).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    url: Url,
    uri: http::Uri,
}

impl Endpoint {
    /// Takes an address out of a document of `issuer`, or one that somebody gave for it.
    ///
    /// # Errors
    /// What is wrong with it, as the rest of a sentence about it.
    pub fn parse(text: &str, issuer: &Issuer) -> Result<Self, &'static str> {
        if text.is_empty() || !text.bytes().all(|b| b.is_ascii_graphic()) || text.contains('\\') {
            return Err("is not a URL");
        }
        let Some((_, rest)) = text.split_once("://") else { return Err("is not an absolute web address") };
        let url = Url::parse(text).map_err(|_| "is not a URL")?;
        match url.scheme() {
            "https" => {}
            "http" if issuer.is_loopback() && is_loopback(&url) => {}
            "http" => return Err("must be https"),
            _ => return Err("must be https"),
        }
        if !has_plain_host(&url) {
            return Err("has no host name");
        }
        if rest.split(['/', '?', '#']).next().unwrap_or_default().contains('@') {
            return Err("must not name a user");
        }
        if url.fragment().is_some() {
            return Err("must not have a fragment");
        }
        // What cannot be put into a request is refused here, so that building one cannot fail later.
        let uri = url.as_str().parse::<http::Uri>().map_err(|_| "cannot be put into a request")?;
        Ok(Self { url, uri })
    }

    /// As a URL.
    #[must_use]
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// As it stands in a request.
    pub(crate) fn uri(&self) -> &http::Uri {
        &self.uri
    }
}

impl Deref for Endpoint {
    type Target = Url;

    fn deref(&self) -> &Url {
        &self.url
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str, issuer: &str) -> Result<Endpoint, &'static str> {
        Endpoint::parse(text, &Issuer::parse(issuer).expect("an issuer"))
    }

    #[test]
    fn web_addresses_are_taken_with_their_query() {
        for text in ["https://op.example/a?tenant=1", "https://other.example:8443/", "https://[2001:db8::1]/a"] {
            assert_eq!(parse(text, "https://op.example").expect(text).as_str(), text);
        }
    }

    #[test]
    fn everything_else_is_refused_before_it_reaches_an_opener() {
        // META-06, CVE-2025-6514
        for text in [
            "",
            "/authorize",
            "op.example/a",
            "file:///etc/passwd",
            "javascript:alert(1)",
            "ms-msdt:/id",
            "--flag",
            "https://",
            "https://$(calc)/",
            "https://op.example/a b",
            "https://op.example/\"x",
            "https://op.example/a\nb",
            "https://op.example/#x",
            "https://user@op.example/",
            "https:\\\\op.example/a",
            "http://op.example/a",
            "http://127.0.0.1/a",
            "ftp://op.example/a",
        ] {
            if text.contains('"') {
                // Harmless: the URL type encodes it.
                assert_eq!(parse(text, "https://op.example").expect(text).as_str(), "https://op.example/%22x");
                continue;
            }
            assert!(parse(text, "https://op.example").is_err(), "{text}");
        }
    }

    #[test]
    fn plain_http_is_for_a_loopback_issuer_and_stays_there() {
        assert!(parse("http://127.0.0.1:4000/token", "http://127.0.0.1:4000").is_ok());
        assert!(parse("http://op.example/token", "http://127.0.0.1:4000").is_err());
    }
}
