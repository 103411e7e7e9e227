//! Through which proxy a request goes: told by the matcher that the HTTP client itself goes by.

use std::{env, fmt};

use doorkey_client::words::{NetworkSettings, Refusal};
use hyper_util::client::proxy::matcher::Matcher;
use url::Url;
use zeroize::Zeroizing;

use super::HttpError;

/// A proxy's address without the user's name and password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Proxy {
    scheme: String,
    pub(super) host: String,
    pub(super) port: u16,
}

/// How requests find their proxy.
pub(super) enum Way {
    /// By the environment or the system alone: the HTTP client knows how.
    Systems,
    /// By what a person has set.
    Set {
        /// May hold a password, where the environment names it.
        proxy: Zeroizing<String>,
        /// Hosts that are reached directly, as `NO_PROXY` has them.
        no_proxy: String,
    },
}

/// Why a setting is not the address of a proxy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BadSetting {
    /// It has a user or a password.
    Password,
    /// It is none.
    Address,
}

/// The way that the environment and the settings lead together. A variable goes before the setting it has the place of.
///
/// # Errors
/// When the environment names a proxy that cannot be understood. To go without it would be a silent choice.
pub(super) fn way(settings: &NetworkSettings) -> Result<Way, HttpError> {
    let named = in_environment()?;
    let hosts = ["NO_PROXY", "no_proxy"].into_iter().find_map(env::var_os);
    let no_proxy = match &hosts {
        Some(hosts) => hosts.to_string_lossy().into_owned(),
        None => settings.no_proxy.join(","),
    };
    Ok(match (named, &settings.proxy) {
        // What is set adds hosts to the environment's proxy, and nothing else.
        (Some((_, proxy)), _) if hosts.is_none() && !no_proxy.is_empty() => Way::Set { proxy, no_proxy },
        (None, Some(proxy)) => Way::Set { proxy: Zeroizing::new(proxy.clone()), no_proxy },
        (Some(_) | None, _) => Way::Systems,
    })
}

/// The variable that names a proxy for https, and its value.
fn in_environment() -> Result<Option<(&'static str, Zeroizing<String>)>, HttpError> {
    for names in [["HTTPS_PROXY", "https_proxy"], ["ALL_PROXY", "all_proxy"]] {
        // The first that is set counts, even when it is empty.
        let Some((variable, value)) = names.into_iter().find_map(|name| Some((name, env::var_os(name)?))) else {
            continue;
        };
        match value.to_str() {
            Some("") => {}
            Some(value) if is_understood(value) => return Ok(Some((variable, Zeroizing::new(value.to_owned())))),
            Some(_) | None => return Err(HttpError::BadProxy { variable }),
        }
    }
    Ok(None)
}

fn is_understood(value: &str) -> bool {
    Matcher::builder().https(value).build().intercept(&any()).is_some()
}

/// A proxy as it is kept: with its scheme, and without a password.
pub(super) fn setting(proxy: &str) -> Result<String, BadSetting> {
    if proxy.contains('@') {
        return Err(BadSetting::Password);
    }
    let whole = if proxy.contains("://") { proxy.to_owned() } else { format!("http://{proxy}") };
    let url = Url::parse(&whole).map_err(|_| BadSetting::Address)?;
    let is_known = ["http", "https", "socks4", "socks4a", "socks5", "socks5h"].contains(&url.scheme());
    let is_bare = matches!(url.path(), "" | "/") && url.query().is_none() && url.fragment().is_none();
    if !is_known || !is_bare || url.host_str().is_none_or(str::is_empty) || !is_understood(&whole) {
        return Err(BadSetting::Address);
    }
    Ok(whole.trim_end_matches('/').to_owned())
}

/// The proxy on the way to a provider; `None` for a direct way.
///
/// # Errors
/// As [`way`].
pub(super) fn towards(url: &Url, settings: &NetworkSettings) -> Result<Option<Proxy>, HttpError> {
    let matcher = match way(settings)? {
        Way::Systems => Matcher::from_system(),
        Way::Set { proxy, no_proxy } => Matcher::builder().all(proxy.as_str()).no(no_proxy).build(),
    };
    let Ok(uri) = url.as_str().parse() else { return Ok(None) };
    Ok(matcher.intercept(&uri).and_then(|found| Proxy::of(found.uri())))
}

/// The proxy for providers in general, as the environment, the settings or the system have it, and the variable that
/// named it: for people who look for a fault.
///
/// # Errors
/// The refusal that every request would get.
pub fn proxy_in_effect(settings: &NetworkSettings) -> Result<(Option<String>, Option<&'static str>), Refusal> {
    let url = Url::parse("https://provider.invalid/").expect("a URL");
    let found = in_environment().and_then(|named| Ok((towards(&url, settings)?, named)));
    let (proxy, named) = found.map_err(|error| error.refusal())?;
    let variable = named.filter(|_| proxy.is_some()).map(|(variable, _)| variable);
    Ok((proxy.map(|proxy| proxy.to_string()), variable))
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
