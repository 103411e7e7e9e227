//! Which flows a journal has, without keeping its entries.

use std::collections::HashMap;

use doorkey_client::words::Event;
use jiff::Timestamp;

use super::{FlowKind, Outcome, began, kind_told, outcome_told};

/// The flows of a journal, found entry by entry.
#[derive(Clone, Debug, Default)]
pub struct Index {
    listed: Vec<Listed>,
    places: HashMap<String, usize>,
}

/// What is known of a flow without its entries.
#[derive(Clone, Debug, PartialEq)]
pub struct Listed {
    /// Its id.
    pub id: String,
    /// What it is.
    pub kind: FlowKind,
    /// The profile it is about.
    pub profile: Option<String>,
    /// When it began.
    pub began: Timestamp,
    /// How it ended.
    pub outcome: Outcome,
}

impl Index {
    /// Takes an entry in; those that belong to no flow are passed over.
    pub fn see(&mut self, event: &Event) {
        let Some(id) = &event.flow else { return };
        let place = *self.places.entry(id.clone()).or_insert_with(|| {
            let (profile, outcome) = (event.profile.clone(), Outcome::Untold);
            self.listed.push(Listed { id: id.clone(), kind: FlowKind::Other, profile, began: began(event), outcome });
            self.listed.len() - 1
        });
        let listed = &mut self.listed[place];
        if listed.kind == FlowKind::Other
            && let Some(kind) = kind_told(&event.kind)
        {
            listed.kind = kind;
        }
        if let Some(outcome) = outcome_told(listed.kind, &event.kind) {
            listed.outcome = outcome;
        }
    }

    /// All of them, in the order in which they began.
    #[must_use]
    pub fn all(&self) -> &[Listed] {
        &self.listed
    }

    /// The newest sign-in, or the newest of a profile's.
    #[must_use]
    pub fn newest_sign_in(&self, profile: Option<&str>) -> Option<&Listed> {
        let is_wanted = |listed: &&Listed| {
            listed.kind == FlowKind::SignIn && profile.is_none_or(|it| listed.profile.as_deref() == Some(it))
        };
        self.listed.iter().rev().find(is_wanted)
    }

    /// Those whose id begins so.
    pub fn beginning_with(&self, beginning: &str) -> impl Iterator<Item = &Listed> {
        self.listed.iter().filter(move |listed| listed.id.starts_with(beginning))
    }
}
