//! What was typed about a profile, put into it.

use doorkey_client::Secret;
use doorkey_client::words::{AccountSource, Endpoints, Profile, Refusal};

use super::secret::{self, Input};
use crate::args::{KeySource, ProfileSettings};
use crate::failure::Failure;
use crate::output::Output;

/// What goes into the vault with a profile.
#[derive(Clone, Debug, Default)]
pub(super) struct Given {
    pub(super) secret: Option<Secret>,
    pub(super) key: Option<Secret>,
}

impl Given {
    pub(super) fn is_some(&self) -> bool {
        self.secret.is_some() || self.key.is_some()
    }
}

/// Reads what is to be read, from standard input or a file.
///
/// # Errors
/// `usage.secret_in_argv`, `config.bad_client_secret`, `config.bad_client_key`.
pub(super) fn given(settings: &ProfileSettings, out: &Output) -> Result<Given, Failure> {
    let credentials = &settings.credentials;
    if credentials.client_secret.is_some() || credentials.client_key.is_some() {
        return Err(Refusal::new(
            "usage.secret_in_argv",
            "A secret does not belong into an argument: other programs can read it, and the shell remembers it.",
            "Use `--client-secret-stdin` or `--client-key-file`. Change the secret at the provider if it was a real one.",
        )
        .into());
    }
    let secret = credentials.client_secret_stdin.then(|| secret::read(Input::ClientSecret, out)).transpose()?;
    let key = match credentials.key_source() {
        Some(KeySource::Stdin) => Some(secret::read(Input::ClientKey, out)?),
        Some(KeySource::File(path)) => Some(secret::read_file(Input::ClientKey, path)?),
        None => None,
    };
    Ok(Given { secret, key })
}

/// Changes what is named, and nothing else. A list that is named takes the place of the old one; of parameters,
/// those that are named.
///
/// # Errors
/// `usage.incomplete` where an endpoint is named without those it cannot do without.
pub(super) fn apply(settings: &ProfileSettings, profile: &mut Profile) -> Result<(), Refusal> {
    let set = |field: &mut Option<String>, value: &Option<String>| {
        if value.is_some() {
            field.clone_from(value);
        }
    };
    set(&mut profile.preset, &settings.preset);
    set(&mut profile.audience, &settings.audience);
    set(&mut profile.redirect_path, &settings.redirect_path);
    set(&mut profile.post_logout_redirect_path, &settings.post_logout_redirect_path);
    if !settings.scopes.is_empty() {
        let scopes = settings.scopes.iter().flat_map(|scopes| scopes.split_whitespace());
        profile.scopes = scopes.map(str::to_owned).collect();
    }
    if !settings.resources.is_empty() {
        profile.resources.clone_from(&settings.resources);
    }
    if !settings.ports.is_empty() {
        profile.ports.clone_from(&settings.ports);
    }
    let named =
        [("organization", &settings.organization), ("connection", &settings.connection), ("prompt", &settings.prompt)];
    let named = named.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value.clone()?)));
    profile.params.extend(named.chain(settings.params.iter().cloned()));
    profile.redirect_host = settings.redirect_host.unwrap_or(profile.redirect_host);
    profile.grant = settings.grant.unwrap_or(profile.grant);
    profile.response_mode = settings.response_mode.unwrap_or(profile.response_mode);
    profile.push = settings.push.unwrap_or(profile.push);
    profile.dpop |= settings.dpop;
    profile.client_auth = settings.client_auth.or(profile.client_auth);
    profile.clock_tolerance = settings.clock_tolerance.or(profile.clock_tolerance);
    profile.refresh_idle = settings.refresh_idle.or(profile.refresh_idle);
    profile.refresh_absolute = settings.refresh_absolute.or(profile.refresh_absolute);
    profile.endpoints = endpoints(settings, profile.endpoints.take())?;
    profile.account = account(settings, profile.account.take())?;
    Ok(())
}

fn endpoints(settings: &ProfileSettings, old: Option<Endpoints>) -> Result<Option<Endpoints>, Refusal> {
    let ProfileSettings { authorization_endpoint, token_endpoint, .. } = settings;
    let ProfileSettings { revocation_endpoint, device_authorization_endpoint, .. } = settings;
    let named = [authorization_endpoint, token_endpoint, revocation_endpoint, device_authorization_endpoint];
    if named.iter().all(|endpoint| endpoint.is_none()) {
        return Ok(old);
    }
    let (authorization, token, revocation, device) = match old {
        Some(old) => (
            Some(old.authorization_endpoint),
            Some(old.token_endpoint),
            old.revocation_endpoint,
            old.device_authorization_endpoint,
        ),
        None => (None, None, None, None),
    };
    match (authorization_endpoint.clone().or(authorization), token_endpoint.clone().or(token)) {
        (Some(authorization_endpoint), Some(token_endpoint)) => Ok(Some(Endpoints {
            authorization_endpoint,
            token_endpoint,
            revocation_endpoint: revocation_endpoint.clone().or(revocation),
            device_authorization_endpoint: device_authorization_endpoint.clone().or(device),
        })),
        _ => Err(incomplete(
            "Endpoints given by hand need both `--authorization-endpoint` and `--token-endpoint`.",
            "Name both, or leave all of them out: the provider is then asked where they are.",
        )),
    }
}

