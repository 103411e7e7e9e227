//! The requests of each run, as a file for the network panels of browsers.

use std::collections::HashSet;
use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use doorkey_client::words::Refusal;
use doorkey_qa::har;
use doorkey_qa::scenario::Played;

use crate::failure::Failure;

/// Of a name, in bytes: file systems take 255, and a number and the ending come behind.
const LONGEST: usize = 200;

/// A folder of archives.
pub(super) struct Archives<'a> {
    folder: &'a Path,
    names: HashSet<String>,
}

impl<'a> Archives<'a> {
    pub(super) fn below(folder: &'a Path) -> Result<Self, Failure> {
        fs::create_dir_all(folder).map_err(|error| not_written(folder, &error))?;
        Ok(Self { folder, names: HashSet::new() })
    }

    /// Where it was written; nothing when nothing was asked of a provider.
    pub(super) fn write(&mut self, file: &str, run: &str, played: &Played) -> Result<Option<PathBuf>, Failure> {
        let flows: Vec<_> = played.steps.iter().filter_map(|step| step.flow.clone()).collect();
        if flows.is_empty() {
            return Ok(None);
        }
        let stem = Path::new(file).file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        let path = self.folder.join(self.name(&format!("{stem} {run}")));
        write(&path, &har::of(&flows).to_text()).map_err(|error| not_written(&path, &error))?;
        Ok(Some(path))
    }

    /// Letters, digits and hyphens, so that it is a name everywhere.
    fn name(&mut self, of: &str) -> String {
        let mut name = String::new();
        for letter in of.to_lowercase().chars() {
            if name.len() >= LONGEST {
                break;
            }
            if letter.is_alphanumeric() {
                name.push(letter);
            } else if !name.ends_with('-') {
                name.push('-');
            }
        }
        let name = name.trim_matches('-').to_owned();
        let numbers = std::iter::once(String::new()).chain((2..).map(|number| format!("-{number}")));
        let free = numbers.map(|number| format!("{name}{number}.har")).find(|name| !self.names.contains(name));
        let name = free.unwrap_or(name);
        self.names.insert(name.clone());
        name
    }
}

/// For its owner alone (S-48): no secret is in it, but who signed in, where and when.
fn write(path: &Path, text: &str) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)?;
    file.write_all(text.as_bytes())
}

pub(super) fn not_written(path: &Path, error: &io::Error) -> Refusal {
    Refusal::new(
        "output.not_written",
        format!("{} could not be written: {error}.", path.display()),
        "Look at where the output goes: a full disk, a folder that is not there.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_run_has_a_file_of_its_own() {
        let mut archives = Archives { folder: Path::new("har"), names: HashSet::new() };
        assert_eq!(archives.name("login Ada [scope=openid email]"), "login-ada-scope-openid-email.har");
        assert_eq!(archives.name("login ada scope: openid/email"), "login-ada-scope-openid-email-2.har");
        assert_eq!(archives.name("../../etc"), "etc.har");
    }
}
