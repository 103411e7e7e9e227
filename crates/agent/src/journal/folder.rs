//! The journal's files as they stand in their folder, opened while none of them is renamed.

use std::fs::File;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::file::{FILES, path};

/// Files are renamed while they are opened at most so often in a row.
const TRIES: u32 = 5;

/// Device and inode: files change their names.
pub(super) type Identity = (u64, u64);

#[derive(Debug)]
pub(super) struct Opened {
    pub(super) path: PathBuf,
    pub(super) identity: Identity,
    pub(super) file: File,
}

/// All files there are, from the oldest on.
///
/// # Errors
/// When one is there and cannot be opened.
pub(super) fn opened(folder: &Path) -> io::Result<Vec<Opened>> {
    let newest = path(folder, 0);
    let mut tries = 0;
    loop {
        tries += 1;
        let before = identity(&newest)?;
        let mut files = Vec::new();
        for number in (0..FILES).rev() {
            let path = path(folder, number);
            match File::open(&path) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
                Ok(file) => {
                    let about = file.metadata()?;
                    files.push(Opened { path, identity: (about.dev(), about.ino()), file });
                }
            }
        }
        if identity(&newest)? == before || tries == TRIES {
            return Ok(files);
        }
    }
}

pub(super) fn identity(path: &Path) -> io::Result<Option<Identity>> {
    match path.metadata() {
        Ok(about) => Ok(Some((about.dev(), about.ino()))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}
