//! The vault's key in the keyring of the operating system, and what others keep there for a scenario. The only place that
//! names the keyring.
//!
//! Every call here may wait for a person, without limit: they belong on a thread of their own.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use keyring::{Entry, Error};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use super::inner::lock;
use super::key::Key;
use super::question::{KeyProblem, Making};

const SERVICE: &str = "dev.doorkey.Doorkey";

/// Asks for the key of the vault in `folder` (its canonical path); makes one where `making` allows it.
///
/// # Errors
/// Why there is no key.
pub(super) fn key_of(folder: &Path, making: Making) -> Result<Key, KeyProblem> {
    let entry = entry(&account(folder)).map_err(|error| problem(&error))?;
    read_or_make(&entry, making)
}

/// Takes the key of the vault in `folder` (its canonical path) out of the keyring. One that is not there is no error.
///
/// # Errors
/// Why the keyring did not do it.
pub(super) fn forget(folder: &Path) -> Result<(), KeyProblem> {
    let gone = entry(&account(folder)).and_then(|entry| entry.delete_credential());
    match gone {
        Ok(()) | Err(Error::NoEntry) => Ok(()),
        Err(error) => Err(problem(&error)),
    }
}

/// A secret that somebody else put into the keyring, by the attributes `service` and `username`.
///
/// # Errors
/// Why there is none.
pub(super) fn secret_of(service: &str, account: &str) -> Result<Zeroizing<String>, KeyProblem> {
    let found = other_entry(service, account).and_then(|entry| entry.get_password());
    found.map(Zeroizing::new).map_err(|error| match error {
        Error::NoEntry => KeyProblem::Missing,
        error => problem(&error),
    })
}

/// Tells vaults apart (S-12, S-21) and says nothing about the person: names of items are readable while the
/// keyring is locked (S-02).
fn account(folder: &Path) -> String {
    let digest = Sha256::digest(folder.as_os_str().as_encoded_bytes());
    let suffix: String = digest[..8].iter().map(|byte| format!("{byte:02x}")).collect();
    format!("vault-key-{suffix}")
}

/// The crate connects to the keyring once in a process and keeps that result, so that a keyring which
/// starts later would never be seen and one that restarts would never be found again. The first question
/// goes by that connection; every later one gets a new one.
fn entry(account: &str) -> Result<Entry, Error> {
    connect()?;
    let inner = keyring_core::Entry::new_with_modifiers(SERVICE, account, &modifiers())?;
    Ok(Entry { inner })
}

fn connect() -> Result<(), Error> {
    static ASKED: AtomicBool = AtomicBool::new(false);
    if ASKED.swap(true, Ordering::Relaxed) || Entry::store_status().is_err() {
        connect_again()?;
    }
    Ok(())
}

/// One that is looked at and not made.
fn other_entry(service: &str, account: &str) -> Result<Entry, Error> {
    connect()?;
    Ok(Entry { inner: keyring_core::Entry::new(service, account)? })
}

#[cfg(all(unix, not(target_os = "macos")))]
fn connect_again() -> Result<(), Error> {
    keyring_core::set_default_store(zbus_secret_service_keyring_store::Store::new()?);
    Ok(())
}

/// The stores of macOS and Windows hold no connection.
#[cfg(not(all(unix, not(target_os = "macos"))))]
fn connect_again() -> Result<(), Error> {
    Ok(())
}

fn modifiers() -> HashMap<&'static str, &'static str> {
    if cfg!(all(unix, not(target_os = "macos"))) {
        HashMap::from([("label", "Doorkey vault key")])
    } else if cfg!(windows) {
        // The default of Windows sends the key to the domain's other machines.
        HashMap::from([("persistence", "Local")])
    } else {
        HashMap::new()
    }
}

/// Two questions may have found no key before a person answered the prompt: one makes it, the other finds that one.
fn read_or_make(entry: &Entry, making: Making) -> Result<Key, KeyProblem> {
    static MAKES: Mutex<()> = Mutex::new(());
    let found = read(entry);
    if !making.makes(&found) {
        return found;
    }
    let _alone = lock(&MAKES);
    let found = read(entry);
    if making.makes(&found) { make(entry) } else { found }
}

fn read(entry: &Entry) -> Result<Key, KeyProblem> {
    match entry.get_password().map(Zeroizing::new) {
        Ok(text) => Key::from_base64(&text).ok_or(KeyProblem::NotAKey),
        Err(Error::NoEntry) => Err(KeyProblem::Missing),
        Err(error) => Err(problem(&error)),
    }
}

impl Making {
    /// Whether a key is made where that was found.
    fn makes(self, found: &Result<Key, KeyProblem>) -> bool {
        match self {
            Self::Never => false,
            Self::IfNone => matches!(found, Err(KeyProblem::Missing)),
            Self::Anew => matches!(found, Err(KeyProblem::Missing | KeyProblem::NotAKey)),
            Self::Fresh => matches!(found, Ok(_) | Err(KeyProblem::Missing | KeyProblem::NotAKey)),
        }
    }
}

/// A key counts once the keyring has given it back.
fn make(entry: &Entry) -> Result<Key, KeyProblem> {
    let key = Key::generate();
    entry.set_password(&key.to_base64()).map_err(|error| problem(&error))?;
    let back = entry.get_password().map(Zeroizing::new).map_err(|error| problem(&error))?;
    if Key::from_base64(&back).is_some_and(|back| back.is(&key)) { Ok(key) } else { Err(KeyProblem::NotKept) }
}

