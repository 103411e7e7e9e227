//! What a file says of one profile, word by word, whatever program's words they are; and what comes of it in the end.

use doorkey_client::words::{ClientAuth, Grant, ImportedProfile, Profile};
use doorkey_oauth::{Issuer, clean};
use url::Url;

use super::import::{ImportError, Source};
use super::redirects;
use crate::preset::Preset;
use crate::profiles::check;

/// The longest value that is taken, in bytes.
const LONGEST: usize = 2048;
/// How many names of a file a note lists.
const MOST_NAMES: usize = 8;
/// Parameters that are taken out of an authorization URL; others may be anything.
const KNOWN_PARAMS: [&str; 13] = [
    "access_type",
    "acr_values",
    "connection",
    "display",
    "domain_hint",
    "hd",
    "kc_idp_hint",
    "login_hint",
    "max_age",
    "organization",
    "prompt",
    "ui_locales",
    "claims_locales",
];
const SECRET_WORDS: [&str; 11] = [
    "secret",
    "password",
    "passphrase",
    "passwd",
    "private",
    "token",
    "assertion",
    "credential",
    "api_key",
    "apikey",
    "cookie",
];

/// What a file has said of one profile so far.
#[derive(Default)]
pub(super) struct Draft {
    name: String,
    issuer: Option<String>,
    client_id: Option<String>,
    authorization: Option<String>,
    scopes: Vec<String>,
    audience: Option<String>,
    resources: Vec<String>,
    redirect_uris: Vec<String>,
    params: Vec<(String, String)>,
    grant: Grant,
    client_auth: Option<ClientAuth>,
    dpop: bool,
    notes: Vec<String>,
    left: Vec<String>,
    secrets: Vec<String>,
    has_secret: bool,
}

impl Draft {
    /// With the name that the file has for it.
    pub(super) fn named(name: &str) -> Self {
        Self { name: name.to_owned(), ..Self::default() }
    }

    /// The file says `value` by this word. Words of all programs are known, in any spelling; what is not known is
    /// noted by its name, and so is a secret.
    pub(super) fn say(&mut self, word: &str, value: &str) {
        let value = value.trim();
        if value.is_empty() {
            return;
        }
        let known: String = word.trim().to_ascii_lowercase().replace(['-', ' ', '.'], "_");
        let known = known.trim_start_matches("oidc_").trim_start_matches("oauth2_").trim_start_matches("oauth_");
        // A list of addresses may be long; no other value is.
        if value.len() > LONGEST {
            self.left.push(word.to_owned());
            return;
        }
        let lists = |value: &str| value.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        match known {
            "issuer" | "issuer_url" | "iss" | "idp_issuer_url" => self.issuer = Some(value.to_owned()),
            "client_id" | "clientid" => self.client_id = Some(value.to_owned()),
            "scope" | "scopes" => self.scopes.extend(lists(value)),
            "extra_scope" => self.scopes.extend(value.split([',', ' ']).filter(|it| !it.is_empty()).map(str::to_owned)),
            "audience" | "aud" => self.audience = Some(value.to_owned()),
            "resource" => self.resources.push(value.to_owned()),
            "redirect_uri" | "redirect_uris" | "redirect_url" | "callback_url" => {
                self.redirect_uris.extend(lists(value));
            }
            "authorization_url" | "authorization_endpoint" | "auth_url" | "authorize_url" => self.authorization(value),
            // Discovery tells these anew, and a grant may always be renewed.
            "token_url"
            | "access_token_url"
            | "token_endpoint"
            | "refresh_token_url"
            | "device_authorization_endpoint"
            | "pkce"
            | "pkce_method"
            | "use_pkce"
            | "code_challenge_method" => {}
            "grant_type" => self.grant(value),
            "token_endpoint_auth_method" => self.authentication(value),
            "dpop_bound_access_tokens" => self.dpop = value == "true",
            _ if is_secret(known) => self.secret(word),
            _ => self.left.push(word.to_owned()),
        }
    }

    /// The file has a secret by this word. What it is does not come here.
    pub(super) fn secret(&mut self, word: &str) {
        let known = word.to_ascii_lowercase().replace(['-', ' ', '.', '_'], "");
        if known.ends_with("clientsecret") {
            self.has_secret = true;
        } else {
            self.secrets.push(word.to_owned());
        }
    }

    /// A sentence for the person.
    pub(super) fn note(&mut self, sentence: impl Into<String>) {
        self.notes.push(sentence.into());
    }

    /// A parameter of the authorization request.
    pub(super) fn param(&mut self, name: &str, value: &str) {
        match name {
            "audience" | "resource" => self.say(name, value),
            _ if KNOWN_PARAMS.contains(&name) && value.len() <= LONGEST => {
                self.params.push((name.to_owned(), value.to_owned()));
            }
            _ if is_secret(name) => self.secret(name),
            _ => self.left.push(name.to_owned()),
        }
    }

    fn authorization(&mut self, address: &str) {
        let Ok(url) = Url::parse(address) else { return self.left.push("authorization_url".to_owned()) };
        for (name, value) in url.query_pairs() {
            self.param(&name, &value);
        }
        self.authorization = issuer_behind(&url);
    }

    fn grant(&mut self, grant: &str) {
        self.grant = match grant {
            "client_credentials" => Grant::ClientCredentials,
            "device_code" | "device-code" | "urn:ietf:params:oauth:grant-type:device_code" => Grant::DeviceCode,
            "authorization_code" | "authorization_code_with_pkce" | "authcode" | "auto" => Grant::AuthorizationCode,
            "refresh_token" => return,
            _ => {
                let sentence =
                    "It signs in by a grant that Doorkey does not have; the profile signs in through the browser.";
                return self.note(sentence);
            }
        };
    }

