//! A request of Bruno with its `auth:oauth2`, in Bruno's own language of blocks.

use doorkey_client::words::{ClientAuth, ExportedFile, Grant, ImportedProfile, PortableFormat};

use super::Told;
use super::draft::Draft;
use super::export::{ExportError, params};
use super::import::{ImportError, Source};
use super::redirects;

const FORMAT: PortableFormat = PortableFormat::Bruno;
/// How Bruno goes about it, and nothing of the provider's.
const OF_ITS_OWN: [&str; 9] = [
    "state",
    "credentials_id",
    "token_source",
    "token_placement",
    "token_header_prefix",
    "token_query_key",
    "auto_fetch_token",
    "auto_refresh_token",
    "reuse_token",
];

/// `name {`, the lines within, `}`: blocks begin and end at the left edge.
struct Block<'a> {
    name: &'a str,
    lines: Vec<&'a str>,
}

impl<'a> Block<'a> {
    /// What it says, line by line; `~` before a name turns it off.
    fn pairs(&self) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.lines
            .iter()
            .filter_map(|line| line.trim().split_once(':'))
            .map(|(key, value)| (key.trim(), value.trim()))
            .filter(|(key, _)| !key.starts_with('~'))
    }
}

pub(super) fn read(text: &str, source: &mut Source) -> Result<Vec<ImportedProfile>, ImportError> {
    let blocks = blocks(text).map_err(|why| ImportError::Unreadable { format: FORMAT, why })?;
    let pairs =
        |name: &str| blocks.iter().filter(|block| block.name == name).flat_map(Block::pairs).collect::<Vec<_>>();
    let oauth = pairs("auth:oauth2");
    if oauth.is_empty() {
        return Ok(Vec::new());
    }
    let variables = pairs("vars:pre-request");
    let name = pairs("meta").into_iter().find(|(key, _)| *key == "name").map_or("", |(_, name)| name);
    let mut draft = Draft::named(name);
    let value_of = |value: &'_ str| {
        let variable = value.strip_prefix("{{").and_then(|rest| rest.strip_suffix("}}")).map(str::trim);
        let found = variable.and_then(|name| variables.iter().find(|(key, _)| *key == name));
        found.map_or(value, |(_, value)| value).to_owned()
    };
    if let Some((key, issuer)) = variables.iter().find(|(key, _)| ["issuer", "issuer_url"].contains(key)) {
        draft.say(key, issuer);
    }
    for (key, value) in oauth.iter().filter(|(key, _)| !OF_ITS_OWN.contains(key)) {
        match (*key, *value) {
            ("credentials_placement", "basic_auth_header") => {
                draft.say("token_endpoint_auth_method", ClientAuth::ClientSecretBasic.as_str());
            }
            ("credentials_placement", _) => {}
            (key, value) => draft.say(key, &value_of(value)),
        }
    }
    for (key, value) in pairs("auth:oauth2:additional_params:auth_req:queryparams") {
        draft.param(key, &value_of(value));
    }
    Ok(vec![draft.settled(source)?])
}

fn blocks(text: &str) -> Result<Vec<Block<'_>>, String> {
    let mut blocks = Vec::new();
    let mut open: Option<Block<'_>> = None;
    for line in text.lines().map(str::trim_end) {
        match &mut open {
            None => {
                if let Some(name) = line.strip_suffix('{').map(str::trim).filter(|name| !name.is_empty()) {
                    open = Some(Block { name, lines: Vec::new() });
                }
            }
            Some(_) if line == "}" => blocks.extend(open.take()),
            Some(block) => block.lines.push(line),
        }
    }
    match open {
        Some(_) => Err("a block has no end".to_owned()),
        None => Ok(blocks),
    }
}

pub(super) fn write(told: &Told) -> Result<ExportedFile, ExportError> {
    let profile = &told.profile;
    let addresses = told.addresses.clone().unwrap_or_default();
    let redirect_uri = redirects::with_ports(&told.redirect_uris).into_iter().next().unwrap_or_default();
    let placement = match profile.client_auth {
        Some(ClientAuth::ClientSecretBasic) => "basic_auth_header",
        Some(ClientAuth::None | ClientAuth::ClientSecretPost | ClientAuth::PrivateKeyJwt) | None => "body",
    };
    let scope = told.scopes.join(" ");
    let mut oauth = vec![];
    if profile.grant == Grant::ClientCredentials {
        oauth.extend([("grant_type", "client_credentials"), ("access_token_url", addresses.token.as_str())]);
    } else {
        oauth.extend([
            ("grant_type", "authorization_code"),
            ("callback_url", redirect_uri.as_str()),
            ("authorization_url", addresses.authorization.as_str()),
            ("access_token_url", addresses.token.as_str()),
        ]);
    }
    oauth.extend([
        ("refresh_token_url", ""),
        ("client_id", profile.client_id.as_str()),
        ("client_secret", ""),
        ("scope", scope.as_str()),
    ]);
    if profile.grant != Grant::ClientCredentials {
        oauth.extend([("state", ""), ("pkce", "true")]);
    }
    oauth.extend([
        ("credentials_placement", placement),
        ("credentials_id", "credentials"),
        ("token_placement", "header"),
        ("token_header_prefix", "Bearer"),
        ("auto_fetch_token", "true"),
        ("auto_refresh_token", "true"),
    ]);
    let audience = profile.audience.iter().map(|audience| ("audience", audience.as_str()));
    let resources = profile.resources.iter().map(|resource| ("resource", resource.as_str()));
    let further: Vec<_> = audience.chain(resources).chain(params(profile)).collect();
    let address = addresses.userinfo.as_deref().unwrap_or(&profile.issuer);
    let mut text = String::new();
    for (name, lines) in [
        ("meta", &[("name", profile.name.as_str()), ("type", "http"), ("seq", "1")][..]),
        ("get", &[("url", address), ("body", "none"), ("auth", "oauth2")]),
        ("auth:oauth2", &oauth),
        ("auth:oauth2:additional_params:auth_req:queryparams", &further),
        ("vars:pre-request", &[("issuer", profile.issuer.as_str())]),
    ] {
        if lines.is_empty() {
            continue;
        }
        if !text.is_empty() {
            text.push('\n');
        }
        text += &block(name, lines).ok_or_else(|| ExportError::Impossible {
            profile: profile.name.clone(),
            format: FORMAT,
            why: "a value of it would mean something else in Bruno's language",
        })?;
    }
    Ok(ExportedFile { name: format!("{}.bru", profile.name), text })
}

/// Nothing when a value would end its line, or name a variable.
fn block(name: &str, lines: &[(&str, &str)]) -> Option<String> {
    let mut text = format!("{name} {{\n");
    for (key, value) in lines {
        let is_plain = |text: &str| !text.contains("{{") && !text.contains(char::is_control);
        if !is_plain(key) || !is_plain(value) || key.contains([':', ' ', '~']) {
            return None;
        }
        text += &format!("  {key}: {value}\n");
    }
    text += "}\n";
    Some(text)
}
