//! SHA-256 of executables, read once for each file as it is.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use sha2::{Digest, Sha256};

use super::process::{FileFacts, Process};

/// A larger file is no program that anybody would want to wait for.
const LARGEST: u64 = 2 * 1024 * 1024 * 1024;
const MOST_KEPT: usize = 512;

/// The hashes of files that were read.
#[derive(Default)]
pub(crate) struct Hashes(Mutex<HashMap<FileFacts, String>>);

impl Hashes {
    /// What is known without reading.
    pub(crate) fn known(&self, process: &Process) -> Option<String> {
        self.kept().get(&process.file).cloned()
    }

    /// Reads the executable where that was not done yet. Blocks for as long as that takes.
    ///
    /// # Errors
    /// When it cannot be read, or is another one by now.
    pub(crate) fn of(&self, process: &Process) -> io::Result<String> {
        if let Some(known) = self.known(process) {
            return Ok(known);
        }
        let (hash, facts) = hash(process.open()?)?;
        if facts != process.file {
            return Err(io::Error::other("it is another file by now"));
        }
        let mut kept = self.kept();
        if kept.len() >= MOST_KEPT {
            kept.clear();
        }
        kept.insert(facts, hash.clone());
        Ok(hash)
    }

    fn kept(&self) -> MutexGuard<'_, HashMap<FileFacts, String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Of a file that need not run.
///
/// # Errors
/// When it is no file, or cannot be read.
pub(crate) fn hash_of_file(path: &Path) -> io::Result<String> {
    Ok(hash(File::open(path)?)?.0)
}

fn hash(mut file: File) -> io::Result<(String, FileFacts)> {
    let about = file.metadata()?;
    if !about.is_file() || about.len() > LARGEST {
        return Err(io::Error::other("it is no executable file"));
    }
    let mut digest = Sha256::new();
    let mut piece = vec![0; 256 * 1024];
    loop {
        match file.read(&mut piece) {
            Ok(0) => break,
            Ok(read) => digest.update(&piece[..read]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    let facts = FileFacts::of(&about);
    // Nobody writes to a file that runs; one that does not may have been written to meanwhile.
    if FileFacts::of(&file.metadata()?) != facts {
        return Err(io::Error::other("it was changed while it was read"));
    }
    Ok((digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect(), facts))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_that_of_the_contents() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("program");
        std::fs::write(&path, "abc").expect("a file");
        // FIPS 180-4, the example of one block.
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(hash_of_file(&path).expect("read"), abc);
        assert!(hash_of_file(folder.path()).is_err());
    }

    #[test]
    fn a_running_program_is_read_once() {
        let hashes = Hashes::default();
        let me = Process::of(std::process::id()).expect("this one");
        assert_eq!(hashes.known(&me), None);
        let hash = hashes.of(&me).expect("read");
        assert_eq!(hashes.known(&me), Some(hash.clone()));
        assert_eq!(hash_of_file(&me.path).expect("read"), hash);
    }
}
