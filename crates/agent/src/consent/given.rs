//! What was decided about programs, and the file that remembers it.
//!
//! The file is no secret and is not sealed: it must be readable while the vault is locked, and whatever of this user could
//! change it could as well decide by `doorkey consent`. It is the user's own (mode 0600) and written whole or not at all.

#[cfg(test)]
mod tests;

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use doorkey_client::words::{Consent, ConsentDecision, Reach};
use jiff::{SignedDuration, Timestamp};
use rustix::fs::OFlags;
use serde::{Deserialize, Serialize};

use super::reach::covers;
use super::{Program, Whose};

/// The oldest go first.
const MOST_KEPT: usize = 1_000;
const LARGEST: u64 = 4 * 1024 * 1024;
const LAYOUT: u32 = 1;
/// A yes for once, without a question, is for the request that follows it.
const ONCE_WITHIN: SignedDuration = SignedDuration::from_secs(60);

pub(super) struct Given {
    path: PathBuf,
    held: Mutex<Held>,
}

struct Held {
    consents: Vec<Kept>,
    /// For one hand-out each, in memory.
    once: Vec<Kept>,
    /// Nothing is written where the file is not one to write to: a newer version's, or not ours.
    writes: bool,
}

/// A decision, and of which provider's tokens it is one.
#[derive(Clone, Serialize, Deserialize)]
struct Kept {
    /// Of nobody where nothing is said: no issuer is empty.
    #[serde(default)]
    issuer: String,
    #[serde(flatten)]
    consent: Consent,
}

#[derive(Serialize, Deserialize)]
struct Stored {
    version: u32,
    consents: Vec<Kept>,
}

/// What was said before about a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    Allowed,
    Denied,
    /// Nothing.
    Open {
        /// But about another executable at that path.
        changed: bool,
    },
}

impl Given {
    pub(super) fn at(path: PathBuf) -> Self {
        let (consents, writes) = match read(&path) {
            Ok(consents) => (consents, true),
            Err(Unread::Broken(why)) => {
                let aside = path.with_extension("json.broken");
                let moved = fs::rename(&path, &aside);
                tracing::warn!(
                    why,
                    moved = moved.is_ok(),
                    "what was allowed to programs cannot be read: they are asked about anew"
                );
                (Vec::new(), true)
            }
            Err(Unread::NotOurs(why)) => {
                tracing::warn!(why, "{} is not used: programs are asked about anew", path.display());
                (Vec::new(), false)
            }
        };
        Self { path, held: Mutex::new(Held { consents, once: Vec::new(), writes }) }
    }

    pub(super) fn all(&self, now: Timestamp) -> Vec<Consent> {
        let held = self.held();
        held.consents.iter().map(|kept| &kept.consent).filter(|consent| stands(consent, now)).cloned().collect()
    }

    /// Whether it was allowed before for more than once: nothing is used up by the question.
    pub(super) fn allows(&self, program: &Program, whose: &Whose, reach: &Reach, now: Timestamp) -> bool {
        standing_of(&self.held().consents, program, whose, reach, now) == Standing::Allowed
    }

    /// What was said before. What was allowed for once is used up.
    pub(super) fn standing(&self, program: &Program, whose: &Whose, reach: &Reach, now: Timestamp) -> Standing {
        let mut held = self.held();
        let standing = standing_of(&held.consents, program, whose, reach, now);
        if standing == Standing::Allowed {
            return standing;
        }
        held.once.retain(|once| stands(&once.consent, now));
        let is_it = |once: &Kept| is_about(once, program, whose) && covers(&once.consent.reach, reach);
        match held.once.iter().position(is_it) {
            Some(at) => {
                held.once.remove(at);
                Standing::Allowed
            }
            None => standing,
        }
    }

    /// Remembers a decision, in the place of what it overrules.
    ///
    /// # Errors
    /// When it is remembered in memory only.
    pub(super) fn put(&self, whose: &Whose, consent: Consent) -> io::Result<()> {
        let mut held = self.held();
        let overruled = |kept: &Kept| {
            let old = &kept.consent;
            let same = old.program == consent.program && old.profile == consent.profile;
            let covered = kept.issuer == whose.issuer && covers(&consent.reach, &old.reach);
            same && (old.sha256 != consent.sha256 || covered)
        };
        let now = consent.given_at;
        held.consents.retain(|old| !overruled(old) && stands(&old.consent, now));
        held.once.retain(|old| !overruled(old));
        held.consents.push(Kept { issuer: whose.issuer.clone(), consent });
        let more = held.consents.len().saturating_sub(MOST_KEPT);
        held.consents.drain(..more);
        self.write(&held)
    }

