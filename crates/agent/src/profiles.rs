//! Profiles: how to sign in. A file for people to read, edit and commit; their comments survive our edits.

mod check;
mod file;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) mod fuzzing;
mod redirect;
mod text;

use std::ffi::OsString;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use doorkey_client::words::{Profile, Refusal};

pub(crate) use self::check::{
    Credentials, account_endpoint, account_pointers, asked_scopes, check, client_settings, given_metadata,
    metadata_by_hand,
};
pub(crate) use self::file::set_value;
pub(crate) use self::redirect::{redirect_path, redirect_uris};
pub use self::text::{read_profiles, secrets_in, write_profiles};

/// A profiles file is text for people; a larger one is something else.
const LARGEST: u64 = 1024 * 1024;

pub(crate) struct Profiles {
    path: PathBuf,
    read: Mutex<Read>,
}

#[derive(Default)]
struct Read {
    stamp: Option<(SystemTime, u64)>,
    profiles: Vec<Profile>,
    problems: Vec<Refusal>,
}

impl Profiles {
    pub(crate) fn at(path: PathBuf) -> Self {
        Self { path, read: Mutex::default() }
    }

    /// All profiles that can be used, in the order of the file, and what is wrong with the rest. Read anew when
    /// the file was changed by hand.
    pub(crate) fn all(&self) -> (Vec<Profile>, Vec<Refusal>) {
        let read = self.fresh();
        (read.profiles.clone(), read.problems.clone())
    }

    pub(crate) fn find(&self, name: &str) -> Result<Profile, Refusal> {
        let read = self.fresh();
        if let Some(profile) = read.profiles.iter().find(|profile| profile.name == name) {
            return Ok(profile.clone());
        }
        if let Some(problem) = read.problems.iter().find(|problem| problem.profile.as_deref() == Some(name)) {
            return Err(problem.clone());
        }
        Err(unknown(name, &read.profiles))
    }

    /// Adds or replaces one; everything else in the file stays as it is.
    pub(crate) fn put(&self, profile: &Profile) -> Result<(), Refusal> {
        let mut read = self.read();
        let text = self.text().map_err(|error| self.unreadable(&error))?;
        let text = file::put(&text, profile).map_err(|wrong| self.refusal(&wrong))?;
        self.replace(&mut read, &text)
    }

    /// Whether the file can be changed at all: asked before anything is done that goes with the change.
    pub(crate) fn may_change(&self) -> Result<(), Refusal> {
        let text = self.text().map_err(|error| self.unreadable(&error))?;
        file::may_change(&text).map_err(|wrong| self.refusal(&wrong))
    }

    pub(crate) fn remove(&self, name: &str) -> Result<(), Refusal> {
        let mut read = self.read();
        let text = self.text().map_err(|error| self.unreadable(&error))?;
        match file::remove(&text, name).map_err(|wrong| self.refusal(&wrong))? {
            Some(text) => self.replace(&mut read, &text),
            None => Err(unknown(name, &read.profiles)),
        }
    }

    fn replace(&self, read: &mut Read, text: &str) -> Result<(), Refusal> {
        let written = write_whole(&self.path, text.as_bytes());
        self.read_again(read);
        match written {
            // A folder that was not synced may still have it; what can be read counts.
            Err(error) if !self.text().is_ok_and(|there| there == text) => Err(Refusal::new(
                "config.unwritable",
                format!("{} cannot be written: {error}.", self.path.display()),
                "Check that the folder is yours and the disk is not full; nothing was changed.",
            )),
            Ok(()) | Err(_) => Ok(()),
        }
    }

    fn fresh(&self) -> MutexGuard<'_, Read> {
        let mut read = self.read();
        if read.stamp != stamp(&self.path) || read.stamp.is_none() {
            self.read_again(&mut read);
        }
        read
    }

    fn read_again(&self, read: &mut Read) {
        read.stamp = stamp(&self.path);
        (read.profiles, read.problems) = match self.text() {
            Ok(text) => judged(&text, &Place::File(&self.path)),
            Err(error) => (Vec::new(), vec![self.unreadable(&error)]),
        };
    }

    fn text(&self) -> io::Result<String> {
        match fs::metadata(&self.path) {
            Ok(about) if about.len() > LARGEST => Err(io::Error::other("it is larger than 1 MiB")),
            Ok(_) => fs::read_to_string(&self.path),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(String::new()),
            Err(error) => Err(error),
        }
    }

    fn unreadable(&self, error: &io::Error) -> Refusal {
        Refusal::new(
            "config.unreadable",
            format!("{} cannot be read: {error}.", self.path.display()),
            "Check its permissions; sessions that are signed in go on working.",
        )
    }

    fn refusal(&self, wrong: &file::Wrong) -> Refusal {
        Place::File(&self.path).refusal(wrong)
    }

    fn read(&self) -> MutexGuard<'_, Read> {
        self.read.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Where a text is from, for messages about it.
