//! The vault's folder: ours alone, or not used at all (S-T08). Every path the vault touches goes through here.

use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use rustix::fs::OFlags;
use rustix::io::Errno;

use super::error::StoreError;
use super::seal::MAX_SEALED;

#[cfg(test)]
thread_local! {
    /// A file that the disk does not give back on this thread, once it was written.
    pub(super) static UNREADABLE: std::cell::Cell<Option<&'static str>> = const { std::cell::Cell::new(None) };
}

/// An open folder that belongs to this user and to nobody else.
pub(super) struct Folder {
    path: PathBuf,
    handle: File,
}

impl Folder {
    /// Opens the folder; makes it, mode 0700, where there is none.
    ///
    /// # Errors
    /// [`StoreError::UnsafePermissions`] where it is a link or somebody else's; what the disk says.
    pub(super) fn open_or_make(path: &Path) -> Result<Self, StoreError> {
        let made = DirBuilder::new().recursive(true).mode(0o700).create(path);
        match Self::open(path) {
            Ok(Some(folder)) => Ok(folder),
            Ok(None) => Err(made.err().map_or_else(
                || StoreError::from_io("make the folder", path, io::ErrorKind::NotFound.into()),
                |error| StoreError::from_io("make the folder", path, error),
            )),
            Err(error) => Err(error),
        }
    }

    /// Opens the folder; nothing where there is none.
    ///
    /// # Errors
    /// As [`Folder::open_or_make`].
    pub(super) fn open(path: &Path) -> Result<Option<Self>, StoreError> {
        let flags = OFlags::DIRECTORY | OFlags::NOFOLLOW;
        let handle = match OpenOptions::new().read(true).custom_flags(flags.bits().cast_signed()).open(path) {
            Ok(handle) => handle,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) if is_link(&error) || error.kind() == io::ErrorKind::NotADirectory => {
                return Err(unsafe_at(path, "it is a link or a file, not a folder"));
            }
            Err(error) => return Err(StoreError::from_io("open", path, error)),
        };
        own(&handle, path, 0o700)?;
        Ok(Some(Self { path: path.to_owned(), handle }))
    }

    pub(super) fn join(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// The names in it; those that are not UTF-8 are not ours and left out.
    pub(super) fn names(&self) -> Result<Vec<String>, StoreError> {
        let told = |error| StoreError::from_io("list", &self.path, error);
        let mut names = Vec::new();
        for entry in fs::read_dir(&self.path).map_err(told)? {
            names.extend(entry.map_err(told)?.file_name().into_string());
        }
        Ok(names)
    }

    /// A whole file of ours, which is never a link.
    ///
    /// # Errors
    /// [`StoreError::TooLarge`] over the largest sealed file, else as [`Folder::open_or_make`].
    pub(super) fn read(&self, name: &str) -> Result<Vec<u8>, StoreError> {
        let path = self.join(name);
        let told = |error| StoreError::from_io("read", &path, error);
        #[cfg(test)]
        if UNREADABLE.get() == Some(name) {
            return Err(told(Errno::IO.into()));
        }
        // Without NONBLOCK a pipe somebody put there would hold us for ever.
        let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
        let file = match OpenOptions::new().read(true).custom_flags(flags.bits().cast_signed()).open(&path) {
            Ok(file) => file,
            Err(error) if is_link(&error) => return Err(unsafe_at(&path, "it is a link")),
            Err(error) => return Err(told(error)),
        };
        if !file.metadata().map_err(told)?.is_file() {
            return Err(unsafe_at(&path, "it is not a plain file"));
        }
        own(&file, &path, 0o600)?;
        let mut bytes = Vec::new();
        let cap = MAX_SEALED as u64 + 1;
        file.take(cap).read_to_end(&mut bytes).map_err(told)?;
        if bytes.len() as u64 == cap { Err(StoreError::TooLarge) } else { Ok(bytes) }
    }

    /// Whether there is anything of that name, a link included.
    pub(super) fn has(&self, name: &str) -> bool {
        self.join(name).symlink_metadata().is_ok()
    }

    /// A new file, mode 0600, with these bytes, all of them on the disk.
    ///
    /// # Errors
    /// What the disk says; a file that is there already is [`StoreError::Io`]. [`StoreError::Unsaved`] where
    /// the bytes were taken but not confirmed.
    pub(super) fn write_new(&self, name: &str, bytes: &[u8]) -> Result<(), StoreError> {
        let file = self.write_quickly(name, bytes)?;
        file.sync_all().map_err(|error| unsaved(&self.join(name), error))
    }

    /// The same for bytes that need not outlive a power cut.
    ///
    /// # Errors
    /// As [`Folder::write_new`], but for the last.
    pub(super) fn write_quickly(&self, name: &str, bytes: &[u8]) -> Result<File, StoreError> {
        let path = self.join(name);
        let told = |error| StoreError::from_io("write", &path, error);
        let flags = OFlags::NOFOLLOW.bits().cast_signed();
        let mut options = OpenOptions::new();
        options.write(true).create_new(true).mode(0o600).custom_flags(flags);
        let mut file = options.open(&path).map_err(told)?;
        file.write_all(bytes).map_err(told)?;
        Ok(file)
    }

    pub(super) fn rename(&self, from: &str, to: &str) -> Result<(), StoreError> {
        let to = self.join(to);
        fs::rename(self.join(from), &to).map_err(|error| StoreError::from_io("rename a file to", &to, error))
    }

    /// Removes a file; one that is not there is as good.
    pub(super) fn remove(&self, name: &str) -> Result<(), StoreError> {
        let path = self.join(name);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(StoreError::from_io("remove", &path, error)),
            _ => Ok(()),
        }
    }

    /// Makes renames and removals durable.
    pub(super) fn sync(&self) -> Result<(), StoreError> {
        self.handle.sync_all().map_err(|error| unsaved(&self.path, error))
    }
}

