//! `doorkey consent list`.

use comfy_table::{ContentArrangement, Table, presets};
use doorkey_client::words::{Consent, ConsentDecision, Reach};
use jiff::Timestamp;

use crate::agency::{self, Again};
use crate::commands::facts::Facts;
use crate::failure::Failure;
use crate::line::Line;
use crate::output::Output;
use crate::text::plain;
use crate::time::{self, within};

pub(super) fn run(out: &Output) -> Result<(), Failure> {
    let (all, problems) = agency::with("The look at the consents", Again::Harmless, async |client| {
        let mut problems = client.hello().await?.problems;
        problems.retain(|problem| problem.code == "config.bad_policy");
        Ok((client.consents().await?, problems))
    })?;
    for problem in &problems {
        out.warn(&format!("{} {}", problem.message, problem.hint));
    }
    if out.is_json() {
        return out.answer_json(&all);
    }
    let now = time::now();
    for question in &all.questions {
        let wanted = &question.wanted;
        out.note(
            Line::from("  Waits for your answer in the window: ")
                .strong(&wanted.program)
                .plain(" wants a token of ")
                .strong(&wanted.profile)
                .plain("."),
        );
    }
    if all.consents.is_empty() {
        out.answer("Nothing was decided about any program.")?;
        out.note("  The first time a program asks for a token, you are asked: in the window, or on the terminal.");
        out.note(Line::from("  Ahead of that: ").strong("doorkey consent allow PROGRAM --profile NAME").plain("."));
        return Ok(());
    }
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(["PROGRAM", "PROFILE", "MAY", "API", "SCOPES", "ENDS"]);
    for consent in &all.consents {
        table.add_row([
            plain(&consent.program),
            plain(&consent.profile),
            may(consent.decision).to_owned(),
            plain(&api(&consent.reach)),
            plain(&scopes(&consent.reach)),
            end(consent, now),
        ]);
    }
    out.answer_block(&table.lines().map(|line| line.trim_end().to_owned() + "\n").collect::<String>())
}

/// What a token reaches, one below the other.
pub(super) fn facts(reach: &Reach) -> Facts {
    told(reach).into_iter().fold(Facts::default(), |facts, (name, value)| facts.add(name, value))
}

pub(super) fn told(reach: &Reach) -> [(&'static str, String); 2] {
    [("for", api(reach)), ("scopes", scopes(reach))]
}

pub(super) fn end(consent: &Consent, now: Timestamp) -> String {
    consent.expires_at.map_or_else(|| "at the sign-out".to_owned(), |end| within(end, now))
}

fn may(decision: ConsentDecision) -> &'static str {
    match decision {
        ConsentDecision::Allow => "yes",
        ConsentDecision::Deny => "no",
    }
}

fn api(reach: &Reach) -> String {
    let names: Vec<&str> = reach.audience.iter().chain(&reach.resource).map(String::as_str).collect();
    match (&reach.connection, names.as_slice()) {
        (Some(connection), _) => format!("{connection}, the upstream provider"),
        (None, []) => "no API in particular".to_owned(),
        (None, names) => names.join(" "),
    }
}

fn scopes(reach: &Reach) -> String {
    match reach.scope.as_deref() {
        None => "whatever the provider gives there".to_owned(),
        Some([]) => "none".to_owned(),
        Some(scopes) => scopes.join(" "),
    }
}
