//! What is told of one flow: the journal, already told which profile and which flow it speaks of, what was judged on the
//! way, and in step mode the person whom each request waits for.

use std::sync::{Arc, Mutex, PoisonError};

use doorkey_client::words::{Checked, EventKind, ReceivedAnswer};
use jiff::Timestamp;
use sha2::{Digest, Sha256};

use super::Journal;
use crate::stepping::Steps;

/// More are not remembered.
const DOCUMENTS: usize = 256;
/// The answers that say for whom a session is and what it may do: what was judged on them is kept with it. All others are
/// told in the journal only.
const IDENTIFYING: [&str; 5] = ["id_token", "userinfo", "granted", "account", "metadata"];

/// The journal, already told which profile and which flow it speaks of.
#[derive(Clone)]
pub(crate) struct Trail {
    journal: Arc<Journal>,
    profile: Option<String>,
    flow: String,
    checked: Arc<Mutex<Vec<Checked>>>,
    steps: Option<Arc<Steps>>,
}

impl Journal {
    /// A trail that already knows what it speaks of.
    pub(crate) fn trail(self: &Arc<Self>, profile: &str, flow: &str) -> Trail {
        let profile = Some(profile.to_owned());
        Trail { journal: Arc::clone(self), profile, flow: flow.to_owned(), checked: Arc::default(), steps: None }
    }

    /// The same before there is a profile.
    pub(crate) fn trail_of_nobody(self: &Arc<Self>, flow: &str) -> Trail {
        Trail { journal: Arc::clone(self), profile: None, flow: flow.to_owned(), checked: Arc::default(), steps: None }
    }
}

impl Trail {
    /// The same in step mode: each request on it waits for a person.
    pub(crate) fn in_steps(self, steps: Option<Arc<Steps>>) -> Self {
        Self { steps, ..self }
    }

    /// In step mode: where a request waits.
    pub(crate) fn steps(&self) -> Option<&Steps> {
        self.steps.as_deref()
    }

    /// Whether a person has edited a request on it: what comes of that is for this flow alone.
    pub(crate) fn is_edited(&self) -> bool {
        self.steps.as_ref().is_some_and(|steps| steps.edited())
    }

    /// The same for what cleans up: it waits for nobody.
    pub(crate) fn without_steps(&self) -> Self {
        self.clone().in_steps(None)
    }

    pub(crate) fn record(&self, at: Timestamp, kind: EventKind) {
        if let EventKind::Checked { subject, checks } = &kind
            && IDENTIFYING.contains(&subject.as_str())
        {
            let mut checked = self.checked.lock().unwrap_or_else(PoisonError::into_inner);
            // What was judged twice counts as it was judged last.
            checked.retain(|old| old.subject != *subject);
            checked.push(Checked { at, subject: subject.clone(), checks: checks.clone() });
        }
        self.journal.record(at, self.profile.as_deref(), Some(&self.flow), kind);
    }

    /// Leaves a public document out that the same address gave before: they are large, and seldom change.
    pub(crate) fn once(&self, address: &str, document: &[u8], told: &mut ReceivedAnswer) {
        let digest = <[u8; 32]>::from(Sha256::digest(document));
        let mut documents = self.journal.documents.lock().unwrap_or_else(PoisonError::into_inner);
        if documents.get(address) == Some(&digest) {
            told.body.clear();
            told.unchanged = Some(digest.iter().map(|byte| format!("{byte:02x}")).collect());
            return;
        }
        if documents.len() == DOCUMENTS {
            documents.clear();
        }
        documents.insert(address.to_owned(), digest);
    }

    /// What was judged on it, the first first.
    pub(crate) fn checked(&self) -> Vec<Checked> {
        self.checked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
