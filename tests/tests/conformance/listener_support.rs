//! A sign-in that waits, with an older session at stake; and what must be true after whatever reached its listener.

use std::net::TcpStream;
use std::sync::atomic::{AtomicU16, Ordering::Relaxed};

use doorkey_client::words::{EventKind, Profile, Refusal, SignInStep};
use doorkey_demo_idp::Endpoint;
use doorkey_tests::scene::Snapshot;
use doorkey_tests::stage::{PROFILE, assert_told_well};
use doorkey_tests::stranger::{self, Answer};
use doorkey_tests::{Attempt, Stage, watch};

/// In whatever a stranger sends: it must not be in anything that comes back or is written.
pub(crate) const CANARY: &str = "CANARY0123456789";

/// Ada is signed in, and a second sign-in waits for its browser on a port of its own.
pub(crate) struct Waiting {
    pub(crate) stage: Stage,
    pub(crate) attempt: Attempt,
    /// The right `state`.
    pub(crate) state: String,
    before: Snapshot,
    /// Requests that the provider had seen when the wait began.
    heard: usize,
}

impl Waiting {
    pub(crate) async fn new() -> Self {
        Self::with(|_| ()).await
    }

    /// With a change to the profile.
    pub(crate) async fn with(change: impl FnOnce(&mut Profile)) -> Self {
        let stage = Stage::signed_in().await;
        let port = free_port();
        stage
            .put(|profile| {
                profile.ports = vec![port];
                change(profile);
            })
            .await;
        Self::on(stage).await
    }

    /// The next sign-in of a stage where somebody is signed in.
    pub(crate) async fn on(stage: Stage) -> Self {
        let before = stage.snapshot().await;
        let attempt = stage.begin().await;
        let state = attempt.asked("state");
        let heard = stage.log().entries().len();
        Self { stage, attempt, state, before, heard }
    }

    pub(crate) fn port(&self) -> u16 {
        self.attempt.port()
    }

    /// What belongs into `Host`.
    pub(crate) fn host(&self) -> String {
        format!("127.0.0.1:{}", self.port())
    }

    pub(crate) fn path(&self) -> &str {
        self.attempt.redirect_uri.path()
    }

    /// Whoever takes this for the answer ends the sign-in.
    pub(crate) fn good_query(&self) -> String {
        format!("code={CANARY}&state={}&iss={}", self.state, encoded(self.stage.provider.issuer()))
    }

    /// Path and query of that.
    pub(crate) fn good_target(&self) -> String {
        format!("{}?{}", self.path(), self.good_query())
    }

    /// Sends bytes. Whatever comes back is safe to show anywhere.
    pub(crate) async fn says(&self, bytes: impl AsRef<[u8]>) -> Answer {
        let answer = stranger::say(self.port(), bytes.as_ref()).await;
        self.assert_safe(&answer);
        answer
    }

    /// A request as it stands, with `Host` and these further lines.
    pub(crate) async fn asks(&self, method: &str, target: &str, lines: &str) -> Answer {
        self.says(format!("{method} {target} HTTP/1.1\r\nHost: {}\r\n{lines}\r\n", self.host())).await
    }

    /// A browser is led to the redirect path with this query.
    pub(crate) async fn arrives(&self, query: &str) -> Answer {
        let lines = "Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: document\r\n";
        self.asks("GET", &format!("{}?{query}", self.path()), lines).await
    }

    /// Nothing of a request and no secret in it, and the whole set of headers (L-30).
    pub(crate) fn assert_safe(&self, answer: &Answer) {
        assert!(!answer.text.contains(CANARY), "a request is echoed:\n{}", answer.text);
        assert!(!answer.text.contains(&self.state), "the state is told:\n{}", answer.text);
        if answer.status.is_some() {
            assert_headers(answer);
        }
    }

    /// What the journal says of this sign-in's strangers, once there are that many.
    pub(crate) async fn reasons(&self, wanted: usize) -> Vec<String> {
        let mut reasons = Vec::new();
        if wanted == 0 {
            return reasons;
        }
        watch::until_event(&self.stage.client, "every stranger is in the journal", |event| {
            let told = format!("{event:?}");
            assert!(!told.contains(&self.state) && !told.contains(CANARY), "the journal holds a secret: {told}");
            if let EventKind::CallbackIgnored { reason } = &event.kind
                && event.flow.as_deref() == Some(&self.attempt.id)
            {
                reasons.push(reason.clone());
            }
            (reasons.len() == wanted).then_some(())
        })
        .await;
        reasons
    }

