//! What is told while files are watched: lines of JSON for a program, and the same for a person.

use doorkey_client::words::{Event, Refusal, SignInStep, VERSION};
use doorkey_qa::scenario::{Doing, Ended, Hands, Run, RunProfile, SecretSource};
use serde::Serialize;

use crate::commands::test::file::{Plan, Unready};
use crate::commands::test::summary::{self, Result as RunResult, Told};
use crate::failure::Failure;
use crate::line::{Line, Mark, Style};
use crate::output::Output;
use crate::text::count;

/// Of what is told of a file's runs, in bytes. All of it is told, or the file is not run: nobody can agree to what is left out.
const MOST_OF_A_FILE: usize = 512 * 1024;
/// Of entries of the journal in a line, in bytes.
const MOST_OF_EVENTS: usize = 512 * 1024;

/// One line of JSON (docs/qa.md).
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum News<'a> {
    File {
        version: u32,
        /// Greater than that of each file that was told before.
        number: u64,
        file: &'a str,
        runs: Vec<Planned<'a>>,
        /// Variables of the environment that are read for `[variables]`.
        #[serde(skip_serializing_if = "<[String]>::is_empty")]
        environment: &'a [String],
        /// It is not run before it is ordered.
        held: bool,
        #[serde(skip_serializing_if = "Option::is_none")]
        mistake: Option<Mistake<'a>>,
    },
    /// What its runs need is not there.
    Refused {
        file: &'a str,
        mistake: Mistake<'a>,
    },
    Gone {
        file: &'a str,
    },
    Started {
        file: &'a str,
        name: &'a str,
    },
    Step {
        file: &'a str,
        name: &'a str,
        #[serde(flatten)]
        doing: &'a Doing,
    },
    Ended {
        #[serde(flatten)]
        run: Told<'a>,
        #[serde(skip_serializing_if = "Option::is_none")]
        events: Option<&'a [Event]>,
    },
    Waiting(Counts),
}

/// A run, before it is run: what people must know who trust it.
#[derive(Serialize)]
struct Planned<'a> {
    name: &'a str,
    by: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    commands: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    secrets: Vec<ReadFrom<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    issuer: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    profile: Option<&'a str>,
}

/// Where a secret is read, in the words of `[secrets]`.
#[derive(Serialize)]
#[serde(untagged)]
enum ReadFrom<'a> {
    Env { env: &'a str },
    File { file: &'a str },
    Keyring { keyring: &'a str, account: &'a str },
}

/// What is wrong with a file.
#[derive(Serialize)]
struct Mistake<'a> {
    code: &'a str,
    message: &'a str,
    hint: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    column: Option<usize>,
}

/// How all runs ended that there are now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct Counts {
    /// Nothing is run until it is ordered.
    pub(super) held: bool,
    pub(super) passed: usize,
    pub(super) failed: usize,
    pub(super) broken: usize,
    pub(super) stopped: usize,
    /// Files that cannot be run.
    pub(super) mistakes: usize,
}

/// Who tells it.
pub(super) struct Teller<'a> {
    pub(super) out: &'a Output,
    /// Whether a person may press a key.
    pub(super) by_keys: bool,
}

type Answer = Result<(), Failure>;

impl Teller<'_> {
    /// A file was taken up, or is another than before.
    pub(super) fn file(&self, name: &str, plan: Result<&Plan, &Unready>, held: bool, number: u64) -> Answer {
        if self.out.is_json() {
            let runs = plan.map(all_planned).unwrap_or_default();
            let environment = plan.map(|plan| plan.environment.as_slice()).unwrap_or_default();
            let mistake = plan.err().map(|unready| mistake(&unready.refusal, unready.place));
            let news = News::File { version: VERSION, number, file: name, runs, environment, held, mistake };
            return self.out.answer_json(&news);
        }
        match plan {
            Ok(plan) => {
                let how = if held { ", not run before you say so" } else { "" };
                self.out.note(Line::new().strong(name).dim(format!("  {}{how}", count(plan.runs.len(), "run"))));
                Ok(())
            }
            Err(unready) => self.mistake(name, &unready.refusal),
        }
    }

    /// What a run of the file needs is not there.
    pub(super) fn refused(&self, name: &str, refusal: &Refusal) -> Answer {
        if !self.out.is_json() {
            return self.mistake(name, refusal);
        }
        self.out.answer_json(&News::Refused { file: name, mistake: mistake(refusal, None) })
    }

    fn mistake(&self, name: &str, refusal: &Refusal) -> Answer {
        let about = if refusal.message.contains(name) { String::new() } else { format!("{name}: ") };
        let first = self.out.answers().marked(Mark::Failed);
        self.out.answer_hanging(&first, &format!("{about}{}", refusal.message))
    }

    pub(super) fn gone(&self, name: &str) -> Answer {
        if self.out.is_json() {
            return self.out.answer_json(&News::Gone { file: name });
        }
        self.out.note(Line::new().strong(name).dim("  is not there any more"));
        Ok(())
    }

    pub(super) fn started(&self, file: &str, name: &str) -> Answer {
        if self.out.is_json() {
            return self.out.answer_json(&News::Started { file, name });
        }
        self.out.moving(Line::from("  ").plain(name));
        Ok(())
    }

    pub(super) fn step(&self, file: &str, name: &str, doing: &Doing) -> Answer {
        if self.out.is_json() {
            return self.out.answer_json(&News::Step { file, name, doing });
        }
        self.out.moving(Line::from("  ").plain(name).dim(format!("  {}", in_words(doing))));
        Ok(())
    }

    pub(super) fn ended(&self, result: &RunResult) -> Answer {
        let run = summary::told(result);
        if self.out.is_json() {
            return self.out.answer_json(&News::Ended { run: run.bounded(), events: events(result) });
        }
        self.out.answer(self.out.answers().marked(result.mark()).then(result.in_a_line()))?;
        run.why(self.out)
    }

    pub(super) fn warn(&self, what: &str) {
        self.out.warn(what);
    }

    pub(super) fn stopping(&self) {
        self.out.note("stopping: browsers and agents are being closed");
    }

    /// Everything is run, or held.
    pub(super) fn waiting(&self, counts: Counts) -> Answer {
        if self.out.is_json() {
            return self.out.answer_json(&News::Waiting(counts));
        }
        let many = [
            (counts.passed, "passed"),
            (counts.failed, "failed"),
            (counts.broken, "not carried out"),
            (counts.stopped, "stopped"),
        ];
        let mut told: Vec<String> =
            many.iter().filter(|(number, _)| *number > 0).map(|(number, word)| format!("{number} {word}")).collect();
        if counts.mistakes > 0 {
            told.push(format!("{} with a mistake", count(counts.mistakes, "file")));
        }
        let good = counts.failed + counts.broken + counts.stopped + counts.mistakes == 0;
        let style = if good { Style::Good } else { Style::Bad };
        if told.is_empty() {
            self.out.answer(Line::new().dim("nothing to run yet"))?;
        } else {
            self.out.answer(Line::new().with(style, told.join(", ")))?;
        }
        let keys = if self.by_keys { " \u{b7} Enter runs all again, q ends" } else { "" };
        self.out.note(Line::new().dim(format!("waiting for changes{keys}")));
        Ok(())
    }
}

