//! The journal's files, read by whoever wants to know what happened. Nothing is written, and no agent is needed.
//!
//! Memory is bounded by one line. A line that cannot be read is told, and so is a file of a later format; what stands
//! beside them is read all the same.

use std::collections::VecDeque;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read};
use std::mem;
use std::path::PathBuf;

use doorkey_client::words::Event;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::file::{LONGEST_LINE, later_format, path};
use super::folder::{Identity, Opened, identity, opened};

/// The journal, from its oldest line on.
#[derive(Debug)]
pub struct History {
    folder: PathBuf,
    /// From the oldest to the newest; the one in front is being read.
    files: VecDeque<OpenFile>,
    newest: Option<Identity>,
}

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
    /// The sign-in, renewal or sign-out it belongs to.
    pub flow: Option<String>,
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
        let files: VecDeque<OpenFile> = opened(&folder)?.into_iter().map(OpenFile::from).collect();
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
        if let Some(file) = files.last() {
            self.newest = Some(file.identity);
        }
        self.files.extend(files.into_iter().map(OpenFile::from));
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

impl From<Opened> for OpenFile {
    fn from(opened: Opened) -> Self {
        let Opened { path, identity, file } = opened;
        Self { path, identity, reader: BufReader::new(file), lines: 0, begun: Vec::new(), too_long: false }
    }
}

#[cfg(test)]
mod tests;