    /// Nothing has happened but that these strangers were counted: the provider heard nothing, the old session can be
    /// used, and nobody was told anything.
    pub(crate) async fn assert_untouched(&self, reasons: &[&str]) {
        assert_eq!(self.reasons(reasons.len()).await, reasons);
        let now = self.attempt.now().await;
        assert_eq!(now.step, SignInStep::Waiting, "{:?}", now.error);
        assert_eq!(usize::try_from(now.ignored).expect("few"), reasons.len().min(99));
        assert_eq!(self.stage.log().entries().len(), self.heard, "the provider was asked something");
        assert_eq!(self.stage.snapshot().await, self.before, "the old session has changed");
    }

    /// Untouched, and the answer of the provider still ends it well; afterwards the port is free.
    pub(crate) async fn still_waits(self, reasons: &[&str]) {
        self.assert_untouched(reasons).await;
        let exchanged = self.stage.log().count(Endpoint::Token);
        let arrived = self.attempt.allow(&self.stage.person("Ada")).await;
        assert_eq!(arrived.status, 200, "{}", arrived.page);
        assert_eq!(self.attempt.done().await.sub, "demo|ada");
        assert_eq!(self.stage.log().count(Endpoint::Token), exchanged + 1);
        self.assert_port_is_free().await;
    }

    /// It has ended with this code and without a word to the provider, nothing was lost, and the next try works.
    pub(crate) async fn ends(self, code: &str) -> Refusal {
        let (stage, refused) = self.ends_and_goes_on(code).await;
        stage.assert_next_sign_in_works().await;
        refused
    }

    /// The same, for another try on the same stage.
    pub(crate) async fn ends_and_goes_on(self, code: &str) -> (Stage, Refusal) {
        let refused = self.attempt.failed().await;
        assert_eq!((refused.code.as_str(), refused.profile.as_deref()), (code, Some(PROFILE)), "{refused:?}");
        assert_told_well(&refused);
        let told = format!("{refused:?}");
        assert!(!told.contains(CANARY) && !told.contains(&self.state), "the refusal holds a secret: {told}");
        assert_eq!(self.stage.log().entries().len(), self.heard, "the provider was asked something");
        assert_eq!(self.stage.snapshot().await, self.before, "the old session has changed");
        self.assert_port_is_free().await;
        (self.stage, refused)
    }

    /// The next sign-in gets the same port; stopped, it leaves it to anybody.
    pub(crate) async fn assert_port_is_free(&self) {
        let next = self.stage.begin().await;
        assert_eq!(next.port(), self.port());
        next.cancel().await;
        assert_eq!(next.ended().await.step, SignInStep::Cancelled);
        assert!(next.is_deserted().await);
    }
}

/// Headers of every answer whatever its status (L-30, C-25).
pub(crate) fn assert_headers(answer: &Answer) {
    for (name, value) in [
        ("cache-control", "no-store"),
        ("pragma", "no-cache"),
        ("referrer-policy", "no-referrer"),
        ("x-content-type-options", "nosniff"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
        ("x-frame-options", "DENY"),
        ("connection", "close"),
    ] {
        assert_eq!(answer.header(name), Some(value), "{name}:\n{}", answer.text);
    }
    let policy = answer.header("content-security-policy").expect("a policy");
    assert!(policy.starts_with("default-src 'none'; style-src 'sha256-"), "{policy}");
    assert!(policy.ends_with("'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"), "{policy}");
    let head = answer.text.split("\r\n\r\n").next().unwrap_or_default().to_ascii_lowercase();
    for absent in ["\r\nserver:", "\r\nset-cookie:", "\r\naccess-control-", "\r\nx-powered-by:"] {
        assert!(!head.contains(absent), "{absent} in\n{}", answer.text);
    }
}

/// One that nobody listens on, another one each time: from below the range that systems draw from by themselves, so that
/// nobody else gets it in the meantime. It is not bound to find out: a program that another test starts in that moment
/// would hold a copy of it until it has begun.
pub(crate) fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let first = 11_000 + u16::try_from(std::process::id() % 7_000).expect("below 7000");
    let mut candidates = std::iter::repeat_with(|| first + NEXT.fetch_add(1, Relaxed)).take(1_000);
    let free = |port: &u16| ["127.0.0.1", "::1"].iter().all(|host| TcpStream::connect((*host, *port)).is_err());
    candidates.find(free).expect("a free port among a thousand")
}

/// As in a query.
pub(crate) fn encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}
