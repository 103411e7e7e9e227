//! One of git's credential helpers (`gitcredentials(7)`, `git-credential(1)`).

use std::fmt::Write as _;

use doorkey_client::words::Refusal;

use super::super::handed;
use super::input::{clean, not_understood, read};
use crate::args::GitHelper;
use crate::failure::Failure;
use crate::output::Output;

/// What hosts take beside a token that look at the token alone.
const ANYBODY: &str = "oauth2";

pub(super) fn run(args: &GitHelper, out: &Output) -> Result<(), Failure> {
    match args.operation.as_str() {
        "get" => {}
        // Git writes to it all the same. What is stored and erased, and operations still to come, are none of ours.
        _ => return read().map(drop),
    }
    match get(args, out) {
        // Without it git would go on and ask the person for a password that the host does not take.
        Err(failure @ (Failure::Refused(_) | Failure::Agent(_))) => {
            out.answer("quit=1")?;
            Err(failure)
        }
        result => result,
    }
}

fn get(args: &GitHelper, out: &Output) -> Result<(), Failure> {
    let asked = Asked::read(&read()?)?;
    if !asked.is_for(&args.host)? {
        // Another helper may know it.
        return Ok(());
    }
    let token = handed::token_unasked(&args.wanted.of(&args.profile))?;
    let username = args.username.as_deref().or(asked.username.as_deref()).unwrap_or(ANYBODY);
    let mut answer = format!("username={username}\n");
    if let Some(at) = token.expires_at {
        let _ = writeln!(answer, "password_expiry_utc={}", at.as_second());
    }
    answer.push_str("password=");
    out.answer_token(&answer, &token.access_token)
}

/// What git wants a password for.
#[derive(Debug, Default, PartialEq, Eq)]
struct Asked {
    protocol: Option<String>,
    host: Option<String>,
    username: Option<String>,
}

impl Asked {
    /// Lines of `key=value`, until an empty one. Keys that are not known are left alone, as git wants it.
    fn read(text: &str) -> Result<Self, Refusal> {
        let mut asked = Self::default();
        for line in text.split('\n').take_while(|line| !line.is_empty()) {
            let Some((key, value)) = line.split_once('=') else {
                clean("line", line)?;
                return Err(not_understood("a line without `=`"));
            };
            let place = match key {
                "protocol" => &mut asked.protocol,
                "host" => &mut asked.host,
                "username" => &mut asked.username,
                "path" => {
                    clean(key, value)?;
                    continue;
                }
                // Headers of the host's answer may have tabs, and anything percent-encoded.
                _ => {
                    clean("line", &line.replace(['\t', '%'], " "))?;
                    continue;
                }
            };
            clean(key, value)?;
            if place.replace(value.to_owned()).is_some() {
                return Err(not_understood("the same key twice"));
            }
        }
        Ok(asked)
    }

    /// Whether it is for this host. Nothing that is missing or empty ever means *any* (CVE-2020-11008).
    fn is_for(&self, bound: &str) -> Result<bool, Refusal> {
        let (Some(protocol), Some(host)) = (self.protocol.as_deref(), self.host.as_deref()) else { return Ok(false) };
        let usual = if protocol == "https" { ":443" } else { ":80" };
        let plain = |host: &str| host.to_ascii_lowercase().trim_end_matches(usual).to_owned();
        if host.is_empty() || plain(host) != plain(bound) {
            return Ok(false);
        }
        match protocol {
            "https" => Ok(true),
            "http" if is_of_this_computer(host) => Ok(true),
            _ => Err(Refusal::new(
                "helper.not_https",
                format!("Git asks for a token to send to {host} by `{protocol}`, where others can read it."),
                "Use the https address of the repository.",
            )),
        }
    }
}

/// Addresses only: a name may mean anything.
fn is_of_this_computer(host: &str) -> bool {
    let address = host.rsplit_once(':').filter(|(_, port)| port.bytes().all(|b| b.is_ascii_digit()));
    matches!(address.map_or(host, |(address, _)| address), "127.0.0.1" | "[::1]")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(text: &str) -> Asked {
        Asked::read(text).expect(text)
    }

    #[test]
    fn only_the_bound_host_is_meant() {
        let text =
            "capability[]=authtype\nprotocol=https\nhost=git.example\nwwwauth[]=Basic\trealm=\"100%0a\"\n\nhost=x\n";
        let it = asked(text);
        for bound in ["git.example", "GIT.example", "git.example:443"] {
            assert_eq!(it.is_for(bound), Ok(true), "{bound}");
        }
        for bound in ["example", "git.example.test", "git.example:8443", "x.git.example"] {
            assert_eq!(it.is_for(bound), Ok(false), "{bound}");
        }
        for text in ["", "host=git.example\n", "protocol=https\n", "protocol=https\nhost=\n", "protocol=\nhost=x\n"] {
            assert_eq!(asked(text).is_for("git.example"), Ok(false), "{text}");
        }
    }

    #[test]
    fn in_the_clear_it_goes_to_this_computer_only() {
        for (host, goes) in [
            ("127.0.0.1:8080", true),
            ("[::1]:8080", true),
            ("127.0.0.1", true),
            ("git.example", false),
            ("localhost:80", false),
            ("127.0.0.1.example", false),
        ] {
            let it = asked(&format!("protocol=http\nhost={host}\n")).is_for(host);
            assert_eq!(
                it.map_err(|refusal| refusal.code),
                if goes { Ok(true) } else { Err("helper.not_https".into()) }
            );
        }
    }

    #[test]
    fn a_line_that_git_would_not_write_is_refused() {
        let code = |text: &str| Asked::read(text).expect_err(text).code;
        assert_eq!(code("protocol=https\nhost=a\nhost=b\n"), "helper.not_understood");
        assert_eq!(code("protocol\n"), "helper.not_understood");
        for text in
            ["host=a\rb\n", "host=a%0ahost=b\n", "path=a\u{1b}[2J\n", "username=a\0b\n", "wwwauth[]=a\rb\n", "\r\n"]
        {
            assert_eq!(code(text), "helper.bad_value", "{text:?}");
        }
    }
}