enum Place<'a> {
    File(&'a Path),
    Text(&'a str),
}

impl Place<'_> {
    fn refusal(&self, wrong: &file::Wrong) -> Refusal {
        let told = match self {
            Self::File(path) => wrong.mistake.told(path.display()),
            Self::Text(name) => wrong.mistake.told(name),
        };
        let mut refusal =
            Refusal::new(wrong.code, told, "Mend that line in an editor; the other profiles go on working.");
        refusal.profile.clone_from(&wrong.profile);
        refusal
    }
}

/// The profiles of a text that can be used, in their order, and what is wrong with the rest.
fn judged(text: &str, place: &Place<'_>) -> (Vec<Profile>, Vec<Refusal>) {
    let (read, wrong) = file::parse(text);
    let mut problems: Vec<Refusal> = wrong.iter().map(|wrong| place.refusal(wrong)).collect();
    let mut profiles = Vec::with_capacity(read.len());
    for profile in read {
        match check(profile) {
            Ok(profile) => profiles.push(profile),
            Err(problem) => problems.push(problem),
        }
    }
    (profiles, problems)
}

fn unknown(name: &str, profiles: &[Profile]) -> Refusal {
    let hint = match profiles {
        [] => "There are none yet: `doorkey profile add NAME --issuer URL --client-id ID`, or try `doorkey demo`."
            .to_owned(),
        some => {
            format!("There are: {}.", some.iter().map(|profile| profile.name.as_str()).collect::<Vec<_>>().join(", "))
        }
    };
    Refusal::new("config.no_profile", format!("There is no profile called `{name}`."), hint).about(name)
}

fn stamp(path: &Path) -> Option<(SystemTime, u64)> {
    let about = fs::metadata(path).ok()?;
    Some((about.modified().ok()?, about.len()))
}

/// Old or new, never half: temporary file, fsync, rename, fsync of the folder.
pub(crate) fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().ok_or_else(|| io::Error::other("it has no folder"))?;
    fs::create_dir_all(folder)?;
    let mut hidden = OsString::from(".");
    hidden.push(path.file_name().unwrap_or_default());
    let mut file = tempfile::Builder::new().prefix(&hidden).tempfile_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    fs::File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_typo_names_line_and_column_and_leaves_the_others_usable() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("profiles.toml");
        fs::write(
            &path,
            "# mine\n[profiles.good]\nissuer = \"https://op.example\"\nclient_id = \"app\"\n\n[profiles.bad]\nissuer = \"https://op.example\"\nclientid = \"app\"\n",
        )
        .expect("written");
        let (profiles, problems) = Profiles::at(path).all();
        assert_eq!(profiles.len(), 1);
        assert_eq!(profiles[0].name, "good");
        assert_eq!(problems.len(), 1);
        assert_eq!(problems[0].code, "config.parse");
        assert_eq!(problems[0].profile.as_deref(), Some("bad"));
        assert!(problems[0].message.contains("profiles.toml:8:1"), "{}", problems[0].message);
        assert!(problems[0].message.contains("clientid"), "{}", problems[0].message);
    }

    #[test]
    fn comments_survive_our_edits() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("profiles.toml");
        fs::write(&path, "# at work\n[profiles.work]\nissuer = \"https://op.example\" # theirs\nclient_id = \"app\"\n")
            .expect("written");
        let profiles = Profiles::at(path.clone());
        let mut second = profiles.find("work").expect("there");
        second.name = "second".to_owned();
        profiles.put(&second).expect("put");
        profiles.remove("second").expect("removed");
        let mut work = profiles.find("work").expect("there");
        work.client_id = "other".to_owned();
        profiles.put(&work).expect("put");
        let text = fs::read_to_string(&path).expect("read");
        assert!(text.starts_with("# at work\n"), "{text}");
        assert!(text.contains("# theirs"), "{text}");
        assert!(text.contains("client_id = \"other\""), "{text}");
        assert!(!text.contains("second"), "{text}");
    }

    #[test]
    fn a_file_that_does_not_parse_is_never_overwritten() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("profiles.toml");
        fs::write(&path, "[profiles.work\n").expect("written");
        let profiles = Profiles::at(path.clone());
        let profile = Profile::new("new", "https://op.example", "app");
        assert_eq!(profiles.put(&profile).expect_err("refused").code, "config.parse");
        assert_eq!(fs::read_to_string(&path).expect("read"), "[profiles.work\n");
    }

    #[test]
    fn an_edit_by_hand_is_seen() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("profiles.toml");
        let profiles = Profiles::at(path.clone());
        assert_eq!(profiles.find("work").expect_err("none").code, "config.no_profile");
        fs::write(&path, "[profiles.work]\nissuer = \"https://op.example\"\nclient_id = \"app\"\n").expect("written");
        assert_eq!(profiles.find("work").expect("there").client_id, "app");
    }
}
