//! The way to providers: proxies, certificates, and what each provider of a profile answers.

use std::collections::BTreeMap;
use std::env;
use std::sync::Arc;
use std::time::Duration;

use doorkey_agent::{CaFiles, ClockSkew, proxy_in_effect};
use doorkey_client::words::{DiscoveryRequest, NetworkSettings, ProfileView, Provider};
use doorkey_client::{Client, ClientError};
use tokio::task::JoinSet;
use tokio::time::timeout;
use url::Url;

use super::finding::{Finding, Part};

/// A provider that is well answers in a second; nobody waits longer for a doctor.
const PATIENCE: Duration = Duration::from_secs(12);
/// The rest is asked when it is needed.
const MOST_PROVIDERS: usize = 8;

/// Used for providers, never for loopback.
pub(super) fn proxy(settings: &NetworkSettings) -> Finding {
    let names =
        ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "HTTP_PROXY", "http_proxy", "NO_PROXY", "no_proxy"];
    let set: Vec<String> = names
        .into_iter()
        .filter_map(|name| Some((name, env::var(name).ok().filter(|value| !value.is_empty())?)))
        .map(|(name, value)| match (name.eq_ignore_ascii_case("NO_PROXY"), address(&value)) {
            (true, _) => format!("{name}={value}"),
            (false, Some(address)) => format!("{name}={address}"),
            (false, None) => format!("{name} is not an address"),
        })
        .collect();
    let by_hand = settings.proxy.iter().map(|proxy| format!("network.toml: {proxy}"));
    let all = set.iter().cloned().chain(by_hand).collect::<Vec<_>>().join(", ");
    match proxy_in_effect(settings) {
        Ok((None, _)) if all.is_empty() => Finding::fine("proxy", "none set".to_owned()),
        Ok((None, _)) => Finding::fine("proxy", format!("none for providers; {all}")),
        Ok((Some(proxy), _)) if all.is_empty() => {
            Finding::fine("proxy", format!("{proxy} for providers, from the system"))
        }
        Ok((Some(proxy), _)) => Finding::fine("proxy", format!("{proxy} for providers; {all}")),
        Err(refusal) => Finding::problem(Part::Settings, "proxy", all, &refusal.hint),
    }
}

/// Whose certificates are trusted.
pub(super) fn certificates(settings: &NetworkSettings) -> Finding {
    let files = match CaFiles::from_env().beside(settings).read() {
        Ok(files) => files,
        Err(error) => {
            let refusal = error.refusal();
            return Finding::problem(Part::Settings, "certificates", refusal.message, &refusal.hint);
        }
    };
    let replaced = files.iter().any(doorkey_agent::CaFile::replaces);
    let told = files.iter().map(|file| {
        let place = if file.replaces() { " in place of the system's" } else { "" };
        format!("{} of {} ({}){place}", file.count(), file.path.display(), file.variable)
    });
    let systems = (!replaced).then(|| "the system's".to_owned());
    Finding::fine("certificates", systems.into_iter().chain(told).collect::<Vec<_>>().join(", and "))
}

/// What the providers of the profiles answer, asked by the agent: it is the one who has to reach them.
pub(super) async fn providers(client: &Arc<Client>, profiles: &[ProfileView]) -> Vec<Finding> {
    // One of its profiles stands for each: it may say where the provider is, which the issuer alone does not.
    let (described, asks): (Vec<_>, Vec<_>) =
        profiles.iter().map(|view| &view.profile).partition(|profile| profile.endpoints.is_some());
    let issuers: BTreeMap<&str, &str> =
        asks.into_iter().map(|profile| (profile.issuer.as_str(), profile.name.as_str())).collect();
    let mut asked = JoinSet::new();
    for (issuer, profile) in issuers.into_iter().take(MOST_PROVIDERS) {
        let client = Arc::clone(client);
        let request = DiscoveryRequest { profile: Some(profile.to_owned()), ..DiscoveryRequest::of(issuer) };
        let issuer = issuer.to_owned();
        asked.spawn(async move {
            let answer = timeout(PATIENCE, client.discover(&request)).await;
            (issuer, answer)
        });
    }
    let mut findings: Vec<_> = asked
        .join_all()
        .await
        .into_iter()
        .map(|(issuer, answer)| match answer {
            Ok(answer) => provider(&issuer, answer),
            Err(_) => Finding::warning("provider", format!("{issuer} does not answer"), "Check your connection."),
        })
        .collect();
    findings.extend(described.into_iter().map(|profile| {
        let found =
            format!("{}: its endpoints stand in the profile `{}`, so it is not asked", profile.issuer, profile.name);
        Finding::fine("provider", found)
    }));
    findings.sort_by(|one, other| one.found.cmp(&other.found));
    findings
}

fn provider(issuer: &str, answer: Result<Provider, ClientError>) -> Finding {
    let provider = match answer {
        Ok(provider) => provider,
        Err(error) => {
            let refusal = error.refusal();
            let found = format!("{issuer}: {}", refusal.message);
            return if refusal.code.starts_with("config.") {
                Finding::problem(Part::Settings, "provider", found, &refusal.hint)
            } else {
                Finding::warning("provider", found, &refusal.hint)
            };
        }
    };
    let way = provider.proxy.map_or_else(|| "directly".to_owned(), |proxy| format!("through {proxy}"));
    let answers = format!("{issuer} answers {way}");
    match provider.clock_ahead.map(|ahead| ClockSkew::between(ahead, 0)) {
        None => Finding::fine("provider", answers),
        Some(skew) if skew.is_notable() => {
            let next = "Set the clock (`timedatectl set-ntp true`): sign-ins are refused when it is wrong.";
            Finding::warning("provider", format!("{answers}; compared with its clock, this computer's is {skew}"), next)
        }
        Some(_) => Finding::fine("provider", format!("{answers}; its clock and this computer's agree")),
    }
}

/// Scheme, host and port; user and password stay where they are.
fn address(value: &str) -> Option<String> {
    let written_out = if value.contains("://") { value.to_owned() } else { format!("http://{value}") };
    let url = Url::parse(&written_out).ok()?;
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    Some(format!("{}://{}{port}", url.scheme(), url.host_str()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proxys_password_is_not_shown() {
        assert_eq!(address("http://user:CANARY@proxy.example:3128/").as_deref(), Some("http://proxy.example:3128"));
        assert_eq!(address("proxy.example:3128").as_deref(), Some("http://proxy.example:3128"));
        assert_eq!(address("user:CANARY@proxy.example:3128").as_deref(), Some("http://proxy.example:3128"));
        assert_eq!(address("http://"), None);
    }
}
