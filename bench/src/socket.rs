//! Requests for a cached token over the agent's socket, by one caller and by several at once, with plain blocking
//! sockets on both sides, so that it is the agents that differ and not the callers.

use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use doorkey_tests::PROFILE;

use crate::figures::{Spread, ratio, seconds, table, us};
use crate::floor::Floor;
use crate::oidc_agent::{ACCOUNT, OidcAgent};

const ROUNDS: usize = 7;
const ROUND: Duration = Duration::from_secs(1);
const CALLERS: [usize; 3] = [1, 4, 8];

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

/// What one round came to.
struct Round {
    /// Requests per second, of all callers together.
    rate: f64,
    /// How long each request took, in seconds.
    took: Vec<f64>,
}

pub(crate) fn measure(socket: &Path, peer: Option<&OidcAgent>) {
    let expected = "HTTP/1.1 200 ";
    let (kept, each) = (request(PROFILE, "keep-alive"), request(PROFILE, "close"));
    let floor = Floor::start(&answer(socket, &each));
    let mut ways = vec![
        Way { name: "Doorkey, one connection kept", socket, request: kept.clone(), expected, keeps: true },
        Way { name: "a bare socket, kept", socket: &floor.socket, request: kept, expected, keeps: true },
        Way { name: "Doorkey, a connection each", socket, request: each.clone(), expected, keeps: false },
        Way { name: "a bare socket, a connection each", socket: &floor.socket, request: each, expected, keeps: false },
    ];
    if let Some(peer) = peer {
        ways.push(Way {
            name: "oidc-agent, a connection each (it has no other way)",
            socket: &peer.socket,
            request: OidcAgent::request(ACCOUNT),
            expected: r#"{"status":"success","#,
            keeps: false,
        });
    }
    for callers in CALLERS {
        let (mut rates, mut took) = (vec![Vec::new(); ways.len()], vec![Vec::new(); ways.len()]);
        for _ in 0..ROUNDS {
            for (i, way) in ways.iter().enumerate() {
                let round = round(way, callers);
                rates[i].push(round.rate);
                took[i].extend(round.took);
            }
        }
        let rates: Vec<Spread> = rates.into_iter().map(Spread::of).collect();
        let last = rates[rates.len() - 1].median;
        let rows: Vec<Vec<String>> = ways
            .iter()
            .zip(&rates)
            .zip(took.into_iter().map(Spread::of))
            .map(|((way, rate), took)| {
                let rates = [rate.min, rate.median].map(|rate| format!("{rate:.0}/s"));
                let took = [took.median, took.p99].map(us);
                [vec![way.name.to_owned()], rates.to_vec(), vec![ratio(rate.median, last)], took.to_vec()].concat()
            })
            .collect();
        let callers = if callers == 1 { "one caller".into() } else { format!("{callers} callers at once") };
        let title = format!("Requests for a cached token over the socket, {callers} ({ROUNDS} rounds of 1 s, in turn)");
        table(&title, &["way", "min", "median", "times the last row", "a request: median", "p99"], &rows);
    }
}

fn round(way: &Way<'_>, callers: usize) -> Round {
    let began = Instant::now();
    let took: Vec<f64> = thread::scope(|scope| {
        let running: Vec<_> = (0..callers).map(|_| scope.spawn(|| one_caller(way, began))).collect();
        running.into_iter().flat_map(|caller| caller.join().expect("every answer is a token")).collect()
    });
    Round { rate: took.len() as f64 / began.elapsed().as_secs_f64(), took }
}

fn one_caller(way: &Way<'_>, began: Instant) -> Vec<f64> {
    let mut held = None;
    let mut took = Vec::with_capacity(100_000);
    let mut asked = began;
    while asked.duration_since(began) < ROUND {
        if way.keeps {
            let connect = || BufReader::new(UnixStream::connect(way.socket).expect("the agent listens"));
            ask_again(way, held.get_or_insert_with(connect));
        } else {
            ask_once(way);
        }
        let now = Instant::now();
        took.push(seconds(now.duration_since(asked)));
        asked = now;
    }
    took
}

pub(crate) fn request(profile: &str, connection: &str) -> String {
    let body = serde_json::json!({ "profile": profile }).to_string();
    format!(
        "POST /v1/tokens HTTP/1.1\r\nhost: doorkey\r\ncontent-type: application/json\r\nconnection: {connection}\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
}

fn answer(socket: &Path, request: &str) -> Vec<u8> {
    let mut stream = UnixStream::connect(socket).expect("the agent listens");
    stream.write_all(request.as_bytes()).expect("the agent reads");
    let mut answer = Vec::with_capacity(4096);
    stream.read_to_end(&mut answer).expect("the agent answers");
    answer
}

fn ask_once(way: &Way<'_>) {
    let answer = answer(way.socket, &way.request);
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
