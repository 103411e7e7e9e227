//! Who runs this command, and whether it may touch these folders.
//!
//! As root it works where root is simply the user: a container, a build machine. Under `sudo` or `su` with
//! another user's folders it refuses, so that no file of root's lands in somebody's store (B-39).

use std::env;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use doorkey_client::words::Refusal;

/// What there is to know about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Standing {
    /// The effective user.
    pub(crate) user: u32,
    /// Who called `sudo`.
    pub(crate) behind_sudo: Option<String>,
    /// The folders that the environment names, and who owns them or, while they do not exist, the nearest
    /// folder above.
    pub(crate) folders: Vec<Folder>,
}

/// A folder that a variable names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Folder {
    pub(crate) variable: &'static str,
    pub(crate) path: PathBuf,
    pub(crate) owner: u32,
}

const ROOT: u32 = 0;
const VARIABLES: [&str; 5] = ["HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_RUNTIME_DIR"];

impl Standing {
    /// As the system and the environment say.
    pub(crate) fn of_this_process() -> Self {
        let folder = |variable| {
            let path = PathBuf::from(env::var_os(variable)?);
            let owner = owner(&path).filter(|_| path.is_absolute())?;
            Some(Folder { variable, path, owner })
        };
        Self {
            user: rustix::process::geteuid().as_raw(),
            behind_sudo: env::var("SUDO_USER").ok().filter(|name| !name.is_empty()),
            folders: VARIABLES.into_iter().filter_map(folder).collect(),
        }
    }

    /// Whether root is the user.
    pub(crate) fn is_root(&self) -> bool {
        self.user == ROOT
    }

    /// The first folder that is another user's. What root owns is nobody's store: `/`, `/nonexistent`, a container's home.
    pub(crate) fn foreign(&self) -> Option<&Folder> {
        self.folders.iter().find(|folder| folder.owner != self.user && folder.owner != ROOT)
    }

    /// # Errors
    /// `config.foreign_home` when a folder is another user's.
    pub(crate) fn check(&self) -> Result<(), Refusal> {
        let Some(Folder { variable, path, owner }) = self.foreign() else { return Ok(()) };
        let (who, without) = match (&self.behind_sudo, self.is_root()) {
            (Some(caller), true) => (format!("root, by {caller}'s `sudo`"), "Run it without `sudo`".to_owned()),
            (None, true) => ("root".to_owned(), "Run it as that user".to_owned()),
            (_, false) => {
                (format!("user {}", self.user), "Run it in a login shell (`su -`, `sudo -i -u NAME`)".to_owned())
            }
        };
        Err(Refusal::new(
            "config.foreign_home",
            format!(
                "This runs as {who}, but {variable} is {path}, which belongs to user {owner}. Nothing was touched.",
                path = path.display()
            ),
            format!("{without}, or set {variable} to a folder of the user it runs as."),
        ))
    }

    /// The one line for root.
    pub(crate) fn warning(&self) -> Option<String> {
        self.is_root().then(|| match &self.behind_sudo {
            Some(caller) => format!("running as root: these are root's own sessions, not {caller}'s"),
            None => "running as root: the sessions here are root's own".to_owned(),
        })
    }
}

fn owner(path: &Path) -> Option<u32> {
    path.ancestors().find_map(|folder| folder.metadata().ok()).map(|about| about.uid())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn standing(user: u32, behind_sudo: Option<&str>, home: u32) -> Standing {
        Standing {
            user,
            behind_sudo: behind_sudo.map(str::to_owned),
            folders: vec![Folder { variable: "HOME", path: "/home/ada".into(), owner: home }],
        }
    }

    #[test]
    fn root_in_a_container_is_simply_the_user() {
        let root = standing(0, None, 0);
        assert_eq!(root.check(), Ok(()));
        assert!(root.warning().is_some());
    }

    #[test]
    fn a_person_at_home_hears_nothing() {
        let ada = standing(1000, None, 1000);
        assert_eq!((ada.check(), ada.warning()), (Ok(()), None));
    }

    #[test]
    fn sudo_with_the_callers_home_is_refused() {
        let refusal = standing(0, Some("ada"), 1000).check().expect_err("HOME is ada's");
        assert_eq!((refusal.code.as_str(), refusal.exit_code()), ("config.foreign_home", 78));
        assert!(refusal.message.contains("ada's `sudo`") && refusal.message.contains("/home/ada"), "{refusal:?}");
    }

    #[test]
    fn sudo_with_roots_home_works_and_says_whose_sessions_they_are() {
        let root = standing(0, Some("ada"), 0);
        assert_eq!(root.check(), Ok(()));
        assert!(root.warning().is_some_and(|line| line.contains("not ada's")));
    }

    #[test]
    fn another_persons_home_is_refused_and_roots_is_not() {
        assert!(standing(1001, None, 1000).check().is_err());
        assert_eq!(standing(1001, None, 0).check(), Ok(()));
    }

    #[test]
    fn a_folder_to_come_belongs_to_the_owner_of_the_one_above() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let here = folder.path().metadata().expect("it exists").uid();
        assert_eq!(owner(&folder.path().join("a/b/c")), Some(here));
    }
}
