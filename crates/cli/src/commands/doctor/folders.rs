//! Who this is, and the folders.

use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use doorkey_client::Paths;
use rustix::fs::{Access, access};

use super::finding::{Finding, Part};
use crate::standing::Standing;

pub(super) fn user(standing: &Standing) -> Finding {
    match (standing.check(), standing.warning()) {
        (Err(refusal), _) => Finding::problem(Part::Settings, "user", refusal.message, &refusal.hint),
        (Ok(()), Some(warning)) => Finding::fine("user", warning),
        (Ok(()), None) => Finding::fine("user", format!("user {}, in folders of their own", standing.user)),
    }
}

/// How close a folder must be kept.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Privacy {
    /// Only the user may enter.
    Needed,
    /// Holds no secret.
    Free,
}

pub(super) fn all(paths: &Paths, user: u32) -> Vec<Finding> {
    [
        (&paths.config, Privacy::Free),
        (&paths.data, Privacy::Needed),
        (&paths.state, Privacy::Needed),
        (&paths.runtime, Privacy::Needed),
    ]
    .into_iter()
    .map(|(path, privacy)| one(path, privacy, user))
    .collect()
}

fn one(path: &Path, privacy: Privacy, user: u32) -> Finding {
    let name = "folder";
    let shown = path.display();
    let about = match path.symlink_metadata() {
        Ok(about) if about.is_symlink() => path.metadata(),
        about => about,
    };
    let about = match about {
        Ok(about) => about,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return to_come(path),
        Err(error) => {
            return Finding::problem(
                Part::Settings,
                name,
                format!("{shown} cannot be looked at: {error}"),
                "Check the folders above it.",
            );
        }
    };
    let mode = about.mode() & 0o777;
    if !about.is_dir() {
        return Finding::problem(Part::Settings, name, format!("{shown} is not a folder"), "Move it away.");
    }
    if about.uid() != user {
        let next = format!("Give it to its user: chown -R {user} {shown}");
        return Finding::problem(Part::Settings, name, format!("{shown} belongs to user {}", about.uid()), &next);
    }
    if access(path, Access::WRITE_OK | Access::EXEC_OK).is_err() {
        let next = format!("Make it writable: chmod 700 {shown}; or the disk is mounted read-only.");
        return Finding::problem(
            Part::Settings,
            name,
            format!("{shown} cannot be written to (mode {mode:03o})"),
            &next,
        );
    }
    if privacy == Privacy::Needed && mode & 0o077 != 0 {
        let next = format!("Close it: chmod 700 {shown}");
        return Finding::warning(name, format!("{shown} can be entered by others (mode {mode:03o})"), &next);
    }
    Finding::fine(name, format!("{shown} (mode {mode:03o})"))
}

/// Not there yet: can it be made?
fn to_come(path: &Path) -> Finding {
    let shown = path.display();
    let above = path.ancestors().find(|folder| folder.exists()).unwrap_or(Path::new("/"));
    if access(above, Access::WRITE_OK | Access::EXEC_OK).is_ok() {
        return Finding::fine("folder", format!("{shown} will be made when it is needed"));
    }
    Finding::problem(
        Part::Settings,
        "folder",
        format!("{shown} is not there and cannot be made in {}", above.display()),
        "Make that folder writable, or set the XDG variable to one that is.",
    )
}

#[cfg(test)]
mod tests {
    use std::fs::{self, Permissions};
    use std::os::unix::fs::PermissionsExt;

    use super::super::finding::Outcome;
    use super::*;

    #[test]
    fn an_open_folder_is_worth_a_look_and_a_file_is_a_problem() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let user = folder.path().metadata().expect("it exists").uid();
        fs::set_permissions(folder.path(), Permissions::from_mode(0o700)).expect("ours");
        assert_eq!(one(folder.path(), Privacy::Needed, user).outcome, Outcome::Fine);
        assert_eq!(one(&folder.path().join("to/come"), Privacy::Needed, user).outcome, Outcome::Fine);
        fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).expect("ours");
        let open = one(folder.path(), Privacy::Needed, user);
        assert_eq!(open.outcome, Outcome::Warning);
        assert!(open.next.contains("chmod 700"), "{open:?}");
        assert_eq!(one(folder.path(), Privacy::Free, user).outcome, Outcome::Fine);
        let file = folder.path().join("file");
        fs::write(&file, "").expect("ours");
        assert_eq!(one(&file, Privacy::Free, user).outcome, Outcome::Problem);
        assert_eq!(one(folder.path(), Privacy::Free, user + 1).outcome, Outcome::Problem);
    }
}