fn problem(error: &Error) -> KeyProblem {
    // Only these two carry words of the system; others could carry bytes of the secret.
    let (Error::NoStorageAccess(source) | Error::PlatformFailure(source)) = error else {
        return match error {
            Error::NoDefaultStore => KeyProblem::NoService,
            Error::BadEncoding(_) | Error::BadDataFormat(..) => KeyProblem::NotAKey,
            Error::Ambiguous(_) => KeyProblem::Several,
            _ => KeyProblem::Unknown,
        };
    };
    let words = source.to_string();
    tracing::info!(reason = words, "the keyring did not answer with a key");
    if words.contains("AccessDenied") {
        KeyProblem::Denied
    } else if matches!(error, Error::NoStorageAccess(_)) || words.contains("IsLocked") {
        KeyProblem::Locked
    } else {
        KeyProblem::NoService
    }
}

#[cfg(test)]
mod tests {
    use std::any::Any;
    use std::sync::atomic::AtomicUsize;
    use std::sync::{Arc, Barrier};
    use std::thread;

    use keyring_core::api::CredentialApi;
    use keyring_core::mock::Store;
    use keyring_core::{Credential, CredentialStore};

    use super::*;

    fn empty() -> (Arc<CredentialStore>, Entry) {
        let store: Arc<CredentialStore> = Store::new().expect("the mock always starts");
        let entry = Entry { inner: store.build(SERVICE, "vault-key-test", None).expect("a plain name") };
        (store, entry)
    }

    #[test]
    fn a_key_is_made_once_and_then_found() {
        let (_store, entry) = empty();
        let made = read_or_make(&entry, Making::IfNone).expect("the keyring is empty");
        let found = read_or_make(&entry, Making::Never).expect("it was kept");
        assert!(made.is(&found));
        let again = read_or_make(&entry, Making::Anew).expect("it is a key");
        assert!(made.is(&again), "a good key is never replaced");
    }

    #[test]
    fn no_key_is_made_while_there_are_sealed_files() {
        let (_store, entry) = empty();
        assert_eq!(read_or_make(&entry, Making::Never).err(), Some(KeyProblem::Missing));
        assert!(matches!(entry.get_password(), Err(Error::NoEntry)), "nothing was written");
    }

    #[test]
    fn two_who_find_no_key_end_with_the_same_one() {
        let (_store, entry) = empty();
        let prompting = Prompting { entry, asked: AtomicUsize::new(0), both: Barrier::new(2) };
        let entry = Entry { inner: keyring_core::Entry::new_with_credential(Arc::new(prompting)) };
        let made = thread::scope(|scope| {
            let questions = [(); 2].map(|()| scope.spawn(|| read_or_make(&entry, Making::IfNone)));
            questions.map(|question| question.join().expect("it ends").expect("the keyring is empty"))
        });
        let kept = read_or_make(&entry, Making::Never).expect("it was kept");
        assert!(made.iter().all(|made| made.is(&kept)));
    }

    /// A keyring that lets the first two go on together once both have found nothing.
    struct Prompting {
        entry: Entry,
        asked: AtomicUsize,
        both: Barrier,
    }

    impl CredentialApi for Prompting {
        fn get_secret(&self) -> Result<Vec<u8>, Error> {
            let found = self.entry.get_secret();
            if self.asked.fetch_add(1, Ordering::SeqCst) < 2 {
                self.both.wait();
            }
            found
        }

        fn set_secret(&self, secret: &[u8]) -> Result<(), Error> {
            self.entry.set_secret(secret)
        }

        fn delete_credential(&self) -> Result<(), Error> {
            self.entry.delete_credential()
        }

        fn get_credential(&self) -> Result<Option<Arc<Credential>>, Error> {
            Ok(None)
        }

        fn get_specifiers(&self) -> Option<(String, String)> {
            None
        }

        fn as_any(&self) -> &dyn Any {
            self
        }
    }

    /// S-12: something else is in the keyring under our name | it is no key, and is left alone until a person starts over
    #[test]
    fn what_is_not_a_key_is_replaced_only_when_starting_over() {
        let (_store, entry) = empty();
        entry.set_password("somebody else's").expect("the mock takes it");
        for making in [Making::Never, Making::IfNone] {
            assert_eq!(read_or_make(&entry, making).err(), Some(KeyProblem::NotAKey));
        }
        assert_eq!(entry.get_password().expect("untouched"), "somebody else's");
        assert!(read_or_make(&entry, Making::Anew).is_ok());
    }

    /// S-21: two vaults on one keyring | a name for the key of each, which says nothing of the folder
    #[test]
    fn the_account_tells_folders_apart_and_nothing_else() {
        let (one, two) = (account(Path::new("/home/ada/vault")), account(Path::new("/home/bob/vault")));
        assert_ne!(one, two);
        assert!(!one.contains("ada"));
        assert_eq!(one.len(), "vault-key-".len() + 16);
    }

    #[test]
    fn each_answer_of_the_keyring_has_its_name() {
        let said = |words: &str| -> Box<dyn std::error::Error + Send + Sync> { words.into() };
        for (error, expected) in [
            (Error::NoStorageAccess(said("prompt dismissed")), KeyProblem::Locked),
            (Error::PlatformFailure(said("org.freedesktop.Secret.Error.IsLocked")), KeyProblem::Locked),
            (Error::PlatformFailure(said("org.freedesktop.DBus.Error.AccessDenied")), KeyProblem::Denied),
            (Error::PlatformFailure(said("org.freedesktop.DBus.Error.ServiceUnknown")), KeyProblem::NoService),
            (Error::NoDefaultStore, KeyProblem::NoService),
            (Error::BadEncoding(b"secret".to_vec()), KeyProblem::NotAKey),
            (Error::Ambiguous(Vec::new()), KeyProblem::Several),
        ] {
            assert_eq!(problem(&error), expected);
        }
    }
}
