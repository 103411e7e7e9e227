//! Known products: what each needs in a profile, and what to do in its console. The one list of them: the window,
//! the command line and the guide in `docs/providers.md` all show this.

mod address;
mod guide;
mod products;
mod setup;
#[cfg(test)]
mod tests;

use doorkey_client::words::{ClientAuth, Grant, Profile, RedirectHost, Refusal, Suggested};
use doorkey_oauth::Issuer;

pub use self::guide::guide;
use self::products::PRODUCTS;

const AUTH0: &str = "auth0";

/// Listed where a provider matches the port exactly: not in any system's ephemeral range, not known to browsers as bad.
pub const SUGGESTED_PORTS: [u16; 3] = [21847, 21848, 21849];

/// A known product.
#[derive(Debug)]
pub struct Preset {
    /// As it stands in a profile.
    pub name: &'static str,
    /// As its maker calls it.
    pub title: &'static str,
    /// Its issuer, or what that looks like where everybody has another one.
    issuer: &'static str,
    reach: Reach,
    ports: Ports,
    redirect_host: RedirectHost,
    secret: NativeSecret,
    /// Empty where the usual ones will do.
    scopes: &'static [&'static str],
    params: &'static [(&'static str, &'static str)],
    /// Whether an address is one of its own; behind a domain of one's own a person says what it is.
    is: fn(host: &str, path: &str) -> bool,
    protocol: Protocol,
    steps: &'static [Step],
    /// What goes wrong there, and why.
    troubles: &'static [(&'static str, &'static str)],
}

/// Who its issuer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reach {
    /// The same for everybody, unless they run a server of their own.
    One,
    /// A tenant, an organization, a server: each has its own.
    Each,
}

/// Whether it is Auth0: by its own domain, or by what the profile says where it has another.
pub(crate) fn is_auth0(issuer: &Issuer, profile: Option<&Profile>) -> bool {
    let by_address = Preset::at(issuer.host(), issuer.url().path());
    let named = profile.and_then(|profile| profile.preset.as_deref());
    by_address.is_some_and(|preset| preset.name == AUTH0) || named == Some(AUTH0)
}

/// How a redirect URI on loopback is compared with those that are registered (RFC 8252 section 7.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ports {
    /// The port is the client's to choose.
    Any,
    /// The port is compared too.
    Exact,
}

/// Whether a native client has a secret there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum NativeSecret {
    /// None.
    None,
    /// One that proves nothing, because every copy of an application has it; it must be sent all the same.
    ProvesNothing,
    /// One that must be sent, for no difference is made between native and other clients.
    Needed,
}

/// What it speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Protocol {
    OpenIdConnect,
    /// GitHub's OAuth, whose account page says who signed in.
    GitHub,
}

/// One thing to do in its console.
#[derive(Debug)]
struct Step {
    when: When,
    place: &'static str,
    what: &'static str,
    paste: Paste,
}

/// For whom a step is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum When {
    Always,
    /// Who signs in on this computer.
    Browser,
    /// Who signs in with a code on another device.
    Device,
}

#[derive(Clone, Copy, Debug)]
enum Paste {
    Nothing,
    RedirectUris,
    Texts(&'static [&'static str]),
}

/// The names of all presets, in the order in which they are told.
#[must_use]
pub fn preset_names() -> Vec<&'static str> {
    PRODUCTS.iter().map(|preset| preset.name).collect()
}

impl Preset {
    /// The one of that name.
    ///
    /// # Errors
    /// `config.bad_preset` names those there are.
    pub fn named(name: &str) -> Result<&'static Self, Refusal> {
        PRODUCTS.iter().find(|preset| preset.name == name).ok_or_else(|| {
            Refusal::new(
                "config.bad_preset",
                format!("There is no preset called `{}`.", doorkey_oauth::clean(name, 60)),
                format!("There are: {}. Leave it out for any other provider.", preset_names().join(", ")),
            )
        })
    }

    /// The product behind this address, where the address tells.
    pub(crate) fn at(host: &str, path: &str) -> Option<&'static Self> {
        PRODUCTS.iter().find(|preset| (preset.is)(host, path))
    }

    /// The product a profile is for: what it says, else what its address tells.
    pub(crate) fn of(profile: &Profile) -> Option<&'static Self> {
        match &profile.preset {
            Some(name) => Self::named(name).ok(),
            None => {
                let url = url::Url::parse(&profile.issuer).ok()?;
                Self::at(url.host_str()?, url.path())
            }
        }
    }

    /// Its issuer, where everybody has the same.
    #[must_use]
    pub fn only_issuer(&self) -> Option<&'static str> {
        match self.reach {
            Reach::One => Some(self.issuer),
            Reach::Each => None,
        }
    }

    /// What its issuers look like.
    #[must_use]
    pub fn sample_issuer(&self) -> &'static str {
        self.issuer
    }

    /// Ports for a profile; empty where any will do.
    #[must_use]
    pub fn ports(&self) -> Vec<u16> {
        match self.ports {
            Ports::Any => Vec::new(),
            Ports::Exact => SUGGESTED_PORTS.to_vec(),
        }
    }

    /// What a profile for it needs, the issuer being known.
    #[must_use]
    pub fn suggested(&self, issuer: &str) -> Suggested {
        let (endpoints, account) = match self.protocol {
            Protocol::OpenIdConnect => (None, None),
            Protocol::GitHub => {
                let (endpoints, account) = address::github(issuer);
                (Some(endpoints), Some(account))
            }
        };
        Suggested {
            scopes: self.scopes.iter().map(|scope| (*scope).to_owned()).collect(),
            redirect_host: self.redirect_host,
            params: self.params.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect(),
            client_auth: match self.secret {
                NativeSecret::None => None,
                NativeSecret::ProvesNothing | NativeSecret::Needed => Some(ClientAuth::ClientSecretPost),
            },
            client_secret: self.secret != NativeSecret::None,
            endpoints,
            account,
        }
    }

    /// Fills in what the person left open. A redirect host is left open when it is the usual one.
    #[must_use]
    pub fn complete(&self, mut profile: Profile) -> Profile {
        let suggested = self.suggested(&profile.issuer);
        let in_browser = profile.grant == Grant::AuthorizationCode;
        if profile.ports.is_empty() && in_browser {
            profile.ports = self.ports();
        }
        if profile.scopes.is_empty() && profile.grant != Grant::ClientCredentials {
            profile.scopes = suggested.scopes;
        }
        if in_browser {
            for (key, value) in suggested.params {
                profile.params.entry(key).or_insert(value);
            }
            if profile.redirect_host == RedirectHost::default() {
                profile.redirect_host = suggested.redirect_host;
            }
            profile.client_auth = profile.client_auth.or(suggested.client_auth);
        }
        profile.endpoints = profile.endpoints.or(suggested.endpoints);
        if profile.grant != Grant::ClientCredentials {
            profile.account = profile.account.or(suggested.account);
        }
        profile
    }

    /// Whether it is described by endpoints known beforehand, with nothing to discover.
    pub(crate) fn is_given(&self) -> bool {
        self.protocol == Protocol::GitHub
    }

    /// Whether the port of a redirect URI is compared.
    pub(crate) fn compares_ports(&self) -> bool {
        self.ports == Ports::Exact
    }

    /// Whether a profile whose browser is on this computer is refused without a client secret.
    pub(crate) fn wants_secret(&self) -> bool {
        self.secret != NativeSecret::None
    }
}