/// The same, where all of it can be told.
pub(super) fn tellable(plan: Plan) -> Result<Plan, Unready> {
    let size = serde_json::to_vec(&(all_planned(&plan), &plan.environment)).map_or(usize::MAX, |text| text.len());
    if size <= MOST_OF_A_FILE {
        return Ok(plan);
    }
    let most = MOST_OF_A_FILE / 1024;
    let what = format!("{}: the names and commands of its runs have more than {most} KiB.", plan.name);
    let hint = "Make them shorter, or make two files of it.";
    Err(Unready { refusal: Refusal::new("config.bad_scenario", what, hint), place: None })
}

fn all_planned(plan: &Plan) -> Vec<Planned<'_>> {
    plan.runs.iter().map(|run| planned(plan, run)).collect()
}

fn planned<'a>(plan: &'a Plan, run: &'a Run) -> Planned<'a> {
    let by = match &run.hands {
        Hands::Person => "person",
        Hands::Chromium(_) => "chromium",
        Hands::Command(_) => "command",
    };
    let (issuer, profile) = match &run.profile {
        RunProfile::Own(profile) => (Some(profile.issuer.as_str()), None),
        RunProfile::Named(name) => (None, Some(name.as_str())),
    };
    let commands = run.commands().map(|words| words.join(" ")).collect();
    let secrets = plan.secrets_of(run).into_iter().map(|source| match source {
        SecretSource::Env(env) => ReadFrom::Env { env },
        SecretSource::File(file) => ReadFrom::File { file },
        SecretSource::Keyring { service, account } => ReadFrom::Keyring { keyring: service, account },
    });
    Planned { name: &run.name, by, commands, secrets: secrets.collect(), issuer, profile }
}

fn mistake(refusal: &Refusal, place: Option<(usize, usize)>) -> Mistake<'_> {
    let (line, column) = place.unzip();
    Mistake { code: &refusal.code, message: &refusal.message, hint: &refusal.hint, line, column }
}

/// The entries of what went wrong, where they are not too many for a line. Nothing secret is in the journal.
fn events(result: &RunResult) -> Option<&[Event]> {
    if !matches!(result.played.ended, Ended::Failed | Ended::Broken(_)) {
        return None;
    }
    let flow = result.played.steps.iter().rev().find_map(|step| step.flow.as_ref())?;
    let size = serde_json::to_vec(&flow.events).map_or(usize::MAX, |text| text.len());
    (size <= MOST_OF_EVENTS).then_some(flow.events.as_slice())
}

fn in_words(doing: &Doing) -> String {
    match doing {
        Doing::Browser => "starting Chromium".to_owned(),
        Doing::SignIn { progress } => match progress {
            SignInStep::Discovering => "reading what the provider says of itself",
            SignInStep::Waiting => "at the login page",
            SignInStep::Exchanging => "exchanging the code",
            SignInStep::Verifying => "checking the tokens",
            SignInStep::Saving => "keeping the session",
            SignInStep::Done | SignInStep::Failed | SignInStep::Cancelled => "signed in, or not",
        }
        .to_owned(),
        Doing::Page { number, of, what } => format!("page, step {number} of {of}: {what}"),
        Doing::Renewal => "renewing".to_owned(),
        Doing::SignOut => "signing out".to_owned(),
    }
}
