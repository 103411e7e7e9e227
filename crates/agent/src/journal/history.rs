//! The journal's files, read by whoever wants to know what happened. Nothing is written, and no agent is needed.
//!
//! Memory is bounded by one line. A line that cannot be read is told, and so is a file of a later format; what stands
//! beside them is read all the same.

use std::collections::VecDeque;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read};
use std::mem;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use doorkey_client::words::Event;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::file::{FILES, later_format, path};

/// No event comes near it.
const LONGEST_LINE: u64 = 1024 * 1024;
/// Files are renamed while they are opened at most so often in a row.
const TRIES: u32 = 5;

/// The journal, from its oldest line on.
#[derive(Debug)]
pub struct History {
    folder: PathBuf,
    /// From the oldest to the newest; the one in front is being read.
    files: VecDeque<OpenFile>,
    newest: Option<Identity>,
}

/// Device and inode: files change their names.
type Identity = (u64, u64);

#[derive(Debug)]
struct OpenFile {
    path: PathBuf,
    identity: Identity,
    reader: BufReader<File>,
    lines: u64,
    /// A line whose end is not there yet.
    begun: Vec<u8>,
    /// More of the line than is kept.
    too_long: bool,
}

/// What comes next in the journal.
#[derive(Clone, Debug, PartialEq)]
pub enum Found {
    /// Something happened.
    Entry(Entry),
    /// A line that cannot be read.
    Damaged(Damage),
    /// A file of a later format; its lines are passed over.
    Later {
        /// Which file.
        path: PathBuf,
        /// Which format.
        format: u64,
    },
}

/// One entry, as it was written.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    line: String,
    about: About,
}

/// What every entry has, of later versions too.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct About {
    /// When it happened.
    pub at: Timestamp,
    /// Such as `token_given`.
    pub kind: String,
    /// The profile it is about.
    pub profile: Option<String>,
    /// The path of the program that asked, where one did.
    pub program: Option<String>,
}

/// Where a line is that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damage {
    /// Which file.
    pub path: PathBuf,
    /// Which line of it, from 1 on.
    pub line: u64,
}

impl Entry {
    fn of(line: &[u8]) -> Option<Self> {
        let line = str::from_utf8(line).ok()?;
        let about = serde_json::from_str(line).ok()?;
        Some(Self { line: line.to_owned(), about })
    }

    /// What every entry has.
    #[must_use]
    pub fn about(&self) -> &About {
        &self.about
    }

    /// The event, when this version knows its kind.
    #[must_use]
    pub fn event(&self) -> Option<Event> {
        serde_json::from_str(&self.line).ok()
    }

    /// Everything that was written, of later versions too.
    #[must_use]
    pub fn members(&self) -> Map<String, Value> {
        serde_json::from_str(&self.line).unwrap_or_default()
    }
}

impl History {
    /// The journal in this folder, which need not be there.
    ///
    /// # Errors
    /// When a file is there and cannot be opened.
    pub fn of(folder: PathBuf) -> io::Result<Self> {
        let files = opened(&folder)?;
        let newest = files.back().map(|file| file.identity);
        Ok(Self { folder, files, newest })
    }

    /// The next line; nothing at the end of what is written so far. Asked again, it goes on from there.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub fn read(&mut self) -> io::Result<Option<Found>> {
        loop {
            let is_newest = self.files.len() == 1;
            let Some(file) = self.files.front_mut() else { return Ok(None) };
            if let Some(found) = file.read()? {
                return Ok(Some(found));
            }
            if is_newest {
                return Ok(None);
            }
            let cut = file.cut();
            self.files.pop_front();
            if let Some(cut) = cut {
                return Ok(Some(Found::Damaged(cut)));
            }
        }
    }

    /// The last line, when its end is not there (yet): whoever wrote it is about to, or died.
    #[must_use]
    pub fn cut(&self) -> Option<Damage> {
        self.files.back().and_then(OpenFile::cut)
    }

    /// Looks for files that are newer than the newest that was known: after that, [`History::read`] goes on with them.
    ///
    /// # Errors
    /// When one is there and cannot be opened.
    pub fn look_again(&mut self) -> io::Result<()> {
        if identity(&path(&self.folder, 0))? == self.newest {
            return Ok(());
        }
        let mut files = opened(&self.folder)?;
        if let Some(known) = files.iter().position(|file| Some(file.identity) == self.newest) {
            files.drain(..=known);
        }
        if let Some(file) = files.back() {
            self.newest = Some(file.identity);
        }
        self.files.append(&mut files);
        Ok(())
    }

    /// Files of later formats that were set aside, so that they are not lost.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn set_aside(&self) -> io::Result<Vec<PathBuf>> {
        let mut found = Vec::new();
        match fs::read_dir(&self.folder) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            Err(_) => {}
            Ok(files) => {
                for file in files {
                    let file = file?;
                    if file.file_name().to_string_lossy().starts_with("journal.format-") {
                        found.push(file.path());
                    }
                }
            }
        }
        found.sort();
        Ok(found)
    }
}

