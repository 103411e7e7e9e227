//! The question, and how it ends.

use doorkey_client::ClientError;
use doorkey_client::words::{ConsentAnswer, EventKind, TokenRequest};
use doorkey_tests::program;
use doorkey_tests::stage::{assert_told_well, refusal};
use serde_json::json;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout};

use super::*;

/// B-10: a program of the same user asks for a token | a person is asked, with what the kernel knows of the program
/// B-37: a program is given a token, or not | the journal has the question, the answer, and each hand-out with its program
#[tokio::test]
async fn a_program_is_asked_about_once() {
    let stage = asking().await;
    let caller = Caller::called("report", stage.folder());
    let mut window = Window::open(&stage.client).await;
    let (question, answer) = tokio::join!(window.says(YES), caller.asks_plainly(&stage));
    assert!(answer.is_token(), "{answer:?}");
    let wanted = &question.wanted;
    assert_eq!((wanted.program.as_str(), wanted.profile.as_str()), (caller.path(), PROFILE));
    assert_eq!(wanted.sha256.len(), 64);
    assert!(!wanted.changed && !wanted.interpreter && wanted.says.is_none(), "{wanted:?}");
    assert!(wanted.started_by[0].contains("consent"), "this test started it: {wanted:?}");
    let scope = wanted.reach.scope.as_ref().expect("what was granted");
    assert!(scope.contains(&"openid".to_owned()), "{scope:?}");

    let again = caller.asks_plainly(&stage).await;
    assert!(again.is_token(), "{again:?}");
    assert!(consents(&stage).await.questions.is_empty());
    assert_eq!(told(&stage.client).await, ["asked report", "given report", "token report", "token report"]);
}

#[tokio::test]
async fn another_program_is_asked_about_by_itself() {
    let stage = asking().await;
    let (one, other) = (Caller::called("one", stage.folder()), Caller::called("other", stage.folder()));
    let mut window = Window::open(&stage.client).await;
    let (_, answer) = tokio::join!(window.says(YES), one.asks_plainly(&stage));
    assert!(answer.is_token());
    let (question, answer) = tokio::join!(window.says(NO), other.asks_plainly(&stage));
    assert_eq!((question.wanted.program.as_str(), answer.code()), (other.path(), "broker.denied"));
    assert!(one.asks_plainly(&stage).await.is_token());
}

/// B-T07: nobody can be asked, or nobody may be | refused at once, with the line that allows it
/// B-15: a caller without a terminal and without a window | the same; it never waits for nobody
#[tokio::test]
async fn without_anybody_to_ask_it_is_refused_at_once() {
    let stage = asking().await;
    let caller = Caller::called("report", stage.folder());
    let answer = caller.asks_plainly(&stage).await;
    assert_eq!((answer.status, answer.code()), (403, "broker.consent_required"));
    let error: doorkey_client::words::Refusal = serde_json::from_value(answer.json["error"].clone()).expect("one");
    assert_told_well(&error);
    assert_eq!(error.exit_code(), 77);
    let line = format!("`doorkey consent allow {} --profile {PROFILE}`", caller.path());
    assert!(error.hint.contains(&line), "{}", error.hint);

    let mut window = Window::open(&stage.client).await;
    let unasked = caller.asks(&stage, &json!({"profile": PROFILE, "no_prompt": true})).await;
    assert_eq!(unasked.code(), "broker.consent_required");
    // A stream that only watches is nobody to ask.
    let (_, answer) = tokio::join!(window.says(YES), caller.asks_plainly(&stage));
    assert!(answer.is_token(), "{answer:?}");
}

/// B-T08: denied in the window; the window is closed; the agent ends | each refusal has its own code
#[tokio::test]
async fn each_end_of_a_question_has_its_code() {
    let stage = asking().await;
    let caller = |name| Caller::called(name, stage.folder());
    let mut window = Window::open(&stage.client).await;
    let denied = caller("denied");
    let (_, answer) = tokio::join!(window.says(NO), denied.asks_plainly(&stage));
    assert_eq!((answer.status, answer.code()), (403, "broker.denied"));

    let left = caller("left");
    let (answer, ()) = tokio::join!(left.asks_plainly(&stage), async {
        window.asked().await;
        drop(window);
    });
    assert_eq!(answer.code(), "broker.consent_required");

    let mut window = Window::open(&stage.client).await;
    let stopped = caller("stopped").command(&stage.paths.socket(), &plainly(), &[]);
    let stopped = tokio::spawn(program::run(stopped));
    window.asked().await;
    stage.stop().await;
    assert_eq!(Answer::only(&stopped.await.expect("it ends")).code(), "broker.unavailable");
}

