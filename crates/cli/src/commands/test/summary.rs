//! What came of all runs, for a glance or for a machine.

use std::borrow::Cow;
use std::path::PathBuf;
use std::time::Duration;

use doorkey_client::words::VERSION;
use doorkey_qa::scenario::{Ended, Judged, Played};
use serde::Serialize;

use crate::failure::Failure;
use crate::line::{Line, Mark, Style};
use crate::output::Output;
use crate::text::plain;
use crate::time::took;

/// Something was not as expected: `EX_DATAERR`, as where a provider's answer is refused.
const FAILED: u8 = 65;
/// A run could not be carried out: `EX_UNAVAILABLE`.
const NOT_CARRIED_OUT: u8 = 69;

/// Of what was expected and what came, in bytes, where it is told while a person looks on.
const LONGEST_TOLD: usize = 2_000;

/// A run, and what came of it.
pub(super) struct Result {
    pub(super) file: String,
    pub(super) name: String,
    pub(super) played: Played,
    pub(super) tries: u32,
    pub(super) har: Option<PathBuf>,
}

impl Result {
    pub(super) fn mark(&self) -> Mark {
        match self.played.ended {
            Ended::Passed => Mark::Done,
            Ended::Failed | Ended::Broken(_) => Mark::Failed,
            Ended::Stopped => Mark::Waiting,
        }
    }

    /// Its name, and how long it took.
    pub(super) fn in_a_line(&self) -> Line {
        let again = if self.tries > 1 { format!(", tried {} times", self.tries) } else { String::new() };
        Line::from(self.name.as_str()).dim(format!("  {}{again}", took(self.played.took)))
    }
}

#[derive(Serialize)]
pub(super) struct Summary<'a> {
    version: u32,
    passed: usize,
    failed: usize,
    broken: usize,
    stopped: usize,
    took_ms: u64,
    runs: Vec<Told<'a>>,
}

/// What is told of a run.
#[derive(Serialize)]
pub(super) struct Told<'a> {
    file: &'a str,
    name: &'a str,
    pub(super) outcome: &'static str,
    tries: u32,
    took_ms: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<Error>,
    #[serde(skip_serializing_if = "Option::is_none")]
    har: Option<String>,
    steps: Vec<Step<'a>>,
}

#[derive(Serialize)]
struct Error {
    code: String,
    message: String,
    hint: String,
}

#[derive(Serialize)]
struct Step<'a> {
    step: &'a str,
    took_ms: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    flow: Option<&'a str>,
    expectations: Cow<'a, [Judged]>,
}

impl<'a> Summary<'a> {
    pub(super) fn of(results: &'a [Result], took: Duration) -> Self {
        let runs: Vec<Told<'_>> = results.iter().map(told).collect();
        let of = |outcome: &str| runs.iter().filter(|run| run.outcome == outcome).count();
        Self {
            version: VERSION,
            passed: of("passed"),
            failed: of("failed"),
            broken: of("broken"),
            stopped: of("stopped"),
            took_ms: milliseconds(took),
            runs,
        }
    }

    /// The answer, and how the command ends.
    pub(super) fn tell(&self, out: &Output) -> std::result::Result<(), Failure> {
        if out.is_json() {
            out.answer_json(self)?;
        } else {
            self.in_words(out)?;
        }
        match (self.stopped, self.failed, self.broken) {
            (0, 0, 0) => Ok(()),
            (0, 0, _) => Err(Failure::Partly(NOT_CARRIED_OUT)),
            (0, _, _) => Err(Failure::Partly(FAILED)),
            (_, _, _) if out.is_json() => Err(Failure::Partly(130)),
            (_, _, _) => Err(Failure::cancelled("The test run")),
        }
    }

    fn in_words(&self, out: &Output) -> std::result::Result<(), Failure> {
        for run in self.runs.iter().filter(|run| matches!(run.outcome, "failed" | "broken")) {
            out.answer(out.answers().marked(Mark::Failed).strong(run.name).dim(format!("  {}", run.file)))?;
            run.why(out)?;
        }
        let mut counts = vec![format!("{} passed", self.passed)];
        let more = [(self.failed, "failed"), (self.broken, "not carried out"), (self.stopped, "stopped")];
        counts.extend(more.iter().filter(|(number, _)| *number > 0).map(|(number, word)| format!("{number} {word}")));
        let again: u32 = self.runs.iter().filter(|run| run.tries > 1).map(|_| 1).sum();
        if again > 0 {
            counts.push(format!("{again} tried more than once"));
        }
        let style = if self.failed + self.broken + self.stopped == 0 { Style::Good } else { Style::Bad };
        let time = took(Duration::from_millis(self.took_ms));
        out.answer(Line::new().with(style, counts.join(", ")).dim(format!("  in {time}")))
    }
}

impl Told<'_> {
    /// With the beginnings of what is too long to be looked at.
    pub(super) fn bounded(mut self) -> Self {
        let is_long = |text: &str| text.len() > LONGEST_TOLD;
        for step in &mut self.steps {
            if step.expectations.iter().any(|it| is_long(&it.expected) || is_long(&it.got)) {
                for judged in step.expectations.to_mut() {
                    for text in [&mut judged.expected, &mut judged.got].into_iter().filter(|text| is_long(text)) {
                        text.truncate(text.floor_char_boundary(LONGEST_TOLD));
                        text.push('…');
                    }
                }
            }
        }
        self
    }

    /// What was not as expected, or why it could not be carried out.
    pub(super) fn why(&self, out: &Output) -> std::result::Result<(), Failure> {
        for step in &self.steps {
            for missed in step.expectations.iter().filter(|judged| !judged.held) {
                out.answer(Line::from(format!("      {}: {}", step.step, plain(&missed.what))))?;
                out.answer(Line::from(format!("        expected  {}", plain(&missed.expected))))?;
                out.answer(Line::from("        got       ").with(Style::Bad, plain(&missed.got)))?;
            }
        }
        if let Some(error) = &self.error {
            out.answer_hanging(&Line::from("      ").with(Style::Bad, "not carried out: "), &error.message)?;
            if !error.hint.is_empty() {
                out.answer_hanging(&Line::from("      next: "), &error.hint)?;
            }
            out.answer(Line::new().dim(format!("      code: {}", error.code)))?;
        }
        if let Some(har) = &self.har {
            out.answer(Line::new().dim(format!("      requests: {har}")))?;
        }
        Ok(())
    }
}

pub(super) fn told(result: &Result) -> Told<'_> {
    let (outcome, error) = match &result.played.ended {
        Ended::Passed => ("passed", None),
        Ended::Failed => ("failed", None),
        Ended::Stopped => ("stopped", None),
        Ended::Broken(broken) => {
            let (code, hint) = broken.code_and_hint();
            ("broken", Some(Error { code, message: sentence(&broken.to_string()), hint }))
        }
    };
    Told {
        file: &result.file,
        name: &result.name,
        outcome,
        tries: result.tries,
        took_ms: milliseconds(result.played.took),
        error,
        har: result.har.as_ref().map(|path| path.display().to_string()),
        steps: result
            .played
            .steps
            .iter()
            .map(|step| Step {
                step: &step.name,
                took_ms: milliseconds(step.took),
                flow: step.flow.as_ref().map(|flow| flow.id.as_str()),
                expectations: Cow::Borrowed(&step.judged),
            })
            .collect(),
    }
}

fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

/// With a capital and an end.
fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|letter| letter.to_uppercase().to_string()).unwrap_or_default();
    let end = if text.ends_with(['.', '!', '?']) { "" } else { "." };
    format!("{first}{}{end}", letters.as_str())
}
