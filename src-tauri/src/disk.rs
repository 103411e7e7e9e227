//! The window's own small files: whole or not at all, and for this user alone.

use std::fs::{self, DirBuilder, File};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _};
use std::path::Path;

/// None of ours comes near it.
const LARGEST: u64 = 64 * 1024;

/// What is in it; nothing where there is no such file.
pub(crate) fn read(path: &Path) -> io::Result<Option<String>> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let mut text = String::new();
    if file.take(LARGEST + 1).read_to_string(&mut text)? as u64 > LARGEST {
        return Err(io::Error::other(format!("it is larger than {LARGEST} bytes")));
    }
    Ok(Some(text))
}

/// Makes a folder where it is missing, mode 0700. As root only where it is root's: under `sudo` the variables may still
/// name another user's folders, who could not use what is left there (B-39).
pub(crate) fn folder(path: &Path) -> io::Result<()> {
    let nearest = path.ancestors().find_map(|one| one.metadata().ok());
    if rustix::process::geteuid().is_root() && nearest.is_some_and(|about| about.uid() != 0) {
        return Err(io::Error::other(format!("{} is another user's", path.display())));
    }
    DirBuilder::new().recursive(true).mode(0o700).create(path)
}

/// Puts it in place of what was there, mode 0600; its folder is made where it is missing.
pub(crate) fn write(path: &Path, text: &str) -> io::Result<()> {
    let within = path.parent().ok_or_else(|| io::Error::other("it has no folder"))?;
    folder(within)?;
    let mut file = tempfile::Builder::new().prefix(".doorkey-").tempfile_in(within)?;
    file.write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    File::open(within)?.sync_all()
}

/// Renames a file that is not understood, so that it is not lost; to the first name that is free.
pub(crate) fn set_aside(path: &Path) -> io::Result<()> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    for number in 1_u32.. {
        let aside = path.with_file_name(format!("{name}.kept-{number}"));
        // Unlike a rename, a link does not take the place of another file.
        match fs::hard_link(path, &aside) {
            Ok(()) => return fs::remove_file(path),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt as _, chown};

    use super::*;

    #[test]
    fn a_file_is_replaced_whole_and_is_nobody_elses_business() {
        let below = tempfile::tempdir().expect("a folder");
        let path = below.path().join("a/b/file");
        assert_eq!(read(&path).expect("no error"), None);
        for text in ["one", "two"] {
            write(&path, text).expect("there is room");
            assert_eq!(read(&path).expect("a file").as_deref(), Some(text));
        }
        let mode = |path: &Path| fs::metadata(path).expect("it is there").permissions().mode() & 0o777;
        assert_eq!((mode(&path), mode(path.parent().expect("a folder"))), (0o600, 0o700));
        assert_eq!(
            fs::read_dir(path.parent().expect("a folder")).expect("a folder").count(),
            1,
            "nothing else is left"
        );
        fs::write(&path, vec![b'x'; 65 * 1024]).expect("there is room");
        read(&path).expect_err("too large to be ours");
    }

    /// B-39: root, under `sudo`, with another user's folders | no file of root's is left there
    #[test]
    fn root_leaves_nothing_in_somebody_elses_folder() {
        if !rustix::process::geteuid().is_root() {
            return;
        }
        let below = tempfile::tempdir().expect("a folder");
        let theirs = below.path().join("theirs");
        fs::create_dir(&theirs).expect("a folder");
        chown(&theirs, Some(12345), None).expect("root may");
        write(&theirs.join("doorkey/window.toml"), "").expect_err("it is somebody else's");
        assert_eq!(fs::read_dir(&theirs).expect("a folder").count(), 0);
    }
}
