//! The report for a ticket. Words of others stand between backticks, where nothing means anything.

use std::fmt::Write;

use doorkey_client::words::CheckOutcome;

use super::{Answer, Report, Request, Tried};
use crate::flow::Outcome;
use crate::text::{cell, code, sentence};

pub(super) fn of(report: &Report) -> String {
    let mut text = String::new();
    let whose = report.profile.as_deref().map(|profile| format!(" with {}", code(profile))).unwrap_or_default();
    line(&mut text, &format!("## {}{whose}: {}", capital(report.kind.words()), ended(&report.outcome)));
    line(&mut text, "");
    if let Some(refusal) = report.refusal() {
        line(&mut text, &format!("**{}** {}", code(&refusal.code), sentence(&refusal.message)));
        if let Some(meaning) = &report.meaning {
            line(&mut text, &format!("\n{meaning}"));
        }
        if !refusal.hint.is_empty() {
            line(&mut text, &format!("\nNext: {}", sentence(&refusal.hint)));
        }
        line(&mut text, "");
    }
    for request in &report.edited {
        line(&mut text, &format!("**Edited by hand** before it was sent: {}", code(request)));
    }
    if !report.edited.is_empty() {
        line(&mut text, "");
    }
    facts(&mut text, report);
    found(&mut text, report);
    if !report.requests.is_empty() {
        line(&mut text, "### Requests\n\n| at (UTC) | for | request | answer | took |\n|---|---|---|---|---|");
        report.requests.iter().for_each(|request| line(&mut text, &requested(request)));
        line(&mut text, "");
    }
    report.answers.iter().for_each(|answer| answered(&mut text, answer));
    line(
        &mut text,
        "Made by Doorkey. No secret is in it: tokens and codes stand as the first eight hex digits of their SHA-256.",
    );
    text
}

fn facts(text: &mut String, report: &Report) {
    let told = |value: &Option<String>| value.as_deref().map_or_else(|| "not told".to_owned(), code);
    line(text, "| | |\n|---|---|");
    let rows = [
        ("Provider", told(&report.issuer)),
        ("Person", told(&report.sub)),
        ("Began", format!("{} (UTC)", report.began)),
        ("Took", format!("{} ms, the person's time included", report.took_ms)),
        ("Flow", code(&report.flow)),
        ("Agent", report.agent.as_ref().map_or_else(|| "not told".to_owned(), |it| format!("Doorkey {}", code(it)))),
    ];
    for (name, value) in rows {
        line(text, &format!("| {name} | {} |", cell(&value)));
    }
    line(text, "");
}

/// What is wrong, first and at length.
fn found(text: &mut String, report: &Report) {
    let counts = report.counts;
    line(
        text,
        &format!(
            "**{} failed**, {} warned, {} passed, {} not applicable.\n",
            counts.failed, counts.warned, counts.passed, counts.not_applicable
        ),
    );
    for answer in &report.answers {
        for Tried { check, consequence } in &answer.checks {
            if matches!(check.outcome, CheckOutcome::Failed | CheckOutcome::Warned) {
                let what = format!("- **{}** {} ({})", word(check.outcome), code(&check.name), sentence(&check.source));
                line(text, &format!("{what}: expected {}, got {}.", code(&check.expected), code(&check.got)));
                if let Some(consequence) = consequence {
                    line(text, &format!("  {consequence}"));
                }
            }
        }
    }
    line(text, "");
}

fn answered(text: &mut String, answer: &Answer) {
    line(
        text,
        &format!("### {}\n\n| | check | expected | got | source |\n|---|---|---|---|---|", sentence(&answer.title)),
    );
    for Tried { check, .. } in &answer.checks {
        let cells = [code(&check.name), code(&check.expected), code(&check.got), sentence(&check.source)];
        let cells: Vec<String> = cells.iter().map(|text| cell(text)).collect();
        line(text, &format!("| {} | {} |", word(check.outcome), cells.join(" | ")));
    }
    line(text, "");
}

fn requested(request: &Request) -> String {
    let Request { at, purpose, method, url, status, problem, took_ms } = request;
    let answer = match (status, problem) {
        (Some(status), _) => status.to_string(),
        (None, Some(problem)) => sentence(problem),
        (None, None) => "none".to_owned(),
    };
    let what = code(&format!("{method} {url}"));
    format!("| {} | {} | {} | {} | {took_ms} ms |", clock(*at), cell(&sentence(purpose)), cell(&what), cell(&answer))
}

fn clock(at: jiff::Timestamp) -> String {
    at.strftime("%H:%M:%S%.3f").to_string()
}

fn ended(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Refused { .. } => "refused".to_owned(),
        Outcome::Succeeded | Outcome::Cancelled | Outcome::Untold => outcome.words().to_owned(),
    }
}

fn word(outcome: CheckOutcome) -> &'static str {
    match outcome {
        CheckOutcome::Passed => "passed",
        CheckOutcome::Failed => "FAILED",
        CheckOutcome::Warned => "warned",
        CheckOutcome::NotApplicable => "not applicable",
    }
}

fn capital(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

fn line(text: &mut String, more: &str) {
    // A String takes everything.
    let _ = writeln!(text, "{more}");
}
