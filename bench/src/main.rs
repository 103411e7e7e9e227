//! Figures of the hot paths, each beside its peer and measured in turn with it, so that a busy machine is unfair to all alike.
//!
//! ```text
//! cargo run --release -p doorkey-bench -- token | socket | memory | renewal | scale | window | all
//! ```
//!
//! It measures the programs that lie beside it in the same target folder: build `doorkey-cli` and, for the window,
//! `doorkey-desktop` with the same profile, as `make bench` does.

mod figures;
mod floor;
mod memory;
mod oidc_agent;
mod renewal;
mod scale;
mod screen;
mod socket;
mod token;
mod window;

use std::env;
use std::os::unix::process::CommandExt as _;
use std::process::{Command, ExitCode};
use std::time::Duration;

use doorkey_demo_idp::Settings;
use doorkey_tests::Household;
use figures::say;

#[tokio::main]
async fn main() -> ExitCode {
    let wanted = env::args().nth(1).unwrap_or_else(|| "all".into());
    if let (floor::WORD, Some(socket)) = (wanted.as_str(), env::args_os().nth(2)) {
        floor::serve(socket.as_ref());
        return ExitCode::SUCCESS;
    }
    if env::var_os("DOORKEY_BIN").is_none() {
        return with_programs_beside_us(&wanted);
    }
    let all = wanted == "all";
    if !all && !["token", "socket", "memory", "renewal", "scale", "window"].contains(&wanted.as_str()) {
        say("usage: doorkey-bench token | socket | memory | renewal | scale | window | all");
        return ExitCode::from(64);
    }
    say(figures::machine());
    if all || ["token", "socket", "memory"].contains(&wanted.as_str()) {
        agents(&wanted).await;
    }
    if all || wanted == "memory" {
        memory::measure_many().await;
    }
    if all || wanted == "renewal" {
        renewal::measure().await;
    }
    if all || wanted == "scale" {
        scale::measure().await;
    }
    if all || wanted == "window" {
        window::measure().await;
    }
    ExitCode::SUCCESS
}

/// What needs an agent with somebody signed in, and the peer with the same person at the same provider.
async fn agents(wanted: &str) {
    let port = oidc_agent::free_port();
    let settings = Settings {
        token_life: Duration::from_secs(24 * 3600),
        clients: oidc_agent::clients(&[port]),
        ..Settings::default()
    };
    let household = Household::in_memory(settings).await;
    let (agent, _) = household.agent_with_ada().await;
    let peer = async {
        let peer = oidc_agent::start(&household).await?;
        oidc_agent::sign_in(&peer, household.provider.issuer(), port, oidc_agent::ACCOUNT).await?;
        Ok::<_, String>(peer)
    };
    let peer = match peer.await {
        Ok(peer) => Some(peer),
        Err(why) => {
            say(format!("oidc-agent is not measured: {why}"));
            None
        }
    };
    let all = wanted == "all";
    // Memory first: at rest means before the load of the others.
    if all || wanted == "memory" {
        memory::measure(agent.pid, peer.as_ref()).await;
    }
    if all || wanted == "token" {
        token::measure(&household, peer.as_ref());
    }
    if all || wanted == "socket" {
        socket::measure(agent.client.socket(), peer.as_ref());
    }
    agent.terminate().await;
}

fn with_programs_beside_us(wanted: &str) -> ExitCode {
    let here = env::current_exe().expect("this program has a path");
    let beside = |name: &str| here.with_file_name(name);
    let error = Command::new(&here)
        .arg(wanted)
        .env("DOORKEY_BIN", beside("doorkey"))
        .env("DOORKEY_DESKTOP_BIN", beside("doorkey-desktop"))
        .exec();
    say(format!("{}: {error}", here.display()));
    ExitCode::FAILURE
}
