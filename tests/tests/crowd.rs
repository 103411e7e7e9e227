//! Many callers at once, and callers that behave badly: everybody else is served.

use std::process::Stdio;

use doorkey_demo_idp::Settings;
use doorkey_tests::household::AgentProcess;
use doorkey_tests::{Household, PATIENCE, program};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, ChildStdin, Command};

const PROGRAMS: usize = 5;
const EACH: usize = 200;
/// The agent takes 4,096 connections in all, and so many of them would be one program's if it could have them.
const MORE_THAN_ALL: usize = 4_200;

/// B-T15: a thousand connections of five programs at once, and few descriptors allowed at the start | each is served
#[tokio::test]
async fn a_thousand_callers_at_once_are_all_served() {
    let home = Household::in_memory(Settings::default()).await;
    // As many login shells and unit files have it; the agent raises it as far as it may.
    let agent = AgentProcess::start(few_descriptors(&home)).await;
    agent.put_profile(home.provider.issuer()).await;
    agent.sign_in().await;
    let mut callers = Vec::new();
    for _ in 0..PROGRAMS {
        callers.push(Caller::start(&agent, "ask", EACH));
    }
    for caller in &mut callers {
        assert_eq!(caller.says().await, format!("served {EACH}"));
    }
    // All thousand are still open.
    assert_eq!(home.doorkey(&["token"]).await.code, Some(0));
    for caller in callers {
        caller.end().await;
    }
    agent.terminate().await;
}

/// B-T15: one program stalls on every connection it gets, and another floods | a third is served as ever
#[tokio::test]
async fn who_stalls_or_floods_does_not_keep_others_from_being_served() {
    let home = Household::in_memory(Settings::default()).await;
    let (agent, _) = home.agent_with_ada().await;
    let mut bad = [Caller::start(&agent, "stall", MORE_THAN_ALL), Caller::start(&agent, "flood", 8)];
    for (caller, done) in bad.iter_mut().zip(["stalls", "floods"]) {
        assert_eq!(caller.says().await, done);
    }
    for _ in 0..5 {
        let mut good = Caller::start(&agent, "ask", 100);
        assert_eq!(good.says().await, "served 100");
        good.end().await;
    }
    for caller in bad {
        caller.end().await;
    }
    agent.terminate().await;
}

/// `doorkey agent` with room for 256 descriptors, which it may raise.
fn few_descriptors(home: &Household) -> Command {
    let started = home.command(&["agent", "--json"]);
    let mut command = Command::new("sh");
    command.args(["-c", "ulimit -Sn 256; exec \"$0\" agent --json"]).arg(program::doorkey()).env_clear();
    for (name, value) in started.as_std().get_envs() {
        command.env(name, value.expect("nothing was taken away"));
    }
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    command
}

/// A program that calls, until it is told to end.
struct Caller {
    child: Child,
    stdin: ChildStdin,
}

impl Caller {
    fn start(agent: &AgentProcess, how: &str, count: usize) -> Self {
        let mut command = Command::new(program::robot().with_file_name("caller"));
        command.arg(agent.client.socket()).args([how, &count.to_string()]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true);
        let mut child = command.spawn().expect("it starts");
        let stdin = child.stdin.take().expect("piped");
        Self { child, stdin }
    }

    async fn says(&mut self) -> String {
        let mut line = String::new();
        let mut out = BufReader::new(self.child.stdout.take().expect("it says one line"));
        tokio::time::timeout(PATIENCE, out.read_line(&mut line)).await.expect("in time").expect("text");
        line.trim_end().to_owned()
    }

    async fn end(self) {
        let Self { mut child, stdin } = self;
        drop(stdin);
        let ended = tokio::time::timeout(PATIENCE, child.wait()).await.expect("in time").expect("it can be waited for");
        assert!(ended.success(), "{ended}");
    }
}
