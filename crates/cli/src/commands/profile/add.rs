//! `doorkey profile add`: looks at the provider first, and says what to register there.

use doorkey_agent::SUGGESTED_PORTS;
use doorkey_client::Client;
use doorkey_client::words::{DiscoveryRequest, Fix, Profile, ProfileEntry, ProfileView, Provider, Refusal, VERSION};
use serde::Serialize;

use super::{command, list, secret};
use crate::agency::{self, Again};
use crate::args::{Preset, ProfileAdd};
use crate::commands::facts;
use crate::failure::Failure;
use crate::line::{Line, Mark};
use crate::output::Output;

/// The answer for machines.
#[derive(Debug, Serialize)]
struct Answer<'a> {
    version: u32,
    profile: &'a ProfileView,
    /// What discovery found; absent with `--no-discovery`.
    provider: Option<&'a Provider>,
}

pub(super) fn run(args: ProfileAdd, out: &Output) -> Result<(), Failure> {
    if args.client_secret.is_some() {
        return Err(Refusal::new(
            "usage.secret_in_argv",
            "A secret does not belong into an argument: other programs can read it, and the shell remembers it.",
            "Use `--client-secret-stdin` and pipe it in. Change the secret at the provider if it was a real one.",
        )
        .into());
    }
    let client_secret = args.client_secret_stdin.then(|| secret::read(out)).transpose()?;
    let (look, replace, preset) = (!args.no_discovery, args.replace, args.preset);
    let typed = typed(args);

    let has_secret = client_secret.is_some();
    let (view, provider, forgets) = agency::with_agency("Adding the profile", Again::IfUnsent, async |agency, _| {
        let client = agency.client();
        if !replace {
            is_new(client, &typed).await?;
        }
        let provider = if look { Some(discovered(client, &typed, out).await?) } else { None };
        let profile = completed(typed.clone(), provider.as_ref(), preset);
        let entry = ProfileEntry { client_secret: client_secret.clone(), ..profile.into() };
        let view = client.put_profile(&entry).await?;
        Ok((view, provider, agency::forgets(agency).await))
    })?;

    if has_secret && forgets {
        out.warn(
            "the client secret was in the memory of this command only and has ended with it. Start `doorkey agent` \
             first, or add the profile where there is a keyring",
        );
    }
    if out.is_json() {
        return out.answer_json(&Answer { version: VERSION, profile: &view, provider: provider.as_ref() });
    }
    out.answer(
        Line::from(if replace { "Saved the profile " } else { "Added the profile " })
            .strong(&view.profile.name)
            .plain("."),
    )?;
    facts::of_profile(&view).answer(out)?;
    list::redirects(&view, out)?;
    out.answer("")?;
    out.answer(Line::from("Then sign in: ").strong(format!("doorkey login {}", view.profile.name)))
}

/// As it was typed, scopes taken apart.
fn typed(args: ProfileAdd) -> Profile {
    Profile {
        scopes: args.scopes.iter().flat_map(|scopes| scopes.split_whitespace()).map(str::to_owned).collect(),
        audience: args.audience,
        resources: args.resources,
        redirect_host: args.redirect_host.unwrap_or_default(),
        ports: args.ports,
        params: args.params.into_iter().collect(),
        ..Profile::new(args.name, args.issuer, args.client_id)
    }
}

async fn is_new(client: &Client, typed: &Profile) -> Result<(), Failure> {
    let profiles = client.profiles().await?;
    if profiles.iter().all(|view| view.profile.name != typed.name) {
        return Ok(());
    }
    let name = &typed.name;
    Err(Refusal::new(
        "config.profile_exists",
        format!("There is a profile called `{name}` already."),
        format!("Choose another name, or say `--replace`; `doorkey profile show {name}` shows it."),
    )
    .about(name)
    .into())
}

