//! Which redirect URIs a client may use.

use url::{Host, Url};

/// One rule a redirect URI can fit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Redirect {
    /// `http` to `127.0.0.1`, `[::1]` or `localhost`, any port (RFC 8252 7.3), any path under this one,
    /// which begins and ends with a slash.
    Loopback {
        /// Such as `/cb/`.
        under: String,
    },
    /// `http` to a loopback address, any port, this very path (RFC 8252 7.3).
    LoopbackPath {
        /// Such as `/cb/a1`.
        path: String,
    },
    /// This very text, byte for byte, the port too.
    Exact(String),
}

impl Redirect {
    pub(crate) fn fits(&self, given: &str) -> bool {
        match self {
            Self::Exact(registered) => registered == given && Url::parse(given).is_ok(),
            Self::Loopback { under } => is_loopback(given, |path| path.starts_with(under.as_str())),
            Self::LoopbackPath { path: registered } => is_loopback(given, |path| path == registered),
        }
    }
}

fn is_loopback(given: &str, path_fits: impl Fn(&str) -> bool) -> bool {
    let Ok(url) = Url::parse(given) else { return false };
    let loopback = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address == std::net::Ipv4Addr::LOCALHOST,
        Some(Host::Ipv6(address)) => address == std::net::Ipv6Addr::LOCALHOST,
        None => false,
    };
    // Only the normal spelling counts: a browser would go to `http://127.1/` too, but nobody registers it.
    loopback
        && url.as_str() == given
        && url.scheme() == "http"
        && url.username().is_empty()
        && url.password().is_none()
        && url.query().is_none()
        && url.fragment().is_none()
        && path_fits(url.path())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(given: &str, fits: bool) {
        assert_eq!(Redirect::Loopback { under: "/cb/".into() }.fits(given), fits, "{given}");
    }

    #[test]
    fn any_loopback_port_and_any_path_under_the_prefix_fit() {
        check("http://127.0.0.1:49152/cb/a1b2", true);
        check("http://[::1]:1/cb/x", true);
        check("http://localhost:65535/cb/deep/er", true);
        check("http://127.0.0.1/cb/", true);
    }

    #[test]
    fn other_spellings_hosts_schemes_and_paths_do_not_fit() {
        check("http://127.1:80/cb/x", false);
        check("http://2130706433/cb/x", false);
        check("http://127.0.0.2:5000/cb/x", false);
        check("http://localhost.example:5000/cb/x", false);
        check("http://LOCALHOST:5000/cb/x", false);
        check("https://127.0.0.1:5000/cb/x", false);
        check("http://user@127.0.0.1:5000/cb/x", false);
        check("http://127.0.0.1:5000/cb/x?a=b", false);
        check("http://127.0.0.1:5000/cb/x#f", false);
        check("http://127.0.0.1:5000/cb/../x", false);
        check("http://127.0.0.1:5000/other", false);
        check("http://127.0.0.1:5000", false);
        check("javascript:alert(1)", false);
        check("", false);
    }

    #[test]
    fn an_exact_rule_takes_no_other_port() {
        let rule = Redirect::Exact("http://127.0.0.1:8400/cb/a".into());
        assert!(rule.fits("http://127.0.0.1:8400/cb/a"));
        assert!(!rule.fits("http://127.0.0.1:8401/cb/a"));
        assert!(!rule.fits("http://127.0.0.1:8400/cb/a/"));
    }
}
