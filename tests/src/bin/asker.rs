//! Some program that asks the agent for a token: stories copy it, so that each copy is a program of its own.
//!
//! `asker SOCKET BODY [WAY]`, where WAY is
//! - `times N`: so many requests at once; one line for each answer
//! - `waits`: connects, says `connected`, and asks when it is told to by a line
//! - `kept N`: so many requests on one connection
//! - `becomes PROGRAM`: connects, says `connected`, and when it is told to by a line becomes that program, with the
//!   connection as its standard input; that one says `became` and asks
//! - `asks-and-becomes PROGRAM`: the same, after it has asked; that one says `became` and waits for the answer
//!
//! Each answer is one line: the status and the body.

use std::env;
use std::io::{self, BufRead, BufReader, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::process::Command;
use std::thread;

#[expect(clippy::print_stdout, reason = "what it was answered is what it is for")]
fn main() -> io::Result<()> {
    let words: Vec<String> = env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let [socket, body, way @ ..] = words.as_slice() else { return Err(io::Error::other("SOCKET BODY [WAY]")) };
    match way {
        [] => println!("{}", asked(UnixStream::connect(socket)?, body)?),
        ["times", number] => {
            let number: usize = number.parse().map_err(io::Error::other)?;
            let answers: Vec<String> = thread::scope(|scope| {
                let askers: Vec<_> =
                    (0..number).map(|_| scope.spawn(|| asked(UnixStream::connect(socket)?, body))).collect();
                askers.into_iter().map(|asker| asker.join().expect("it does not panic")).collect::<io::Result<_>>()
            })?;
            println!("{}", answers.join("\n"));
        }
        ["waits"] => {
            let stream = UnixStream::connect(socket)?;
            println!("connected");
            io::stdin().lock().read_line(&mut String::new())?;
            println!("{}", asked(stream, body)?);
        }
        ["kept", number] => {
            let mut stream = BufReader::new(UnixStream::connect(socket)?);
            for _ in 0..number.parse::<usize>().map_err(io::Error::other)? {
                send(stream.get_mut(), body, "keep-alive")?;
                println!("{}", one(&mut stream)?);
            }
        }
        [way @ ("becomes" | "asks-and-becomes"), program] => {
            let mut stream = UnixStream::connect(socket)?;
            let then = if *way == "becomes" { "asks" } else { "hears" };
            if then == "hears" {
                send(&mut stream, body, "close")?;
            }
            println!("connected");
            io::stdin().lock().read_line(&mut String::new())?;
            return Err(Command::new(program).args([socket, body, then]).stdin(OwnedFd::from(stream)).exec());
        }
        [way @ ("asks" | "hears")] => {
            println!("became");
            let stream = UnixStream::from(io::stdin().as_fd().try_clone_to_owned()?);
            println!("{}", if *way == "asks" { asked(stream, body)? } else { one(&mut BufReader::new(stream))? });
        }
        _ => return Err(io::Error::other("no such way")),
    }
    Ok(())
}

fn asked(mut stream: UnixStream, body: &str) -> io::Result<String> {
    send(&mut stream, body, "close")?;
    one(&mut BufReader::new(stream))
}

fn send(stream: &mut UnixStream, body: &str, connection: &str) -> io::Result<()> {
    write!(
        stream,
        "POST /v1/tokens HTTP/1.1\r\nhost: doorkey\r\ncontent-type: application/json\r\nconnection: {connection}\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// The next answer: its status and its body.
fn one(stream: &mut impl BufRead) -> io::Result<String> {
    let (mut status, mut length, mut line) = (String::new(), 0, String::new());
    while line != "\r\n" {
        line.clear();
        if stream.read_line(&mut line)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        if let Some(rest) = line.strip_prefix("HTTP/1.1 ") {
            status = rest.split(' ').next().unwrap_or_default().to_owned();
        }
        if let Some(told) = line.strip_prefix("content-length: ") {
            length = told.trim().parse().map_err(io::Error::other)?;
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body)?;
    Ok(format!("{status} {}", String::from_utf8_lossy(&body)))
}
