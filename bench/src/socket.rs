//! Requests for a cached token over the agent's socket, by one caller and by several at once, with plain blocking
//! sockets on both sides, so that it is the agents that differ and not the callers.

use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use doorkey_tests::PROFILE;

use crate::figures::{Spread, ratio, table};
use crate::oidc_agent::OidcAgent;

const ROUNDS: usize = 9;
const ROUND: Duration = Duration::from_secs(1);
const CALLERS: [usize; 2] = [1, 4];

type Connection = BufReader<UnixStream>;

/// One way to ask.
struct Way<'a> {
    name: &'static str,
    socket: &'a Path,
    request: String,
    /// How an answer with a token begins.
    expected: &'static str,
    keeps: bool,
}

pub(crate) fn measure(socket: &Path, peer: Option<&OidcAgent>) {
    let expected = "HTTP/1.1 200 ";
    let mut ways = vec![
        Way { name: "Doorkey, one connection kept", socket, request: request("keep-alive"), expected, keeps: true },
        Way { name: "Doorkey, a connection each", socket, request: request("close"), expected, keeps: false },
    ];
    if let Some(peer) = peer {
        ways.push(Way {
            name: "oidc-agent, a connection each (it has no other way)",
            socket: &peer.socket,
            request: OidcAgent::request(),
            expected: r#"{"status":"success","#,
            keeps: false,
        });
    }
    for callers in CALLERS {
        let mut rates = vec![Vec::with_capacity(ROUNDS); ways.len()];
        for _ in 0..ROUNDS {
            for (way, rates) in ways.iter().zip(&mut rates) {
                rates.push(rate(way, callers));
            }
        }
        let spreads: Vec<Spread> = rates.into_iter().map(Spread::of).collect();
        let last = spreads[spreads.len() - 1].median;
        let rows: Vec<Vec<String>> = ways
            .iter()
            .zip(&spreads)
            .map(|(way, spread)| {
                let numbers = [spread.min, spread.median].map(|rate| format!("{rate:.0}/s"));
                [vec![way.name.to_owned()], numbers.to_vec(), vec![ratio(spread.median, last)]].concat()
            })
            .collect();
        let callers = if callers == 1 { "one caller".into() } else { format!("{callers} callers at once") };
        let title = format!("Requests for a cached token over the socket, {callers} ({ROUNDS} rounds of 1 s, in turn)");
        table(&title, &["way", "min", "median", "times the last row"], &rows);
    }
}

/// Requests per second, of all callers together.
fn rate(way: &Way<'_>, callers: usize) -> f64 {
    let began = Instant::now();
    let done: u32 = thread::scope(|scope| {
        let running: Vec<_> = (0..callers).map(|_| scope.spawn(|| one_caller(way, began))).collect();
        running.into_iter().map(|caller| caller.join().expect("every answer is a token")).sum()
    });
    f64::from(done) / began.elapsed().as_secs_f64()
}

fn one_caller(way: &Way<'_>, began: Instant) -> u32 {
    let mut held = None;
    let mut done = 0;
    while began.elapsed() < ROUND {
        if way.keeps {
            let connect = || BufReader::new(UnixStream::connect(way.socket).expect("the agent listens"));
            ask_again(way, held.get_or_insert_with(connect));
        } else {
            ask_once(way);
        }
        done += 1;
    }
    done
}

fn request(connection: &str) -> String {
    let body = serde_json::json!({ "profile": PROFILE }).to_string();
    format!(
        "POST /v1/tokens HTTP/1.1\r\nhost: doorkey\r\ncontent-type: application/json\r\nconnection: {connection}\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
}

fn ask_once(way: &Way<'_>) {
    let mut stream = UnixStream::connect(way.socket).expect("the agent listens");
    stream.write_all(way.request.as_bytes()).expect("the agent reads");
    let mut answer = Vec::with_capacity(4096);
    stream.read_to_end(&mut answer).expect("the agent answers");
    assert!(answer.starts_with(way.expected.as_bytes()), "{}", String::from_utf8_lossy(&answer));
}

fn ask_again(way: &Way<'_>, stream: &mut Connection) {
    stream.get_mut().write_all(way.request.as_bytes()).expect("the agent reads");
    let mut length = 0;
    let mut line = String::new();
    stream.read_line(&mut line).expect("the agent answers");
    assert!(line.starts_with(way.expected), "{line}");
    while line != "\r\n" {
        line.clear();
        stream.read_line(&mut line).expect("the agent answers");
        if let Some(told) = line.strip_prefix("content-length: ") {
            length = told.trim().parse().expect("a number");
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).expect("the agent answers");
    assert!(length > 100, "no token");
}
