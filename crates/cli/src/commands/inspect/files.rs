//! Files for others to read later, and for nobody else to read now.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use doorkey_client::words::Refusal;

use crate::failure::Failure;

/// Writes a new file that only its owner may read; never over one that is there.
pub(super) fn keep(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let opened = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    let mut file = match opened {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            let message = format!("{} is there already, and is not written over.", path.display());
            return Err(Refusal::new("output.file_exists", message, "Choose another name, or move it away.").into());
        }
        Err(error) => return Err(unwritable(path, &error)),
    };
    file.write_all(bytes).and_then(|()| file.sync_all()).map_err(|error| {
        // Half a file helps nobody.
        let _ = fs::remove_file(path);
        unwritable(path, &error)
    })
}

fn unwritable(path: &Path, error: &io::Error) -> Failure {
    let message = format!("{} cannot be written: {error}.", path.display());
    Refusal::new("output.not_written", message, "Choose a folder that is there, with room for it.").into()
}