fn account(settings: &ProfileSettings, old: Option<AccountSource>) -> Result<Option<AccountSource>, Refusal> {
    let ProfileSettings { account_endpoint, account_id, account_name, .. } = settings;
    if account_endpoint.is_none() && account_id.is_none() && account_name.is_none() {
        return Ok(old);
    }
    let (endpoint, id, name) = match old {
        Some(old) => (Some(old.endpoint), Some(old.id), old.name),
        None => (None, None, None),
    };
    match (account_endpoint.clone().or(endpoint), account_id.clone().or(id)) {
        (Some(endpoint), Some(id)) => Ok(Some(AccountSource { endpoint, id, name: account_name.clone().or(name) })),
        _ => Err(incomplete(
            "An account page needs both `--account-endpoint` and `--account-id`.",
            "Name both, such as `--account-endpoint https://api.example/user --account-id /id`.",
        )),
    }
}

fn incomplete(message: &str, hint: &str) -> Refusal {
    Refusal::new("usage.incomplete", message, hint)
}

/// Takes a key of `profiles.toml` out, so that it is as it is without saying.
///
/// # Errors
/// `usage.unknown_key` names those there are.
pub(super) fn unset(profile: &mut Profile, key: &str) -> Result<(), Refusal> {
    let fresh = Profile::new(profile.name.clone(), profile.issuer.clone(), profile.client_id.clone());
    match key {
        "scopes" => profile.scopes = fresh.scopes,
        "audience" => profile.audience = None,
        "resources" => profile.resources = fresh.resources,
        "redirect_host" => profile.redirect_host = fresh.redirect_host,
        "ports" => profile.ports = fresh.ports,
        "redirect_path" => profile.redirect_path = None,
        "post_logout_redirect_path" => profile.post_logout_redirect_path = None,
        "params" => profile.params = fresh.params,
        "grant" => profile.grant = fresh.grant,
        "response_mode" => profile.response_mode = fresh.response_mode,
        "push" => profile.push = fresh.push,
        "dpop" => profile.dpop = false,
        "client_auth" => profile.client_auth = None,
        "clock_tolerance" => profile.clock_tolerance = None,
        "refresh_idle" => profile.refresh_idle = None,
        "refresh_absolute" => profile.refresh_absolute = None,
        "preset" => profile.preset = None,
        "endpoints" => profile.endpoints = None,
        "account" => profile.account = None,
        _ => return unset_within(profile, key),
    }
    Ok(())
}

const KEYS: &str = "scopes, audience, resources, redirect_host, ports, redirect_path, post_logout_redirect_path, params, \
                    params.NAME, grant, response_mode, push, dpop, client_auth, clock_tolerance, refresh_idle, refresh_absolute, \
                    preset, endpoints, account";

fn unset_within(profile: &mut Profile, key: &str) -> Result<(), Refusal> {
    if let Some(name) = key.strip_prefix("params.") {
        return match profile.params.remove(name) {
            Some(_) => Ok(()),
            None => Err(Refusal::new(
                "usage.unknown_key",
                format!("The profile has no parameter `{name}`."),
                format!("`doorkey profile show {}` shows what it has.", profile.name),
            )),
        };
    }
    if matches!(key, "name" | "issuer" | "client_id") {
        return Err(Refusal::new(
            "usage.unknown_key",
            format!("A profile cannot be without its `{key}`."),
            "Give another one instead.",
        ));
    }
    Err(Refusal::new("usage.unknown_key", format!("No profile has a key `{key}`."), format!("There are: {KEYS}.")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn profile() -> Profile {
        Profile {
            audience: Some("api".into()),
            post_logout_redirect_path: Some("/signed-out/work".into()),
            params: [("prompt".to_owned(), "consent".to_owned()), ("a".to_owned(), "b".to_owned())].into(),
            ..Profile::new("work", "https://op.example", "app")
        }
    }

    #[test]
    fn only_what_is_named_is_changed() {
        let mut changed = profile();
        let settings =
            ProfileSettings { ports: vec![4000], prompt: Some("login".into()), ..ProfileSettings::default() };
        apply(&settings, &mut changed).expect("applied");
        let expected = Profile {
            ports: vec![4000],
            params: [("prompt".to_owned(), "login".to_owned()), ("a".to_owned(), "b".to_owned())].into(),
            ..profile()
        };
        assert_eq!(changed, expected);
    }

    #[test]
    fn every_key_can_be_left_out_again() {
        let mut bare = profile();
        for key in KEYS.split(", ").filter(|key| *key != "params.NAME") {
            unset(&mut bare, key.trim()).expect(key);
        }
        assert_eq!(bare, Profile::new("work", "https://op.example", "app"));
        let mut one = profile();
        unset(&mut one, "params.prompt").expect("there");
        assert_eq!(one.params.keys().collect::<Vec<_>>(), ["a"]);
        for wrong in ["params.prompt", "issuer", "colour"] {
            assert_eq!(unset(&mut one, wrong).expect_err(wrong).code, "usage.unknown_key");
        }
    }

    #[test]
    fn half_of_an_endpoint_is_refused_and_one_of_a_pair_can_be_changed() {
        let half =
            ProfileSettings { token_endpoint: Some("https://op.example/t".into()), ..ProfileSettings::default() };
        let mut whole = profile();
        assert_eq!(apply(&half, &mut whole).expect_err("half").code, "usage.incomplete");
        let both = ProfileSettings { authorization_endpoint: Some("https://op.example/a".into()), ..half };
        apply(&both, &mut whole).expect("both");
        let one =
            ProfileSettings { token_endpoint: Some("https://op.example/t2".into()), ..ProfileSettings::default() };
        apply(&one, &mut whole).expect("one of two");
        let endpoints = whole.endpoints.expect("endpoints");
        assert_eq!(endpoints.authorization_endpoint, "https://op.example/a");
        assert_eq!(endpoints.token_endpoint, "https://op.example/t2");
    }
}
