//! A profile that came from a person or a file: normalised where that is safe, refused with the reason where not.

use doorkey_client::words::{AccountSource, ClientAuth, Endpoints, Grant, Profile, Push, Refusal, ResponseMode};
use doorkey_oauth::{
    AccountPointers, ClientAuthMethod, ClientSecret, ClientSettings, DiscoveryError, Endpoint, Issuer, ManualEndpoints,
    Metadata, PrivateKey, manual_metadata,
};

use crate::preset::Preset;
use crate::refusal::refusal;

/// Asked for when a profile names none: who it is, and to stay signed in.
const USUAL_SCOPES: [&str; 4] = ["openid", "profile", "email", "offline_access"];

/// Ports that browsers refuse to open (Fetch standard, "bad port"), from 1024 up.
const BLOCKED_PORTS: [u16; 20] = [
    1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080,
    65535,
];

/// How far clocks may differ, in seconds, at most.
const MOST_TOLERANCE: u32 = 300;
/// In seconds: less is a slip of the pen.
const SHORTEST_REFRESH: u32 = 60;

/// The scopes a profile asks for.
pub(crate) fn asked_scopes(profile: &Profile) -> Vec<String> {
    if profile.scopes.is_empty() && profile.account.is_none() && profile.grant != Grant::ClientCredentials {
        USUAL_SCOPES.iter().map(|scope| (*scope).to_owned()).collect()
    } else {
        profile.scopes.clone()
    }
}

fn is_usual(scope: &str) -> bool {
    USUAL_SCOPES.contains(&scope)
}

/// What a client shows to a provider, out of the vault.
#[derive(Clone, Debug, Default)]
pub(crate) struct Credentials {
    pub(crate) secret: Option<ClientSecret>,
    pub(crate) key: Option<PrivateKey>,
}

/// The profile in the words of the protocol's rules.
pub(crate) fn client_settings(profile: &Profile, credentials: Credentials) -> ClientSettings {
    let mut settings = ClientSettings::new(profile.client_id.clone());
    settings.client_secret = credentials.secret;
    settings.client_key = credentials.key;
    settings.client_auth = profile.client_auth.map(|method| match method {
        ClientAuth::None => ClientAuthMethod::None,
        ClientAuth::ClientSecretBasic => ClientAuthMethod::Basic,
        ClientAuth::ClientSecretPost => ClientAuthMethod::Post,
        ClientAuth::PrivateKeyJwt => ClientAuthMethod::PrivateKeyJwt,
    });
    settings.push = match profile.push {
        Push::Auto => doorkey_oauth::Push::Auto,
        Push::Always => doorkey_oauth::Push::Always,
        Push::Never => doorkey_oauth::Push::Never,
    };
    settings.response_mode = match profile.response_mode {
        ResponseMode::Query => doorkey_oauth::ResponseMode::Query,
        ResponseMode::FormPost => doorkey_oauth::ResponseMode::FormPost,
    };
    settings.form_answers = profile.account.is_some();
    settings.scopes = asked_scopes(profile);
    settings.audience.clone_from(&profile.audience);
    settings.resources.clone_from(&profile.resources);
    settings.params = profile.params.iter().map(|(key, value)| (key.clone(), value.clone())).collect();
    settings
}

/// What a provider that describes itself nowhere would have said; nothing where it is to be discovered (D-05).
///
/// # Errors
/// Names the endpoint that cannot be used.
pub(crate) fn given_metadata(profile: &Profile, issuer: &Issuer) -> Option<Result<Metadata, Refusal>> {
    let account = profile.account.as_ref().map(|account| account.endpoint.as_str());
    let given = metadata_by_hand(profile.endpoints.as_ref()?, account, issuer);
    Some(given.map_err(|refusal| refusal.about(&profile.name)))
}

/// The same of endpoints that a profile gave.
///
/// # Errors
/// As [`given_metadata`].
pub(crate) fn metadata_by_hand(given: &Endpoints, account: Option<&str>, issuer: &Issuer) -> Result<Metadata, Refusal> {
    let endpoints = ManualEndpoints {
        authorization_endpoint: given.authorization_endpoint.clone(),
        token_endpoint: given.token_endpoint.clone(),
        userinfo_endpoint: account.map(str::to_owned),
        revocation_endpoint: given.revocation_endpoint.clone(),
        device_authorization_endpoint: given.device_authorization_endpoint.clone(),
    };
    manual_metadata(issuer, &endpoints).map_err(|error| match error {
        // Not the provider's word, but the profile's.
        DiscoveryError::BadEndpoint { field, value, problem } => Refusal::new(
            "config.bad_endpoint",
            format!("The profile's `{field}` {problem}, got `{value}`."),
            "Give its whole address, such as https://op.example.com/authorize.",
        ),
        error => refusal(&error),
    })
}

/// Where the account page is.
///
/// # Errors
/// When that is no address to ask.
pub(crate) fn account_endpoint(source: &AccountSource, issuer: &Issuer) -> Result<Endpoint, Refusal> {
    Endpoint::parse(&source.endpoint, issuer).map_err(|problem| {
        Refusal::new(
            "config.bad_endpoint",
            format!("The profile's account endpoint {problem}: `{}`.", plain(&source.endpoint)),
            "Give its whole address, such as https://api.example.com/user.",
        )
    })
}

