//! What a run of probes found, for people and for tickets.

use std::fmt::Write as _;

use doorkey_client::words::{ProbeOutcome, ProbeResult, ProbeRun};

use crate::failure::Failure;
use crate::line::{Line, Mark};
use crate::output::Output;
use crate::text::{count, plain};

pub(super) fn shown(outcome: ProbeOutcome) -> (Mark, &'static str) {
    match outcome {
        ProbeOutcome::Passed => (Mark::Done, "passed"),
        ProbeOutcome::Failed => (Mark::Failed, "failed"),
        ProbeOutcome::NotApplicable => (Mark::Waiting, "not applicable"),
        ProbeOutcome::NotAsked => (Mark::Warned, "could not be asked"),
    }
}

pub(super) fn text(run: &ProbeRun, out: &Output) -> Result<(), Failure> {
    let look = out.answers();
    for result in &run.results {
        let (mark, word) = shown(result.outcome);
        let head = look.marked(mark).with(mark.style(), format!("{word:<18}  ")).strong(&result.name);
        out.answer(head.plain("  ").plain(&result.title))?;
        let lines: &[(&str, &str)] = match result.outcome {
            ProbeOutcome::Failed => &[
                ("expected", &result.expected),
                ("got", &result.got),
                ("rule", &result.source),
                ("meaning", &result.consequence),
                ("to do", &result.advice),
            ],
            ProbeOutcome::Passed | ProbeOutcome::NotApplicable | ProbeOutcome::NotAsked => &[("got", &result.got)],
        };
        for (name, value) in lines {
            out.answer_hanging(&Line::from("        ").dim(format!("{name:<9} ")), value)?;
        }
    }
    out.answer("")?;
    out.answer(summary(run))?;
    out.answer(cleaned(run))
}

fn summary(run: &ProbeRun) -> String {
    let many = |outcome| run.results.iter().filter(|it| it.outcome == outcome).count();
    format!(
        "{}: {} passed, {} failed, {} not applicable, {} could not be asked; {} and {} sent.",
        run.issuer,
        many(ProbeOutcome::Passed),
        many(ProbeOutcome::Failed),
        many(ProbeOutcome::NotApplicable),
        many(ProbeOutcome::NotAsked),
        count(run.visits as usize, "visit"),
        count(run.requests as usize, "request"),
    )
}

fn cleaned(run: &ProbeRun) -> String {
    let Some(cleaned) = &run.cleaned else { return "It got no token.".to_owned() };
    let revoked = count(cleaned.revoked as usize, "token");
    match (cleaned.left, cleaned.hint.as_str()) {
        (0, "") => format!("All that it got was revoked: {revoked}."),
        (0, hint) => format!("{revoked} revoked. {hint}"),
        (left, hint) => format!("{revoked} revoked, {left} not: {}. {hint}", cleaned.reason.trim_end_matches('.')),
    }
}

/// For a ticket: a table of all, and a section for each that failed.
pub(super) fn markdown(run: &ProbeRun) -> String {
    let mut page = format!("# Probes of {}\n\n{}\n\n", cell(&run.issuer), cell(&summary(run)));
    page.push_str("| probe | outcome | got |\n|---|---|---|\n");
    for ProbeResult { name, title, outcome, got, .. } in &run.results {
        let (_, word) = shown(*outcome);
        // A String takes everything.
        let _ = writeln!(page, "| `{}` {} | {word} | {} |", cell(name), cell(title), cell(got));
    }
    for result in run.results.iter().filter(|it| it.outcome == ProbeOutcome::Failed) {
        let ProbeResult { name, title, expected, got, source, consequence, advice, .. } = result;
        let _ = writeln!(page, "\n## `{}`: {}\n", cell(name), cell(title));
        for (what, value) in [
            ("Expected", expected),
            ("Got", got),
            ("Rule", source),
            ("What it means", consequence),
            ("What to do", advice),
        ] {
            let _ = writeln!(page, "- **{what}**: {}", cell(value));
        }
    }
    let _ = writeln!(page, "\n{}", cell(&cleaned(run)));
    page
}

/// One line, in which nothing breaks a table or begins a tag.
fn cell(text: &str) -> String {
    plain(text).replace('|', "\\|").replace('<', "&lt;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use doorkey_client::words::{ProbeCleaned, ProbeState};

    #[test]
    fn a_ticket_has_all_results_and_sections_for_what_failed() {
        let result = |name: &str, outcome, got: &str| ProbeResult {
            name: name.into(),
            title: "A try".into(),
            outcome,
            expected: "refused".into(),
            got: got.into(),
            source: "RFC 6749".into(),
            consequence: "Bad.".into(),
            advice: "Mend it.".into(),
        };
        let run = ProbeRun {
            version: 1,
            id: "1".into(),
            profile: "work".into(),
            issuer: "https://op.example".into(),
            state: ProbeState::Done,
            revision: 1,
            visits: 3,
            requests: 9,
            visit: None,
            results: vec![
                result("code.replay", ProbeOutcome::Failed, "a|b<script>"),
                result("pkce.plain", ProbeOutcome::Passed, "fine"),
            ],
            cleaned: Some(ProbeCleaned { revoked: 2, ..ProbeCleaned::default() }),
            error: None,
        };
        let page = markdown(&run);
        assert!(page.contains("| `pkce.plain` A try | passed | fine |"), "{page}");
        assert!(page.contains("a\\|b&lt;script>") && page.contains("## `code.replay`: A try"), "{page}");
        assert!(!page.contains("## `pkce.plain`") && page.contains("- **Rule**: RFC 6749"), "{page}");
        assert!(page.contains("All that it got was revoked: 2 tokens."), "{page}");

        let left = ProbeCleaned {
            revoked: 1,
            left: 3,
            refresh_tokens_left: 2,
            unanswered: 0,
            reason: "no answer.".into(),
            hint: "2 refresh tokens may remain.".into(),
        };
        let page = markdown(&ProbeRun { cleaned: Some(left), ..run });
        assert!(page.contains("1 token revoked, 3 not: no answer. 2 refresh tokens may remain."), "{page}");
    }
}
