//! The journal on disk: JSON lines, bounded, readable by the user alone. Losing it loses nothing but history.
//!
//! `journal.jsonl` is written to; `journal.1.jsonl` is the one before it, and so on to the oldest. A line is an
//! [`Event`]. A file of a later format begins with a line `{"journal":N}`, and is never written to by this one.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use doorkey_client::words::Event;
use serde::Deserialize;

/// Of one file; the lines of one write come on top.
const LARGEST: u64 = 4 * 1024 * 1024;
/// With the one that is written to.
pub(super) const FILES: u32 = 8;
/// No event comes near it: what is larger cannot be read.
pub(super) const LONGEST_LINE: u64 = 1024 * 1024;
const AT_ONCE: usize = 64 * 1024;
/// The format of these files, which have no line that says so.
const FORMAT: u64 = 1;

pub(super) struct JournalFile {
    folder: PathBuf,
    open: Option<(File, u64)>,
}

/// The first line of a file of a later format.
#[derive(Deserialize)]
struct Header {
    journal: u64,
}

/// The file with this number; the greater, the older.
pub(super) fn path(folder: &Path, number: u32) -> PathBuf {
    match number {
        0 => folder.join("journal.jsonl"),
        older => folder.join(format!("journal.{older}.jsonl")),
    }
}

/// The later format that a file is of, by its first line.
pub(super) fn later_format(first_line: &[u8]) -> Option<u64> {
    let header: Header = serde_json::from_slice(first_line).ok()?;
    (header.journal > FORMAT).then_some(header.journal)
}

impl JournalFile {
    pub(super) fn below(folder: PathBuf) -> Self {
        Self { folder, open: None }
    }

    /// A journal that cannot be written must not stop a sign-in: the failure is said in the log once a time.
    pub(super) fn append<'a>(&mut self, events: impl Iterator<Item = &'a Event>) {
        if let Err(error) = self.try_append(events) {
            self.open = None;
            tracing::warn!(%error, "the journal could not be written");
        }
    }

    fn try_append<'a>(&mut self, events: impl Iterator<Item = &'a Event>) -> io::Result<()> {
        let mut lines = Vec::new();
        for event in events {
            serde_json::to_writer(&mut lines, event)?;
            lines.push(b'\n');
            if lines.len() > AT_ONCE {
                self.write(&lines)?;
                lines.clear();
            }
        }
        if lines.is_empty() { Ok(()) } else { self.write(&lines) }
    }

    fn write(&mut self, lines: &[u8]) -> io::Result<()> {
        if self.open.as_ref().is_some_and(|(_, size)| *size > LARGEST) {
            self.open = None;
            self.turn_over()?;
        }
        let (file, size) = match &mut self.open {
            Some(open) => open,
            closed => closed.insert(opened(&self.folder)?),
        };
        file.write_all(lines)?;
        *size += lines.len() as u64;
        Ok(())
    }

    /// Each file becomes the next older one, and the oldest is gone.
    fn turn_over(&self) -> io::Result<()> {
        for number in (0..FILES - 1).rev() {
            match fs::rename(path(&self.folder, number), path(&self.folder, number + 1)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        Ok(())
    }
}

/// The newest file and its size, ready for a whole line.
fn opened(folder: &Path) -> io::Result<(File, u64)> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    let newest = path(folder, 0);
    let open = || OpenOptions::new().create(true).read(true).append(true).mode(0o600).open(&newest);
    let mut file = open()?;
    if let Some(format) = later_format(&first_line(&mut file)?) {
        let aside = set_aside(folder, format)?;
        tracing::warn!(path = %aside.display(), "a journal of a newer version is set aside");
        file = open()?;
    }
    // A machine that died in the middle of a line must not take the next one along.
    let mut size = file.metadata()?.len();
    if size > 0 {
        let mut last = [0];
        file.seek(SeekFrom::End(-1))?;
        file.read_exact(&mut last)?;
        if last != *b"\n" {
            file.write_all(b"\n")?;
            size += 1;
        }
    }
    Ok((file, size))
}

fn first_line(file: &mut File) -> io::Result<Vec<u8>> {
    let mut start = Vec::new();
    file.take(256).read_to_end(&mut start)?;
    let end = start.iter().position(|byte| *byte == b'\n').unwrap_or(start.len());
    start.truncate(end);
    Ok(start)
}

/// By a name that nothing has yet: nothing of a newer version is lost.
fn set_aside(folder: &Path, format: u64) -> io::Result<PathBuf> {
    let names = (1..1_000).map(|number| folder.join(format!("journal.format-{format}.{number}.jsonl")));
    let free = names.into_iter().find(|name| !name.exists()).ok_or_else(|| io::Error::other("too many set aside"))?;
    fs::rename(path(folder, 0), &free)?;
    Ok(free)
}

#[cfg(test)]
mod tests {
    use super::*;
    use doorkey_client::words::EventKind;
    use jiff::Timestamp;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn it_is_bounded_and_private() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut file = JournalFile::below(folder.path().join("journal"));
        let reason = "a reason of some length, as they are not".repeat(100);
        for seq in 0..12_000 {
            file.append([event(seq, &reason)].iter());
        }
        let sizes: Vec<u64> = fs::read_dir(folder.path().join("journal"))
            .expect("the folder")
            .map(|entry| {
                let about = entry.expect("an entry").metadata().expect("its facts");
                assert_eq!(about.permissions().mode() & 0o777, 0o600);
                about.len()
            })
            .collect();
        assert_eq!(sizes.len(), 8);
        assert!(sizes.iter().all(|size| *size < LARGEST + 5_000));
    }

    #[test]
    fn a_line_that_was_cut_does_not_take_the_next_one_along() {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(path(folder.path(), 0), "{\"seq\":1,\"at").expect("written");
        JournalFile::below(folder.path().to_owned()).append([event(2, "stray")].iter());
        let text = fs::read_to_string(path(folder.path(), 0)).expect("text");
        let (cut, whole) = text.split_once('\n').expect("two lines");
        assert_eq!(cut, "{\"seq\":1,\"at");
        assert_eq!(serde_json::from_str::<Event>(whole).expect("an event").seq, 2);
    }

    #[test]
    fn a_file_of_a_newer_version_is_set_aside_whole() {
        let folder = tempfile::tempdir().expect("a folder");
        let newer = "{\"journal\":2,\"more\":true}\n{\"what\":\"nobody knows\"}\n";
        for round in 1..=2 {
            fs::write(path(folder.path(), 0), newer).expect("written");
            JournalFile::below(folder.path().to_owned()).append([event(7, "stray")].iter());
            let aside = folder.path().join(format!("journal.format-2.{round}.jsonl"));
            assert_eq!(fs::read_to_string(aside).expect("text"), newer);
            assert_eq!(fs::read_to_string(path(folder.path(), 0)).expect("text").lines().count(), 1);
        }
    }

    fn event(seq: u64, reason: &str) -> Event {
        let kind = EventKind::CallbackIgnored { reason: reason.to_owned() };
        Event { seq, at: Timestamp::UNIX_EPOCH, profile: None, flow: None, kind }
    }
}
