//! The sessions of this agent, and which of them is meant. Found by what people and programs say, however many there are.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use doorkey_client::words::Refusal;

use crate::arrangement::{Arrangement, Seen};
use crate::record::SessionRecord;
use crate::session::{Held, Live};
use crate::vault::RecordId;

/// Some sessions, by the vault's record.
type Shelf = BTreeMap<RecordId, Arc<Live>>;

/// All sessions.
#[derive(Default)]
pub(crate) struct Sessions(RwLock<Shelves>);

#[derive(Default)]
struct Shelves {
    all: Shelf,
    of_profile: HashMap<String, Shelf>,
    /// By `sub` and by e-mail address.
    of_account: HashMap<String, Shelf>,
    arrangement: Arrangement,
}

/// What several sessions of one profile mean, where nobody says whose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Several {
    /// The one that the person prefers.
    Preferred,
    /// None of them: what cannot be undone is not done to one that was not named.
    None,
}

impl Sessions {
    pub(crate) fn insert(&self, id: RecordId, held: Held) -> Arc<Live> {
        let record = Arc::clone(&held.record);
        let live = Arc::new(Live::new(id, held));
        let mut shelves = self.write();
        shelves.all.insert(id, Arc::clone(&live));
        shelves.of_profile.entry(record.profile.clone()).or_default().insert(id, Arc::clone(&live));
        shelves.know(&live, &record);
        live
    }

    /// The same person has signed in with the same profile once more; the address may be a new one.
    pub(crate) fn replace(&self, live: &Arc<Live>, held: Held) {
        let mut shelves = self.write();
        let old = Arc::clone(&live.held().record);
        shelves.forget(live.id, &old);
        let new = Arc::clone(&held.record);
        *live.held() = held;
        if shelves.all.contains_key(&live.id) {
            shelves.know(live, &new);
        }
    }

    pub(crate) fn remove(&self, id: RecordId) {
        let mut shelves = self.write();
        let Some(live) = shelves.all.remove(&id) else { return };
        let record = Arc::clone(&live.held().record);
        take(&mut shelves.of_profile, &record.profile, id);
        shelves.forget(id, &record);
    }

    pub(crate) fn find(&self, id: RecordId) -> Option<Arc<Live>> {
        self.read().all.get(&id).cloned()
    }

    pub(crate) fn all(&self) -> Vec<Arc<Live>> {
        self.read().all.values().cloned().collect()
    }

    pub(crate) fn of_profile(&self, profile: &str) -> Vec<Arc<Live>> {
        self.read().of_profile.get(profile).into_iter().flat_map(BTreeMap::values).cloned().collect()
    }

    /// Those of one person with one profile.
    pub(crate) fn of_person(&self, profile: &str, sub: &str) -> Vec<Arc<Live>> {
        let shelves = self.read();
        let theirs = shelves.of_account.get(sub).into_iter().flat_map(BTreeMap::values);
        theirs.filter(|live| fits(&live.held().record, Some(profile), Some(sub))).cloned().collect()
    }

    /// As the person has arranged them.
    pub(crate) fn arrangement(&self) -> Arrangement {
        self.read().arrangement.clone()
    }

    pub(crate) fn arrange(&self, arrangement: Arrangement) {
        self.write().arrangement = arrangement;
    }

    pub(crate) fn seen(&self, id: RecordId) -> Seen {
        self.read().arrangement.seen(id)
    }

    /// The one that is meant: never a guess (B-21), and the person's own choice is none.
    pub(crate) fn pick(
        &self,
        profile: Option<&str>,
        account: Option<&str>,
        several: Several,
    ) -> Result<Arc<Live>, Refusal> {
        let shelves = self.read();
        let of_profile = |profile: &str| shelves.of_profile.get(profile);
        let shelf = match (account, profile) {
            (Some(account), _) => shelves.of_account.get(account),
            (None, Some(profile)) => of_profile(profile),
            (None, None) => Some(&shelves.all),
        };
        // An account may be named by the session's own identifier too.
        let by_id = account.and_then(|account| shelves.all.get(&account.parse().ok()?));
        let named = shelf
            .into_iter()
            .flat_map(BTreeMap::values)
            .filter(|live| account.is_none_or(|account| fits(&live.held().record, profile, Some(account))));
        let by_id = by_id.filter(|live| fits(&live.held().record, profile, None));
        let mut fitting = by_id.into_iter().chain(named);
        match (fitting.next(), fitting.next()) {
            (Some(one), None) => Ok(Arc::clone(one)),
            (None, _) => Err(nobody(profile, account)),
            (Some(_), Some(_)) => {
                let among = profile.map_or(Some(&shelves.all), of_profile);
                let preferred = match (several, account) {
                    (Several::Preferred, None) => shelves.preferred(profile),
                    (Several::Preferred, Some(_)) | (Several::None, _) => None,
                };
                preferred.ok_or_else(|| {
                    let mut refusal = ambiguous(among.into_iter().flat_map(BTreeMap::values));
                    if several == Several::Preferred && account.is_none() {
                        refusal.hint += " `doorkey account prefer` chooses one for good.";
                    }
                    refusal
                })
            }
        }
    }

    fn read(&self) -> RwLockReadGuard<'_, Shelves> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Shelves> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Shelves {
    fn know(&mut self, live: &Arc<Live>, record: &SessionRecord) {
        for account in accounts(record) {
            self.of_account.entry(account.to_owned()).or_default().insert(live.id, Arc::clone(live));
        }
    }

