//! The journal on disk: JSON lines, bounded, readable by the user alone. Losing it loses nothing but history.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::PathBuf;

use doorkey_client::words::Event;

/// Two files of this size at most, and the lines of one write on top.
const LARGEST: u64 = 1024 * 1024;
const AT_ONCE: usize = 64 * 1024;

pub(super) struct JournalFile {
    folder: PathBuf,
    open: Option<(File, u64)>,
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
            fs::rename(self.folder.join("journal.jsonl"), self.folder.join("journal.1.jsonl"))?;
        }
        let (file, size) = match &mut self.open {
            Some(open) => open,
            closed => {
                DirBuilder::new().recursive(true).mode(0o700).create(&self.folder)?;
                let path = self.folder.join("journal.jsonl");
                let mut file = OpenOptions::new().create(true).read(true).append(true).mode(0o600).open(path)?;
                let size = file.metadata()?.len();
                // A line that was cut short, by a full disk or a power cut, must not take the next one with it.
                if ends_within_a_line(&mut file, size)? {
                    file.write_all(b"\n")?;
                }
                closed.insert((file, size))
            }
        };
        file.write_all(lines)?;
        *size += lines.len() as u64;
        Ok(())
    }
}

fn ends_within_a_line(file: &mut File, size: u64) -> io::Result<bool> {
    let Some(last) = size.checked_sub(1) else { return Ok(false) };
    let mut byte = [0];
    file.seek(SeekFrom::Start(last))?;
    file.read_exact(&mut byte)?;
    Ok(byte != *b"\n")
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
        for seq in 0..40_000 {
            let kind = EventKind::CallbackIgnored { reason: "a reason of some length, as they are".to_owned() };
            file.append([Event { seq, at: Timestamp::UNIX_EPOCH, profile: None, flow: None, kind }].iter());
        }
        let sizes: Vec<u64> = fs::read_dir(folder.path().join("journal"))
            .expect("the folder")
            .map(|entry| {
                let about = entry.expect("an entry").metadata().expect("its facts");
                assert_eq!(about.permissions().mode() & 0o777, 0o600);
                about.len()
            })
            .collect();
        assert_eq!(sizes.len(), 2);
        assert!(sizes.iter().all(|size| *size < LARGEST + 1_000));
    }

    #[test]
    fn a_line_that_was_cut_short_costs_that_line_only() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("journal.jsonl");
        fs::write(&path, b"{\"seq\":1,\"at\":").expect("there is room");
        let event =
            |seq| Event { seq, at: Timestamp::UNIX_EPOCH, profile: None, flow: None, kind: EventKind::SignInStarted };
        for seq in [2, 3] {
            JournalFile::below(folder.path().to_owned()).append([event(seq)].iter());
        }
        let text = fs::read_to_string(&path).expect("it is there");
        let whole = |line: &str| serde_json::from_str::<Event>(line).ok().map(|event| event.seq);
        assert_eq!(text.lines().map(whole).collect::<Vec<_>>(), [None, Some(2), Some(3)]);
    }
}
