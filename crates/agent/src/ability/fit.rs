//! Whether a profile fits its provider: what a sign-in would come upon, told before it.

use doorkey_client::words::{Ability, ClientAuth, Grant, Profile, Push, RedirectHost, ResponseMode, Verdict};

use super::{DPOP_ALG, Looked, ability, grants};
use crate::profiles::asked_scopes;

/// What the vault holds for the profile.
pub(crate) struct Held {
    pub(crate) secret: bool,
    pub(crate) key: bool,
}

/// One line for each thing that may stand in the way.
pub(crate) fn fit(looked: &Looked<'_>, profile: &Profile, held: &Held) -> Vec<Ability> {
    [
        Some(grant(looked, profile)),
        Some(scopes(looked, profile)),
        client_auth(looked, profile, held),
        ports(looked, profile),
        redirect_host(looked, profile),
        response_mode(looked, profile),
        push(looked, profile),
        dpop(looked, profile),
        id_token(looked, profile),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn grant(looked: &Looked<'_>, profile: &Profile) -> Ability {
    let (standard, name) = match profile.grant {
        Grant::AuthorizationCode => ("RFC 6749", "authorization_code"),
        Grant::DeviceCode => ("RFC 8628", "urn:ietf:params:oauth:grant-type:device_code"),
        Grant::ClientCredentials => ("RFC 6749", "client_credentials"),
    };
    let line = |used: &str, verdict| ability("grant", standard, profile.grant.as_str(), used, verdict);
    let told: Vec<&str> = grants(looked.metadata).collect();
    let has_address = looked.metadata.device_authorization_endpoint.is_some();
    match profile.grant {
        Grant::DeviceCode if !has_address => {
            line("the provider has no address for it: use another grant", Verdict::Unfit)
        }
        _ if !told.is_empty() && !told.contains(&name) => {
            line("the provider does not name it among its grants", Verdict::Look)
        }
        _ => line("offered", Verdict::Used),
    }
}

fn scopes(looked: &Looked<'_>, profile: &Profile) -> Ability {
    let asked = asked_scopes(profile);
    let named = &looked.metadata.scopes_supported;
    let unknown: Vec<&str> =
        asked.iter().filter(|scope| !named.is_empty() && !named.contains(scope)).map(String::as_str).collect();
    let line = |used: &str, verdict| ability("scopes", "RFC 6749", asked.join(" "), used, verdict);
    // Providers need not name all they know: of an API, for instance.
    if unknown.is_empty() {
        line("all of them are among the provider's, or it does not say", Verdict::Used)
    } else {
        line(&format!("the provider does not name {}", unknown.join(" ")), Verdict::Look)
    }
}

fn client_auth(looked: &Looked<'_>, profile: &Profile, held: &Held) -> Option<Ability> {
    let line =
        |found: &str, used: String, verdict| Some(ability("client_auth", "RFC 6749, RFC 7523", found, used, verdict));
    let offered = &looked.metadata.token_endpoint_auth_methods_supported;
    let by_stdin = |what: &str| format!("`doorkey profile edit {} --client-{what}-stdin`", profile.name);
    match profile.client_auth {
        Some(method @ (ClientAuth::ClientSecretBasic | ClientAuth::ClientSecretPost)) if !held.secret => {
            line(method.as_str(), format!("no client secret is in the vault: {}", by_stdin("secret")), Verdict::Unfit)
        }
        Some(method @ ClientAuth::PrivateKeyJwt) if !held.key => {
            line(method.as_str(), format!("no private key is in the vault: {}", by_stdin("key")), Verdict::Unfit)
        }
        Some(method) if method != ClientAuth::None && !offered.iter().any(|name| name == method.as_str()) => {
            line(method.as_str(), format!("the provider offers {}", offered.join(" ")), Verdict::Look)
        }
        Some(method) => line(method.as_str(), "as the profile says".to_owned(), Verdict::Used),
        None if looked.preset.is_some_and(crate::preset::Preset::wants_secret)
            && profile.grant == Grant::AuthorizationCode
            && !held.secret =>
        {
            line("no client secret", format!("the provider wants to see one: {}", by_stdin("secret")), Verdict::Unfit)
        }
        None if held.key => line("a private key", "private_key_jwt where it is offered".to_owned(), Verdict::Used),
        None if held.secret => line("a client secret", "the strongest way that is offered".to_owned(), Verdict::Used),
        None => None,
    }
}

fn ports(looked: &Looked<'_>, profile: &Profile) -> Option<Ability> {
    let preset = looked.preset.filter(|_| profile.grant == Grant::AuthorizationCode)?;
    let line = |found: String, used: String, verdict| Some(ability("ports", "RFC 8252", found, used, verdict));
    match (preset.compares_ports(), profile.ports.as_slice()) {
        (true, []) => line(
            "any free one".to_owned(),
            format!("{} compares the port: list some, such as {}", preset.title, joined(&preset.ports())),
            Verdict::Unfit,
        ),
        (_, []) => line("any free one".to_owned(), format!("{} takes any", preset.title), Verdict::Used),
        (_, ports) => line(joined(ports), "each of them must be registered".to_owned(), Verdict::Used),
    }
}

fn redirect_host(looked: &Looked<'_>, profile: &Profile) -> Option<Ability> {
    let preset = looked.preset.filter(|_| profile.grant == Grant::AuthorizationCode)?;
    let usual = preset.suggested(&profile.issuer).redirect_host;
    (profile.redirect_host != usual).then(|| {
        let (found, verdict) = (profile.redirect_host.as_str(), Verdict::Look);
        let used = match (usual, preset.name) {
            (RedirectHost::Localhost, "entra") => {
                "Entra's portal takes http only with localhost; this one must be put into the app's manifest".to_owned()
            }
            _ => format!("{} is known to take {}", preset.title, usual.as_str()),
        };
        ability("redirect_host", "RFC 8252", found, used, verdict)
    })
}

fn response_mode(looked: &Looked<'_>, profile: &Profile) -> Option<Ability> {
    if profile.response_mode == ResponseMode::Query {
        return None;
    }
    let offered = looked.metadata.response_modes_supported.iter().any(|mode| mode == "form_post");
    let (used, verdict) = if offered {
        ("the code does not stand in the browser's history", Verdict::Used)
    } else {
        ("the provider does not offer it: leave response_mode out", Verdict::Unfit)
    };
    Some(ability("response_mode", "OAuth 2.0 Form Post Response Mode", "form_post", used, verdict))
}

fn push(looked: &Looked<'_>, profile: &Profile) -> Option<Ability> {
    let there = looked.metadata.pushed_authorization_request_endpoint.is_some();
    let required = looked.metadata.require_pushed_authorization_requests;
    let (used, verdict) = match profile.push {
        Push::Always if !there => ("the provider has no address for it: leave push out", Verdict::Unfit),
        Push::Always => ("each request is pushed first", Verdict::Used),
        Push::Never if required => ("the provider requires it, so it is done all the same", Verdict::Look),
        Push::Auto | Push::Never => return None,
    };
    Some(ability("push", "RFC 9126", profile.push.as_str(), used, verdict))
}

fn dpop(looked: &Looked<'_>, profile: &Profile) -> Option<Ability> {
    let algs = &looked.metadata.dpop_signing_alg_values_supported;
    let (used, verdict) = match (profile.dpop, algs.iter().any(|alg| alg == DPOP_ALG)) {
        (false, true) => ("offered and not used: `dpop = true` binds tokens to a key", Verdict::Open),
        (false, false) => return None,
        (true, true) => ("tokens are bound to a key of this computer", Verdict::Used),
        (true, false) if algs.is_empty() => ("the provider does not say that it knows it", Verdict::Look),
        (true, false) => ("the provider takes no ES256 proofs: leave dpop out", Verdict::Unfit),
    };
    Some(ability("dpop", "RFC 9449", if profile.dpop { "true" } else { "false" }, used, verdict))
}

fn id_token(looked: &Looked<'_>, profile: &Profile) -> Option<Ability> {
    let asks = profile.grant != Grant::ClientCredentials && asked_scopes(profile).iter().any(|scope| scope == "openid");
    (asks && looked.metadata.jwks_uri.is_none()).then(|| {
        let used = "the provider publishes no keys, so no ID token can be checked";
        ability("id_token", "OpenID Connect Core", "openid", used, Verdict::Unfit)
    })
}

fn joined(ports: &[u16]) -> String {
    ports.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}
