//! Through which proxy a request goes: told by the matcher that the HTTP client itself goes by.

use std::{env, fmt};

use hyper_util::client::proxy::matcher::Matcher;
use url::Url;

use super::HttpError;

/// A proxy's address without the user's name and password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Proxy {
    scheme: String,
    pub(super) host: String,
    pub(super) port: u16,
}

/// The proxy on the way to a provider; `None` for a direct way.
///
/// # Errors
/// When the environment names one that cannot be understood. To go without it would be a silent choice.
pub(super) fn towards(url: &Url) -> Result<Option<Proxy>, HttpError> {
    let understood = |value: &str| Matcher::builder().https(value).build().intercept(&any()).is_some();
    for names in [["HTTPS_PROXY", "https_proxy"], ["ALL_PROXY", "all_proxy"]] {
        // The first that is set counts, even when it is empty.
        let Some((variable, value)) = names.into_iter().find_map(|name| Some((name, env::var_os(name)?))) else {
            continue;
        };
        match value.to_str() {
            Some("") => {}
            Some(value) if understood(value) => break,
            Some(_) | None => return Err(HttpError::BadProxy { variable }),
        }
    }
    let Ok(uri) = url.as_str().parse() else { return Ok(None) };
    Ok(Matcher::from_system().intercept(&uri).and_then(|found| Proxy::of(found.uri())))
}

/// The proxy for providers in general, as the environment or the system has it: for people who look for a fault.
///
/// # Errors
/// The name of the variable that cannot be understood.
pub fn proxy_in_effect() -> Result<Option<String>, &'static str> {
    let url = Url::parse("https://provider.invalid/").expect("a URL");
    match towards(&url) {
        Ok(proxy) => Ok(proxy.map(|proxy| proxy.to_string())),
        Err(HttpError::BadProxy { variable }) => Err(variable),
        Err(_) => Ok(None),
    }
}

fn any() -> http::Uri {
    http::Uri::from_static("https://provider.invalid/")
}

impl Proxy {
    fn of(uri: &http::Uri) -> Option<Self> {
        let scheme = uri.scheme_str()?.to_owned();
        let usual = match scheme.as_str() {
            "http" => 80,
            "https" => 443,
            _ => 1080,
        };
        Some(Self { host: uri.host()?.to_owned(), port: uri.port_u16().unwrap_or(usual), scheme })
    }
}

impl fmt::Display for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}:{}", self.scheme, self.host, self.port)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proxy_is_shown_without_its_password() {
        let matcher = Matcher::builder().all("socks5h://ada:CANARY@proxy.example").build();
        let found = matcher.intercept(&any()).expect("a proxy");
        let proxy = Proxy::of(found.uri()).expect("an address");
        assert_eq!(proxy.to_string(), "socks5h://proxy.example:1080");
        assert!(!format!("{proxy:?}").contains("CANARY"));
    }
}