/// B-T09: a hundred requests of one program at once | one question, and all are answered
/// B-13: the same | the same
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_requests_are_one_question() {
    let stage = asking().await;
    let caller = Caller::called("crowd", stage.folder());
    let mut window = Window::open(&stage.client).await;
    let crowd = tokio::spawn(program::run(caller.command(&stage.paths.socket(), &plainly(), &["times", "100"])));
    // Who comes after the answer finds it remembered.
    window.says(YES).await;
    let crowd = crowd.await.expect("it ends");
    let answers = Answer::all(&crowd);
    assert_eq!(answers.len(), 100);
    assert!(answers.iter().all(Answer::is_token), "{answers:?}");
    let asked = told(&stage.client).await.iter().filter(|word| *word == "asked crowd").count();
    assert_eq!(asked, 1);
}

/// B-13: asked again right after a no, and after three | silence, and then no question any more until the person decides
#[tokio::test]
async fn after_a_no_there_is_silence() {
    let stage = asking().await;
    let caller = Caller::called("pest", stage.folder());
    let mut window = Window::open(&stage.client).await;
    let (_, answer) = tokio::join!(window.says(NO), caller.asks_plainly(&stage));
    assert_eq!(answer.code(), "broker.denied");
    let again = caller.asks_plainly(&stage).await;
    assert_eq!(again.code(), "broker.denied");
    assert!(again.json["error"]["message"].as_str().expect("a sentence").contains("less than 30 s ago"));
    let asked = |words: Vec<String>| words.iter().filter(|word| word.starts_with("asked")).count();
    assert_eq!(asked(told(&stage.client).await), 1, "it was not asked about again");
}

/// B-T14: the caller hangs up while the question waits | the question is taken back
#[tokio::test]
async fn whoever_hangs_up_takes_the_question_along() {
    let stage = asking().await;
    let caller = Caller::called("hasty", stage.folder());
    let mut window = Window::open(&stage.client).await;
    let mut child = caller.command(&stage.paths.socket(), &plainly(), &[]).spawn().expect("it starts");
    let question = window.asked().await;
    assert_eq!(consents(&stage).await.questions, std::slice::from_ref(&question));
    child.kill().await.expect("it is ended");
    window.settled(&question).await;
    assert!(consents(&stage).await.questions.is_empty());
    let late = refusal(stage.client.answer_consent(&question.id, YES).await);
    assert_eq!(late.code, "broker.consent_unknown");
    assert!(consents(&stage).await.consents.is_empty(), "nothing was allowed");
}

/// B-10: a program that may have tokens connects, and becomes another before it asks | the other one gets none
#[tokio::test]
async fn a_connection_does_not_pass_from_one_program_to_another() {
    let stage = asking().await;
    let (good, evil) = (Caller::called("good", stage.folder()), Caller::called("evil", stage.folder()));
    let mut window = Window::open(&stage.client).await;
    let (_, answer) = tokio::join!(window.says(YES), good.asks_plainly(&stage));
    assert!(answer.is_token());
    let mut swapping = Told::start(&good, &stage, &["becomes", evil.path()]).await;
    swapping.goes_on().await;
    assert_eq!(swapping.line().await, "became");
    assert!(swapping.line().await.contains("broker.consent_changed"));
}

/// B-T10: the program becomes another one between the question and the answer | the yes is for nobody
#[tokio::test]
async fn a_yes_is_not_for_who_came_in_the_meantime() {
    let stage = asking().await;
    let (good, evil) = (Caller::called("good", stage.folder()), Caller::called("evil", stage.folder()));
    let mut window = Window::open(&stage.client).await;
    let mut swapping = Told::start(&good, &stage, &["asks-and-becomes", evil.path()]).await;
    let question = window.asked().await;
    assert_eq!(question.wanted.program, good.path());
    swapping.goes_on().await;
    assert_eq!(swapping.line().await, "became");
    stage.client.answer_consent(&question.id, YES).await.expect("it waits");
    assert!(swapping.line().await.contains("broker.consent_changed"));
}