/// Whether opening refused to follow a link.
pub(super) fn is_link(error: &io::Error) -> bool {
    error.raw_os_error() == Some(Errno::LOOP.raw_os_error())
}

/// Sees to it that what is open is ours; takes away what others may do with it.
pub(super) fn own(handle: &File, path: &Path, mode: u32) -> Result<(), StoreError> {
    let told = |error| StoreError::from_io("look at", path, error);
    let facts = handle.metadata().map_err(told)?;
    if facts.uid() != rustix::process::geteuid().as_raw() {
        return Err(unsafe_at(path, "it belongs to another user"));
    }
    if facts.mode() & 0o077 != 0 {
        tracing::warn!(path = %path.display(), "others could get at this; its mode is put right");
        handle.set_permissions(Permissions::from_mode(mode)).map_err(told)?;
    }
    Ok(())
}

fn unsafe_at(path: &Path, why: &'static str) -> StoreError {
    StoreError::UnsafePermissions { path: path.to_owned(), why }
}

fn unsaved(path: &Path, error: io::Error) -> StoreError {
    StoreError::Unsaved { path: path.to_owned(), source: std::sync::Arc::new(error) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::symlink_metadata(path).expect("it exists").mode() & 0o777
    }

    #[test]
    fn a_new_folder_is_ours_alone_and_so_are_its_files() {
        let home = tempfile::tempdir().expect("a temporary folder");
        let path = home.path().join("über uns/doorkey/vault");
        let folder = Folder::open_or_make(&path).expect("nothing is in the way");
        folder.write_new("a", b"x").expect("there is room");
        assert_eq!((mode(&path), mode(&path.join("a"))), (0o700, 0o600));
        assert_eq!(folder.read("a").expect("just written"), b"x");
    }

    /// S-T08: modes let others in | put right, for the files are ours
    #[test]
    fn modes_that_let_others_in_are_put_right() {
        let home = tempfile::tempdir().expect("a temporary folder");
        fs::write(home.path().join("a"), b"x").expect("there is room");
        fs::set_permissions(home.path().join("a"), Permissions::from_mode(0o644)).expect("it is ours");
        fs::set_permissions(home.path(), Permissions::from_mode(0o777)).expect("it is ours");
        let folder = Folder::open_or_make(home.path()).expect("it is ours");
        folder.read("a").expect("it is ours");
        assert_eq!((mode(home.path()), mode(&home.path().join("a"))), (0o700, 0o600));
    }

    #[test]
    fn a_link_is_not_followed() {
        let home = tempfile::tempdir().expect("a temporary folder");
        let real = home.path().join("real");
        let folder = Folder::open_or_make(&real).expect("nothing is in the way");
        std::os::unix::fs::symlink(&real, home.path().join("link")).expect("links work here");
        let refused = Folder::open_or_make(&home.path().join("link")).err().expect("it is a link");
        assert_eq!(refused.code(), "store.unsafe_permissions");

        fs::write(home.path().join("target"), b"x").expect("there is room");
        std::os::unix::fs::symlink(home.path().join("target"), real.join("a")).expect("links work here");
        assert_eq!(folder.read("a").expect_err("it is a link").code(), "store.unsafe_permissions");
        folder.write_new("a", b"y").expect_err("the name is taken");
        assert_eq!(fs::read(home.path().join("target")).expect("still there"), b"x");
    }

    #[test]
    fn what_is_not_a_plain_file_is_refused_without_waiting() {
        let home = tempfile::tempdir().expect("a temporary folder");
        let folder = Folder::open_or_make(home.path()).expect("it is ours");
        fs::create_dir(home.path().join("a")).expect("there is room");
        assert_eq!(folder.read("a").expect_err("a folder").code(), "store.unsafe_permissions");
        rustix::fs::mkfifoat(rustix::fs::CWD, home.path().join("b"), rustix::fs::Mode::RUSR).expect("pipes work here");
        assert_eq!(folder.read("b").expect_err("a pipe").code(), "store.unsafe_permissions");
    }

    /// S-T08: the folder belongs to another user | `store.unsafe_permissions` names it
    #[test]
    fn a_folder_of_another_user_is_refused() {
        let home = tempfile::tempdir().expect("a temporary folder");
        // Who is root can give a folder away; who is not finds one of root's.
        let foreign = if rustix::process::geteuid().is_root() {
            std::os::unix::fs::chown(home.path(), Some(12345), None).expect("root may");
            home.path()
        } else {
            Path::new("/usr")
        };
        let refused = Folder::open_or_make(foreign).err().expect("it is somebody else's");
        assert_eq!(refused.code(), "store.unsafe_permissions");
    }

    #[test]
    fn a_file_over_the_cap_is_not_read_whole() {
        let home = tempfile::tempdir().expect("a temporary folder");
        let folder = Folder::open_or_make(home.path()).expect("it is ours");
        File::create(home.path().join("a")).and_then(|f| f.set_len(1 << 40)).expect("a sparse file");
        assert_eq!(folder.read("a").expect_err("a tebibyte").code(), "store.too_large");
    }
}