    fn authentication(&mut self, method: &str) {
        self.client_auth = match method {
            "none" => Some(ClientAuth::None),
            "client_secret_basic" => Some(ClientAuth::ClientSecretBasic),
            "client_secret_post" => Some(ClientAuth::ClientSecretPost),
            "private_key_jwt" => Some(ClientAuth::PrivateKeyJwt),
            _ => {
                self.left.push("token_endpoint_auth_method".to_owned());
                None
            }
        };
    }

    /// The profile, judged like every other.
    ///
    /// # Errors
    /// What is missing, or the rule of profiles that it does not keep.
    pub(super) fn settled(mut self, source: &mut Source) -> Result<ImportedProfile, ImportError> {
        let missing = |what, profile: &str, why: &str| ImportError::Incomplete {
            profile: clean(profile, 64),
            what,
            why: why.to_owned(),
        };
        let variable = ": it stands in a variable whose value is elsewhere";
        let is_variable = |value: &String| value.contains("{{");
        if self.issuer.is_none() && self.authorization.is_some() {
            self.issuer = self.authorization.take();
            self.note("The file does not name the issuer; it was made of the authorization URL. Compare it with what the provider says.");
        }
        let issuer = self.issuer.take().ok_or_else(|| missing("issuer", &self.name, ""))?;
        let client_id = self.client_id.take().ok_or_else(|| missing("client ID", &self.name, ""))?;
        for (what, value) in [("issuer", &issuer), ("client ID", &client_id)] {
            if is_variable(value) {
                return Err(missing(what, &self.name, variable));
            }
        }
        let wish = if self.name.trim().is_empty() { host_of(&issuer) } else { self.name.clone() };
        let mut profile = Profile {
            scopes: std::mem::take(&mut self.scopes),
            audience: self.audience.take().filter(|audience| !is_variable(audience)),
            resources: std::mem::take(&mut self.resources),
            params: std::mem::take(&mut self.params).into_iter().collect(),
            grant: self.grant,
            client_auth: self.client_auth,
            dpop: self.dpop,
            ..Profile::new(source.name(&wish), issuer, client_id)
        };
        if let Some(sentence) = redirects::take(&mut profile, &self.redirect_uris) {
            self.note(sentence);
        }
        profile = self.completed(profile);
        let notes = self.told();
        Ok(ImportedProfile { profile: check(profile)?, notes, has_secret: self.has_secret })
    }

    /// With what every profile needs and other programs do without.
    fn completed(&mut self, profile: Profile) -> Profile {
        let preset = Issuer::parse(&profile.issuer).ok().and_then(|it| Preset::at(it.host(), it.url().path()));
        let mut profile = match preset.filter(|preset| preset.is_given()) {
            Some(preset) => preset.complete(profile),
            None => profile,
        };
        let has_openid = profile.scopes.iter().any(|scope| scope == "openid");
        let signs_people_in = profile.grant != Grant::ClientCredentials && profile.account.is_none();
        if signs_people_in && !profile.scopes.is_empty() && !has_openid {
            profile.scopes.insert(0, "openid".to_owned());
            self.note("The scope `openid` was added, so that the provider says who signed in.");
        }
        profile
    }

    fn told(&mut self) -> Vec<String> {
        let mut notes = std::mem::take(&mut self.notes);
        if self.has_secret {
            notes.push("The client secret was not taken over: give it again when the profile is there.".to_owned());
        }
        if !self.secrets.is_empty() {
            notes.push(format!("The file holds secrets, which stay in it: {}.", listed(&self.secrets)));
        }
        if !self.left.is_empty() {
            notes.push(format!("A profile has no place for {}.", listed(&self.left)));
        }
        notes
    }
}

fn listed(names: &[String]) -> String {
    let mut seen = std::collections::BTreeSet::new();
    let names: Vec<_> = names.iter().filter(|name| seen.insert(name.as_str())).collect();
    let mut told =
        names.iter().take(MOST_NAMES).map(|name| format!("`{}`", clean(name, 40))).collect::<Vec<_>>().join(", ");
    if names.len() > MOST_NAMES {
        told += &format!(" and {} more", names.len() - MOST_NAMES);
    }
    told
}

/// Whether a value by this word is better not looked at.
pub(super) fn is_secret(word: &str) -> bool {
    let word = word.to_ascii_lowercase().replace(['-', ' ', '.'], "_");
    SECRET_WORDS.iter().any(|secret| word.contains(secret))
}

fn host_of(issuer: &str) -> String {
    Url::parse(issuer).ok().and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default()
}

/// The issuer that has its authorization endpoint there, as the known products have it; the origin otherwise.
fn issuer_behind(url: &Url) -> Option<String> {
    let origin = url.origin().ascii_serialization();
    let host = url.host_str()?;
    let path = url.path();
    if let Some(realm) = path.strip_suffix("/protocol/openid-connect/auth") {
        return Some(format!("{origin}{realm}"));
    }
    if let Some(tenant) = path.strip_suffix("/oauth2/v2.0/authorize") {
        return Some(format!("{origin}{tenant}/v2.0"));
    }
    if let Some(server) = path.strip_suffix("/v1/authorize").filter(|server| *server != "/oauth2") {
        return Some(format!("{origin}{server}"));
    }
    if host.ends_with(".auth0.com") {
        return Some(format!("{origin}/"));
    }
    Some(origin)
}