impl OpenFile {
    fn read(&mut self) -> io::Result<Option<Found>> {
        loop {
            if !self.whole_line()? {
                return Ok(None);
            }
            self.lines += 1;
            let line = mem::take(&mut self.begun);
            let line = line.strip_suffix(b"\n").unwrap_or(&line);
            let too_long = mem::take(&mut self.too_long);
            if line.is_empty() && !too_long {
                continue;
            }
            if self.lines == 1
                && let Some(format) = later_format(line)
            {
                io::copy(&mut self.reader, &mut io::sink())?;
                return Ok(Some(Found::Later { path: self.path.clone(), format }));
            }
            let entry = if too_long { None } else { Entry::of(line) };
            return Ok(Some(match entry {
                Some(entry) => Found::Entry(entry),
                None => Found::Damaged(Damage { path: self.path.clone(), line: self.lines }),
            }));
        }
    }

    /// Reads on to the end of the line, and tells whether it is there.
    fn whole_line(&mut self) -> io::Result<bool> {
        loop {
            let room = LONGEST_LINE.saturating_sub(self.begun.len() as u64);
            if room == 0 {
                self.too_long = true;
                self.begun.clear();
                continue;
            }
            let read = self.reader.by_ref().take(room).read_until(b'\n', &mut self.begun)?;
            if self.begun.ends_with(b"\n") {
                return Ok(true);
            }
            if read == 0 {
                return Ok(false);
            }
        }
    }

    fn cut(&self) -> Option<Damage> {
        let begun = self.too_long || !self.begun.is_empty();
        begun.then(|| Damage { path: self.path.clone(), line: self.lines + 1 })
    }
}

/// All files there are, from the oldest on; opened at once, while none of them is renamed.
fn opened(folder: &Path) -> io::Result<VecDeque<OpenFile>> {
    let newest = path(folder, 0);
    let mut tries = 0;
    loop {
        tries += 1;
        let before = identity(&newest)?;
        let mut files = VecDeque::new();
        for number in (0..FILES).rev() {
            let path = path(folder, number);
            match File::open(&path) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
                Ok(file) => {
                    let about = file.metadata()?;
                    let (identity, reader) = ((about.dev(), about.ino()), BufReader::new(file));
                    files.push_back(OpenFile { path, identity, reader, lines: 0, begun: Vec::new(), too_long: false });
                }
            }
        }
        if identity(&newest)? == before || tries == TRIES {
            return Ok(files);
        }
    }
}