/// Where the account of a provider without OpenID Connect tells who it is.
pub(crate) fn account_pointers(source: &AccountSource) -> AccountPointers {
    AccountPointers { id: source.id.clone(), name: source.name.clone() }
}

/// Rows F-02 to F-07 of the fault table.
pub(crate) fn check(mut profile: Profile) -> Result<Profile, Refusal> {
    let name = profile.name.clone();
    let refuse = |code: &str, message: String, hint: &str| Err(Refusal::new(code, message, hint).about(&name));

    let letters = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if name.is_empty() || name.len() > 64 || !name.chars().all(letters) || name.starts_with(['-', '.']) {
        return refuse(
            "config.bad_name",
            format!("`{}` cannot be the name of a profile.", plain(&name)),
            "Use letters, digits, `-`, `_` and `.`, at most 64, not beginning with `-` or `.`.",
        );
    }
    profile.issuer = profile.issuer.trim().to_owned();
    let issuer = match Issuer::parse(&profile.issuer) {
        Ok(issuer) => issuer,
        Err(error) => return Err(refusal(&error).about(&name)),
    };
    if let Some(preset) = &profile.preset {
        Preset::named(preset).map_err(|refusal| refusal.about(&name))?;
    }
    profile.client_id = profile.client_id.trim().to_owned();
    // A comma may stand in a scope, but not between the usual ones.
    if let Some(list) = profile.scopes.iter().find(|scope| scope.split(',').skip(1).any(|part| is_usual(part.trim()))) {
        return refuse(
            "config.bad_scope",
            format!("`{}` is several scopes in one.", plain(list)),
            "Name each by itself: scopes = [\"openid\", \"email\"], or `--scope openid --scope email`.",
        );
    }
    let mut seen = std::collections::BTreeSet::new();
    profile.scopes.retain(|scope| seen.insert(scope.clone()));
    if profile.audience.as_deref().is_some_and(|audience| audience.trim().is_empty()) {
        profile.audience = None;
    }
    for (index, port) in profile.ports.iter().enumerate() {
        let why = if *port < 1024 {
            "ports below 1024 are the system's"
        } else if BLOCKED_PORTS.contains(port) {
            "browsers refuse to open it"
        } else if profile.ports[..index].contains(port) {
            "it is listed twice"
        } else {
            continue;
        };
        return refuse(
            "config.bad_redirect",
            format!("Port {port} cannot be used: {why}."),
            "Choose ports between 1024 and 65534, such as 21847, 21848 and 21849.",
        );
    }
    for path in profile.redirect_path.iter().chain(&profile.post_logout_redirect_path) {
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'-' | b'_' | b'.' | b'~');
        let taken = ["/done", "/declined", "/refused", "/left", "/"].contains(&path.as_str());
        if !path.starts_with('/') || path.contains("//") || path.contains("/.") || !path.bytes().all(fits) || taken {
            return refuse(
                "config.bad_redirect",
                format!("`{}` cannot be the path of a redirect URI.", plain(path)),
                "Begin it with `/` and use letters, digits, `-`, `_`, `.` and `~`, such as `/cb/work`; or leave it out.",
            );
        }
    }
    if profile.clock_tolerance.is_some_and(|seconds| seconds > MOST_TOLERANCE) {
        return refuse(
            "config.bad_tolerance",
            format!("Clocks may differ by {MOST_TOLERANCE} seconds at most."),
            "Set the clock instead: a token that ended long ago must not pass.",
        );
    }
    if profile.refresh_idle.into_iter().chain(profile.refresh_absolute).any(|seconds| seconds < SHORTEST_REFRESH) {
        return refuse(
            "config.bad_refresh_life",
            format!("`refresh_idle` and `refresh_absolute` are {SHORTEST_REFRESH} seconds at least."),
            "Give them in seconds, as the provider's settings have them; or leave them out.",
        );
    }
    if let Some(account) = &profile.account {
        if let Err(error) = account_pointers(account).check() {
            return Err(refusal(&error).about(&name));
        }
        account_endpoint(account, &issuer).map_err(|refusal| refusal.about(&name))?;
        if profile.scopes.iter().any(|scope| scope == "openid") {
            return refuse(
                "config.account_and_openid",
                "The profile asks for the scope `openid` and names an account endpoint as well.".to_owned(),
                "With OpenID Connect the ID token says who signed in: leave `account` out, or `openid`.",
            );
        }
    }
    if let Some(Err(error)) = given_metadata(&profile, &issuer) {
        return Err(error);
    }
    if let Err(error) = client_settings(&profile, Credentials::default()).check() {
        return Err(refusal(&error).about(&name));
    }
    let says_who = profile.account.is_some() || asked_scopes(&profile).iter().any(|scope| scope == "openid");
    if profile.grant != Grant::ClientCredentials && !says_who {
        return refuse(
            "config.openid_missing",
            format!("The profile `{name}` does not ask for the scope `openid`, so nobody could say who signed in."),
            "Add `openid` to its scopes; for a provider without OpenID Connect, name its account endpoint in `account`.",
        );
    }
    Ok(profile)
}

/// Text from outside, fit to be shown: no control characters, at most 80.
fn plain(text: &str) -> String {
    text.chars().take(80).map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}
