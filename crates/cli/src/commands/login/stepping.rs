//! `--step`: each request before it is sent, and what the person says to it, typed or piped in.

use std::io::BufRead as _;
use std::{io, thread};

use doorkey_client::words::{Edit, EditPlace, Exchange, Pair, Pause, Refusal, StepRequest};
use doorkey_client::{Client, ClientError, Secret};
use doorkey_qa::edited;
use tokio::sync::mpsc;

use crate::failure::Failure;
use crate::line::{Line, Mark, Style};
use crate::output::Output;

/// Before what belongs to the line above.
const INDENT: &str = "      ";
/// Of an answer's body, in characters; the journal has more of it.
const SHOWN: usize = 2_000;
const QUESTION: &str = "[s]end, [e]dit NAME=VALUE, [r]emove NAME, [q]uit, [?]: ";
const HELP: &str = "\
      s                 send it, with the changes made so far
      e NAME=VALUE      set a field of the form or a parameter of the address
      e NAME:VALUE      set a header
      a NAME=VALUE      add one more of that name; a NAME:VALUE for a header
      r NAME            remove it; r NAME: for a header
      u URL             send it elsewhere on the same server
      c                 forget the changes
      q                 stop the sign-in
";

/// The way through one sign-in.
#[derive(Default)]
pub(super) struct Stepping {
    lines: Option<mpsc::Receiver<Option<String>>>,
    pause: Option<Pause>,
    edits: Vec<Edit>,
}

/// What the person said.
enum Said {
    Send,
    Edit(Edit),
    Forget,
    Quit,
    Help,
    NotUnderstood(&'static str),
}

/// What comes of what the person said.
pub(super) enum Then {
    GoesOn,
    Stops,
}

impl Stepping {
    /// The sign-in waits, or does so no longer.
    pub(super) fn seen(&mut self, pause: Option<&Pause>, out: &Output) {
        let is_new = pause.map(|pause| pause.number) != self.pause.as_ref().map(|pause| pause.number);
        if !is_new {
            return;
        }
        self.pause = pause.cloned();
        self.edits.clear();
        if let Some(pause) = pause {
            show(pause, out);
            out.ask(Line::new().strong(QUESTION));
        }
    }

    /// Whether a question stands open.
    pub(super) fn asks(&self) -> bool {
        self.pause.is_some()
    }

    /// The next line while something waits; nothing at the end of the input.
    pub(super) async fn next(&mut self) -> Option<String> {
        if self.pause.is_none() {
            return std::future::pending().await;
        }
        if self.lines.is_none() {
            self.lines = Some(reading());
        }
        match &mut self.lines {
            Some(lines) => lines.recv().await.flatten(),
            None => None,
        }
    }

    /// Does what was said. Whatever cannot be done is told, and the request goes on waiting.
    pub(super) async fn take(
        &mut self,
        line: Option<String>,
        client: &Client,
        id: &str,
        out: &Output,
    ) -> Result<Then, Failure> {
        let Some(pause) = self.pause.clone() else { return Ok(Then::GoesOn) };
        let Some(line) = line else {
            out.note("");
            out.warn("the input ends here, and the request was not sent");
            return Ok(Then::Stops);
        };
        match said(line.trim(), &pause) {
            Said::Send => return self.send(&pause, client, id, out).await,
            Said::Quit => return Ok(Then::Stops),
            Said::Edit(edit) => {
                out.step(Mark::Warned, told(&edit));
                self.edits.push(edit);
            }
            Said::Forget => self.edits.clear(),
            Said::Help => out.note_block(HELP),
            Said::NotUnderstood(why) => out.warn(why),
        }
        out.ask(Line::new().strong(QUESTION));
        Ok(Then::GoesOn)
    }

