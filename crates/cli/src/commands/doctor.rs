//! `doorkey doctor`: looks at everything Doorkey needs, works on a broken configuration, and says what to mend.

mod agent;
mod finding;
mod folders;
mod journal;
mod network;
mod provider;
mod surroundings;
mod vault_files;

use doorkey_agent::network_settings;
use doorkey_client::Paths;
use doorkey_client::words::{NetworkSettings, VERSION};
use serde::Serialize;

use self::finding::{Finding, Outcome, Part};
use crate::agency;
use crate::args::Doctor;
use crate::failure::Failure;
use crate::line::{Line, Mark, Style};
use crate::output::Output;
use crate::standing::Standing;
use crate::text::{count, wrapped};
use crate::time;

/// The answer for machines.
#[derive(Debug, Serialize)]
struct Answer<'a> {
    version: u32,
    /// The worst of them.
    outcome: Outcome,
    checks: &'a [Finding],
}

pub(crate) fn run(args: &Doctor, out: &Output) -> Result<(), Failure> {
    if let Some(named) = &args.provider {
        return provider::run(named, args.preset.as_deref(), out);
    }
    let findings = agency::runtime()?.block_on(findings());
    let worst = findings.iter().map(|finding| finding.outcome).max().unwrap_or(Outcome::Fine);
    if out.is_json() {
        out.answer_json(&Answer { version: VERSION, outcome: worst, checks: &findings })?;
    } else {
        show(&findings, out)?;
    }
    match exit_code(&findings) {
        0 => Ok(()),
        code => Err(Failure::Partly(code)),
    }
}

async fn findings() -> Vec<Finding> {
    let standing = Standing::of_this_process();
    let mut findings = vec![folders::user(&standing)];
    match Paths::from_env() {
        Ok(paths) => {
            findings.extend(folders::all(&paths, standing.user));
            // In another user's folders this looks, and makes nothing.
            if standing.check().is_ok() {
                findings.extend(agent::all(&paths).await);
                findings.extend(vault_files::all(&paths.vault()));
                findings.push(journal::look(&paths.journal()));
            }
            findings.push(surroundings::clock(&paths, time::now()));
        }
        Err(error) => {
            findings.push(Finding::problem(
                Part::Settings,
                "folders",
                format!("{error}"),
                "Set HOME, or the variable named.",
            ));
        }
    }
    findings.push(surroundings::loopback());
    findings.extend(surroundings::browser());
    findings.push(surroundings::session());
    let set = Paths::from_env().map(|paths| network_settings(&paths.network()));
    let set = match set {
        Ok(Err(refusal)) => {
            findings.push(Finding::problem(Part::Settings, "network", refusal.message, &refusal.hint));
            NetworkSettings::default()
        }
        Ok(Ok(settings)) => settings,
        Err(_) => NetworkSettings::default(),
    };
    findings.push(network::proxy(&set));
    findings.push(network::certificates(&set));
    findings
}

/// The vault's problems weigh more than those of the settings; what is only worth a look weighs nothing.
fn exit_code(findings: &[Finding]) -> u8 {
    let problem =
        |part: Part| findings.iter().any(|finding| finding.outcome == Outcome::Problem && finding.part == part);
    if problem(Part::Vault) {
        74
    } else if problem(Part::Settings) {
        78
    } else {
        0
    }
}

fn show(findings: &[Finding], out: &Output) -> Result<(), Failure> {
    let look = out.answers();
    let room = findings.iter().map(|finding| finding.name.len()).max().unwrap_or(0);
    for finding in findings {
        let (mark, word) = match finding.outcome {
            Outcome::Fine => (Mark::Done, "fine"),
            Outcome::Warning => (Mark::Warned, "look"),
            Outcome::Problem => (Mark::Failed, "mend"),
        };
        let head = look.marked(mark).with(mark.style(), word).plain(format!("  {:<room$}  ", finding.name));
        let indent = head.width();
        let width = look.width.saturating_sub(indent).max(20);
        let lines = |text: &str| if look.terminal { wrapped(text, width) } else { vec![text.to_owned()] };
        let empty = Line::from(" ".repeat(indent));
        for (number, line) in lines(&finding.found).iter().enumerate() {
            out.answer(if number == 0 { head.clone() } else { empty.clone() }.plain(line))?;
        }
        if !finding.next.is_empty() {
            for line in lines(&format!("next: {}", finding.next)) {
                out.answer(empty.clone().with(Style::Strong, line))?;
            }
        }
    }
    let many = |outcome| findings.iter().filter(|finding| finding.outcome == outcome).count();
    out.answer("")?;
    out.answer(match (many(Outcome::Problem), many(Outcome::Warning)) {
        (0, 0) => "All is well.".to_owned(),
        (0, warnings) => format!("Nothing to mend; {} worth a look.", count(warnings, "thing")),
        (problems, 0) => format!("{} to mend.", count(problems, "thing")),
        (problems, warnings) => format!("{} to mend, {warnings} worth a look.", count(problems, "thing")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_exit_code_is_that_of_the_worst() {
        let fine = Finding::fine("agent", "running".into());
        let look = Finding::warning("browser", "none".into(), "Print the address.");
        let settings = Finding::problem(Part::Settings, "profiles", "typo".into(), "Mend it.");
        let vault = Finding::problem(Part::Vault, "vault", "locked".into(), "Unlock it.");
        assert_eq!(exit_code(&[fine.clone(), look.clone()]), 0);
        assert_eq!(exit_code(&[fine.clone(), settings.clone()]), 78);
        assert_eq!(exit_code(&[settings, vault, look, fine]), 74);
    }
}
