//! The token report: every named rule that was tried on every answer of a flow, how it went, and what it is for.

mod markdown;
mod rules;
#[cfg(test)]
mod tests;

use doorkey_client::words::{Check, CheckOutcome, Code, Refusal, VERSION};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::edited;
use crate::flow::{Flow, FlowKind, Outcome};

pub use self::rules::{Rule, rules};

/// What a flow's answers were held against, and what came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// Always [`VERSION`].
    pub version: u32,
    /// The flow's id.
    pub flow: String,
    /// What it was.
    pub kind: FlowKind,
    /// The profile.
    pub profile: Option<String>,
    /// The issuer, as the provider calls itself.
    pub issuer: Option<String>,
    /// Whom the provider named.
    pub sub: Option<String>,
    /// When it began.
    pub began: Timestamp,
    /// How long it took, the person's time included.
    pub took_ms: u64,
    /// How it ended.
    #[serde(flatten)]
    pub outcome: Outcome,
    /// What the refusal's code means whoever says it; absent where nothing was refused.
    pub meaning: Option<String>,
    /// The version of the agent, where the journal says.
    pub agent: Option<String>,
    /// Each request that a person changed before it was sent, with what was changed.
    #[serde(default)]
    pub edited: Vec<String>,
    /// How many rules went how.
    pub counts: Counts,
    /// The answers that were checked, in order.
    pub answers: Vec<Answer>,
    /// Every request to the provider.
    pub requests: Vec<Request>,
}

/// How many rules went how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the names are those of the outcomes")]
pub struct Counts {
    pub passed: u32,
    pub failed: u32,
    pub warned: u32,
    pub not_applicable: u32,
}

/// An answer, and every rule that was tried on it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// Which, as the journal has it: `discovery`, `metadata`, `callback`, `token`, `granted`, `id_token`,
    /// `access_token`, `userinfo`, or `refresh` for what a renewal is held against.
    pub subject: String,
    /// In a few words.
    pub title: String,
    /// When it was checked.
    pub at: Timestamp,
    /// The rules.
    pub checks: Vec<Tried>,
}

/// A rule that was tried.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tried {
    /// The rule, how it went, and where it is written.
    #[serde(flatten)]
    pub check: Check,
    /// What can happen where it is not held to; absent for a rule that this version does not know.
    pub consequence: Option<String>,
}

/// A request to the provider.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// When it was sent.
    pub at: Timestamp,
    /// What for, as the journal has it.
    pub purpose: String,
    /// Such as `POST`.
    pub method: String,
    /// The address, with the fingerprints of what is secret in it.
    pub url: String,
    /// The status of the answer; absent where none came.
    pub status: Option<u16>,
    /// Why none came.
    pub problem: Option<String>,
    /// In milliseconds.
    pub took_ms: u32,
}

/// The report of a flow.
#[must_use]
pub fn of(flow: &Flow) -> Report {
    let answers = answers(flow);
    let mut counts = Counts::default();
    for tried in answers.iter().flat_map(|answer| &answer.checks) {
        match tried.check.outcome {
            CheckOutcome::Passed => counts.passed += 1,
            CheckOutcome::Failed => counts.failed += 1,
            CheckOutcome::Warned => counts.warned += 1,
            CheckOutcome::NotApplicable => counts.not_applicable += 1,
        }
    }
    let mut requests: Vec<Request> = flow.asked().map(request).collect();
    requests.sort_by_key(|request| request.at);
    Report {
        version: VERSION,
        flow: flow.id.clone(),
        kind: flow.kind,
        profile: flow.profile.clone(),
        issuer: flow.issuer().map(str::to_owned),
        sub: flow.sub().map(str::to_owned),
        began: flow.began,
        took_ms: u64::try_from(flow.took().as_millis()).unwrap_or(u64::MAX),
        outcome: flow.outcome.clone(),
        meaning: flow.outcome.refusal().and_then(|it| Code::find(&it.code)).map(|code| code.meaning.to_owned()),
        agent: flow.agent.clone(),
        edited: flow.edited().map(|(purpose, changes)| format!("{purpose}: {}", edited::told(changes))).collect(),
        counts,
        answers,
        requests,
    }
}

impl Report {
    /// For a ticket.
    #[must_use]
    pub fn to_markdown(&self) -> String {
        markdown::of(self)
    }

    /// Why it was refused, where it was.
    #[must_use]
    pub fn refusal(&self) -> Option<&Refusal> {
        self.outcome.refusal()
    }
}

/// As the journal has them; what a renewed ID token is held against stands apart from the token's own rules.
fn answers(flow: &Flow) -> Vec<Answer> {
    let mut answers: Vec<Answer> = Vec::new();
    for judged in flow.judged() {
        let (refresh, own): (Vec<&Check>, Vec<&Check>) =
            judged.checks.iter().partition(|check| check.name.starts_with("refresh."));
        for (subject, checks) in [(judged.subject, own), ("refresh", refresh)] {
            if !checks.is_empty() {
                answers.push(Answer {
                    subject: subject.to_owned(),
                    title: title(subject).to_owned(),
                    at: judged.at,
                    checks: checks.into_iter().map(tried).collect(),
                });
            }
        }
    }
    answers
}

fn tried(check: &Check) -> Tried {
    let consequence = Rule::find(&check.name).map(|rule| rule.consequence.to_owned());
    Tried { check: check.clone(), consequence }
}

fn request(asked: crate::flow::Asked<'_>) -> Request {
    let exchange = asked.exchange;
    Request {
        at: asked.began,
        purpose: exchange.purpose.clone(),
        method: exchange.request.method.clone(),
        url: exchange.request.url.clone(),
        status: exchange.answer.as_ref().map(|answer| answer.status),
        problem: exchange.problem.clone(),
        took_ms: exchange.took_ms,
    }
}

fn title(subject: &str) -> &str {
    match subject {
        "discovery" => "The provider's description",
        "metadata" => "The provider's description, against the last one",
        "callback" => "What the browser brought",
        "token" => "The token answer",
        "granted" => "What was granted",
        "id_token" => "The ID token",
        "access_token" => "The access token (advice: it is for the API to judge)",
        "userinfo" => "The person's details",
        "refresh" => "The renewed ID token, against the first one",
        other => other,
    }
}
