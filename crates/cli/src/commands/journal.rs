//! `doorkey journal`: what happened, from the journal's files. No agent is needed, and none is started.

mod shown;
mod summary;

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::time::Duration;

use doorkey_agent::{Damage, Entry, Found, History};
use doorkey_client::words::{Refusal, VERSION};
use jiff::tz::TimeZone;
use serde::Serialize;
use serde_json::{Map, Value};

pub(super) use self::shown::local;
use self::shown::row;
use self::summary::Summary;
use crate::agency;
use crate::args::Journal;
use crate::failure::Failure;
use crate::output::Output;
use crate::signals::Interrupt;
use crate::text::count;

/// What is shown when nobody says how much.
const USUAL: usize = 100;
/// Before what happens from now on.
const BEFORE_FOLLOWING: usize = 10;
/// One by one.
const DAMAGES_TOLD: usize = 3;
/// An entry reaches its file within 50 ms, and a person within this time.
const LOOKS_EVERY: Duration = Duration::from_millis(200);

/// One line for machines: the entry with the version of these words.
#[derive(Serialize)]
struct Row {
    version: u32,
    #[serde(flatten)]
    members: Map<String, Value>,
}

pub(crate) fn run(args: &Journal, out: &Output) -> Result<(), Failure> {
    let folder = agency::paths()?.journal();
    let mut reading = Reading {
        history: History::of(folder.clone()).map_err(|error| unreadable(&folder, &error))?,
        folder,
        args,
        out,
        zone: TimeZone::system(),
        summary: Summary::default(),
        damaged: 0,
    };
    if args.follow {
        return agency::runtime()?.block_on(reading.follow());
    }
    reading.past()?;
    if let Some(cut) = reading.history.cut() {
        reading.damage(&cut);
    }
    reading.end()
}

/// One way through the journal.
struct Reading<'a> {
    history: History,
    folder: PathBuf,
    args: &'a Journal,
    out: &'a Output,
    zone: TimeZone,
    summary: Summary,
    damaged: usize,
}

impl Reading<'_> {
    /// Everything that is written and wanted, or the newest of it.
    fn past(&mut self) -> Result<(), Failure> {
        let Some(most) = self.most() else {
            while let Some(entry) = self.next()? {
                self.show(&entry)?;
            }
            return Ok(());
        };
        let mut newest = VecDeque::new();
        let mut earlier = 0;
        while let Some(entry) = self.next()? {
            if newest.len() == most {
                newest.pop_front();
                earlier += 1;
            }
            newest.push_back(entry);
        }
        if earlier > 0 && !self.args.follow {
            let entries = if earlier == 1 { "entry" } else { "entries" };
            self.out.note(format!("  {earlier} earlier {entries}: `--last N` or `--since TIME` shows more."));
        }
        newest.iter().try_for_each(|entry| self.show(entry))
    }

    /// The past, and what happens from then on.
    async fn follow(&mut self) -> Result<(), Failure> {
        let mut interrupt = Interrupt::new()?;
        self.past()?;
        loop {
            while let Some(entry) = self.next()? {
                self.show(&entry)?;
            }
            tokio::select! {
                // It has no other end, so this is a good one.
                () = interrupt.received() => return Ok(()),
                () = tokio::time::sleep(LOOKS_EVERY) => {}
            }
            self.history.look_again().map_err(|error| unreadable(&self.folder, &error))?;
        }
    }

    /// How many at most.
    fn most(&self) -> Option<usize> {
        let bounded = self.args.since.is_some() || self.args.until.is_some();
        match self.args.last {
            Some(last) => Some(usize::try_from(last).unwrap_or(usize::MAX)),
            None if bounded => None,
            None if self.args.follow => Some(BEFORE_FOLLOWING),
            None if self.out.is_json() => None,
            None => Some(USUAL),
        }
    }

    /// The next entry that is wanted; what cannot be read is told on the way.
    fn next(&mut self) -> Result<Option<Entry>, Failure> {
        while let Some(found) = self.history.read().map_err(|error| unreadable(&self.folder, &error))? {
            match found {
                Found::Entry(entry) => {
                    self.summary.note(entry.about());
                    if wanted(self.args, &entry) {
                        return Ok(Some(entry));
                    }
                }
                Found::Damaged(damage) => self.damage(&damage),
                Found::Later { path, format } => self.out.warn(&format!(
                    "{} is of format {format}, which a newer version has written; its entries are not shown",
                    path.display()
                )),
            }
        }
        Ok(None)
    }

    fn damage(&mut self, damage: &Damage) {
        self.damaged += 1;
        // A file of nonsense is told at its end, by how many lines it has.
        if self.damaged <= DAMAGES_TOLD {
            let whose = format!("line {} of {}", damage.line, damage.path.display());
            self.out.warn(&format!("{whose} cannot be read: it was cut or changed; everything else is shown"));
        }
    }

    fn show(&mut self, entry: &Entry) -> Result<(), Failure> {
        self.summary.shown += 1;
        if self.out.is_json() {
            return self.out.answer_json(&Row { version: VERSION, members: entry.members() });
        }
        self.out.answer(row(entry, self.out.answers(), &self.zone))
    }

    fn end(self) -> Result<(), Failure> {
        if self.damaged > DAMAGES_TOLD {
            self.out.warn(&format!("{} in all cannot be read", count(self.damaged, "line")));
        }
        for path in self.history.set_aside().map_err(|error| unreadable(&self.folder, &error))? {
            self.out.warn(&format!("{} was written by a newer version, and is not shown", path.display()));
        }
        if self.summary.shown == 0 {
            self.summary.nothing(&self.folder, &self.zone, self.out);
        }
        Ok(())
    }
}

fn wanted(args: &Journal, entry: &Entry) -> bool {
    let about = entry.about();
    args.since.is_none_or(|since| about.at >= since)
        && args.until.is_none_or(|until| about.at <= until)
        && args.profile.as_ref().is_none_or(|profile| about.profile.as_ref() == Some(profile))
        && args.program.as_deref().is_none_or(|program| about.program.as_deref().is_some_and(|it| is(it, program)))
        && (args.kinds.is_empty() || args.kinds.contains(&about.kind))
}

/// A whole path, or its last part.
fn is(program: &str, typed: &str) -> bool {
    program == typed || (!typed.contains('/') && Path::new(program).file_name().is_some_and(|name| name == typed))
}

pub(super) fn unreadable(folder: &Path, error: &std::io::Error) -> Failure {
    let message = format!("The journal in {} cannot be read: {error}.", folder.display());
    Refusal::new("store.journal_unreadable", message, "Look at whose files they are, and at the disk.").into()
}
