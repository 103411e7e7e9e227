//! How the person sees the sessions: what they call them, in which order, and which is meant where nobody says.
//!
//! A record of the vault of its own: names are personal, a renewal must never wait for one, and one write moves as many
//! sessions as there are.

use std::collections::BTreeMap;

use doorkey_client::words::{Refusal, SessionChange};
use doorkey_oauth::clean;
use serde::{Deserialize, Serialize};

use crate::peer::leaves_a_mark;
use crate::vault::RecordId;

/// The newest layout. A newer one is refused, never rewritten.
const LAYOUT: u32 = 1;
/// In characters.
const LONGEST_LABEL: usize = 64;

/// As the vault holds it. What it does not name is as the provider has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Arrangement {
    layout: u32,
    #[serde(default)]
    labels: BTreeMap<RecordId, String>,
    /// By profile.
    #[serde(default)]
    preferred: BTreeMap<String, RecordId>,
    /// Those that have a place, the first first.
    #[serde(default)]
    order: Vec<RecordId>,
}

/// One session, as the person sees it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) label: Option<String>,
    pub(crate) preferred: bool,
    pub(crate) position: Option<u32>,
}

/// A change that makes sense.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Rearranged {
    label: Option<Label>,
    preferred: Option<bool>,
    position: Option<u32>,
}

/// What a session is called from now on.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Label {
    As(String),
    AsTheProviderDoes,
}

impl Default for Arrangement {
    fn default() -> Self {
        Self { layout: LAYOUT, labels: BTreeMap::new(), preferred: BTreeMap::new(), order: Vec::new() }
    }
}

impl Arrangement {
    pub(crate) fn is_newer(&self) -> bool {
        self.layout > LAYOUT
    }

    pub(crate) fn preferred_of(&self, profile: &str) -> Option<RecordId> {
        self.preferred.get(profile).copied()
    }

    /// Where each session that has a place is.
    pub(crate) fn positions(&self) -> BTreeMap<RecordId, u32> {
        self.order.iter().copied().zip(0..).collect()
    }

    pub(crate) fn seen(&self, id: RecordId) -> Seen {
        let position = self.order.iter().position(|placed| *placed == id);
        Seen {
            label: self.labels.get(&id).cloned(),
            preferred: self.preferred.values().any(|preferred| *preferred == id),
            position: position.and_then(|at| u32::try_from(at).ok()),
        }
    }

    /// `shown` are all sessions in the order in which they are shown: from the first time that one is moved, all of them
    /// have a place.
    pub(crate) fn change(&mut self, id: RecordId, profile: &str, change: Rearranged, shown: &[RecordId]) {
        match change.label {
            None => {}
            Some(Label::As(label)) => drop(self.labels.insert(id, label)),
            Some(Label::AsTheProviderDoes) => drop(self.labels.remove(&id)),
        }
        match change.preferred {
            None => {}
            Some(true) => drop(self.preferred.insert(profile.to_owned(), id)),
            Some(false) => self.preferred.retain(|_, preferred| *preferred != id),
        }
        if let Some(position) = change.position {
            // One that cannot be read at present keeps its place behind those that are shown.
            let hidden = self.order.iter().filter(|placed| !shown.contains(placed));
            let mut order: Vec<RecordId> = shown.iter().filter(|placed| **placed != id).copied().collect();
            let at = usize::try_from(position).unwrap_or(usize::MAX).min(order.len());
            order.insert(at, id);
            order.extend(hidden.copied());
            self.order = order;
        }
    }

    /// Whether there was anything of it.
    pub(crate) fn forget(&mut self, id: RecordId) -> bool {
        let before = self.clone();
        self.keep(|kept| kept != id);
        *self != before
    }

    pub(crate) fn keep(&mut self, is_kept: impl Fn(RecordId) -> bool) {
        self.labels.retain(|id, _| is_kept(*id));
        self.preferred.retain(|_, id| is_kept(*id));
        self.order.retain(|id| is_kept(*id));
    }

    /// What another one says of sessions that this one says nothing of.
    pub(crate) fn complete(&mut self, other: Self) {
        for (id, label) in other.labels {
            self.labels.entry(id).or_insert(label);
        }
        for (profile, id) in other.preferred {
            self.preferred.entry(profile).or_insert(id);
        }
        let new: Vec<RecordId> = other.order.into_iter().filter(|id| !self.order.contains(id)).collect();
        self.order.extend(new);
    }
}

impl TryFrom<SessionChange> for Rearranged {
    type Error = Refusal;

    /// # Errors
    /// `usage.bad_label`.
    fn try_from(change: SessionChange) -> Result<Self, Refusal> {
        let SessionChange { label, preferred, position } = change;
        let label = label.as_deref().map(Label::read).transpose()?;
        Ok(Self { label, preferred, position })
    }
}

