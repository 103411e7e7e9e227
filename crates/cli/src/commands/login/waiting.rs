//! The wait for the person: what to open, how long there is, and what is probably wrong when nothing comes.

use std::env;

use doorkey_client::words::{SignIn, SignInDetail, SignInStep};
use jiff::Timestamp;

use crate::browser::Opening;
use crate::line::{Line, Mark};
use crate::output::Output;
use crate::text::count;
use crate::time::{seconds_until, span};

/// After this time without an answer, in seconds, it is worth saying what usually is wrong.
const WORTH_A_HINT: i64 = 20;
/// How long after its deadline a sign-in that did not report its end is looked at.
const OVERDUE: i64 = 2;

pub(super) struct Waiting<'a> {
    out: &'a Output,
    sign_in: SignIn,
    since: Option<Timestamp>,
    hinted: bool,
}

impl<'a> Waiting<'a> {
    pub(super) fn new(sign_in: SignIn, out: &'a Output) -> Self {
        Self { out, sign_in, since: None, hinted: false }
    }

    /// Takes what the agent says; the step, when it is a new one.
    pub(super) fn moved_to(&mut self, sign_in: SignIn) -> Option<SignInStep> {
        let is_new = sign_in.step != self.sign_in.step || self.sign_in.redirect_uri.is_none();
        if let Some(hint) = &sign_in.untrusted_hint
            && self.sign_in.untrusted_hint.is_none()
        {
            let line = Line::from("a page sent an answer that does not belong to this sign-in; it says: ").strong(hint);
            self.out.step(Mark::Warned, line);
        }
        self.sign_in = sign_in;
        is_new.then_some(self.sign_in.step)
    }

    /// The listener is bound: now the browser may open.
    pub(super) async fn open(&mut self, detail: &SignInDetail, opening: &Opening) {
        // Without an address the answer is here already.
        let Some(address) = &detail.authorization_url else { return };
        self.since = Some(crate::time::now());
        let opened = opening.open(address).await;
        match opened {
            Ok(Some(with)) => self.out.step(Mark::Done, format!("asked {with} to open the sign-in page")),
            Ok(None) => self.print(address, "open this address in your browser:"),
            Err(why) => {
                self.out.step(Mark::Warned, why);
                self.print(address, "open this address yourself:");
            }
        }
        if let Some(command) =
            port_forward(env::var("SSH_CONNECTION").ok().as_deref(), self.sign_in.redirect_uri.as_deref())
        {
            self.out
                .step(Mark::Waiting, "this is an SSH session; for a browser on your own computer, run there first:");
            self.out.note(Line::from("      ").strong(command));
        }
        if !self.out.notes().terminal {
            self.out.step(Mark::Waiting, format!("waiting for you in the browser, {}", self.left(crate::time::now())));
        }
    }

    fn print(&self, address: &str, before: &str) {
        self.out.step(Mark::Waiting, before);
        self.out.note(Line::from("      ").strong(address));
    }

    /// Once a second.
    pub(super) fn tick(&mut self, now: Timestamp) {
        let waiting = self.sign_in.step == SignInStep::Waiting;
        let (Some(since), true) = (self.since, waiting) else { return };
        if seconds_until(now, since) >= WORTH_A_HINT && !self.hinted {
            self.hinted = true;
            self.hint();
        }
        let line = self.out.notes().marked(Mark::Waiting);
        self.out
            .moving(line.plain(format!("waiting for you in the browser, {} ", self.left(now))).dim("(Ctrl-C stops)"));
    }

    fn hint(&self) {
        let out = self.out;
        out.step(Mark::Waiting, "no answer yet. If the browser shows an error instead of coming back:");
        let advice = |what: &str, next: &str| out.note(Line::from("      ").strong(what).plain(next));
        advice("callback or redirect URL refused", ": register exactly this one there:");
        advice("", &format!("  {}", self.sign_in.redirect_uri.as_deref().unwrap_or_default()));
        advice("unknown client", &format!(": compare with `doorkey profile show {}`", self.sign_in.profile));
        advice("invalid scope", ": take that scope out of the profile");
        if self.sign_in.ignored > 0 {
            let many = count(self.sign_in.ignored as usize, "request");
            out.note(Line::new().dim(format!("      ({many} came that did not belong to this sign-in)")));
        }
    }

    fn left(&self, now: Timestamp) -> String {
        format!("{} left", span(seconds_until(self.sign_in.deadline, now)))
    }

    /// Whether its end must have been missed.
    pub(super) fn is_overdue(&self, now: Timestamp) -> bool {
        seconds_until(now, self.sign_in.deadline) > OVERDUE
    }
}

/// What to run on the person's own computer, so that its browser reaches this listener. The third field of
/// `SSH_CONNECTION` is the address by which they reached this machine.
fn port_forward(connection: Option<&str>, redirect_uri: Option<&str>) -> Option<String> {
    let host = connection?.split(' ').nth(2)?;
    let redirect = url::Url::parse(redirect_uri?).ok()?;
    let (port, loopback) = (redirect.port()?, redirect.host_str()?);
    let user = env::var("USER").or_else(|_| env::var("LOGNAME")).map(|user| format!("{user}@")).unwrap_or_default();
    Some(format!("ssh -L {port}:{loopback}:{port} {user}{host}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn over_ssh_the_port_can_be_forwarded() {
        let command = port_forward(Some("10.0.0.9 51000 10.0.0.1 22"), Some("http://127.0.0.1:41234/cb/k3"));
        let command = command.expect("a command");
        assert!(command.starts_with("ssh -L 41234:127.0.0.1:41234 ") && command.ends_with("10.0.0.1"), "{command}");
        assert_eq!(port_forward(None, Some("http://127.0.0.1:41234/cb/k3")), None);
        assert_eq!(port_forward(Some("nonsense"), Some("http://127.0.0.1:41234/cb/k3")), None);
    }
}
