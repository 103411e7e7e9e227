//! Consent without a person: `policy.toml`, where somebody has written which program may have what.
//!
//! The first rule that fits decides, else its `default`, else a person is asked. A file that is broken, or that others
//! may write, lets nothing through: it never counts as one that is not there.

mod file;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use doorkey_client::words::{Reach, Refusal};

pub(crate) use self::file::{Decision, Rule};
use crate::ours::{self, Stamp};
use crate::peer::Process;

/// Text for people; a larger file is something else.
const LARGEST: u64 = 256 * 1024;

/// The policy of this user, read anew whenever the file has changed.
pub(crate) struct PolicyFile {
    path: PathBuf,
    read: Mutex<Read>,
}

#[derive(Default)]
struct Read {
    stamp: Option<Stamp>,
    policy: Option<Arc<Result<Policy, Refusal>>>,
}

/// What the file says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Policy {
    pub(crate) default: Decision,
    pub(crate) rules: Vec<Rule>,
}

/// What the policy says to a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Allow,
    /// By this rule, counted from one; by the default where there is none.
    Deny(Option<usize>),
    Ask,
    /// It depends on the hash of the executable, which is not known yet.
    Hash,
}

/// Who asks for what.
pub(crate) struct Asked<'a> {
    /// Nothing where the system does not tell.
    pub(crate) program: Option<&'a Process>,
    pub(crate) hash: Option<&'a str>,
    pub(crate) profile: &'a str,
    pub(crate) reach: &'a Reach,
}

impl PolicyFile {
    pub(crate) fn at(path: PathBuf) -> Self {
        Self { path, read: Mutex::default() }
    }

    /// # Errors
    /// `config.bad_policy`: nothing is allowed then.
    pub(crate) fn verdict(&self, asked: &Asked<'_>) -> Result<Verdict, Refusal> {
        match &*self.fresh() {
            Ok(policy) => Ok(policy.verdict(asked)),
            Err(refusal) => Err(refusal.clone()),
        }
    }

    /// What is wrong with the file, for whoever looks after it.
    pub(crate) fn problem(&self) -> Option<Refusal> {
        self.fresh().as_ref().as_ref().err().cloned()
    }

    /// For sentences.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    fn fresh(&self) -> Arc<Result<Policy, Refusal>> {
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        let stamp = ours::stamp(&self.path);
        match &read.policy {
            // What was wrong may have been mended without the file being touched: its folder's mode.
            Some(policy) if read.stamp == stamp && policy.is_ok() => Arc::clone(policy),
            before => {
                let policy = Arc::new(self.load());
                if let Err(refusal) = &*policy
                    && before.as_ref().is_none_or(|before| **before != *policy)
                {
                    tracing::warn!(code = refusal.code, "{}", refusal.message);
                }
                read.stamp = stamp;
                Arc::clone(read.policy.insert(policy))
            }
        }
    }

    fn load(&self) -> Result<Policy, Refusal> {
        let text = match ours::text(&self.path, LARGEST) {
            Ok(Some(text)) => text,
            Ok(None) => return Ok(Policy { default: Decision::Ask, rules: Vec::new() }),
            Err(error) => {
                let hint = "It must be yours, a plain file below 256 KiB, and nobody else may write it or its folder \
                            (`chmod go-w`). No program gets a token until then.";
                return Err(bad(format!("{} is not used: {error}.", self.path.display()), hint));
            }
        };
        file::parse(&text).map_err(|mistake| {
            let hint = "Mend that line in an editor; no program gets a token until then.";
            bad(mistake.told(self.path.display()), hint)
        })
    }
}

fn bad(message: String, hint: &str) -> Refusal {
    Refusal::new("config.bad_policy", message, hint)
}

impl Policy {
    fn verdict(&self, asked: &Asked<'_>) -> Verdict {
        for (index, rule) in self.rules.iter().enumerate() {
            match rule.fits(asked) {
                None => return Verdict::Hash,
                Some(false) => {}
                Some(true) => return rule.decision.verdict(Some(index + 1)),
            }
        }
        self.default.verdict(None)
    }
}

impl Decision {
    fn verdict(self, rule: Option<usize>) -> Verdict {
        match self {
            Self::Allow => Verdict::Allow,
            Self::Deny => Verdict::Deny(rule),
            Self::Ask => Verdict::Ask,
        }
    }
}

#[cfg(test)]
mod tests;