    /// Of one profile: between two, nobody has chosen.
    fn preferred(&self, profile: Option<&str>) -> Option<Arc<Live>> {
        let profile = match (profile, self.of_profile.len()) {
            (Some(profile), _) => profile,
            (None, 1) => self.of_profile.keys().next()?,
            (None, _) => return None,
        };
        let id = self.arrangement.preferred_of(profile)?;
        self.of_profile.get(profile)?.get(&id).cloned()
    }

    fn forget(&mut self, id: RecordId, record: &SessionRecord) {
        for account in accounts(record) {
            take(&mut self.of_account, account, id);
        }
    }
}

fn take(shelves: &mut HashMap<String, Shelf>, name: &str, id: RecordId) {
    if let Some(shelf) = shelves.get_mut(name) {
        shelf.remove(&id);
        if shelf.is_empty() {
            shelves.remove(name);
        }
    }
}

fn accounts(record: &SessionRecord) -> impl Iterator<Item = &str> {
    [Some(record.identity.sub.as_str()), record.identity.email.as_deref()].into_iter().flatten()
}

fn fits(record: &SessionRecord, profile: Option<&str>, account: Option<&str>) -> bool {
    profile.is_none_or(|profile| record.profile == profile)
        && account.is_none_or(|account| accounts(record).any(|known| known == account))
}

fn nobody(profile: Option<&str>, account: Option<&str>) -> Refusal {
    match (profile, account) {
        (Some(profile), None) => Refusal::new(
            "session.sign_in_required",
            format!("Nobody is signed in with `{profile}`."),
            format!("Sign in with `doorkey login {profile}`, or in the Doorkey window."),
        )
        .about(profile),
        (profile, Some(account)) => {
            let with = profile.map(|profile| format!(" with `{profile}`")).unwrap_or_default();
            let account = account.chars().take(80).collect::<String>();
            let refusal = Refusal::new(
                "session.sign_in_required",
                format!("`{account}` is not signed in{with}."),
                "`doorkey status` lists who is.",
            );
            match profile {
                Some(profile) => refusal.about(profile),
                None => refusal,
            }
        }
        (None, None) => Refusal::new(
            "session.sign_in_required",
            "Nobody is signed in.",
            "Sign in with `doorkey login PROFILE`, or in the Doorkey window.",
        ),
    }
}

fn ambiguous<'a>(among: impl Iterator<Item = &'a Arc<Live>>) -> Refusal {
    let names: Vec<String> = among
        .map(|live| live.held().record.clone())
        .map(|record| match &record.identity.email {
            Some(email) => format!("{} ({email})", record.profile),
            None => format!("{} ({})", record.profile, record.identity.sub),
        })
        .take(8)
        .collect();
    let hint = format!("Name the profile, and `--account` where it holds several: {}.", names.join(", "));
    Refusal::new("session.ambiguous", "More than one session fits.", hint)
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::record::ada;
    use crate::time::{Moment, Uptime};

    #[test]
    fn a_session_is_found_by_profile_account_and_identifier_and_never_guessed() {
        let sessions = Sessions::default();
        let ada = sessions.insert(RecordId::random(), held("work", "ada", "ada@example.test"));
        let grace = sessions.insert(RecordId::random(), held("work", "grace", "grace@example.test"));
        let at_home = sessions.insert(RecordId::random(), held("home", "ada", "ada@example.test"));
        let found = |profile, account: Option<&str>| match sessions.pick(profile, account, Several::Preferred) {
            Ok(live) => Ok(live.id),
            Err(refusal) => Err(refusal.code),
        };
        let (ambiguous, nobody) = (Err("session.ambiguous".to_owned()), Err("session.sign_in_required".to_owned()));
        for account in ["ada", "ada@example.test", ada.id.to_string().as_str()] {
            assert_eq!(found(Some("work"), Some(account)), Ok(ada.id), "{account}");
        }
        assert_eq!(found(None, Some("grace")), Ok(grace.id));
        assert_eq!(found(Some("home"), None), Ok(at_home.id));
        assert_eq!(found(None, Some("ada")), ambiguous);
        assert_eq!(found(Some("work"), None), ambiguous);
        assert_eq!(found(None, None), ambiguous);
        let of_another = ada.id.to_string();
        assert_eq!(found(Some("home"), Some(of_another.as_str())), nobody);
        assert_eq!(found(Some("none"), None), nobody);

        sessions.replace(&ada, held("work", "ada", "countess@example.test"));
        assert_eq!(found(None, Some("countess@example.test")), Ok(ada.id));
        assert_eq!(found(Some("work"), Some("ada@example.test")), nobody);
        sessions.remove(ada.id);
        assert_eq!(found(None, Some("countess@example.test")), nobody);
        assert_eq!(found(Some("work"), None), Ok(grace.id));
        sessions.replace(&ada, held("work", "ada", "ada@example.test"));
        assert_eq!(found(Some("work"), Some("ada")), nobody, "it is gone");
    }

    fn held(profile: &str, sub: &str, email: &str) -> Held {
        let mut record = ada();
        profile.clone_into(&mut record.profile);
        sub.clone_into(&mut record.identity.sub);
        record.identity.email = Some(email.to_owned());
        Held::new(record, Moment { wall: Timestamp::UNIX_EPOCH, uptime: Uptime::default() })
    }
}