async fn discovered(client: &Client, typed: &Profile, out: &Output) -> Result<Provider, Failure> {
    let request = DiscoveryRequest { issuer: typed.issuer.clone() };
    let provider = client.discover(&request).await.map_err(|error| {
        let mut refusal = error.refusal();
        if let Some(Fix::UseIssuer { issuer }) = &refusal.fix {
            refusal.hint = format!(
                "The provider calls itself {issuer}. Use exactly that: {}",
                command::to_add(&Profile { issuer: issuer.clone(), ..typed.clone() }, false)
            );
        } else if refusal.code.starts_with("net.") || refusal.code == "discovery.unavailable" {
            refusal.hint =
                format!("{} `--no-discovery` adds the profile without looking.", refusal.hint).trim().to_owned();
        }
        refusal
    })?;
    out.step(
        Mark::Done,
        Line::from("found ").strong(&provider.name).plain(", which calls itself ").strong(&provider.issuer),
    );
    if provider.issuer != typed.issuer {
        out.step(Mark::Warned, "that is not what was typed; the profile uses what the provider says");
    }
    let can = |able: bool, what: &str, not: &str| {
        (if able { Mark::Done } else { Mark::Warned }, if able { what.to_owned() } else { not.to_owned() })
    };
    let (mark, text) = match provider.pkce_s256 {
        Some(true) => (Mark::Done, "it protects the sign-in with PKCE (S256)".to_owned()),
        Some(false) => (Mark::Warned, "it does not name PKCE S256: sign-in will be refused".to_owned()),
        None => (Mark::Done, "it does not say whether it knows PKCE (S256); it is used all the same".to_owned()),
    };
    out.step(mark, text);
    let (mark, text) =
        can(provider.can_revoke, "it can revoke tokens at sign-out", "it cannot revoke tokens at sign-out");
    out.step(mark, text);
    let unknown: Vec<&str> = typed
        .scopes
        .iter()
        .filter(|scope| !provider.scopes_supported.is_empty() && !provider.scopes_supported.contains(scope))
        .map(String::as_str)
        .collect();
    if !unknown.is_empty() {
        out.step(Mark::Warned, format!("it does not name these scopes among its own: {}", unknown.join(" ")));
    }
    Ok(provider)
}

/// What the provider says, and what its product is known to need, where the person left it open.
fn completed(mut profile: Profile, provider: Option<&Provider>, preset: Option<Preset>) -> Profile {
    if let Some(provider) = provider {
        profile.issuer.clone_from(&provider.issuer);
        if profile.ports.is_empty() {
            profile.ports.clone_from(&provider.suggested_ports);
        }
    }
    match preset {
        Some(Preset::Auth0) => {
            // Behind a domain of one's own nothing tells that it is Auth0.
            if profile.ports.is_empty() {
                profile.ports = SUGGESTED_PORTS.to_vec();
            }
            // Auth0's issuer ends in a slash, byte for byte.
            if provider.is_none() {
                let address = profile.issuer.trim_end_matches('/');
                let scheme = if address.contains("://") { "" } else { "https://" };
                profile.issuer = format!("{scheme}{address}/");
            }
        }
        None => {}
    }
    profile
}

#[cfg(test)]
mod tests {
    use super::*;

    fn profile(issuer: &str) -> Profile {
        Profile::new("work", issuer, "app")
    }

    #[test]
    fn auth0_needs_its_slash_and_a_list_of_ports() {
        let made = completed(profile("dev-1.eu.auth0.com"), None, Some(Preset::Auth0));
        assert_eq!(made.issuer, "https://dev-1.eu.auth0.com/");
        assert!(!made.ports.is_empty());
        let own = Profile { ports: vec![4000], ..profile("https://login.example/") };
        let made = completed(own, None, Some(Preset::Auth0));
        assert_eq!((made.issuer.as_str(), made.ports.as_slice()), ("https://login.example/", [4000].as_slice()));
    }

    #[test]
    fn without_a_preset_nothing_is_changed() {
        assert_eq!(completed(profile("https://op.example"), None, None), profile("https://op.example"));
    }
}
