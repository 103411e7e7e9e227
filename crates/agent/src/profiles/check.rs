//! A profile that came from a person or a file: normalised where that is safe, refused with the reason where not.

use doorkey_client::words::{Profile, Refusal};
use doorkey_oauth::{ClientSecret, ClientSettings};

use crate::refusal::refusal;

/// Asked for when a profile names none: who it is, and to stay signed in.
const USUAL_SCOPES: [&str; 4] = ["openid", "profile", "email", "offline_access"];

/// Ports that browsers refuse to open (Fetch standard, "bad port"), from 1024 up.
const BLOCKED_PORTS: [u16; 20] = [
    1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080,
    65535,
];

/// The scopes a profile asks for.
fn asked_scopes(profile: &Profile) -> Vec<String> {
    if profile.scopes.is_empty() {
        USUAL_SCOPES.iter().map(|scope| (*scope).to_owned()).collect()
    } else {
        profile.scopes.clone()
    }
}

/// The profile in the words of the protocol's rules.
pub(crate) fn client_settings(profile: &Profile, client_secret: Option<ClientSecret>) -> ClientSettings {
    let mut settings = ClientSettings::new(profile.client_id.clone());
    settings.client_secret = client_secret;
    settings.scopes = asked_scopes(profile);
    settings.audience.clone_from(&profile.audience);
    settings.resources.clone_from(&profile.resources);
    settings.params = profile.params.iter().map(|(key, value)| (key.clone(), value.clone())).collect();
    settings
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
    if let Err(error) = doorkey_oauth::Issuer::parse(&profile.issuer) {
        return Err(refusal(&error).about(&name));
    }
    profile.client_id = profile.client_id.trim().to_owned();
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
    if let Some(path) = &profile.redirect_path {
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'-' | b'_' | b'.' | b'~');
        let taken = ["/done", "/declined", "/refused", "/"].contains(&path.as_str());
        if !path.starts_with('/') || path.contains("//") || path.contains("/.") || !path.bytes().all(fits) || taken {
            return refuse(
                "config.bad_redirect",
                format!("`{}` cannot be the path of a redirect URI.", plain(path)),
                "Begin it with `/` and use letters, digits, `-`, `_`, `.` and `~`, such as `/cb/work`; or leave it out.",
            );
        }
    }
    match client_settings(&profile, None).check() {
        Ok(()) => Ok(profile),
        Err(error) => Err(refusal(&error).about(&name)),
    }
}

/// Text from outside, fit to be shown: no control characters, at most 80.
fn plain(text: &str) -> String {
    text.chars().take(80).map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}
