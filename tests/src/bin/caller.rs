//! A program that calls the agent, well or badly: `caller SOCKET ask|stall|flood COUNT`. It says one line when it has done
//! so much, and goes on, or holds on to what it has, until its standard input ends.

use std::env;
use std::io::{self, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use doorkey_tests::PROFILE;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().collect();
    let [_, socket, how, count] = arguments.as_slice() else { return ExitCode::from(64) };
    let (socket, count) = (Path::new(socket), count.parse().unwrap_or(0));
    let done = match how.as_str() {
        "ask" => ask(socket, count),
        "stall" => stall(socket, count),
        "flood" => flood(socket, count),
        _ => return ExitCode::from(64),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

/// So many connections at once, each with one request for a token. Those count that are answered while all are open.
fn ask(socket: &Path, count: usize) -> io::Result<()> {
    let body = format!(r#"{{"profile":"{PROFILE}"}}"#);
    let length = body.len();
    let request = format!(
        "POST /v1/tokens HTTP/1.1\r\nhost: doorkey\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
    );
    let mut open = (0..count).map(|_| UnixStream::connect(socket)).collect::<io::Result<Vec<_>>>()?;
    for stream in &mut open {
        stream.write_all(request.as_bytes())?;
    }
    let mut served = 0;
    for stream in &mut open {
        let mut status = [0; 12];
        stream.read_exact(&mut status)?;
        served += usize::from(&status == b"HTTP/1.1 200");
    }
    // Who is served one after the other, because there is no room for all, finds the first ones closed again.
    for stream in &mut open {
        stream.set_nonblocking(true)?;
        let mut rest = Vec::new();
        let still_open = stream.read_to_end(&mut rest).is_err_and(|error| error.kind() == io::ErrorKind::WouldBlock);
        served -= usize::from(!still_open);
    }
    say(&format!("served {served}"))?;
    until_told()
}

/// So many connections with half a request each, for which it raises its own limit.
fn stall(socket: &Path, count: usize) -> io::Result<()> {
    let limit = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit })?;
    let mut open = (0..count).map(|_| UnixStream::connect(socket)).collect::<io::Result<Vec<_>>>()?;
    for stream in &mut open {
        // Those beyond its share are closed already.
        let _ = stream.write_all(b"POST /v1/tokens HTTP/1.1\r\nhost: door");
    }
    say("stalls")?;
    until_told()
}

/// So many threads that ask for one thing after the other, each on a new connection.
fn flood(socket: &Path, count: usize) -> io::Result<()> {
    let over = Arc::new(AtomicBool::new(false));
    let threads: Vec<_> = (0..count)
        .map(|_| {
            let (over, socket) = (Arc::clone(&over), socket.to_owned());
            thread::spawn(move || {
                while !over.load(Ordering::Relaxed) {
                    let asked = UnixStream::connect(&socket).and_then(|mut stream| {
                        stream.write_all(b"GET /v1/sessions HTTP/1.1\r\nhost: doorkey\r\nconnection: close\r\n\r\n")?;
                        stream.read_to_end(&mut Vec::new())
                    });
                    // Whoever is refused tries again: that is what a flood does.
                    drop(asked);
                }
            })
        })
        .collect();
    say("floods")?;
    until_told()?;
    over.store(true, Ordering::Relaxed);
    threads.into_iter().for_each(|thread| drop(thread.join()));
    Ok(())
}

fn say(line: &str) -> io::Result<()> {
    let mut out = io::stdout();
    writeln!(out, "{line}")?;
    out.flush()
}

fn until_told() -> io::Result<()> {
    io::stdin().read_to_end(&mut Vec::new()).map(drop)
}
