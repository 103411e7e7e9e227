//! Where this program runs, as far as a browser has to know it: the listener of a sign-in is on loopback, and that
//! of another machine is not reached (L-42, L-43).

use std::env;
use std::fs;
use std::path::Path;

use url::Url;

/// Facts of this process.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Whereabouts {
    /// How the person reached this machine by SSH.
    pub(crate) ssh: Option<Server>,
    pub(crate) wsl: bool,
    pub(crate) container: bool,
}

/// What the person's own computer is connected to; nothing of it where the environment does not tell.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Server {
    host: String,
    port: Option<u16>,
}

impl Server {
    /// `SSH_CONNECTION`: address and port of the client, address and port of the server (`ssh(1)`).
    fn of(connection: &str) -> Self {
        let mut fields = connection.split(' ').skip(2);
        let host = fields.next().unwrap_or_default().to_owned();
        Self { host, port: fields.next().and_then(|port| port.parse().ok()) }
    }
}

/// Where `ssh` connects to when nothing else is said.
const SSH_PORT: u16 = 22;

impl Whereabouts {
    pub(crate) fn of_this_process() -> Self {
        let variable = |name: &str| env::var(name).ok().filter(|value| !value.is_empty());
        let ssh = variable("SSH_CONNECTION")
            .map(|connection| Server::of(&connection))
            .or_else(|| variable("SSH_TTY").map(|_| Server::default()));
        let marks = ["/.dockerenv", "/run/.containerenv"];
        Self {
            ssh,
            wsl: kernel_is_wsl(),
            container: marks.iter().any(|mark| Path::new(mark).exists()) || variable("container").is_some(),
        }
    }

    /// Whether the person's browser is likely to be on another machine.
    pub(crate) fn is_far(&self) -> bool {
        self.ssh.is_some()
    }

    /// What to run on the person's own computer, so that its browser reaches this listener.
    pub(crate) fn port_forward(&self, redirect_uri: &str) -> Option<String> {
        let Server { host, port: ssh_port } = self.ssh.as_ref().filter(|server| !server.host.is_empty())?;
        let redirect = Url::parse(redirect_uri).ok()?;
        let (port, loopback) = (redirect.port()?, redirect.host_str()?);
        let user = env::var("USER").or_else(|_| env::var("LOGNAME")).map(|user| format!("{user}@")).unwrap_or_default();
        let elsewhere = ssh_port.filter(|port| *port != SSH_PORT).map(|port| format!("-p {port} ")).unwrap_or_default();
        Some(format!("ssh {elsewhere}-L {port}:{loopback}:{port} {user}{host}"))
    }

    /// What a person must know whose browser may not be where this runs.
    pub(crate) fn warning(&self) -> Option<&'static str> {
        if self.ssh.is_some() {
            None
        } else if self.wsl {
            Some("this is WSL: use the browser of Windows, which reaches 127.0.0.1 here")
        } else if self.container {
            Some("this is a container: a browser outside does not reach its 127.0.0.1, unless it shares the network")
        } else {
            None
        }
    }
}

fn kernel_is_wsl() -> bool {
    fs::read_to_string("/proc/sys/kernel/osrelease")
        .is_ok_and(|release| release.to_ascii_lowercase().contains("microsoft"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn by_ssh(connection: &str) -> Whereabouts {
        Whereabouts { ssh: Some(Server::of(connection)), ..Whereabouts::default() }
    }

    #[test]
    fn over_ssh_the_port_can_be_forwarded() {
        let command =
            by_ssh("10.0.0.9 51000 10.0.0.1 22").port_forward("http://127.0.0.1:41234/cb/k3").expect("a command");
        assert!(command.starts_with("ssh -L 41234:127.0.0.1:41234 ") && command.ends_with("10.0.0.1"), "{command}");
        let v6 = by_ssh("10.0.0.9 51000 10.0.0.1 22").port_forward("http://[::1]:41234/cb/k3").expect("a command");
        assert!(v6.starts_with("ssh -L 41234:[::1]:41234 "), "{v6}");
        let port =
            by_ssh("fe80::9 51000 fe80::1 2222").port_forward("http://127.0.0.1:41234/cb/k3").expect("a command");
        assert!(port.starts_with("ssh -p 2222 -L 41234:127.0.0.1:41234 ") && port.ends_with("fe80::1"), "{port}");
        let untold = by_ssh("10.0.0.9 51000 10.0.0.1").port_forward("http://127.0.0.1:41234/cb/k3").expect("a command");
        assert!(untold.starts_with("ssh -L "), "{untold}");
        assert_eq!(by_ssh("").port_forward("http://127.0.0.1:41234/cb/k3"), None);
        assert_eq!(Whereabouts::default().port_forward("http://127.0.0.1:41234/cb/k3"), None);
    }

    #[test]
    fn one_thing_is_said_of_where_this_is() {
        let container = Whereabouts { container: true, ..Whereabouts::default() };
        let wsl = Whereabouts { wsl: true, ..container.clone() };
        assert!(container.warning().is_some_and(|text| text.contains("container")));
        assert!(wsl.warning().is_some_and(|text| text.contains("WSL")));
        assert_eq!(Whereabouts { ssh: Some(Server::default()), ..wsl }.warning(), None, "SSH has its own words");
        assert_eq!(Whereabouts::default().warning(), None);
    }
}
