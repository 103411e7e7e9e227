//! The peer: Debian's oidc-agent, with a real account at the same provider, made by a real sign-in.

use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use doorkey_demo_idp::{Client, Person, Redirect, Robot, robot_sign_in};
use doorkey_tests::Household;
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::net::UnixStream;
use tokio::process::{Child, ChildStderr, Command};

const PATIENCE: Duration = Duration::from_secs(30);
/// The account that every measurement has.
pub(crate) const ACCOUNT: &str = "bench";

/// oidc-agent, running, with the account in it. Ends when this is dropped.
pub(crate) struct OidcAgent {
    /// Where it listens.
    pub(crate) socket: PathBuf,
    /// Its process; it has one child.
    pub(crate) pid: u32,
    folder: PathBuf,
    _child: Child,
}

/// A port that was free a moment ago. oidc-agent wants its redirect port told.
pub(crate) fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("some port is free");
    listener.local_addr().expect("it is bound").port()
}

fn redirect_uri(port: u16) -> String {
    format!("http://localhost:{port}")
}

/// Doorkey's client at the provider, and oidc-agent's with a redirect port for each sign-in: it does not free them soon.
pub(crate) fn clients(ports: &[u16]) -> Vec<Client> {
    let redirects = ports.iter().map(|port| Redirect::Exact(redirect_uri(*port)));
    vec![Client::demo(), Client::confidential("oidc-agent", "a secret", redirects.collect())]
}

/// Starts it, without an account.
///
/// # Errors
/// Why it does not start.
pub(crate) async fn start(household: &Household) -> Result<OidcAgent, String> {
    let folder = household.folder().join("oidc-agent");
    std::fs::create_dir_all(folder.join("config")).map_err(|error| error.to_string())?;
    let socket = folder.join("socket");
    let child = command("oidc-agent", &folder)
        .args(["--console", "--no-scheme", "--socket-path"])
        .arg(&socket)
        .spawn()
        .map_err(|error| format!("oidc-agent does not start ({error}); apt install oidc-agent-cli"))?;
    let agent = OidcAgent { socket, pid: child.id().unwrap_or_default(), folder, _child: child };
    listens(&agent.socket).await?;
    Ok(agent)
}

/// It says nothing when it is ready: its socket answers then.
async fn listens(socket: &Path) -> Result<(), String> {
    let knock = async {
        while UnixStream::connect(socket).await.is_err() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(PATIENCE, knock).await.map_err(|_| "oidc-agent does not listen".into())
}

/// Signs Ada in for this account, which is new or loses what it had.
///
/// # Errors
/// Which part of that did not work.
pub(crate) async fn sign_in(agent: &OidcAgent, issuer: &str, port: u16, account: &str) -> Result<(), String> {
    let mut generate = agent
        .command("oidc-gen")
        .args(["--flow=code", "--client-id=oidc-agent", "--client-secret=a secret", "--scope=openid offline_access"])
        .arg(format!("--issuer={issuer}/"))
        .arg(format!("--redirect-uri={}", redirect_uri(port)))
        .args(["--no-url-call", "--no-scheme", "--prompt=none", "--confirm-yes", "--pw-env", account])
        .env("OIDC_ENCRYPTION_PW", "bench")
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| format!("oidc-gen does not start: {error}"))?;
    let mut said = BufReader::new(generate.stderr.take().ok_or("no output")?).lines();
    let line = line_with(&mut said, "/authorize?").await?;
    let url = line.split_whitespace().find(|word| word.starts_with("http")).ok_or("oidc-gen tells no address")?;
    robot_sign_in(url, &Robot::allow(&Person::demo()[0])).await.map_err(|error| error.to_string())?;
    // It goes on talking while it waits, and a closed pipe would end it.
    let rest = async { while let Ok(Some(_)) = said.next_line().await {} };
    let end = async { tokio::join!(generate.wait(), rest).0 };
    match tokio::time::timeout(PATIENCE, end).await.map_err(|_| "oidc-gen does not end")? {
        Ok(status) if status.success() => Ok(()),
        other => Err(format!("oidc-gen: {other:?}")),
    }
}

impl OidcAgent {
    /// One of its programs, in its own surroundings.
    pub(crate) fn command(&self, program: &str) -> Command {
        let mut command = command(program, &self.folder);
        command.env("OIDC_SOCK", &self.socket);
        command
    }

    /// `oidc-token` for the account.
    pub(crate) fn token(&self) -> Command {
        let mut command = self.command("oidc-token");
        command.arg(ACCOUNT);
        command
    }

    /// What `oidc-token` writes to the socket.
    pub(crate) fn request(account: &str) -> String {
        serde_json::json!({ "request": "access_token", "account": account, "min_valid_period": 10 }).to_string()
    }
}

fn command(program: &str, folder: &Path) -> Command {
    let mut command = Command::new(program);
    command
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("HOME", folder)
        .env("OIDC_CONFIG_DIR", folder.join("config"))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true);
    command
}

/// Reads to the first line with that text in it.
async fn line_with(lines: &mut Lines<BufReader<ChildStderr>>, text: &str) -> Result<String, String> {
    let search = async {
        let mut last = String::new();
        while let Ok(Some(line)) = lines.next_line().await {
            if line.contains(text) {
                return Ok(line);
            }
            last = line;
        }
        Err(format!("it ended without saying {text}; the last it said is: {last}"))
    };
    tokio::time::timeout(PATIENCE, search).await.unwrap_or_else(|_| Err(format!("it does not say {text}")))
}
