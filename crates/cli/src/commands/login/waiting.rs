//! The wait for the person: what to open or to type, how long there is, and what is probably wrong when nothing comes.

use doorkey_client::words::{DeviceCode, Refusal, SignIn, SignInDetail, SignInStep};
use jiff::Timestamp;

use super::Way;
use crate::line::{Line, Mark, Style};
use crate::output::Output;
use crate::qr;
use crate::text::count;
use crate::time::{seconds_until, span};

/// After this time without an answer, in seconds, it is worth saying what usually is wrong.
const WORTH_A_HINT: i64 = 20;
/// How long after its deadline a sign-in that did not report its end is looked at.
const OVERDUE: i64 = 2;
/// Before what is to be read or copied.
const INDENT: &str = "      ";

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
        let before = std::mem::replace(&mut self.sign_in, sign_in);
        let now = &self.sign_in;
        if let (None, Some(hint)) = (&before.untrusted_hint, &now.untrusted_hint) {
            let line = Line::from("a page sent an answer that does not belong to this sign-in; it says: ").strong(hint);
            self.out.step(Mark::Warned, line);
        }
        if let (None, Some(problem)) = (&before.device_problem, &now.device_problem) {
            self.out.step(Mark::Waiting, Line::new().dim(format!("no code for another device: {}", problem.message)));
        }
        if let Some(code) = now.device.as_ref().filter(|code| before.device.as_ref() != Some(code)) {
            self.show(code, before.device.is_some());
        }
        (now.step != before.step).then_some(now.step)
    }

    /// The listener is bound: now the browser may open. Whether the answer may have to be brought by hand.
    pub(super) async fn open(&mut self, detail: &SignInDetail, way: &Way<'_>) -> bool {
        self.since = Some(crate::time::now());
        // Without an address the person is at another device, or the answer is here already.
        let Some(address) = &detail.authorization_url else {
            self.tell_the_time();
            return false;
        };
        let by_hand = match way.opening.open(address).await {
            Ok(Some(with)) => {
                self.out.step(Mark::Done, format!("asked {with} to open the sign-in page"));
                false
            }
            Ok(None) => {
                self.print(address, "open this address in your browser:");
                true
            }
            Err(why) => {
                self.out.step(Mark::Warned, why);
                self.print(address, "open this address yourself:");
                true
            }
        };
        if let Some(command) = self.sign_in.redirect_uri.as_ref().and_then(|uri| way.here.port_forward(uri)) {
            self.out
                .step(Mark::Waiting, "this is an SSH session; for a browser on your own computer, run there first:");
            self.out.note(Line::from(INDENT).strong(command));
        }
        if let Some(warning) = way.here.warning().filter(|_| by_hand) {
            self.out.step(Mark::Waiting, warning);
        }
        self.tell_the_time();
        by_hand || way.here.is_far()
    }

    /// Where nobody sees the seconds count down.
    fn tell_the_time(&self) {
        if !self.out.notes().terminal {
            self.out.step(Mark::Waiting, format!("waiting for you, {}", self.left(crate::time::now())));
        }
    }

    fn print(&self, address: &str, before: &str) {
        self.out.step(Mark::Waiting, before);
        self.out.note(Line::from(INDENT).strong(address));
    }

    /// The code and where to type it, also where a camera needs neither (DEV-05).
    fn show(&self, code: &DeviceCode, is_new: bool) {
        let (out, look) = (self.out, self.out.notes());
        let before = match (is_new, &self.sign_in.redirect_uri) {
            (true, _) => "that code has ended; here is a new one. Open this address on another device:",
            (false, Some(_)) => "or open this address on another device, such as your phone:",
            (false, None) => "open this address on another device, such as your phone:",
        };
        self.print(&code.verification_uri, before);
        let left = span(seconds_until(code.expires_at, crate::time::now()));
        out.note(
            Line::from(INDENT).plain("and type the code ").strong(&code.user_code).dim(format!(" (good for {left})")),
        );
        let room = look.width.saturating_sub(INDENT.len());
        let drawn = code.verification_uri_complete.as_ref().filter(|_| look.colour && look.unicode);
        for line in drawn.and_then(|address| qr::lines(address, room)).unwrap_or_default() {
            out.note(Line::from(INDENT).with(Style::Paper, line));
        }
        out.note(Line::from(INDENT).strong("Only go on if you started this yourself."));
    }

    /// What was pasted is not what is waited for.
    pub(super) fn not_the_answer(&self, refusal: &Refusal) {
        self.out.step(Mark::Warned, &*refusal.message);
        self.out.note(Line::from(INDENT).plain(&refusal.hint));
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
        self.out.moving(line.plain(format!("waiting for you, {} ", self.left(now))).dim("(Ctrl-C stops)"));
    }

    /// A provider that does not like the request tells the browser, and nobody here (CORE-13).
    fn hint(&self) {
        let Some(redirect_uri) = &self.sign_in.redirect_uri else { return };
        let out = self.out;
        out.step(Mark::Waiting, "no answer yet. Does the browser show an error? Common reasons:");
        let advice = |what: &str, next: &str| out.note(Line::from(INDENT).strong(what).plain(next));
        advice("callback or redirect URL refused", ": register exactly this one there:");
        advice("", &format!("  {redirect_uri}"));
        advice("unknown client", &format!(": compare with `doorkey profile show {}`", self.sign_in.profile));
        advice("invalid scope", ": take that scope out of the profile");
        if self.sign_in.ignored > 0 {
            let many = count(self.sign_in.ignored as usize, "request");
            out.note(Line::from(INDENT).dim(format!("({many} came that did not belong to this sign-in)")));
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
