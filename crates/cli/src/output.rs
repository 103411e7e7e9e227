//! What the command says. The only file that writes to standard output and standard error.
//!
//! Standard output carries the answer and nothing else; progress, warnings and refusals go to standard error,
//! except for refusals with `--json`, which are the answer.

use std::cell::Cell;
use std::env;
use std::io::{self, IsTerminal, Write};

use doorkey_client::Secret;
use doorkey_client::words::{Code, ErrorBody, Refusal, VERSION};
use serde::Serialize;

use crate::failure::Failure;
use crate::line::{Line, Mark, Style};
use crate::text::{plain, wrapped};

/// The two streams, and how each is looked at.
#[derive(Debug)]
pub(crate) struct Output {
    json: bool,
    answers: Look,
    notes: Look,
    /// Whether the last line on standard error is one that will be overwritten.
    moving: Cell<bool>,
}

/// How a stream is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Look {
    /// A person reads along.
    pub(crate) terminal: bool,
    pub(crate) colour: bool,
    /// The locale can show more than ASCII.
    pub(crate) unicode: bool,
    /// In columns.
    pub(crate) width: usize,
}

impl Output {
    /// As the environment is.
    pub(crate) fn new(json: bool) -> Self {
        let (stdout, stderr) = (io::stdout(), io::stderr());
        Self {
            json,
            answers: Look::of(stdout.is_terminal(), rustix::termios::tcgetwinsize(&stdout).ok()),
            notes: Look::of(stderr.is_terminal(), rustix::termios::tcgetwinsize(&stderr).ok()),
            moving: Cell::new(false),
        }
    }

    /// The same, where nobody has parsed the arguments or nobody hands them down.
    pub(crate) fn from_arguments() -> Self {
        // What stands behind `--` is another program's.
        Self::new(env::args_os().take_while(|argument| argument != "--").any(|argument| argument == "--json"))
    }

    /// Whether the answer is for a machine.
    pub(crate) fn is_json(&self) -> bool {
        self.json
    }

    /// How standard output is looked at.
    pub(crate) fn answers(&self) -> Look {
        self.answers
    }

    /// How standard error is looked at.
    pub(crate) fn notes(&self) -> Look {
        self.notes
    }

    /// A line of the answer.
    pub(crate) fn answer(&self, line: impl Into<Line>) -> Result<(), Failure> {
        self.settle();
        let mut stdout = io::stdout().lock();
        writeln!(stdout, "{}", self.answers.show(&line.into()))?;
        Ok(stdout.flush()?)
    }

    /// An answer whose further lines stand under its first word.
    pub(crate) fn answer_hanging(&self, first: &Line, text: &str) -> Result<(), Failure> {
        self.answers.hanging(first, text).into_iter().try_for_each(|line| self.answer(line))
    }

    /// The answer of many lines that were laid out already: a table, a help text, a completion script.
    pub(crate) fn answer_block(&self, text: &str) -> Result<(), Failure> {
        self.settle();
        let mut stdout = io::stdout().lock();
        stdout.write_all(text.as_bytes())?;
        if !text.ends_with('\n') {
            stdout.write_all(b"\n")?;
        }
        Ok(stdout.flush()?)
    }

    /// The answer for a machine: one line.
    pub(crate) fn answer_json(&self, answer: &impl Serialize) -> Result<(), Failure> {
        self.settle();
        let mut stdout = io::stdout().lock();
        serde_json::to_writer(&mut stdout, answer).map_err(io::Error::from)?;
        stdout.write_all(b"\n")?;
        Ok(stdout.flush()?)
    }

    /// The one secret that is ever an answer: an access token that was asked for, with what stands before it.
    #[expect(clippy::disallowed_methods, reason = "the access token leaves its type where it was asked for")]
    pub(crate) fn answer_token(&self, before: &str, token: &Secret) -> Result<(), Failure> {
        self.settle();
        let mut stdout = io::stdout().lock();
        for part in [before, token.expose(), "\n"] {
            stdout.write_all(part.as_bytes())?;
        }
        Ok(stdout.flush()?)
    }

    /// A line beside the answer. It is not worth an error when nobody reads it.
    pub(crate) fn note(&self, line: impl Into<Line>) {
        self.settle();
        self.write_note(&format!("{}\n", self.notes.show(&line.into())));
    }

    /// A text of many lines beside the answer, laid out already.
    pub(crate) fn note_block(&self, text: &str) {
        self.settle();
        self.write_note(text);
    }

    /// A step of what is going on: a mark and what was done.
    pub(crate) fn step(&self, mark: Mark, line: impl Into<Line>) {
        self.note(self.notes.marked(mark).then(line.into()));
    }

    /// Something to know that does not stop the command.
    pub(crate) fn warn(&self, text: &str) {
        self.hanging(&Line::new().with(Style::Warning, "warning: "), text);
    }

