//! Which program may have a token: asked once, remembered, taken back, and never by the program's own word.
//!
//! In most stories the agent is in this process, where requests are the person's own, so that the story is the window; the
//! programs that ask are real ones, copies of `caller`, each a program of its own.

mod asked;
mod called;
mod policy;
mod remembered;
mod terminal;

use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use doorkey_client::words::{
    ConsentAnswer, ConsentDecision, ConsentLasts, ConsentQuestion, Consents, Event, EventKind, Update,
};
use doorkey_client::{Client, Updates};
use doorkey_tests::program::{self, Ended};
use doorkey_tests::{PATIENCE, PROFILE, Stage};
use serde_json::Value;
use tokio::process::Command;

/// Yes, as it is usually said.
const YES: ConsentAnswer = ConsentAnswer { decision: ConsentDecision::Allow, lasts: ConsentLasts::USUAL };
const YES_ONCE: ConsentAnswer = ConsentAnswer { decision: ConsentDecision::Allow, lasts: ConsentLasts::Once };
/// No, as the window says it.
const NO: ConsentAnswer = ConsentAnswer { decision: ConsentDecision::Deny, lasts: ConsentLasts::Once };

/// Ada is signed in, and nobody has written a policy.
async fn asking() -> Stage {
    let stage = Stage::signed_in().await;
    fs::remove_file(stage.paths.policy()).expect("the policy of every story");
    stage
}

/// A program of its own.
#[derive(Clone)]
struct Caller(PathBuf);

impl Caller {
    fn called(name: &str, folder: &Path) -> Self {
        let path = folder.join(name);
        fs::copy(program::beside("asker"), &path).expect("the program is built");
        Self(path.canonicalize().expect("it is there"))
    }

    /// As an update does: another file in the same place.
    fn change(&self) {
        let new = self.0.with_extension("new");
        fs::copy(&self.0, &new).expect("there is room");
        OpenOptions::new().append(true).open(&new).expect("ours").write_all(b"\n").expect("there is room");
        fs::rename(&new, &self.0).expect("replaced");
    }

    fn path(&self) -> &str {
        self.0.to_str().expect("text")
    }

    fn command(&self, socket: &Path, body: &Value, way: &[&str]) -> Command {
        let mut command = Command::new(&self.0);
        command.arg(socket).arg(body.to_string()).args(way);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        command
    }

    /// Asks, and tells status and answer.
    async fn asks(&self, stage: &Stage, body: &Value) -> Answer {
        Answer::only(&program::run(self.command(&stage.paths.socket(), body, &[])).await)
    }

    async fn asks_plainly(&self, stage: &Stage) -> Answer {
        self.asks(stage, &plainly()).await
    }
}

fn plainly() -> Value {
    serde_json::json!({ "profile": PROFILE })
}

/// What a program was answered.
#[derive(Debug)]
struct Answer {
    status: u16,
    json: Value,
}

impl Answer {
    fn only(ended: &Ended) -> Self {
        let mut all = Self::all(ended);
        assert_eq!(all.len(), 1, "{ended:?}");
        all.remove(0)
    }

    fn all(ended: &Ended) -> Vec<Self> {
        assert_eq!(ended.code, Some(0), "{ended:?}");
        let answer = |line: &str| {
            let (status, body) = line.split_once(' ').expect("status and body");
            let json = serde_json::from_str(body).unwrap_or(Value::Null);
            Self { status: status.parse().expect("a status"), json }
        };
        ended.stdout.lines().filter(|line| line.contains('{')).map(answer).collect()
    }

    fn is_token(&self) -> bool {
        self.status == 200 && self.json["access_token"].as_str().is_some_and(|token| !token.is_empty())
    }

    fn code(&self) -> &str {
        assert!(!self.is_token(), "it has a token");
        self.json["error"]["code"].as_str().unwrap_or_else(|| panic!("no refusal: {self:?}"))
    }
}

/// The window, as the agent sees it.
struct Window<'a> {
    client: &'a Client,
    updates: Updates,
}

impl<'a> Window<'a> {
    async fn open(client: &'a Client) -> Self {
        let mut updates = client.updates_to_answer().await.expect("the agent tells what changes");
        let first = updates.next().await.expect("the stream begins");
        assert!(matches!(first, Some(Update::Present(_))), "{first:?}");
        Self { client, updates }
    }

    /// The next update that is of interest.
    async fn next<T>(&mut self, what: &str, look: impl Fn(Update) -> Option<T>) -> T {
        let waited = tokio::time::timeout(PATIENCE, async {
            loop {
                let update = self.updates.next().await.expect("the stream goes on").expect("the agent is there");
                if let Some(found) = look(update) {
                    return found;
                }
            }
        });
        waited.await.unwrap_or_else(|_| panic!("waited in vain for {what}"))
    }

    async fn asked(&mut self) -> ConsentQuestion {
        self.next("a question", |update| match update {
            Update::ConsentAsked { question } => Some(question),
            _ => None,
        })
        .await
    }

    async fn settled(&mut self, question: &ConsentQuestion) {
        let is_it = |update| matches!(update, Update::ConsentSettled { id } if id == question.id).then_some(());
        self.next("the end of the question", is_it).await;
    }

    /// Answers the next question.
    async fn says(&mut self, answer: ConsentAnswer) -> ConsentQuestion {
        let question = self.asked().await;
        self.client.answer_consent(&question.id, answer).await.expect("it waits");
        question
    }
}

async fn consents(stage: &Stage) -> Consents {
    stage.client.consents().await.expect("the list")
}

/// The journal so far.
async fn journal(client: &Client) -> Vec<Event> {
    let last = {
        let mut updates = client.updates(None).await.expect("the stream");
        let Ok(Some(Update::Present(present))) = updates.next().await else { panic!("the present comes first") };
        present.seq
    };
    let mut updates = client.updates(Some(0)).await.expect("the stream");
    let mut events = Vec::new();
    while events.last().is_none_or(|event: &Event| event.seq < last) {
        let update = tokio::time::timeout(PATIENCE, updates.next()).await.expect("in time").expect("it goes on");
        if let Some(Update::Event(event)) = update {
            events.push(event);
        }
    }
    events
}

/// What the journal tells of programs: the words of it, in order.
async fn told(client: &Client) -> Vec<String> {
    let word = |event: Event| {
        let name = |program: &str| program.rsplit('/').next().unwrap_or_default().to_owned();
        Some(match event.kind {
            EventKind::ConsentAsked { program, .. } => format!("asked {}", name(&program)),
            EventKind::ConsentGiven { program, .. } => format!("given {}", name(&program)),
            EventKind::ConsentDenied { program, .. } => format!("denied {}", name(&program)),
            EventKind::ConsentRevoked { program, reason } => format!("revoked {} {reason}", name(&program)),
            EventKind::TokenGiven { program, .. } => format!("token {}", name(&program)),
            EventKind::TokenRefused { program, refusal, .. } => format!("refused {} {}", name(&program), refusal.code),
            _ => return None,
        })
    };
    journal(client).await.into_iter().filter_map(word).collect()
}