    pub(super) fn put_once(&self, whose: &Whose, consent: Consent) {
        let mut held = self.held();
        let consent = Consent { expires_at: consent.given_at.checked_add(ONCE_WITHIN).ok(), ..consent };
        held.once.push(Kept { issuer: whose.issuer.clone(), consent });
        let more = held.once.len().saturating_sub(MOST_KEPT);
        held.once.drain(..more);
    }

    /// Takes out whatever fits, and tells what that was.
    pub(super) fn remove(&self, fits: impl Fn(&Consent) -> bool) -> (Vec<Consent>, io::Result<()>) {
        let mut held = self.held();
        held.once.retain(|once| !fits(&once.consent));
        let (removed, kept) = std::mem::take(&mut held.consents).into_iter().partition(|kept| fits(&kept.consent));
        held.consents = kept;
        let removed: Vec<Consent> = Vec::into_iter(removed).map(|kept: Kept| kept.consent).collect();
        let written = if removed.is_empty() { Ok(()) } else { self.write(&held) };
        (removed, written)
    }

    fn write(&self, held: &Held) -> io::Result<()> {
        if !held.writes {
            return Err(io::Error::other("the file is not one to write to"));
        }
        let stored = Stored { version: LAYOUT, consents: held.consents.clone() };
        let mut bytes = serde_json::to_vec_pretty(&stored)?;
        bytes.push(b'\n');
        write_whole(&self.path, &bytes)
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn stands(consent: &Consent, now: Timestamp) -> bool {
    // A clock that was set back must not make it stand for ever.
    let lasts_from = consent.given_at <= now.checked_add(SignedDuration::from_hours(24)).unwrap_or(Timestamp::MAX);
    lasts_from && consent.expires_at.is_none_or(|end| now < end)
}

fn is_about(kept: &Kept, program: &Program, whose: &Whose) -> bool {
    let Kept { issuer, consent } = kept;
    consent.program == program.path
        && consent.sha256 == program.sha256
        && consent.profile == whose.profile
        && *issuer == whose.issuer
}

/// The newest word counts. A no is a no to more than it named, and to less.
fn standing_of(kept: &[Kept], program: &Program, whose: &Whose, reach: &Reach, now: Timestamp) -> Standing {
    let mut changed = false;
    for kept in kept.iter().rev().filter(|kept| stands(&kept.consent, now)) {
        let consent = &kept.consent;
        if !is_about(kept, program, whose) {
            changed |=
                consent.program == program.path && consent.sha256 != program.sha256 && consent.profile == whose.profile;
            continue;
        }
        match consent.decision {
            ConsentDecision::Allow if covers(&consent.reach, reach) => return Standing::Allowed,
            ConsentDecision::Deny if covers(&consent.reach, reach) || covers(reach, &consent.reach) => {
                return Standing::Denied;
            }
            ConsentDecision::Allow | ConsentDecision::Deny => {}
        }
    }
    Standing::Open { changed }
}

enum Unread {
    /// Set aside.
    Broken(String),
    /// Left as it is.
    NotOurs(String),
}

fn read(path: &Path) -> Result<Vec<Kept>, Unread> {
    let not_ours = |why: &dyn std::fmt::Display| Unread::NotOurs(why.to_string());
    // Without NONBLOCK a pipe somebody put there would hold us for ever.
    let flags = (OFlags::NOFOLLOW | OFlags::NONBLOCK).bits().cast_signed();
    let file = match OpenOptions::new().read(true).custom_flags(flags).open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(not_ours(&error)),
    };
    let about = file.metadata().map_err(|error| not_ours(&error))?;
    if !about.is_file() || about.uid() != rustix::process::geteuid().as_raw() || about.mode() & 0o022 != 0 {
        return Err(not_ours(&"it is not a file that only this user may write"));
    }
    if about.len() > LARGEST {
        return Err(Unread::Broken("it is larger than 4 MiB".to_owned()));
    }
    let mut bytes = Vec::new();
    file.take(LARGEST).read_to_end(&mut bytes).map_err(|error| not_ours(&error))?;
    // The version first: a newer one may have other words.
    let value: serde_json::Value = serde_json::from_slice(&bytes).map_err(|error| Unread::Broken(error.to_string()))?;
    match value.get("version").and_then(serde_json::Value::as_u64) {
        Some(version) if version > u64::from(LAYOUT) => Err(not_ours(&"it is of a newer version")),
        _ => {
            let stored: Stored = serde_json::from_value(value).map_err(|error| Unread::Broken(error.to_string()))?;
            Ok(stored.consents)
        }
    }
}

/// Old or new, never half: temporary file, fsync, rename, fsync of the folder.
fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().ok_or_else(|| io::Error::other("it has no folder"))?;
    DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    // Mode 0600, as the crate makes them.
    let mut file = tempfile::Builder::new().prefix(".consents").tempfile_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    File::open(folder)?.sync_all()
}
