//! One sign-in, renewal or sign-out, taken out of the journal: what was asked, what came, what was checked, and how it
//! ended. Everything else in this crate that tells of a flow is made of this.

mod index;
#[cfg(test)]
mod tests;

use std::time::Duration;

use doorkey_client::words::{Check, Edited, Event, EventKind, Exchange, Pair, Refusal};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

pub use self::index::{Index, Listed};

/// The entries of one flow, and what they say together.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Flow {
    /// Its id: [`Event::flow`] of each of its entries.
    pub id: String,
    /// What it is.
    pub kind: FlowKind,
    /// The profile it is about.
    pub profile: Option<String>,
    /// When the first thing of it began.
    pub began: Timestamp,
    /// When the last thing of it was over.
    pub ended: Timestamp,
    /// How it ended.
    pub outcome: Outcome,
    /// The version of the agent that did it, where the journal says.
    pub agent: Option<String>,
    /// Its entries, the oldest first.
    pub events: Vec<Event>,
}

/// What a flow is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FlowKind {
    /// A person, or an application on its own account, signs in.
    SignIn,
    /// New tokens for a session.
    Renewal,
    /// A token for another API than the session's own.
    FurtherToken,
    /// A session ends.
    SignOut,
    /// Anything else that is asked of a provider, such as its description.
    Other,
}

impl FlowKind {
    /// In a few words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::SignIn => "sign-in",
            Self::Renewal => "renewal",
            Self::FurtherToken => "token for another API",
            Self::SignOut => "sign-out",
            Self::Other => "request",
        }
    }
}

/// How a flow ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Outcome {
    /// It did what it was for.
    Succeeded,
    /// It was refused, here or there.
    Refused {
        /// Why.
        refusal: Refusal,
    },
    /// A person stopped it.
    Cancelled,
    /// The journal does not say: it is under way, or the agent ended before it.
    Untold,
}

impl Outcome {
    /// Why it was refused, where it was.
    #[must_use]
    pub fn refusal(&self) -> Option<&Refusal> {
        match self {
            Self::Refused { refusal } => Some(refusal),
            Self::Succeeded | Self::Cancelled | Self::Untold => None,
        }
    }

    /// In a few words; the refusal's code where there is one.
    #[must_use]
    pub fn words(&self) -> &str {
        match self {
            Self::Succeeded => "succeeded",
            Self::Refused { refusal } => &refusal.code,
            Self::Cancelled => "stopped",
            Self::Untold => "not ended",
        }
    }
}

/// Why entries are not one flow.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FlowError {
    /// No entry belongs to any.
    #[error("no entry belongs to a flow")]
    Empty,
    /// They belong to more than one.
    #[error("the entries belong to several flows, such as {one} and {other}")]
    Several {
        /// The first that was met.
        one: String,
        /// The next.
        other: String,
    },
}

/// The browser was sent to the provider, and came back or not (RFC 6749 section 4.1).
#[derive(Clone, Debug, PartialEq)]
pub struct Visit<'a> {
    /// When.
    pub at: Timestamp,
    /// The authorization endpoint, without parameters.
    pub url: &'a str,
    /// What it was asked.
    pub parameters: &'a [Pair],
    /// What a person changed of it.
    pub edited: &'a [Edited],
    /// Where the answer was awaited.
    pub redirect_uri: Option<&'a str>,
    /// What it brought, and when; absent where it did not come.
    pub answer: Option<(Timestamp, &'a [Pair])>,
}

/// A request to the provider, with its times.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Asked<'a> {
    /// When it went out.
    pub began: Timestamp,
    /// When its answer was there, or not awaited any more.
    pub ended: Timestamp,
    /// The request and the answer.
    pub exchange: &'a Exchange,
}

/// An answer that was checked.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Judged<'a> {
    /// When.
    pub at: Timestamp,
    /// Which answer, as [`EventKind::Checked`] has it.
    pub subject: &'a str,
    /// The rules.
    pub checks: &'a [Check],
}

impl Flow {
    /// What these entries tell. They may come in any order, with entries that belong to no flow between them: of those,
    /// `AgentStarted` says which version it was.
    ///
    /// # Errors
    /// [`FlowError`].
    pub fn of(mut events: Vec<Event>) -> Result<Self, FlowError> {
        events.sort_by_key(|event| event.seq);
        let mut id: Option<String> = None;
        for flow in events.iter().filter_map(|event| event.flow.as_ref()) {
            match &id {
                None => id = Some(flow.clone()),
                Some(one) if one != flow => {
                    return Err(FlowError::Several { one: one.clone(), other: flow.clone() });
                }
                Some(_) => {}
            }
        }
        let id = id.ok_or(FlowError::Empty)?;
        let first = events.iter().position(|event| event.flow.is_some()).unwrap_or_default();
        let agent = events[..first].iter().rev().find_map(|event| match &event.kind {
            EventKind::AgentStarted { version } => Some(version.clone()),
            _ => None,
        });
        events.retain(|event| event.flow.is_some());
        let (Some(oldest), Some(newest)) = (events.first(), events.last()) else { return Err(FlowError::Empty) };
        let kind = events.iter().find_map(|event| kind_told(&event.kind)).unwrap_or(FlowKind::Other);
        Ok(Self {
            kind,
            profile: events.iter().find_map(|event| event.profile.clone()),
            began: began(oldest),
            ended: newest.at,
            outcome: outcome(kind, &events),
            id,
            agent,
            events,
        })
    }