/// A program that goes on when it is told to.
struct Told {
    stdin: ChildStdin,
    lines: Lines<BufReader<ChildStdout>>,
    _child: Child,
}

impl Told {
    /// Started, and accepted by the agent.
    async fn start(caller: &Caller, stage: &Stage, way: &[&str]) -> Self {
        let mut command = caller.command(&stage.paths.socket(), &plainly(), way);
        let mut child = command.stdin(Stdio::piped()).spawn().expect("it starts");
        let (stdin, stdout) = child.stdin.take().zip(child.stdout.take()).expect("both are piped");
        let mut told = Self { stdin, lines: BufReader::new(stdout).lines(), _child: child };
        assert_eq!(told.line().await, "connected");
        // Connections are taken in their order, by the kernel and by the agent: a new one comes after it.
        let hello = doorkey_tests::socket::call(&stage.paths.socket(), "GET /v1/hello", &[], "").await;
        assert_eq!(hello.status, Some(200));
        told
    }

    async fn goes_on(&mut self) {
        self.stdin.write_all(b"\n").await.expect("it reads");
    }

    async fn line(&mut self) -> String {
        let line = tokio::time::timeout(PATIENCE, self.lines.next_line()).await.expect("in time");
        line.expect("text").expect("a line")
    }
}

/// B-12: names that would spoof the question: a line's end, another direction of writing | written as `\u{…}`
/// B-T11: the same | the same
#[tokio::test]
async fn a_hostile_name_is_shown_harmlessly() {
    let stage = asking().await;
    let caller = Caller::called("a\nb\u{202e}c\u{1b}[2J", stage.folder());
    let mut window = Window::open(&stage.client).await;
    let (question, answer) = tokio::join!(window.says(YES), caller.asks_plainly(&stage));
    assert!(answer.is_token());
    let name = question.wanted.program.rsplit('/').next().expect("a name").to_owned();
    assert_eq!(name, r"a\u{a}b\u{202e}c\u{1b}[2J");
    let odd = caller.asks(&stage, &json!({"profile": PROFILE, "audience": "https://a\u{202e}b"})).await;
    assert_eq!(odd.code(), "usage.bad_consent");
}

/// A program cannot answer its own question, nor decide ahead of it.
#[tokio::test]
async fn only_doorkeys_own_programs_decide() {
    let home = doorkey_tests::Household::in_memory(doorkey_demo_idp::Settings::default()).await.asking();
    let (agent, _) = home.agent_with_ada().await;
    // This test is some program to that agent, and not Doorkey.
    let answer = ConsentAnswer { ..YES };
    for refused in [
        refusal(agent.client.answer_consent("0000", answer).await),
        refusal(agent.client.revoke_consent("0000").await),
        refusal(agent.client.decide(&decision("/bin/sh")).await.map(drop)),
    ] {
        assert_eq!((refused.code.as_str(), refused.exit_code()), ("broker.consent_foreign", 77));
        assert_told_well(&refused);
    }
    // It may watch as if it could answer; nobody waits for it all the same.
    let mut updates = agent.client.updates_to_answer().await.expect("a stream");
    updates.next().await.expect("the present");
    let refused = agent.client.token(&TokenRequest::for_profile(PROFILE)).await;
    let Err(ClientError::Refused(refused)) = refused else { panic!("{refused:?}") };
    assert_eq!(refused.code, "broker.consent_required");
    let listed = agent.client.consents().await.expect("anybody may look");
    assert!(listed.consents.is_empty() && listed.questions.is_empty());
    let refusals = journal(&agent.client).await;
    assert!(refusals.iter().any(|event| matches!(&event.kind, EventKind::TokenRefused { .. })));
    agent.terminate().await;
}

fn decision(program: &str) -> doorkey_client::words::ConsentRequest {
    doorkey_client::words::ConsentRequest {
        program: program.to_owned(),
        sha256: None,
        profile: PROFILE.to_owned(),
        reach: doorkey_client::words::Reach::default(),
        decision: ConsentDecision::Allow,
        lasts: ConsentLasts::USUAL,
    }
}