    /// A line that the next one overwrites; nothing where nobody watches.
    pub(crate) fn moving(&self, line: impl Into<Line>) {
        if self.notes.terminal && self.notes.controllable() {
            let line = self.notes.show(&line.into().cut(self.notes.width.saturating_sub(1)));
            self.moving.set(true);
            self.write_note(&format!("\r\u{1b}[K{line}"));
        }
    }

    /// Takes the moving line away.
    pub(crate) fn settle(&self) {
        if self.moving.replace(false) {
            self.write_note("\r\u{1b}[K");
        }
    }

    /// A question to the person, without a line's end.
    pub(crate) fn ask(&self, question: impl Into<Line>) {
        self.settle();
        self.write_note(&self.notes.show(&question.into()));
    }

    /// How it ends when it does not end well.
    pub(crate) fn failure(&self, failure: &Failure) {
        self.settle();
        let Some(refusal) = failure.refusal() else { return };
        if self.json {
            let body = ErrorBody { version: VERSION, error: refusal };
            if self.answer_json(&body).is_ok() {
                return;
            }
            return self.refused(&body.error);
        }
        self.refused(&refusal);
    }

    fn refused(&self, refusal: &Refusal) {
        for line in self.notes.refusal(refusal) {
            self.note(line);
        }
    }

    /// A text whose further lines stand under its first word.
    pub(crate) fn hanging(&self, first: &Line, text: &str) {
        for line in self.notes.hanging(first, text) {
            self.note(line);
        }
    }

    fn write_note(&self, text: &str) {
        let mut stderr = io::stderr().lock();
        // Nothing could be told about it: this is where it would be told.
        let _ = stderr.write_all(text.as_bytes()).and_then(|()| stderr.flush());
    }
}

impl Look {
    fn of(terminal: bool, size: Option<rustix::termios::Winsize>) -> Self {
        let set = |name: &str| env::var_os(name).is_some_and(|value| !value.is_empty());
        let dumb = env::var_os("TERM").is_none_or(|term| term.is_empty() || term == "dumb");
        let columns = env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
        let measured = size.map(|size| usize::from(size.ws_col));
        Self {
            terminal,
            colour: terminal && !dumb && !set("NO_COLOR"),
            unicode: speaks_unicode(|name| env::var(name).ok()),
            width: measured.or(columns).filter(|width| *width > 0).unwrap_or(80).clamp(20, 200),
        }
    }

    /// Whether the cursor obeys: everything that takes colours does, and so does a terminal without them.
    fn controllable(self) -> bool {
        env::var_os("TERM").is_some_and(|term| !term.is_empty() && term != "dumb")
    }

    /// With the colours of this look.
    pub(crate) fn show(self, line: &Line) -> String {
        let mut shown = String::new();
        for (style, text) in line.pieces() {
            let code = match style {
                Style::Plain => "",
                Style::Strong => "1",
                Style::Dim => "2",
                Style::Good => "32",
                Style::Warning => "33",
                Style::Bad => "1;31",
                Style::Paper => "30;107",
            };
            if self.colour && !code.is_empty() && !text.is_empty() {
                shown.push_str(&format!("\u{1b}[{code}m{text}\u{1b}[0m"));
            } else {
                shown.push_str(text);
            }
        }
        shown
    }

    /// What failed, what to do next, and the code: the three lines of every refusal.
    fn refusal(self, refusal: &Refusal) -> Vec<Line> {
        let about = match &refusal.profile {
            Some(profile) if !refusal.message.contains(profile.as_str()) => format!("{profile}: "),
            _ => String::new(),
        };
        let mut lines = self.hanging(&Line::new().with(Style::Bad, "error: "), &format!("{about}{}", refusal.message));
        if !refusal.hint.is_empty() {
            lines.extend(self.hanging(&Line::from("  next: "), &refusal.hint));
        }
        let explained = self.terminal && Code::find(&refusal.code).is_some();
        let more = if explained { format!("   (doorkey explain {})", refusal.code) } else { String::new() };
        let code = Line::new().dim(format!("  code: {}", refusal.code));
        // Whole or not at all.
        lines.push(if code.width() + more.len() <= self.width { code.dim(more) } else { code });
        lines
    }

    /// A text whose further lines stand under its first word where a person reads; one line for everyone else, so
    /// that it can be searched for.
    fn hanging(self, first: &Line, text: &str) -> Vec<Line> {
        let text = plain(text);
        let indent = first.width();
        let room = self.width.saturating_sub(indent).max(20);
        let lines = if self.terminal { wrapped(&text, room) } else { vec![text] };
        let before = |number| if number == 0 { first.clone() } else { Line::from(" ".repeat(indent)) };
        lines.iter().enumerate().map(|(number, line)| before(number).plain(line)).collect()
    }

