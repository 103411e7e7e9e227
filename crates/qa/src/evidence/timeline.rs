//! What happened, entry by entry, for whoever reads it in a ticket.

use std::fmt::Write;

use doorkey_client::words::{CheckOutcome, Event, EventKind, Exchange};
use serde_json::Value;

use crate::flow::Flow;
use crate::text::{code, sentence};

/// Members every entry has, and those that are told elsewhere in the archive at length.
const NOT_HERE: [&str; 7] = ["seq", "at", "kind", "profile", "flow", "refusal", "parameters"];

pub(super) fn of(flow: &Flow) -> String {
    let mut text = format!("# Timeline\n\nFrom {} (UTC).\n\n", flow.began);
    for event in &flow.events {
        let after = event.at.duration_since(flow.began).as_millis();
        // A String takes everything.
        let _ = writeln!(text, "- +{after} ms: {}", entry(event));
    }
    text
}

fn entry(event: &Event) -> String {
    match &event.kind {
        EventKind::Exchanged { exchange } => exchanged(exchange),
        EventKind::Checked { subject, checks } => {
            let of = |outcome: CheckOutcome| checks.iter().filter(move |check| check.outcome == outcome);
            let failed: Vec<String> = of(CheckOutcome::Failed).map(|check| code(&check.name)).collect();
            let failed = if failed.is_empty() { String::new() } else { format!(", **failed: {}**", failed.join(", ")) };
            format!("checked {}: {} passed{failed}", code(subject), of(CheckOutcome::Passed).count())
        }
        EventKind::SignInFailed { refusal } => {
            format!("**refused {}** {}", code(&refusal.code), sentence(&refusal.message))
        }
        _ => other(event),
    }
}

fn exchanged(exchange: &Exchange) -> String {
    let asked = code(&format!("{} {}", exchange.request.method, exchange.request.url));
    let answer = match (&exchange.answer, &exchange.problem) {
        (Some(answer), _) => format!("answered with {}", answer.status),
        (None, Some(problem)) => format!("not answered: {}", sentence(problem)),
        (None, None) => "not answered".to_owned(),
    };
    format!("{asked} {answer} ({} ms)", exchange.took_ms)
}

/// By its name and what it says of itself.
fn other(event: &Event) -> String {
    let Ok(Value::Object(members)) = serde_json::to_value(event) else { return String::new() };
    let kind = members.get("kind").and_then(Value::as_str).unwrap_or_default().replace('_', " ");
    let told = members.iter().filter(|(name, _)| !NOT_HERE.contains(&name.as_str()));
    let told: Vec<String> = told
        .filter_map(|(name, value)| {
            let value = match value {
                Value::String(text) => text.clone(),
                Value::Number(number) => number.to_string(),
                Value::Bool(is) => is.to_string(),
                Value::Null | Value::Array(_) | Value::Object(_) => return None,
            };
            Some(format!("{name} {}", code(&value)))
        })
        .collect();
    if told.is_empty() { kind } else { format!("{kind}: {}", told.join(", ")) }
}
