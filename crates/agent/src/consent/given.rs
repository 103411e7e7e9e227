//! What was decided about programs, and the file that remembers it.
//!
//! The file is no secret and is not sealed: it must be readable while the vault is locked, and whatever of this user could
//! change it could as well decide by `doorkey consent`. It is the user's own (mode 0600) and written whole or not at all.

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

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).expect("a time")
    }

    fn program(sha256: &str) -> Program {
        Program { path: "/usr/bin/curl".to_owned(), sha256: sha256.to_owned() }
    }

    fn whose(profile: &str, issuer: &str) -> Whose {
        Whose { profile: profile.to_owned(), issuer: issuer.to_owned() }
    }

    fn at_work() -> Whose {
        whose("work", "https://op.example")
    }

    fn scopes(names: &[&str]) -> Reach {
        Reach { scope: Some(names.iter().map(|name| (*name).to_owned()).collect()), ..Reach::default() }
    }

    fn consent(decision: ConsentDecision, reach: Reach, ends: Option<i64>) -> Consent {
        Consent {
            id: format!("{decision:?}{reach:?}"),
            program: program("aa").path,
            sha256: "aa".to_owned(),
            profile: "work".to_owned(),
            reach,
            decision,
            given_at: at(0),
            expires_at: ends.map(at),
        }
    }

    use ConsentDecision::{Allow, Deny};

    fn given(folder: &tempfile::TempDir) -> Given {
        Given::at(folder.path().join("data/consents.json"))
    }

    #[test]
    fn what_was_allowed_stands_until_it_ends_and_after_a_restart() {
        let folder = tempfile::tempdir().expect("a folder");
        given(&folder).put(&at_work(), consent(Allow, scopes(&["read", "write"]), Some(100))).expect("written");
        let given = given(&folder);
        let standing = |reach: &Reach, second| given.standing(&program("aa"), &at_work(), reach, at(second));
        assert_eq!(standing(&scopes(&["read"]), 99), Standing::Allowed);
        assert_eq!(standing(&scopes(&["read"]), 100), Standing::Open { changed: false });
        assert_eq!(standing(&scopes(&["read", "admin"]), 1), Standing::Open { changed: false });
        assert_eq!(
            given.standing(&program("aa"), &whose("home", "https://op.example"), &scopes(&["read"]), at(1)),
            Standing::Open { changed: false }
        );
        let mode = fs::metadata(folder.path().join("data/consents.json")).expect("there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn another_executable_at_the_same_path_is_told_as_changed() {
        let folder = tempfile::tempdir().expect("a folder");
        let given = given(&folder);
        given.put(&at_work(), consent(Allow, scopes(&["read"]), None)).expect("written");
        assert_eq!(
            given.standing(&program("bb"), &at_work(), &scopes(&["read"]), at(1)),
            Standing::Open { changed: true }
        );
        given
            .put(&at_work(), Consent { sha256: "bb".to_owned(), ..consent(Allow, scopes(&["read"]), None) })
            .expect("written");
        assert_eq!(given.standing(&program("bb"), &at_work(), &scopes(&["read"]), at(1)), Standing::Allowed);
        assert_eq!(given.all(at(1)).len(), 1, "the older executable's is gone");
    }

    #[test]
    fn a_profile_that_is_led_elsewhere_takes_no_consent_along() {
        let folder = tempfile::tempdir().expect("a folder");
        let elsewhere = whose("work", "https://other.example");
        let reach = scopes(&["read"]);
        given(&folder).put(&at_work(), consent(Allow, reach.clone(), None)).expect("written");
        let given = given(&folder);
        let standing = |whose: &Whose| given.standing(&program("aa"), whose, &reach, at(1));
        assert_eq!(standing(&elsewhere), Standing::Open { changed: false });
        given.put(&elsewhere, consent(Deny, reach.clone(), None)).expect("written");
        assert_eq!((standing(&elsewhere), standing(&at_work())), (Standing::Denied, Standing::Allowed));
        given.put_once(&at_work(), consent(Allow, scopes(&["write"]), None));
        let write = |whose: &Whose| given.standing(&program("aa"), whose, &scopes(&["write"]), at(1));
        assert_eq!(write(&elsewhere), Standing::Open { changed: false });
        assert_eq!(write(&at_work()), Standing::Allowed);
    }

    #[test]
    fn the_newest_word_counts_and_a_no_is_one_to_more_and_to_less() {
        let folder = tempfile::tempdir().expect("a folder");
        let given = given(&folder);
        let standing = |names: &[&str]| given.standing(&program("aa"), &at_work(), &scopes(names), at(1));
        given.put(&at_work(), consent(Allow, scopes(&["read", "write"]), None)).expect("written");
        given.put(&at_work(), consent(Deny, scopes(&["write"]), None)).expect("written");
        assert_eq!((standing(&["read"]), standing(&["write"])), (Standing::Allowed, Standing::Denied));
        assert_eq!(standing(&["read", "write"]), Standing::Denied);
        given.put(&at_work(), consent(Allow, scopes(&["read", "write", "admin"]), None)).expect("written");
        assert_eq!(standing(&["read", "write"]), Standing::Allowed);
        assert_eq!(given.all(at(1)).len(), 1, "what it overrules is gone");
    }

    #[test]
    fn once_is_for_one_and_for_a_minute() {
        let folder = tempfile::tempdir().expect("a folder");
        let given = given(&folder);
        let standing = |second| given.standing(&program("aa"), &at_work(), &scopes(&["read"]), at(second));
        given.put_once(&at_work(), consent(Allow, scopes(&["read"]), None));
        assert!(!given.allows(&program("aa"), &at_work(), &scopes(&["read"]), at(1)));
        assert_eq!(standing(1), Standing::Allowed);
        assert_eq!(standing(1), Standing::Open { changed: false });
        given.put_once(&at_work(), consent(Allow, scopes(&["read"]), None));
        assert_eq!(standing(61), Standing::Open { changed: false });
        assert!(given.all(at(1)).is_empty());
    }

    #[test]
    fn a_file_that_cannot_be_read_allows_nothing() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("data/consents.json");
        given(&folder).put(&at_work(), consent(Allow, scopes(&["read"]), None)).expect("written");
        let whole = fs::read(&path).expect("there");
        let allows = |given: &Given| given.allows(&program("aa"), &at_work(), &scopes(&["read"]), at(1));
        assert!(allows(&given(&folder)));

        fs::set_permissions(&path, fs::Permissions::from_mode(0o666)).expect("ours");
        let others_may_write = given(&folder);
        assert!(!allows(&others_may_write));
        assert!(others_may_write.put(&at_work(), consent(Allow, scopes(&["read"]), None)).is_err());
        assert!(allows(&others_may_write), "in memory");
        assert_eq!(fs::read(&path).expect("there"), whole);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("ours");

        fs::write(&path, r#"{"version":2,"consents":7}"#).expect("written");
        assert!(!allows(&given(&folder)));
        assert_eq!(
            fs::read(&path).expect("there"),
            br#"{"version":2,"consents":7}"#,
            "a newer version's is left alone"
        );

        fs::write(&path, &whole[..whole.len() / 2]).expect("written");
        assert!(!allows(&given(&folder)));
        assert!(path.with_extension("json.broken").exists() && !path.exists());
    }

    #[test]
    fn a_clock_set_far_back_does_not_prolong_anything() {
        let folder = tempfile::tempdir().expect("a folder");
        let given = given(&folder);
        given.put(&at_work(), consent(Allow, scopes(&["read"]), Some(100))).expect("written");
        assert!(!given.allows(&program("aa"), &at_work(), &scopes(&["read"]), at(-200_000)));
    }
}