impl Label {
    /// Two names that look the same are the same: a person tells accounts apart by them.
    fn read(text: &str) -> Result<Self, Refusal> {
        let words: Vec<&str> = text.trim().split(' ').filter(|word| !word.is_empty()).collect();
        let label = words.join(" ");
        if label.is_empty() {
            return Ok(Self::AsTheProviderDoes);
        }
        let bad = |message: String, hint: &str| Err(Refusal::new("usage.bad_label", message, hint));
        let length = label.chars().count();
        if length > LONGEST_LABEL {
            let message = format!("The name is {length} characters long, and {LONGEST_LABEL} are the most.");
            return bad(message, "Give a shorter one.");
        }
        match label.chars().find(|c| *c != ' ' && !leaves_a_mark(*c)) {
            None => Ok(Self::As(label)),
            Some(c) => bad(
                format!(
                    "The name `{}` has a character that cannot be seen, or turns the text about: U+{:04X}.",
                    clean(&label, LONGEST_LABEL),
                    u32::from(c)
                ),
                "Leave that character out.",
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_trimmed_and_an_empty_one_gives_the_providers_back() {
        let read = |text: &str| Label::read(text).expect("a good name");
        assert_eq!(read("  Work /  Ada "), Label::As("Work / Ada".to_owned()));
        assert_eq!(read("Käthe 日本 🔑"), Label::As("Käthe 日本 🔑".to_owned()));
        assert_eq!((read(""), read(" \t ")), (Label::AsTheProviderDoes, Label::AsTheProviderDoes));
        assert_eq!(read(&"ä".repeat(64)), Label::As("ä".repeat(64)));
    }

    #[test]
    fn a_name_that_could_look_like_another_one_is_refused() {
        let long = "x".repeat(65);
        let hidden = ["a\nb", "a\u{1b}[2Jb", "a\u{202e}b", "a\u{2066}b", "a\u{200b}b", "a\u{ad}b", "a\u{feff}b"];
        for bad in hidden.into_iter().chain(["a\u{a0}b", "\u{3164}", "a\tb", "a\u{e0041}", long.as_str()]) {
            let refusal = Label::read(bad).expect_err("a bad name");
            assert_eq!(refusal.code, "usage.bad_label", "{bad:?}");
            assert!(!refusal.message.contains(['\n', '\u{1b}', '\u{202e}', '\u{2066}']), "{refusal:?}");
        }
    }

    #[test]
    fn one_of_a_profile_is_preferred_and_the_newest_word_counts() {
        let [ada, grace, at_home] = ids();
        let mut arrangement = Arrangement::default();
        let prefer = |preferred| Rearranged { preferred: Some(preferred), ..nothing() };
        arrangement.change(ada, "work", prefer(true), &[]);
        arrangement.change(at_home, "home", prefer(true), &[]);
        arrangement.change(grace, "work", prefer(true), &[]);
        assert_eq!([ada, grace, at_home].map(|id| arrangement.seen(id).preferred), [false, true, true]);
        arrangement.change(ada, "work", prefer(false), &[]);
        assert_eq!(arrangement.preferred_of("work"), Some(grace), "it was not the one");
        arrangement.change(grace, "work", prefer(false), &[]);
        assert_eq!(arrangement.preferred_of("work"), None);
    }

    #[test]
    fn moving_one_gives_all_a_place_and_those_after_it_move_on() {
        let [a, b, c] = ids();
        let mut arrangement = Arrangement::default();
        let to = |position| Rearranged { position: Some(position), ..nothing() };
        assert_eq!(arrangement.seen(a).position, None);
        arrangement.change(c, "work", to(0), &[a, b, c]);
        assert_eq!(arrangement.order, [c, a, b]);
        arrangement.change(c, "work", to(u32::MAX), &[c, a, b]);
        assert_eq!([a, b, c].map(|id| arrangement.seen(id).position), [Some(0), Some(1), Some(2)]);
        // One that cannot be read now is not lost.
        arrangement.change(c, "work", to(0), &[a, c]);
        assert_eq!(arrangement.order, [c, a, b]);
        assert!(arrangement.forget(c) && !arrangement.forget(c));
        assert_eq!(arrangement.order, [a, b]);
    }

    #[test]
    fn two_arrangements_become_one_and_the_first_has_the_word() {
        let [a, b, c] = ids();
        let mut first = Arrangement { order: vec![b, a], ..Arrangement::default() };
        first.labels.insert(a, "mine".to_owned());
        first.preferred.insert("work".to_owned(), a);
        let mut second = Arrangement { order: vec![a, c], ..Arrangement::default() };
        second.labels.extend([(a, "older".to_owned()), (c, "other".to_owned())]);
        second.preferred.extend([("work".to_owned(), b), ("home".to_owned(), c)]);
        first.complete(second);
        assert_eq!(first.order, [b, a, c]);
        assert_eq!([a, c].map(|id| first.seen(id).label), [Some("mine".to_owned()), Some("other".to_owned())]);
        assert_eq!((first.preferred_of("work"), first.preferred_of("home")), (Some(a), Some(c)));
    }

    fn nothing() -> Rearranged {
        Rearranged { label: None, preferred: None, position: None }
    }

    fn ids<const N: usize>() -> [RecordId; N] {
        std::array::from_fn(|_| RecordId::random())
    }
}
