//! `doorkey profile add`: looks at the provider first, and says what to register there; or registers there itself.

use doorkey_agent::Preset;
use doorkey_client::Client;
use doorkey_client::words::{
    DiscoveryRequest, Fix, Profile, ProfileEntry, ProfileView, Provider, Refusal, RegistrationRequest, VERSION,
};
use serde::Serialize;

use super::secret::{self, Input};
use super::settings::{self, Given};
use super::{command, list, setup};
use crate::agency::{self, Again};
use crate::args::ProfileAdd;
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

pub(super) fn run(args: &ProfileAdd, out: &Output) -> Result<(), Failure> {
    let given = settings::given(&args.settings, out)?;
    let initial_access_token =
        args.initial_access_token_stdin.then(|| secret::read(Input::InitialAccessToken, out)).transpose()?;
    let typed = typed(args)?;
    let preset = typed.preset.as_deref().map(Preset::named).transpose()?;

    let (view, provider, forgets) = agency::with_joined("Adding the profile", Again::IfUnsent, async |agency| {
        let client = agency.client();
        if !args.replace {
            is_new(client, &typed).await?;
        }
        let provider = if args.no_discovery { None } else { Some(discovered(client, &typed, out).await?) };
        let profile = completed(&typed, provider.as_ref(), preset, args)?;
        let view = if args.register {
            let request = RegistrationRequest { profile, initial_access_token: initial_access_token.clone() };
            client.register(&request).await?
        } else {
            let Given { secret, key } = given.clone();
            let entry = ProfileEntry { client_secret: secret, client_key: key, ..profile.into() };
            client.put_profile(&entry).await?
        };
        Ok((view, provider, agency::forgets(agency).await))
    })?;

    if (given.is_some() || view.registered) && forgets {
        out.warn(
            "what was to go into the vault was in the memory of this command only and has ended with it. Start \
             `doorkey agent` first, or add the profile where there is a keyring",
        );
    }
    if out.is_json() {
        return out.answer_json(&Answer { version: VERSION, profile: &view, provider: provider.as_ref() });
    }
    told(&view, args, out)
}

fn told(view: &ProfileView, args: &ProfileAdd, out: &Output) -> Result<(), Failure> {
    let name = &view.profile.name;
    out.answer(
        Line::from(if args.replace { "Saved the profile " } else { "Added the profile " }).strong(name).plain("."),
    )?;
    facts::of_profile(view).answer(out)?;
    if args.register {
        out.answer("")?;
        out.answer("The provider has registered this application; there is nothing to do in its console.")?;
    } else if view.setup.is_empty() {
        list::redirects(view, out)?;
    } else {
        setup::steps(view, out)?;
    }
    out.answer("")?;
    out.answer(Line::from("Then sign in: ").strong(format!("doorkey login {name}")))
}

/// As it was typed, scopes taken apart.
///
/// # Errors
/// `usage.missing_argument` where a preset stands for many issuers and none was named.
pub(super) fn typed(args: &ProfileAdd) -> Result<Profile, Refusal> {
    let preset = args.settings.preset.as_deref().map(Preset::named).transpose()?;
    let issuer = match (&args.issuer, preset) {
        (Some(issuer), _) => issuer.clone(),
        (None, Some(preset)) => preset.only_issuer().map(str::to_owned).ok_or_else(|| {
            Refusal::new(
                "usage.missing_argument",
                format!("Missing: --issuer. Everybody's {} has another one.", preset.title),
                format!("It looks like {}.", preset.sample_issuer()),
            )
        })?,
        (None, None) => String::new(),
    };
    let mut profile = Profile::new(&args.name, issuer, args.client_id.clone().unwrap_or_default());
    settings::apply(&args.settings, &mut profile)?;
    Ok(profile)
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
        format!("Choose another name, or say `--replace`; `doorkey profile edit {name}` changes it."),
    )
    .about(name)
    .into())
}

async fn discovered(client: &Client, typed: &Profile, out: &Output) -> Result<Provider, Failure> {
    let request = DiscoveryRequest { preset: typed.preset.clone(), ..DiscoveryRequest::of(&typed.issuer) };
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
fn completed(
    typed: &Profile,
    provider: Option<&Provider>,
    preset: Option<&'static Preset>,
    args: &ProfileAdd,
) -> Result<Profile, Refusal> {
    let mut profile = typed.clone();
    match (provider, preset) {
        (Some(provider), _) => profile.issuer.clone_from(&provider.issuer),
        (None, Some(preset)) => profile.issuer = preset.issuer_of(&typed.issuer)?,
        (None, None) => {}
    }
    // A newer agent may know products that this program does not.
    let recognised = provider.and_then(|provider| Preset::named(provider.preset.as_deref()?).ok());
    if let Some(preset) = preset.or(recognised) {
        profile = preset.complete(profile);
        profile.redirect_host = args.settings.redirect_host.unwrap_or(profile.redirect_host);
    }
    Ok(profile)
}

#[cfg(test)]
mod tests {
    use clap::Parser;
    use doorkey_client::words::RedirectHost;

    use super::*;
    use crate::args::{Arguments, Command, ProfileCommand};

    /// The profile that a line makes without asking anybody.
    fn made(line: &str) -> Result<Profile, Refusal> {
        let words = ["doorkey", "profile", "add", "work", "--client-id", "app"].into_iter().chain(line.split(' '));
        let Command::Profile(args) = Arguments::try_parse_from(words).expect(line).command else { panic!("{line}") };
        let ProfileCommand::Add(args) = args.command else { panic!("{line}") };
        let typed = typed(&args)?;
        let preset = typed.preset.as_deref().map(Preset::named).transpose()?;
        completed(&typed, None, preset, &args)
    }

    #[test]
    fn auth0_needs_its_slash_and_a_list_of_ports() {
        let profile = made("--preset auth0 --issuer login.acme.example").expect("a profile");
        assert_eq!(profile.issuer, "https://login.acme.example/");
        assert!(!profile.ports.is_empty());
        let own = made("--preset auth0 --issuer https://login.acme.example/ --port 4000").expect("a profile");
        assert_eq!(own.ports, [4000]);
    }

    #[test]
    fn without_a_preset_nothing_is_changed() {
        let profile = made("--issuer https://op.example").expect("a profile");
        assert_eq!(profile, Profile::new("work", "https://op.example", "app"));
    }

    #[test]
    fn a_product_with_one_issuer_needs_none_and_the_others_say_what_theirs_looks_like() {
        assert_eq!(made("--preset google").expect("a profile").issuer, "https://accounts.google.com");
        let refusal = made("--preset okta").expect_err("which?");
        assert_eq!(refusal.code, "usage.missing_argument");
        assert!(refusal.hint.contains("https://YOUR-ORG.okta.com/oauth2/default"), "{}", refusal.hint);
    }

    #[test]
    fn a_redirect_host_that_was_typed_stays() {
        let entra = "--preset entra --issuer https://login.microsoftonline.com/t/v2.0";
        assert_eq!(made(entra).expect("a profile").redirect_host, RedirectHost::Localhost);
        let own = made(&format!("{entra} --redirect-host 127.0.0.1")).expect("a profile");
        assert_eq!(own.redirect_host, RedirectHost::V4);
    }
}
