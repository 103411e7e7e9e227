//! `doorkey doctor --provider`: what one provider can, standard by standard, what is used of it, and whether a profile
//! fits it.

use doorkey_client::words::{Ability, DiscoveryRequest, ProfileView, Provider, Refusal, VERSION, Verdict};
use serde::Serialize;

use crate::agency::{self, Again};
use crate::commands::facts;
use crate::failure::Failure;
use crate::line::{Line, Mark, Style};
use crate::output::Output;
use crate::text::{count, wrapped};

/// `EX_CONFIG`: something will not work like this.
const UNFIT: u8 = 78;

/// The answer for machines.
#[derive(Debug, Serialize)]
struct Answer<'a> {
    version: u32,
    /// The profile that was named, where it was one.
    profile: Option<&'a str>,
    /// The worst of all lines.
    verdict: Verdict,
    provider: &'a Provider,
}

pub(super) fn run(named: &str, preset: Option<&str>, out: &Output) -> Result<(), Failure> {
    let (request, provider) = agency::with("The look at the provider", Again::Harmless, async |client| {
        let request = request(named, preset, &client.profiles().await?)?;
        let provider = client.discover(&request).await?;
        Ok((request, provider))
    })?;
    let lines = provider.abilities.iter().chain(&provider.fit);
    let verdict = lines.map(|line| line.verdict).max().unwrap_or(Verdict::Open);
    if out.is_json() {
        let profile = request.profile.as_deref();
        out.answer_json(&Answer { version: VERSION, profile, verdict, provider: &provider })?;
    } else {
        show(&provider, request.profile.as_deref(), out)?;
    }
    if verdict == Verdict::Unfit { Err(Failure::Partly(UNFIT)) } else { Ok(()) }
}

/// A profile where one has that name, else an address.
fn request(named: &str, preset: Option<&str>, profiles: &[ProfileView]) -> Result<DiscoveryRequest, Refusal> {
    if profiles.iter().any(|view| view.profile.name == named) {
        return Ok(DiscoveryRequest { profile: Some(named.to_owned()), ..DiscoveryRequest::default() });
    }
    if preset.is_none() && !named.contains(['.', ':', '/']) && named != "localhost" {
        let hint = facts::meant(named, profiles).unwrap_or_else(|| {
            "Name a profile (`doorkey profile list`), or the provider's issuer or domain.".to_owned()
        });
        let message = format!("There is no profile called `{named}`, and it is no address.");
        return Err(Refusal::new("config.no_profile", message, hint));
    }
    Ok(DiscoveryRequest { preset: preset.map(str::to_owned), ..DiscoveryRequest::of(named) })
}

fn show(provider: &Provider, profile: Option<&str>, out: &Output) -> Result<(), Failure> {
    out.answer(Line::new().strong(&provider.name))?;
    out.answer(Line::new().dim(format!("  {}", provider.issuer)))?;
    if let Some(proxy) = &provider.proxy {
        out.answer(Line::new().dim(format!("  through {proxy}")))?;
    }
    let all = || provider.abilities.iter().chain(&provider.fit);
    let room = all().map(|line| line.name.len()).max().unwrap_or(0);
    out.answer("")?;
    table(&provider.abilities, room, out)?;
    if let Some(profile) = profile {
        out.answer("")?;
        out.answer(Line::from("The profile ").strong(profile).plain(" there:"))?;
        table(&provider.fit, room, out)?;
    }
    out.answer("")?;
    let many = |verdict| all().filter(|line| line.verdict == verdict).count();
    out.answer(match (many(Verdict::Unfit), many(Verdict::Look)) {
        (0, 0) => "All is well.".to_owned(),
        (0, look) => format!("It works; {} worth a look.", count(look, "thing")),
        (unfit, 0) => format!("{} will not work like this.", count(unfit, "thing")),
        (unfit, look) => format!("{} will not work like this, {look} worth a look.", count(unfit, "thing")),
    })
}

fn table(lines: &[Ability], room: usize, out: &Output) -> Result<(), Failure> {
    let look = out.answers();
    for line in lines {
        let mark = match line.verdict {
            Verdict::Used => Some(Mark::Done),
            Verdict::Open => None,
            Verdict::Look => Some(Mark::Warned),
            Verdict::Unfit => Some(Mark::Failed),
        };
        let blank = " ".repeat(look.marked(Mark::Done).width());
        let sign = mark.map_or_else(|| Line::from(blank), |mark| look.marked(mark));
        let head = sign.plain(format!("{:<room$}  ", line.name));
        let indent = head.width();
        let text = format!("{}; {} [{}]", line.found, line.used, line.standard);
        let width = look.width.saturating_sub(indent).max(20);
        let texts = if look.terminal { wrapped(&text, width) } else { vec![text] };
        let style = if mark.is_some() { Style::Plain } else { Style::Dim };
        for (number, text) in texts.iter().enumerate() {
            let before = if number == 0 { head.clone() } else { Line::from(" ".repeat(indent)) };
            out.answer(before.with(style, text))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use doorkey_client::words::Profile;

    use super::*;

    fn work() -> ProfileView {
        ProfileView {
            profile: Profile::new("work", "https://op.example", "app"),
            has_client_secret: false,
            has_client_key: false,
            redirect_uris: Vec::new(),
            registered: false,
            setup: Vec::new(),
        }
    }

    #[test]
    fn a_name_is_a_profile_and_everything_else_an_address() {
        let profiles = [work()];
        assert_eq!(request("work", None, &profiles).expect("a profile").profile.as_deref(), Some("work"));
        for address in ["op.example", "https://op.example", "localhost:4000", "localhost"] {
            assert_eq!(request(address, None, &profiles), Ok(DiscoveryRequest::of(address)));
        }
        let refusal = request("wrok", None, &profiles).expect_err("neither");
        assert!(refusal.code == "config.no_profile" && refusal.hint.contains("`work`"), "{refusal:?}");
    }
}
