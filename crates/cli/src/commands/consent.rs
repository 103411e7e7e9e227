//! `doorkey consent`: which programs may have tokens, as the person decides.

mod list;

use std::env;
use std::path::{Path, PathBuf};

use doorkey_client::words::{Consent, ConsentDecision, ConsentRequest, Reach, Refusal, VERSION};
use serde::Serialize;

use crate::agency::{self, Again};
use crate::args::{ConsentCommand, ConsentDecide, ConsentRevoke};
use crate::failure::Failure;
use crate::line::Line;
use crate::output::Output;
use crate::time;

#[derive(Debug, Serialize)]
struct Decided<'a> {
    version: u32,
    consent: &'a Consent,
}

#[derive(Debug, Serialize)]
struct Revoked<'a> {
    version: u32,
    revoked: &'a [Consent],
}

pub(crate) fn run(command: Option<ConsentCommand>, out: &Output) -> Result<(), Failure> {
    match command {
        None | Some(ConsentCommand::List(_)) => list::run(out),
        Some(ConsentCommand::Allow(args)) => decide(&args, ConsentDecision::Allow, out),
        Some(ConsentCommand::Deny(args)) => decide(&args, ConsentDecision::Deny, out),
        Some(ConsentCommand::Revoke(args)) => revoke(&args, out),
    }
}

/// What a token reaches, by the names of the parts.
pub(crate) fn told(reach: &Reach) -> [(&'static str, String); 2] {
    list::told(reach)
}

fn decide(args: &ConsentDecide, decision: ConsentDecision, out: &Output) -> Result<(), Failure> {
    let scope: Vec<String> =
        args.scopes.iter().flat_map(|scopes| scopes.split_whitespace()).map(str::to_owned).collect();
    let request = ConsentRequest {
        program: found(&args.program)?.to_string_lossy().into_owned(),
        sha256: None,
        profile: args.profile.clone(),
        reach: Reach {
            audience: args.audience.clone(),
            resource: args.resources.clone(),
            connection: args.connection.clone(),
            scope: (!scope.is_empty()).then_some(scope),
        },
        decision,
        lasts: args.lasts.chosen(),
    };
    let consent = agency::with("The decision", Again::Harmless, async |client| Ok(client.decide(&request).await?))?;
    if out.is_json() {
        return out.answer_json(&Decided { version: VERSION, consent: &consent });
    }
    let may = match decision {
        ConsentDecision::Allow => " may have tokens of ",
        ConsentDecision::Deny => " may not have tokens of ",
    };
    out.answer(Line::new().strong(&consent.program).plain(may).strong(&consent.profile).plain("."))?;
    list::facts(&consent.reach).add("until", list::end(&consent, time::now())).answer(out)
}

fn revoke(args: &ConsentRevoke, out: &Output) -> Result<(), Failure> {
    // A program that is gone is known by its path all the same.
    let program = args.which.as_deref().and_then(|which| found(which).ok());
    let program = program.map(|path| path.canonicalize().unwrap_or(path).to_string_lossy().into_owned());
    let is_meant = |consent: &Consent| {
        let which = args.which.as_deref();
        let named = args.all
            || which == Some(consent.id.as_str())
            || which == Some(consent.program.as_str())
            || program.as_ref() == Some(&consent.program);
        named && args.profile.as_ref().is_none_or(|profile| *profile == consent.profile)
    };
    let revoked = agency::with("Taking it back", Again::Harmless, async |client| {
        let mut meant = client.consents().await?.consents;
        meant.retain(is_meant);
        for consent in &meant {
            client.revoke_consent(&consent.id).await?;
        }
        Ok(meant)
    })?;
    if let ([], Some(which)) = (revoked.as_slice(), &args.which) {
        return Err(Refusal::new(
            "broker.consent_unknown",
            format!("Nothing was decided about `{which}`."),
            "`doorkey consent` lists what was.",
        )
        .into());
    }
    if out.is_json() {
        return out.answer_json(&Revoked { version: VERSION, revoked: &revoked });
    }
    for consent in &revoked {
        out.answer(
            Line::from("Taken back: ").strong(&consent.program).plain(" and ").strong(&consent.profile).plain("."),
        )?;
    }
    if revoked.is_empty() {
        return out.answer("There was nothing to take back.");
    }
    out.note("  You are asked again when a token is wanted.");
    Ok(())
}

/// The file that the shell would run.
fn found(program: &str) -> Result<PathBuf, Refusal> {
    let path = Path::new(program);
    if program.contains('/') {
        return std::path::absolute(path).map_err(|_| nowhere(program));
    }
    let folders = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&folders)
        .map(|folder| folder.join(path))
        .find(|file| file.is_file())
        .ok_or_else(|| nowhere(program))
}

fn nowhere(program: &str) -> Refusal {
    Refusal::new(
        "usage.bad_program",
        format!("There is no program `{program}` in PATH."),
        "Give the path of the executable itself.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_is_found_as_the_shell_does() {
        assert!(found("sh").expect("every PATH has it").ends_with("sh"));
        assert_eq!(found("/opt/none").expect("named"), Path::new("/opt/none"));
        assert!(found("./none").expect("named").is_absolute());
        assert_eq!(found("no-such-program-anywhere").expect_err("none").code, "usage.bad_program");
    }
}
