//! Where this program runs, as far as a browser has to know it: the listener of a sign-in is on loopback, and that
//! of another machine is not reached (L-42, L-43).

use std::env;
use std::fs;
use std::path::Path;

use url::Url;

/// Facts of this process.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Whereabouts {
    /// How the person reached this machine: the third field of `SSH_CONNECTION`. Empty where it does not tell.
    pub(crate) ssh: Option<String>,
    pub(crate) wsl: bool,
    pub(crate) container: bool,
}

impl Whereabouts {
    pub(crate) fn of_this_process() -> Self {
        let variable = |name: &str| env::var(name).ok().filter(|value| !value.is_empty());
        let ssh = variable("SSH_CONNECTION")
            .map(|connection| connection.split(' ').nth(2).unwrap_or_default().to_owned())
            .or_else(|| variable("SSH_TTY").map(|_| String::new()));
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
        let host = self.ssh.as_deref().filter(|host| !host.is_empty())?;
        let redirect = Url::parse(redirect_uri).ok()?;
        let (port, loopback) = (redirect.port()?, redirect.host_str()?);
        let user = env::var("USER").or_else(|_| env::var("LOGNAME")).map(|user| format!("{user}@")).unwrap_or_default();
        Some(format!("ssh -L {port}:{loopback}:{port} {user}{host}"))
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

    fn by_ssh(host: &str) -> Whereabouts {
        Whereabouts { ssh: Some(host.to_owned()), ..Whereabouts::default() }
    }

    #[test]
    fn over_ssh_the_port_can_be_forwarded() {
        let command = by_ssh("10.0.0.1").port_forward("http://127.0.0.1:41234/cb/k3").expect("a command");
        assert!(command.starts_with("ssh -L 41234:127.0.0.1:41234 ") && command.ends_with("10.0.0.1"), "{command}");
        let v6 = by_ssh("10.0.0.1").port_forward("http://[::1]:41234/cb/k3").expect("a command");
        assert!(v6.starts_with("ssh -L 41234:[::1]:41234 "), "{v6}");
        assert_eq!(by_ssh("").port_forward("http://127.0.0.1:41234/cb/k3"), None);
        assert_eq!(Whereabouts::default().port_forward("http://127.0.0.1:41234/cb/k3"), None);
    }

    #[test]
    fn one_thing_is_said_of_where_this_is() {
        let container = Whereabouts { container: true, ..Whereabouts::default() };
        let wsl = Whereabouts { wsl: true, ..container.clone() };
        assert!(container.warning().is_some_and(|text| text.contains("container")));
        assert!(wsl.warning().is_some_and(|text| text.contains("WSL")));
        assert_eq!(Whereabouts { ssh: Some(String::new()), ..wsl }.warning(), None, "SSH has its own words");
        assert_eq!(Whereabouts::default().warning(), None);
    }
}
