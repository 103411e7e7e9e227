//! The story as it is told, and the same as facts: a table at the end, or JSON.

use std::time::{Duration, Instant};

use comfy_table::{CellAlignment, ContentArrangement, Table, presets};
use doorkey_client::words::{Check, CheckOutcome, Session, SignOutStep, VERSION, VaultStatus};
use serde::Serialize;

use super::crowd::Crowd;
use super::person::SignedInBy;
use crate::failure::Failure;
use crate::line::{Line, Mark};
use crate::output::Output;
use crate::text::wrapped;
use crate::time::took;

/// A story reads badly in longer lines.
const WIDEST: usize = 80;
const INDENT: usize = 4;

/// Tells, and keeps what was told.
pub(super) struct Report<'a> {
    pub(super) out: &'a Output,
    pub(super) facts: Facts,
    began: Instant,
    scenes: usize,
}

/// The answer for machines.
#[derive(Debug, Default, Serialize)]
pub(super) struct Facts {
    version: u32,
    pub(super) issuer: Option<String>,
    pub(super) vault: Option<VaultStatus>,
    pub(super) signed_in_by: Option<SignedInBy>,
    pub(super) session: Option<Session>,
    pub(super) checks: Vec<Check>,
    pub(super) crowd: Option<Crowd>,
    pub(super) sign_out: Vec<SignOutStep>,
    /// The code by which a program is refused after the sign-out.
    pub(super) refused_after: Option<String>,
    pub(super) steps: Vec<Step>,
    took_ms: f64,
}

/// A row of the table.
#[derive(Debug, Serialize)]
pub(super) struct Step {
    step: &'static str,
    result: String,
    took_ms: f64,
}

impl<'a> Report<'a> {
    pub(super) fn new(out: &'a Output) -> Self {
        let facts = Facts { version: VERSION, ..Facts::default() };
        Self { out, facts, began: Instant::now(), scenes: 0 }
    }

    pub(super) fn opening(&self) -> Result<(), Failure> {
        self.say(Line::new().strong("Doorkey: one sign-in, from the click to the sign-out"))?;
        self.text("Everything here is real, on this machine only, and gone when it ends.")
    }

    /// A new scene: its title, and what it is about.
    pub(super) fn scene(&mut self, title: &str, about: &str) -> Result<(), Failure> {
        self.scenes += 1;
        self.say("")?;
        self.say(Line::new().strong(format!("{}. {title}", self.scenes)))?;
        self.text(about)
    }

    /// Something that went as it should, or not quite.
    pub(super) fn mark(&self, mark: Mark, line: impl Into<Line>) -> Result<(), Failure> {
        self.say(self.look().marked(mark).then(line.into()))
    }

    /// The same with how long it took.
    pub(super) fn timed(&self, mark: Mark, line: impl Into<Line>, time: Option<Duration>) -> Result<(), Failure> {
        let line = self.look().marked(mark).then(line.into());
        let room = self.width().saturating_sub(line.width() + 2);
        let time = time.map(|time| format!("  {:>room$}", took(time))).unwrap_or_default();
        self.say(line.dim(time))
    }

    /// The same as a row of the table at the end.
    pub(super) fn step(&mut self, step: &'static str, result: String, time: Duration) -> Result<(), Failure> {
        self.marked_step(Mark::Done, step, result, time)
    }

    /// The same for what did not go quite as usual.
    pub(super) fn marked_step(
        &mut self,
        mark: Mark,
        step: &'static str,
        result: String,
        time: Duration,
    ) -> Result<(), Failure> {
        self.timed(mark, format!("{step}: {result}"), Some(time))?;
        let took_ms = (time.as_secs_f64() * 10_000.0).round() / 10.0;
        self.facts.steps.push(Step { step, result, took_ms });
        Ok(())
    }

    /// A paragraph.
    pub(super) fn text(&self, text: &str) -> Result<(), Failure> {
        for line in wrapped(text, self.width() - INDENT) {
            self.say(Line::new().dim(format!("{:INDENT$}{line}", "")))?;
        }
        Ok(())
    }

    /// Every rule that was tried, with where it is written.
    pub(super) fn checks(&mut self, checks: &[Check]) -> Result<(), Failure> {
        let room = checks.iter().map(|check| check.name.len()).max().unwrap_or(0);
        for check in checks.iter().filter(|check| check.outcome != CheckOutcome::NotApplicable) {
            let (mark, word) = match check.outcome {
                CheckOutcome::Passed | CheckOutcome::NotApplicable => (Mark::Done, "passed"),
                CheckOutcome::Warned => (Mark::Warned, "odd   "),
                CheckOutcome::Failed => (Mark::Failed, "failed"),
            };
            let line = Line::from("      ").with(mark.style(), word).plain(format!("  {:<room$}  ", check.name));
            self.say(line.dim(&check.source).cut(self.width()))?;
        }
        self.facts.checks.extend_from_slice(checks);
        Ok(())
    }

    /// The last scene, told when it is over.
    pub(super) fn cleaned(&mut self, had_key: bool, time: Duration) -> Result<(), Failure> {
        self.scene("Nothing left behind", "")?;
        let what =
            if had_key { "agent, provider, folder and the key in the keyring" } else { "agent, provider and folder" };
        self.step("clean-up", format!("{what} are gone"), time)
    }

    /// The table, or the answer for machines.
    pub(super) fn closing(mut self) -> Result<(), Failure> {
        self.facts.took_ms = (self.began.elapsed().as_secs_f64() * 10_000.0).round() / 10.0;
        if self.out.is_json() {
            return self.out.answer_json(&self.facts);
        }
        self.say("")?;
        self.say(Line::new().strong("What happened"))?;
        self.out.answer_block(&self.table())?;
        self.say("")?;
        self.say(Line::from("Your turn: ").strong("doorkey profile add NAME --issuer URL --client-id ID"))?;
        self.say(Line::from("           ").strong("doorkey login NAME"))
    }

    fn table(&self) -> String {
        let mut table = Table::new();
        table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
        table.set_width(u16::try_from(self.width()).unwrap_or(u16::MAX));
        table.set_header(["STEP", "RESULT", "TOOK"]);
        for step in &self.facts.steps {
            let time = took(Duration::from_secs_f64(step.took_ms / 1_000.0));
            table.add_row([step.step.to_owned(), crate::text::plain(&step.result), time]);
        }
        let total = took(Duration::from_secs_f64(self.facts.took_ms / 1_000.0));
        table.add_row(["all of it".to_owned(), String::new(), total]);
        if let Some(column) = table.column_mut(2) {
            column.set_cell_alignment(CellAlignment::Right);
        }
        table.lines().map(|line| format!(" {}\n", line.trim_end())).collect()
    }

    /// With `--json` the answer is the facts, and the story is beside it.
    fn say(&self, line: impl Into<Line>) -> Result<(), Failure> {
        if self.out.is_json() {
            self.out.note(line);
            return Ok(());
        }
        self.out.answer(line)
    }

    fn look(&self) -> crate::output::Look {
        if self.out.is_json() { self.out.notes() } else { self.out.answers() }
    }

    fn width(&self) -> usize {
        self.look().width.min(WIDEST)
    }
}
