//! Files of settings that decide over safety: they count only when nobody but this user, or root, may write them.

use std::fs::{self, Metadata, OpenOptions};
use std::io::{self, Read as _};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;

use rustix::fs::OFlags;

/// Changes with every write, with another file in its place, and with every change of who may write it. Who may write the
/// folder counts only when the file is read: whoever uses that puts another file there.
#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) struct Stamp {
    inode: u64,
    size: u64,
    changed: (i64, i64),
}

/// Nothing where there is no file: one that cannot be looked at is there.
pub(crate) fn stamp(path: &Path) -> Option<Stamp> {
    let about = match fs::metadata(path) {
        Ok(about) => about,
        Err(error) if error.kind() == io::ErrorKind::NotFound && path.symlink_metadata().is_err() => return None,
        Err(_) => return Some(Stamp::default()),
    };
    Some(Stamp { inode: about.ino(), size: about.len(), changed: (about.ctime(), about.ctime_nsec()) })
}

/// What stands in a file of `largest` bytes at most; nothing where there is no file.
///
/// # Errors
/// It cannot be read, is no plain file, is too large, or others may write it or its folder.
pub(crate) fn text(path: &Path, largest: u64) -> io::Result<Option<String>> {
    // Without NONBLOCK a pipe somebody put there would hold us for ever.
    let flags = OFlags::NONBLOCK.bits().cast_signed();
    let file = match OpenOptions::new().read(true).custom_flags(flags).open(path) {
        Ok(file) => file,
        // A link that leads nowhere is not an absent file.
        Err(error) if error.kind() == io::ErrorKind::NotFound && path.symlink_metadata().is_err() => {
            return Ok(None);
        }
        Err(error) => return Err(error),
    };
    let about = file.metadata()?;
    if !about.is_file() {
        return Err(io::Error::other("it is no plain file"));
    }
    if about.len() > largest {
        return Err(io::Error::other(format!("it is larger than {} KiB", largest / 1024)));
    }
    only_ours(&about, "it")?;
    folder(path)?;
    let mut text = String::new();
    file.take(largest).read_to_string(&mut text)?;
    Ok(Some(text))
}

/// Whether a file that is put there would count; a folder that is still to be made will be ours.
///
/// # Errors
/// Others may write the folder.
pub(crate) fn folder(path: &Path) -> io::Result<()> {
    match path.parent().map(fs::metadata) {
        Some(Ok(about)) => only_ours(&about, "its folder"),
        Some(Err(error)) if error.kind() != io::ErrorKind::NotFound => Err(error),
        Some(Err(_)) | None => Ok(()),
    }
}

/// Whether nobody but this user, or root, may write it.
fn only_ours(about: &Metadata, what: &str) -> io::Result<()> {
    let me = rustix::process::geteuid().as_raw();
    if about.uid() != me && about.uid() != 0 {
        return Err(io::Error::other(format!("{what} belongs to user {}", about.uid())));
    }
    if about.mode() & 0o022 != 0 {
        return Err(io::Error::other(format!("others may write {what} (mode {:03o})", about.mode() & 0o777)));
    }
    Ok(())
}