    /// How long it took from its first to its last entry.
    #[must_use]
    pub fn took(&self) -> Duration {
        Duration::try_from(self.ended.duration_since(self.began)).unwrap_or_default()
    }

    /// The issuer, as the provider calls itself.
    #[must_use]
    pub fn issuer(&self) -> Option<&str> {
        self.events.iter().find_map(|event| match &event.kind {
            EventKind::Discovered { issuer, .. } => Some(issuer.as_str()),
            _ => None,
        })
    }

    /// Whom the provider named.
    #[must_use]
    pub fn sub(&self) -> Option<&str> {
        self.events.iter().find_map(|event| match &event.kind {
            EventKind::SignedIn { sub } => Some(sub.as_str()),
            _ => None,
        })
    }

    /// Each time the browser was sent to the provider, the first first.
    #[must_use]
    pub fn visits(&self) -> Vec<Visit<'_>> {
        let mut visits: Vec<Visit<'_>> = Vec::new();
        let mut listening = None;
        for event in &self.events {
            match &event.kind {
                EventKind::Listening { redirect_uri } => listening = Some(redirect_uri.as_str()),
                EventKind::AuthorizationRequested { url, parameters, edited } => {
                    visits.push(Visit { at: event.at, url, parameters, edited, redirect_uri: listening, answer: None });
                }
                EventKind::CallbackReceived { parameters } => {
                    if let Some(visit) = visits.last_mut() {
                        visit.answer = Some((event.at, parameters));
                    }
                }
                _ => {}
            }
        }
        visits
    }

    /// The requests of which a person changed something: what each was for, and what.
    pub fn edited(&self) -> impl Iterator<Item = (&str, &[Edited])> {
        self.events.iter().filter_map(|event| match &event.kind {
            EventKind::AuthorizationRequested { edited, .. } if !edited.is_empty() => {
                Some(("authorization", edited.as_slice()))
            }
            EventKind::Exchanged { exchange } if !exchange.edited.is_empty() => {
                Some((exchange.purpose.as_str(), exchange.edited.as_slice()))
            }
            _ => None,
        })
    }

    /// The requests to the provider, in the order in which they ended.
    pub fn asked(&self) -> impl Iterator<Item = Asked<'_>> {
        self.events.iter().filter_map(|event| match &event.kind {
            EventKind::Exchanged { exchange } => Some(Asked { began: began(event), ended: event.at, exchange }),
            _ => None,
        })
    }

    /// The answers that were checked, in order.
    pub fn judged(&self) -> impl Iterator<Item = Judged<'_>> {
        self.events.iter().filter_map(|event| match &event.kind {
            EventKind::Checked { subject, checks } => Some(Judged { at: event.at, subject, checks }),
            _ => None,
        })
    }
}

/// When what an entry tells of began: a request is told when it is over.
fn began(event: &Event) -> Timestamp {
    match &event.kind {
        EventKind::Exchanged { exchange } => {
            event.at.checked_sub(SignedDuration::from_millis(i64::from(exchange.took_ms))).unwrap_or(event.at)
        }
        _ => event.at,
    }
}

/// The kind of flow that only such an entry belongs to.
fn kind_told(kind: &EventKind) -> Option<FlowKind> {
    match kind {
        EventKind::SignInStarted => Some(FlowKind::SignIn),
        EventKind::RenewalStarted { .. } => Some(FlowKind::Renewal),
        EventKind::FurtherTokenAsked { .. } => Some(FlowKind::FurtherToken),
        EventKind::SignedOut { .. } => Some(FlowKind::SignOut),
        _ => None,
    }
}

fn outcome(flow: FlowKind, events: &[Event]) -> Outcome {
    events.iter().rev().find_map(|event| outcome_told(flow, &event.kind)).unwrap_or(Outcome::Untold)
}

/// What an entry says of how a flow ended.
fn outcome_told(flow: FlowKind, kind: &EventKind) -> Option<Outcome> {
    match kind {
        EventKind::SignedIn { .. } | EventKind::Renewed { .. } | EventKind::SignedOut { .. } => {
            Some(Outcome::Succeeded)
        }
        EventKind::TokensReceived { .. } if matches!(flow, FlowKind::FurtherToken | FlowKind::Other) => {
            Some(Outcome::Succeeded)
        }
        EventKind::SignInFailed { refusal }
        | EventKind::RenewalFailed { refusal, .. }
        | EventKind::SignInRequired { refusal }
        | EventKind::TokenRefused { refusal, .. } => Some(Outcome::Refused { refusal: refusal.clone() }),
        EventKind::SignInCancelled => Some(Outcome::Cancelled),
        _ => None,
    }
}