    /// The beginning of a step's line.
    pub(crate) fn marked(self, mark: Mark) -> Line {
        let sign = mark.sign(self.unicode);
        let room = if self.unicode { 1 } else { 2 };
        Line::from("  ").with(mark.style(), format!("{sign:<room$}")).plain(" ")
    }
}

/// As the C library decides: the first of the three that is set and not empty.
fn speaks_unicode(variable: impl Fn(&str) -> Option<String>) -> bool {
    ["LC_ALL", "LC_CTYPE", "LANG"]
        .into_iter()
        .find_map(|name| variable(name).filter(|value| !value.is_empty()))
        .is_some_and(|locale| {
            let locale = locale.to_ascii_lowercase();
            locale.contains("utf-8") || locale.contains("utf8")
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAPER: Look = Look { terminal: false, colour: false, unicode: true, width: 80 };
    const SCREEN: Look = Look { terminal: true, colour: true, unicode: true, width: 80 };

    #[test]
    fn colour_is_only_for_screens() {
        let line = Line::from("all ").with(Style::Good, "well");
        assert_eq!(PAPER.show(&line), "all well");
        assert_eq!(SCREEN.show(&line), "all \u{1b}[32mwell\u{1b}[0m");
    }

    #[test]
    fn a_step_reads_the_same_without_unicode() {
        let ascii = Look { unicode: false, ..PAPER };
        assert_eq!(PAPER.show(&PAPER.marked(Mark::Done).plain("stored")), "  ✓ stored");
        assert_eq!(ascii.show(&ascii.marked(Mark::Done).plain("stored")), "  ok stored");
        assert_eq!(ascii.show(&ascii.marked(Mark::Failed).plain("stored")), "  x  stored");
    }

    fn shown(look: Look, refusal: &Refusal) -> Vec<String> {
        look.refusal(refusal).iter().map(|line| look.show(line)).collect()
    }

    #[test]
    fn a_refusal_says_what_failed_what_is_next_and_its_code() {
        let refusal =
            Refusal::new("session.sign_in_required", "Nobody is signed in.", "Run `doorkey login work`.").about("work");
        assert_eq!(
            shown(PAPER, &refusal),
            [
                "error: work: Nobody is signed in.",
                "  next: Run `doorkey login work`.",
                "  code: session.sign_in_required",
            ]
        );
        let refusal = Refusal::new("user.cancelled", "The sign-in with `work` was stopped.", "").about("work");
        assert_eq!(shown(PAPER, &refusal), ["error: The sign-in with `work` was stopped.", "  code: user.cancelled"]);
    }

    #[test]
    fn a_refusal_fits_a_narrow_screen() {
        let narrow = Look { colour: false, width: 40, ..SCREEN };
        let refusal = Refusal::new(
            "net.dns",
            "The provider op.example cannot be found from here.",
            "Check the address or your connection.",
        );
        assert_eq!(
            shown(narrow, &refusal),
            [
                "error: The provider op.example cannot be",
                "       found from here.",
                "  next: Check the address or your",
                "        connection.",
                "  code: net.dns",
            ]
        );
    }

    #[test]
    fn a_person_at_a_terminal_is_told_where_the_code_is_explained() {
        let screen = Look { colour: false, ..SCREEN };
        let last = |look, code: &str| shown(look, &Refusal::new(code, "No.", "")).pop();
        assert_eq!(last(screen, "net.dns").as_deref(), Some("  code: net.dns   (doorkey explain net.dns)"));
        assert_eq!(last(Look { width: 40, ..screen }, "net.dns").as_deref(), Some("  code: net.dns"));
        assert_eq!(last(screen, "of.a_newer_agent").as_deref(), Some("  code: of.a_newer_agent"));
        assert_eq!(last(PAPER, "net.dns").as_deref(), Some("  code: net.dns"));
    }

    #[test]
    fn a_refusal_from_outside_cannot_command_the_terminal() {
        let refusal = Refusal::new(
            "callback.error",
            "The provider says: \u{1b}]52;c;Y2xpcA==\u{7}no\u{1b}[2J\nerror: all is well",
            "",
        );
        assert_eq!(shown(PAPER, &refusal)[0], "error: The provider says: no error: all is well");
    }

    #[test]
    fn the_locale_decides_about_unicode() {
        let with = |set: &'static [(&str, &str)]| {
            speaks_unicode(|name| set.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned()))
        };
        assert!(with(&[("LANG", "en_US.UTF-8")]));
        assert!(with(&[("LANG", "C"), ("LC_ALL", "C.utf8")]));
        assert!(with(&[("LC_ALL", ""), ("LANG", "de_DE.UTF-8")]));
        assert!(!with(&[("LANG", "en_US.UTF-8"), ("LC_ALL", "C")]));
        assert!(!with(&[]));
    }
}