fn identity(path: &Path) -> io::Result<Option<Identity>> {
    match path.metadata() {
        Ok(about) => Ok(Some((about.dev(), about.ino()))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use doorkey_client::words::EventKind;
    use proptest::prelude::*;

    use super::super::file::JournalFile;
    use super::*;

    fn line(seq: u64) -> String {
        format!("{{\"seq\":{seq},\"at\":\"1970-01-01T00:00:00Z\",\"kind\":\"sign_in_started\"}}\n")
    }

    fn numbers(history: &mut History) -> Vec<u64> {
        let mut seen = Vec::new();
        while let Some(found) = history.read().expect("it is read") {
            let Found::Entry(entry) = found else { panic!("{found:?}") };
            seen.push(entry.event().expect("known").seq);
        }
        seen
    }

    #[test]
    fn files_are_read_from_the_oldest_line_to_the_newest() {
        let folder = tempfile::tempdir().expect("a folder");
        for (number, lines) in [(2, 1..3), (1, 3..4), (0, 4..6)] {
            fs::write(path(folder.path(), number), lines.map(line).collect::<String>()).expect("written");
        }
        let mut history = History::of(folder.path().to_owned()).expect("it opens");
        assert_eq!(numbers(&mut history), [1, 2, 3, 4, 5]);
        assert_eq!(history.cut(), None);
    }

    #[test]
    fn where_nothing_was_written_there_is_nothing_to_read_until_something_is() {
        let folder = tempfile::tempdir().expect("a folder");
        let inner = folder.path().join("journal");
        let mut history = History::of(inner.clone()).expect("nothing");
        assert_eq!((numbers(&mut history), history.set_aside().expect("nothing")), (vec![], vec![]));
        fs::create_dir(&inner).expect("a folder");
        fs::write(path(&inner, 0), line(1)).expect("written");
        history.look_again().expect("it opens");
        assert_eq!(numbers(&mut history), [1]);
    }

    #[test]
    fn it_goes_on_through_lines_in_parts_and_through_files_that_turn_over() {
        let folder = tempfile::tempdir().expect("a folder");
        let newest = path(folder.path(), 0);
        fs::write(&newest, line(1)).expect("written");
        let mut history = History::of(folder.path().to_owned()).expect("it opens");
        assert_eq!(numbers(&mut history), [1]);

        let second = line(2);
        let mut file = File::options().append(true).open(&newest).expect("it opens");
        file.write_all(&second.as_bytes()[..20]).expect("written");
        assert_eq!(numbers(&mut history), [0; 0]);
        assert_eq!(history.cut(), Some(Damage { path: newest.clone(), line: 2 }));
        file.write_all(&second.as_bytes()[20..]).expect("written");
        assert_eq!(numbers(&mut history), [2]);

        file.write_all(line(3).as_bytes()).expect("written");
        fs::rename(path(folder.path(), 0), path(folder.path(), 2)).expect("renamed");
        fs::write(path(folder.path(), 1), line(4)).expect("written");
        fs::write(&newest, line(5)).expect("written");
        history.look_again().expect("it opens");
        assert_eq!(numbers(&mut history), [3, 4, 5]);
    }

    #[test]
    fn what_cannot_be_read_is_told_and_takes_nothing_along() {
        let folder = tempfile::tempdir().expect("a folder");
        let (older, newest) = (path(folder.path(), 1), path(folder.path(), 0));
        fs::write(&older, format!("{}not json\n\n{{\"seq\":9}}\n{}cut", line(1), line(2))).expect("written");
        let long = "x".repeat(3 * 1024 * 1024);
        fs::write(&newest, [b"\xff\xfe\n", long.as_bytes(), b"\n", line(3).as_bytes()].concat()).expect("written");
        let mut history = History::of(folder.path().to_owned()).expect("it opens");
        let (mut damaged, mut seen) = (Vec::new(), Vec::new());
        while let Some(found) = history.read().expect("it is read") {
            match found {
                Found::Entry(entry) => seen.push(entry.event().expect("known").seq),
                Found::Damaged(damage) => damaged.push((damage.path == older, damage.line)),
                Found::Later { .. } => panic!("{found:?}"),
            }
        }
        assert_eq!(seen, [1, 2, 3]);
        assert_eq!(damaged, [(true, 2), (true, 4), (true, 6), (false, 1), (false, 2)]);
    }

    #[test]
    fn what_a_later_version_wrote_is_told_and_kept() {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(path(folder.path(), 1), "{\"journal\":2}\n{\"what\":1}\n").expect("written");
        let later = r#"{"at":"2026-03-01T10:00:00Z","kind":"moon_phase","phase":"full","profile":"work"}"#;
        fs::write(path(folder.path(), 0), format!("{later}\n")).expect("written");
        fs::write(folder.path().join("journal.format-3.1.jsonl"), "").expect("written");
        let mut history = History::of(folder.path().to_owned()).expect("it opens");
        let first = history.read().expect("it is read");
        assert_eq!(first, Some(Found::Later { path: path(folder.path(), 1), format: 2 }));
        let Some(Found::Entry(entry)) = history.read().expect("it is read") else { panic!("an entry") };
        assert_eq!((entry.event(), entry.about().kind.as_str()), (None, "moon_phase"));
        assert_eq!(entry.members()["phase"], "full");
        assert_eq!(history.set_aside().expect("one").len(), 1);
    }

    #[test]
    fn what_is_written_is_what_is_read() {
        let folder = tempfile::tempdir().expect("a folder");
        let kind =
            EventKind::TokenGiven { program: "/usr/bin/curl".to_owned(), pid: 7, access_token: "0a1b2c3d".to_owned() };
        let event = Event { seq: 1, at: Timestamp::UNIX_EPOCH, profile: Some("work".to_owned()), flow: None, kind };
        JournalFile::below(folder.path().to_owned()).append([event.clone()].iter());
        let mut history = History::of(folder.path().to_owned()).expect("it opens");
        let Some(Found::Entry(entry)) = history.read().expect("it is read") else { panic!("an entry") };
        assert_eq!(entry.event(), Some(event));
        assert_eq!(entry.about().program.as_deref(), Some("/usr/bin/curl"));
    }

    proptest! {
        /// Whatever is in the file, every line of it is either an entry or told, and reading comes to an end.
        #[test]
        fn every_line_is_told(bytes in prop::collection::vec(prop::sample::select(b"\n{}\"a:1,\xff ".to_vec()), 0..300)) {
            let folder = tempfile::tempdir().expect("a folder");
            fs::write(path(folder.path(), 0), [&bytes[..], b"\n", line(7).as_bytes()].concat()).expect("written");
            let mut history = History::of(folder.path().to_owned()).expect("it opens");
            let mut told = 0;
            while history.read().expect("it is read").is_some() {
                told += 1;
            }
            let lines = bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).count();
            prop_assert_eq!(told, lines + 1);
        }
    }
}
