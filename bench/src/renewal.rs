//! What others pay for a renewal: fifty programs that meet an expired token at once, and a program that wants another
//! session's token while a renewal hangs.

use std::io::{self, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::{Duration, Instant};

use doorkey_demo_idp::{Endpoint, Settings};
use doorkey_tests::household::AgentProcess;
use doorkey_tests::stage::{SHORT, refreshes};
use doorkey_tests::{Household, PATIENCE, PROFILE};

use crate::figures::{Spread, ms, say, seconds, table};
use crate::oidc_agent::{self, ACCOUNT, OidcAgent};
use crate::socket;

const ASKERS: usize = 50;
const HANGS: Duration = Duration::from_secs(3);
const LONG: Duration = Duration::from_secs(24 * 3600);
const OTHER: &str = "other";

/// A program that hands out tokens, and how it is asked.
struct Agent {
    name: &'static str,
    socket: PathBuf,
    /// For the session whose token has ended.
    expired: String,
    /// For another, whose token is good.
    good: String,
}

pub(crate) async fn measure() {
    let ports = [(); 3].map(|()| oidc_agent::free_port());
    let settings = Settings { token_life: SHORT, clients: oidc_agent::clients(&ports), ..Settings::default() };
    let household = Household::in_memory(settings).await;
    let knobs = household.provider.knobs();
    let agent = household.agent().await;
    let (mut crowds, mut hangs) = (Vec::new(), Vec::new());

    knobs.set_token_life(LONG);
    sign_in(&agent, &household, OTHER).await;
    knobs.set_token_life(SHORT);
    sign_in(&agent, &household, PROFILE).await;
    let doorkey = Agent {
        name: "Doorkey",
        socket: agent.client.socket().to_owned(),
        expired: socket::request(PROFILE, "close"),
        good: socket::request(OTHER, "close"),
    };
    hangs.push(hang(&household, &doorkey).await);
    knobs.set_token_life(SHORT);
    sign_in(&agent, &household, PROFILE).await;
    crowds.push(crowd(&household, &doorkey).await);

    match peer(&household, &ports).await {
        Err(why) => say(format!("oidc-agent is not measured: {why}")),
        Ok(peer) => {
            let oidc_agent = Agent {
                name: "oidc-agent",
                socket: peer.socket.clone(),
                expired: OidcAgent::request(ACCOUNT),
                good: OidcAgent::request(OTHER),
            };
            hangs.push(hang(&household, &oidc_agent).await);
            knobs.set_token_life(SHORT);
            match oidc_agent::sign_in(&peer, household.provider.issuer(), ports[2], ACCOUNT).await {
                Err(why) => say(format!("oidc-agent's crowd is not measured: {why}")),
                Ok(()) => crowds.push(crowd(&household, &oidc_agent).await),
            }
        }
    }
    agent.terminate().await;

    let title = format!("{ASKERS} programs at once meet an expired token");
    table(&title, &["agent", "tokens given", "requests to the provider", "until the last has its token"], &crowds);
    let title = format!("Another session's cached token, while a renewal hangs {} s", HANGS.as_secs());
    table(&title, &["agent", "tokens given meanwhile", "median", "p99", "longest"], &hangs);
}

async fn sign_in(agent: &AgentProcess, household: &Household, name: &str) {
    agent.put_profile_called(name, household.provider.issuer()).await;
    agent.sign_in_with(name).await;
}

async fn peer(household: &Household, ports: &[u16; 3]) -> Result<OidcAgent, String> {
    let peer = oidc_agent::start(household).await?;
    household.provider.knobs().set_token_life(LONG);
    oidc_agent::sign_in(&peer, household.provider.issuer(), ports[0], OTHER).await?;
    household.provider.knobs().set_token_life(SHORT);
    oidc_agent::sign_in(&peer, household.provider.issuer(), ports[1], ACCOUNT).await?;
    Ok(peer)
}

/// The expired token is asked for, by all at the same moment.
async fn crowd(household: &Household, agent: &Agent) -> Vec<String> {
    household.provider.knobs().set_token_life(LONG);
    household.provider.log().clear();
    let start = Arc::new(Barrier::new(ASKERS + 1));
    let askers: Vec<_> = (0..ASKERS)
        .map(|_| {
            let (start, socket, request) = (Arc::clone(&start), agent.socket.clone(), agent.expired.clone());
            tokio::task::spawn_blocking(move || {
                start.wait();
                gives_a_token(&socket, &request)
            })
        })
        .collect();
    let began = tokio::task::spawn_blocking(move || {
        start.wait();
        Instant::now()
    });
    let began = began.await.expect("it starts");
    let mut given = 0;
    for asker in askers {
        given += usize::from(asker.await.expect("it ends"));
    }
    let took = ms(seconds(began.elapsed()));
    let renewals = refreshes(&household.provider).len();
    vec![agent.name.into(), given.to_string(), renewals.to_string(), took]
}

/// The expired token is asked for, and the provider takes its time; meanwhile the good one is asked for.
async fn hang(household: &Household, agent: &Agent) -> Vec<String> {
    household.provider.knobs().set_token_life(LONG);
    let gate = household.provider.knobs().hold(Endpoint::Token);
    let (socket, expired) = (agent.socket.clone(), agent.expired.clone());
    let renewal = thread::spawn(move || gives_a_token(&socket, &expired));
    assert!(gate.wait_for(1, PATIENCE).await, "the renewal is under way");
    let began = Instant::now();
    let (socket, good) = (agent.socket.clone(), agent.good.clone());
    let asking = tokio::task::spawn_blocking(move || {
        let mut took = Vec::new();
        while began.elapsed() < HANGS {
            let asked = Instant::now();
            assert!(gives_a_token(&socket, &good), "no token");
            took.push(seconds(asked.elapsed()));
        }
        took
    });
    tokio::time::sleep(HANGS).await;
    gate.release();
    let took = asking.await.expect("it ends");
    let renewed = tokio::task::spawn_blocking(move || renewal.join().expect("it ends"));
    assert!(renewed.await.expect("it ends"), "the renewal came to nothing");
    let longest = took.iter().copied().fold(0.0, f64::max);
    let given = took.len().to_string();
    let spread = Spread::of(took);
    vec![agent.name.into(), given, ms(spread.median), ms(spread.p99), ms(longest)]
}

fn gives_a_token(socket: &Path, request: &str) -> bool {
    let talk = || -> io::Result<String> {
        let mut stream = UnixStream::connect(socket)?;
        stream.write_all(request.as_bytes())?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer)
    };
    talk().is_ok_and(|answer| answer.contains("access_token"))
}
