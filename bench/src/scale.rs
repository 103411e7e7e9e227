//! A thousand sessions beside ten thousand, in the same run: what each costs to store, to load, to find, to renew among the
//! others, and to keep in memory. Sealed on the disk with a passphrase.

use std::io::{self, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::{Duration, Instant};

use doorkey_demo_idp::Settings;
use doorkey_tests::{Household, PROFILE};

use crate::figures::{Spread, ms, seconds, table, us};
use crate::memory;

const FEW: usize = 1_000;
const MANY: usize = 10_000;
const REQUESTS: usize = 2_000;
const RENEWALS: usize = 40;

pub(crate) async fn measure() {
    let mut rows = Vec::new();
    for count in [FEW, MANY] {
        rows.push(of(count).await);
    }
    let heads = [
        "sessions",
        "a save",
        "from the start to the first token",
        "a token by account, median",
        "p99",
        "a renewal, median",
        "PSS",
    ];
    table("Sessions in one vault", &heads, &rows);
}

async fn of(count: usize) -> Vec<String> {
    let settings = Settings { token_life: Duration::from_secs(24 * 3600), ..Settings::default() };
    let household = Household::with_passphrase(settings).await;
    let (agent, ada) = household.agent_with_ada().await;
    agent.terminate().await;
    let began = Instant::now();
    let accounts = household.multiply_session(count).await;
    let save = seconds(began.elapsed()) / accounts.len() as f64;

    let began = Instant::now();
    let agent = household.agent().await;
    agent.token_of(&accounts[accounts.len() - 1]).await;
    let start = seconds(began.elapsed());

    // The journal's first thousand entries are the same for both.
    tokio::time::sleep(memory::REST).await;
    let memory = memory::row("", agent.pid);
    let (socket, among) = (agent.client.socket().to_owned(), accounts.clone());
    let took = tokio::task::spawn_blocking(move || {
        let step = among.len() / 7 + 1;
        let mut took = Vec::with_capacity(REQUESTS);
        for number in 0..REQUESTS {
            let asked = Instant::now();
            assert!(gives_a_token(&socket, &among[number * step % among.len()]), "no token");
            took.push(seconds(asked.elapsed()));
        }
        took
    });
    let found = Spread::of(took.await.expect("it ends"));

    let mut took = Vec::with_capacity(RENEWALS);
    for _ in 0..RENEWALS {
        let asked = Instant::now();
        agent.renew_of(&ada.sub).await;
        took.push(seconds(asked.elapsed()));
    }
    agent.terminate().await;
    let renewal = Spread::of(took);
    vec![count.to_string(), ms(save), ms(start), us(found.median), us(found.p99), ms(renewal.median), memory[2].clone()]
}

fn gives_a_token(socket: &Path, account: &str) -> bool {
    let body = format!(r#"{{"profile":"{PROFILE}","account":"{account}"}}"#);
    let request = format!(
        "POST /v1/tokens HTTP/1.1\r\nhost: doorkey\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    let talk = || -> io::Result<String> {
        let mut stream = UnixStream::connect(socket)?;
        stream.write_all(request.as_bytes())?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer)
    };
    talk().is_ok_and(|answer| answer.contains("access_token"))
}
