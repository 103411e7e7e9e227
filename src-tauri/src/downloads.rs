//! Files that the person asked for: into their folder for downloads, beside whatever is there.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use doorkey_client::words::Refusal;

/// The file system takes 255 bytes; a number has to fit in too.
const LONGEST_NAME: usize = 200;
/// Whoever has so many of one name has something else in mind.
const MOST_OF_A_NAME: u32 = 999;

/// Writes it into a new file called `name` or nearly so, in the first of the folders that is there; its path.
///
/// # Errors
/// `desktop.file` when there is no folder, or the file cannot be written: then there is none.
pub(crate) fn save(folders: Vec<PathBuf>, name: &str, bytes: impl AsRef<[u8]>) -> Result<String, Refusal> {
    let Some(folder) = folders.into_iter().find(|folder| folder.is_dir()) else {
        return Err(refusal("there is neither a folder for downloads nor a home folder"));
    };
    let name = harmless(name);
    let cannot = |error: io::Error| refusal(&format!("{}: {error}", folder.join(&name).display()));
    let (path, mut file) = beside(&folder, &name).map_err(cannot)?;
    if let Err(error) = file.write_all(bytes.as_ref()).and_then(|()| file.sync_all()) {
        // Half a file is worse than none; if this fails too, the first reason is the one that counts.
        let _ = fs::remove_file(&path);
        return Err(cannot(error));
    }
    Ok(path.display().to_string())
}

/// The last part of a path, without anything that a shell, a file manager or a terminal takes for more than a letter.
fn harmless(name: &str) -> String {
    let base = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let mut kept: String =
        base.chars().map(|one| if one.is_alphanumeric() || " -_.()@+".contains(one) { one } else { '_' }).collect();
    while kept.len() > LONGEST_NAME {
        kept.pop();
    }
    // A dot in front hides a file.
    let kept = kept.trim_start_matches(['.', '-', ' ']).trim_end_matches(['.', ' ']);
    if kept.is_empty() { "doorkey.txt".to_owned() } else { kept.to_owned() }
}

/// A new file of this name, or with the first number that is free.
fn beside(folder: &Path, name: &str) -> io::Result<(PathBuf, fs::File)> {
    let (stem, ending) = match name.rfind('.') {
        Some(dot) if dot > 0 => name.split_at(dot),
        _ => (name, ""),
    };
    let mut taken = io::Error::from(io::ErrorKind::AlreadyExists);
    for number in 1..=MOST_OF_A_NAME {
        let name = if number == 1 { name.to_owned() } else { format!("{stem} ({number}){ending}") };
        let path = folder.join(name);
        match OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path) {
            Ok(file) => return Ok((path, file)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => taken = error,
            Err(error) => return Err(error),
        }
    }
    Err(taken)
}

fn refusal(why: &str) -> Refusal {
    Refusal::new(
        "desktop.file",
        format!("The file cannot be saved: {why}."),
        "Make room or a folder for downloads, and try again.",
    )
    .retryable()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn nothing_is_overwritten_and_nobody_else_can_read_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let save = |text: &str| save(vec![folder.path().to_owned()], "flow.har", text).expect("there is room");
        let paths = [save("first"), save("second"), save("third")];
        let names = ["flow.har", "flow (2).har", "flow (3).har"].map(|name| folder.path().join(name));
        for ((path, name), text) in paths.iter().zip(&names).zip(["first", "second", "third"]) {
            assert_eq!(Path::new(path), name);
            assert_eq!(fs::read_to_string(name).expect("a file"), text);
            assert_eq!(fs::metadata(name).expect("a file").permissions().mode() & 0o777, 0o600);
        }
    }

    /// A link that somebody put there leads nowhere: it is a name that is taken.
    #[test]
    fn a_link_is_not_followed() {
        let folder = tempfile::tempdir().expect("a folder");
        let elsewhere = folder.path().join("elsewhere");
        std::os::unix::fs::symlink(&elsewhere, folder.path().join("a.txt")).expect("a link");
        let path = save(vec![folder.path().to_owned()], "a.txt", "text").expect("there is room");
        assert!(path.ends_with("a (2).txt") && !elsewhere.exists(), "{path}");
    }

    #[test]
    fn a_name_cannot_lead_out_of_the_folder_or_hide() {
        for (given, kept) in [
            ("profiles.toml", "profiles.toml"),
            ("../../.ssh/authorized_keys", "authorized_keys"),
            ("..\\..\\evil.exe", "evil.exe"),
            (".bashrc", "bashrc"),
            ("-rf", "rf"),
            ("..", "doorkey.txt"),
            ("a/", "doorkey.txt"),
            ("", "doorkey.txt"),
            ("a\nb\u{202e}\0c.txt", "a_b__c.txt"),
            ("Größe (1) – @home+x.json", "Größe (1) _ @home+x.json"),
        ] {
            assert_eq!(harmless(given), kept, "{given:?}");
        }
        assert!(harmless(&"ö".repeat(300)).len() <= LONGEST_NAME);
    }

    #[test]
    fn without_a_folder_for_downloads_it_is_the_next_one() {
        let home = tempfile::tempdir().expect("a folder");
        let folders = vec![home.path().join("Downloads"), home.path().to_owned()];
        let path = save(folders, "a.txt", "text").expect("there is room");
        assert_eq!(Path::new(&path), home.path().join("a.txt"));
        assert_eq!(save(vec![home.path().join("none")], "a.txt", "text").expect_err("nowhere").code, "desktop.file");
    }
}