    async fn send(&mut self, pause: &Pause, client: &Client, id: &str, out: &Output) -> Result<Then, Failure> {
        let request = StepRequest { number: pause.number, edits: std::mem::take(&mut self.edits) };
        match client.step(id, &request).await {
            Ok(_) => self.pause = None,
            Err(ClientError::Refused(refusal)) if refusal.code == "usage.bad_edit" => {
                refused(&refusal, out);
                out.ask(Line::new().strong(QUESTION));
            }
            // It went on, or ended, by itself: the updates tell how.
            Err(ClientError::Refused(refusal)) if refusal.code == "login.not_paused" => self.pause = None,
            Err(error) => return Err(error.into()),
        }
        Ok(Then::GoesOn)
    }
}

/// The answer to what was sent.
pub(super) fn answered(exchange: &Exchange, out: &Output) {
    if !exchange.edited.is_empty() {
        out.step(Mark::Warned, format!("sent with {}", edited::told(&exchange.edited)));
    }
    let Some(answer) = &exchange.answer else {
        let why = exchange.problem.as_deref().unwrap_or("no answer came");
        return out.step(Mark::Failed, format!("not answered: {why}"));
    };
    let mark = if answer.status < 400 { Mark::Done } else { Mark::Warned };
    out.step(mark, Line::from("answered with ").strong(answer.status.to_string()));
    let kinds = answer.headers.iter().filter(|pair| ["content-type", "cache-control"].contains(&pair.name.as_str()));
    kinds.for_each(|pair| shown(pair, out));
    if answer.unchanged.is_some() {
        return out.note(Line::from(INDENT).dim("the same document as the last time"));
    }
    let body: String = answer.body.chars().take(SHOWN).collect();
    let more = if body.len() < answer.body.len() { " …" } else { "" };
    if !body.is_empty() {
        out.note(Line::from(INDENT).plain(body).dim(more));
    }
}

fn show(pause: &Pause, out: &Output) {
    let what = match pause.before.as_str() {
        "authorization" => "next, the browser is sent to",
        "save" => "everything was checked. Next, the session is stored, unless a request was edited",
        _ => "next, this is sent:",
    };
    out.step(Mark::Waiting, Line::from(format!("{}. ", pause.number)).strong(&pause.before).plain(": ").plain(what));
    let Some(request) = &pause.request else { return };
    out.note(Line::from(INDENT).plain(&request.method).plain(" ").strong(&request.url));
    for header in &request.headers {
        out.note(Line::from(INDENT).dim(format!("{}: ", header.name)).plain(value(header)));
    }
    pause.query.iter().chain(&request.form).for_each(|pair| shown(pair, out));
}

fn shown(pair: &Pair, out: &Output) {
    out.note(Line::from(INDENT).dim(format!("{} = ", pair.name)).plain(value(pair)));
}

fn value(pair: &Pair) -> String {
    if pair.secret { format!("[fingerprint {}]", pair.value) } else { pair.value.clone() }
}

fn refused(refusal: &Refusal, out: &Output) {
    out.step(Mark::Failed, Line::new().with(Style::Bad, &refusal.message));
    out.note(Line::from(INDENT).plain(&refusal.hint));
    out.note(Line::from(INDENT).dim("none of the changes was made; the request waits as it was"));
}

fn told(edit: &Edit) -> Line {
    let of = |place: EditPlace, name: &str| match place {
        EditPlace::Header => format!("the header {name}"),
        EditPlace::Form | EditPlace::Query | EditPlace::Address => name.to_owned(),
    };
    match edit {
        Edit::Set { place, name, .. } => Line::from("will set ").strong(of(*place, name)),
        Edit::Add { place, name, .. } => Line::from("will add ").strong(of(*place, name)),
        Edit::Remove { place, name } => Line::from("will remove ").strong(of(*place, name)),
        Edit::Address { url } => Line::from("will send it to ").strong(url),
    }
}

fn said(line: &str, pause: &Pause) -> Said {
    let (word, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    let rest = rest.trim_start();
    match word {
        "s" | "send" if rest.is_empty() => Said::Send,
        "q" | "quit" if rest.is_empty() => Said::Quit,
        "c" | "clear" => Said::Forget,
        "?" | "h" | "help" => Said::Help,
        "u" | "url" if !rest.is_empty() => Said::Edit(Edit::Address { url: rest.to_owned() }),
        "r" | "remove" if !rest.is_empty() => {
            let (place, name) = match rest.strip_suffix(':') {
                Some(name) => (EditPlace::Header, name),
                None => (parameters(pause), rest),
            };
            Said::Edit(Edit::Remove { place, name: name.to_owned() })
        }
        "e" | "edit" | "a" | "add" => {
            let Some(at) = rest.find(['=', ':']).filter(|at| *at > 0) else {
                return Said::NotUnderstood("give it as NAME=VALUE, or as NAME:VALUE for a header");
            };
            let is_header = rest[at..].starts_with(':');
            let place = if is_header { EditPlace::Header } else { parameters(pause) };
            let value = if is_header { rest[at + 1..].trim_start() } else { &rest[at + 1..] };
            let (name, value) = (rest[..at].to_owned(), Secret::new(value.to_owned()));
            Said::Edit(match word {
                "a" | "add" => Edit::Add { place, name, value },
                _ => Edit::Set { place, name, value },
            })
        }
        _ => Said::NotUnderstood("say s, e NAME=VALUE, r NAME or q; ? tells more"),
    }
}

/// Where `NAME=VALUE` goes: into the form where there is one.
fn parameters(pause: &Pause) -> EditPlace {
    if pause.editable.contains(&EditPlace::Form) { EditPlace::Form } else { EditPlace::Query }
}

/// Lines of standard input; then nothing. Not the runtime's: nothing can end a read from a terminal, and the process
/// must not wait for it.
fn reading() -> mpsc::Receiver<Option<String>> {
    let (tell, lines) = mpsc::channel(1);
    let read = move || {
        for line in io::stdin().lock().lines() {
            let Ok(line) = line else { break };
            if tell.blocking_send(Some(line)).is_err() {
                return;
            }
        }
        let _ = tell.blocking_send(None);
    };
    // Without a thread there is nobody to be heard: the input is over before it began.
    drop(thread::Builder::new().name("steps".into()).spawn(read));
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pause(editable: Vec<EditPlace>) -> Pause {
        Pause { number: 1, before: "token".into(), request: None, query: vec![], editable }
    }

    fn edit(line: &str, editable: Vec<EditPlace>) -> serde_json::Value {
        match said(line, &pause(editable)) {
            Said::Edit(edit) => serde_json::to_value(edit).expect("JSON"),
            _ => panic!("no edit: {line}"),
        }
    }

    #[test]
    fn whichever_of_equals_and_colon_comes_first_says_what_is_edited() {
        use serde_json::json;
        let form = || vec![EditPlace::Form];
        let set = |place, name, value| json!({"change": "set", "place": place, "name": name, "value": value});
        assert_eq!(edit("e resource=https://a", form()), set("form", "resource", "https://a"));
        assert_eq!(edit("edit scope=a b", vec![EditPlace::Query]), set("query", "scope", "a b"));
        assert_eq!(edit("e Accept: a=b", form()), set("header", "Accept", "a=b"));
        assert_eq!(edit("a x=", form()), json!({"change": "add", "place": "form", "name": "x", "value": ""}));
        assert_eq!(edit("r code", form()), json!({"change": "remove", "place": "form", "name": "code"}));
        assert_eq!(edit("r Accept:", form()), json!({"change": "remove", "place": "header", "name": "Accept"}));
        assert_eq!(edit("u /other", form()), json!({"change": "address", "url": "/other"}));
    }

    #[test]
    fn what_is_no_answer_is_none() {
        for line in ["", "send it", "e", "e =x", "e name", "r", "u", "yes", "S"] {
            assert!(matches!(said(line, &pause(vec![])), Said::NotUnderstood(_)), "{line}");
        }
        assert!(matches!(said("s", &pause(vec![])), Said::Send));
        assert!(matches!(said("q", &pause(vec![])), Said::Quit));
    }
}
