//! Whether a client ended as it must, as far as a provider can see: by what it asked for after it met the
//! misbehaviour, and what it did not ask for.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::field::{bearer, mark};
use crate::log::Entry;
use crate::{Asks, Endpoint, Misbehaviour as M, MustEnd};

/// A code may be sent again with the nonce that its refusal brought (RFC 9449 8), and not for ever.
const MOST_TRIES: usize = 3;

/// How it looks from here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// No client has come to where the misbehaviour shows.
    NotMet,
    /// It has done nothing that it must not, up to now.
    SoFar,
    /// It has done what a client that ends as it must does.
    AsItMust,
    /// It has done what it must not.
    Otherwise,
    /// Only the client itself can show it.
    NotVisible,
}

impl Verdict {
    /// In `/seen.json`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::NotMet => "not_met",
            Self::SoFar => "so_far",
            Self::AsItMust => "as_it_must",
            Self::Otherwise => "otherwise",
            Self::NotVisible => "not_visible",
        }
    }

    /// For people.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::NotMet => "Not met yet",
            Self::SoFar => "As it must, so far",
            Self::AsItMust => "As it must",
            Self::Otherwise => "Not as it must",
            Self::NotVisible => "Look at the client",
        }
    }
}

/// A verdict with its reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judged {
    /// How it looks.
    pub verdict: Verdict,
    /// Why, and what remains to be looked at.
    pub sentence: String,
    /// Requests after this one were judged, in the light of those before; all of them at 0.
    pub since: u64,
    /// The request by which the client met the misbehaviour.
    pub met_at: Option<u64>,
    /// What it did that it must not.
    pub wrong: Vec<u64>,
}

impl Judged {
    pub(super) fn as_json(&self) -> Value {
        json!({
            "verdict": self.verdict.name(),
            "sentence": self.sentence,
            "since": self.since,
            "met_at": self.met_at,
            "wrong": self.wrong,
        })
    }
}

impl Asks {
    /// What makes the misbehaviour show, in one sentence.
    #[must_use]
    pub fn what(self) -> &'static str {
        match self {
            Self::Nothing => "It shows with any sign-in.",
            Self::MaxAge => "It shows when the client asks for `max_age`.",
            Self::AcrValues => "It shows when the client asks for `acr_values`.",
            Self::FormPost => "It shows when the client asks for `response_mode=form_post`.",
            Self::Secret => "It shows with a client that has a secret.",
            Self::Renewal => "It shows when the client renews after the sign-in.",
            Self::SecondSignIn => "It shows with the second sign-in.",
            Self::SignOut => "It shows with a sign-out in the browser, with `post_logout_redirect_uri`.",
            Self::Dpop => "It shows when the client proves a key (DPoP, RFC 9449).",
            Self::Device => "It shows with a sign-in on another device (RFC 8628).",
        }
    }
}

/// Where a misbehaviour shows, and with it what must not come after.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Discovery,
    Redirect,
    Token,
    Userinfo,
    Renewal,
    SignOut,
    /// The answer with the device's codes.
    Device,
    /// The answer to a device's questions.
    Questions,
    /// Nowhere: it is allowed.
    Allowed,
}

impl Place {
    fn of(how: M) -> Self {
        match how.must_end() {
            MustEnd::Accepted => Self::Allowed,
            MustEnd::WithoutDetails(_) => Self::Userinfo,
            MustEnd::Waiting => Self::Redirect,
            MustEnd::NotRenewed(_) => Self::Renewal,
            MustEnd::Unconfirmed => Self::SignOut,
            MustEnd::Refused(code) => match code {
                "discovery.issuer_mismatch" => Self::Discovery,
                "device.bad_answer" | "device.bad_uri" => Self::Device,
                _ if how.asks() == Asks::Device => Self::Questions,
                _ if code.starts_with("callback.") => Self::Redirect,
                _ => Self::Token,
            },
        }
    }

    /// What the client must not do, that it did not do it, and that it did.
    fn words(self) -> [&'static str; 3] {
        match self {
            Self::Discovery => ["go on with this issuer", "no sign-in was begun", "a sign-in was begun"],
            Self::Redirect => ["redeem a code", "no code was redeemed", "a code was redeemed"],
            Self::Token => ["use the tokens", "userinfo was not asked and nothing was renewed", "the tokens were used"],
            Self::Renewal => ["use what the renewal gave", "it was not used", "it was used"],
            Self::Userinfo => ["follow that answer", "it did not", "it did"],
            Self::SignOut => ["believe that answer", "nothing more was asked", "more was asked"],
            Self::Device => ["ask for tokens", "it did not ask", "it asked"],
            Self::Questions => ["ask on", "it did not ask again", "it asked again"],
            Self::Allowed => ["stumble", "nothing is wrong", "a rule was broken"],
        }
    }
}

/// What a right client does about it.
pub(super) fn must(how: M) -> String {
    let [must_not, ..] = Place::of(how).words();
    match how.must_end() {
        MustEnd::Accepted => "A right client signs in: it is allowed, or nothing that is used.".into(),
        MustEnd::WithoutDetails(_) => {
            "A right client stays signed in, and uses and shows nothing of this answer.".into()
        }
        MustEnd::Refused(_) => format!("A right client refuses it: it must not {must_not}."),
        MustEnd::Waiting => format!("A right client waits on for its own answer: it must not {must_not}."),
        MustEnd::NotRenewed(_) => format!("A right client keeps what it had: it must not {must_not}."),
        MustEnd::Unconfirmed => "A right client says that the sign-out was not confirmed.".into(),
    }
}

/// Judges what was asked after a request, oldest first. What came before is not judged, and remembered: a code that was sent
/// then, and how the client met the misbehaviour.
pub(crate) fn judge(how: Option<M>, all: &[Entry], since: u64) -> Judged {
    let judged = &all[all.partition_point(|entry| entry.seq <= since)..];
    let mut twice = codes_sent_again(all);
    twice.retain(|seq| *seq > since);
    let Some(how) = how else { return Judged { since, ..of_a_good_provider(judged, twice) } };
    let place = Place::of(how);
    let meetings: Vec<&Entry> = all.iter().filter(|entry| meets(how, place, entry, all)).collect();
    let mut wrong: Vec<u64> = match meetings.first() {
        Some(first) => {
            let before = &all[..all.partition_point(|entry| entry.seq < first.seq)];
            let known = tokens_of(before);
            let after = judged.iter().filter(|entry| entry.seq > first.seq);
            after.filter(|entry| is_wrong(how, place, &meetings, entry, &known)).map(|entry| entry.seq).collect()
        }
        None => Vec::new(),
    };
    let met_at = meetings.iter().map(|met| met.seq).find(|seq| *seq > since);
    let (verdict, sentence) = match (wrong.is_empty(), twice.is_empty(), met_at) {
        (true, false, _) => (Verdict::Otherwise, CODE_TWICE.into()),
        (true, true, None) => (Verdict::NotMet, format!("No client has come to where it shows. {}", how.asks().what())),
        (_, _, met_at) => {
            let after = &judged[judged.partition_point(|entry| Some(entry.seq) <= met_at)..];
            told(how, place, after, &wrong)
        }
    };
    wrong.extend(twice);
    wrong.sort_unstable();
    wrong.dedup();
    Judged { verdict, sentence, since, met_at, wrong }
}

const CODE_TWICE: &str = "A code was sent to the token endpoint again; a client sends it once (RFC 6749 4.1.2).";

fn told(how: M, place: Place, after: &[Entry], wrong: &[u64]) -> (Verdict, String) {
    let [must_not, good, bad] = place.words();
    if !wrong.is_empty() {
        return (Verdict::Otherwise, format!("The client must not {must_not}: {bad}."));
    }
    let code = how.must_end().code().map(|code| format!(" Doorkey's code for it is `{code}`.")).unwrap_or_default();
    match how.must_end() {
        MustEnd::Accepted if after.iter().any(uses_tokens) => {
            (Verdict::AsItMust, "The client signed in and used its tokens.".into())
        }
        MustEnd::Accepted => (
            Verdict::SoFar,
            "The client must sign in all the same; that it took the tokens shows when it uses them.".into(),
        ),
        MustEnd::WithoutDetails(_) => {
            (Verdict::NotVisible, format!("It must be signed in, and show nothing of userinfo's answer.{code}"))
        }
        MustEnd::Unconfirmed => (Verdict::NotVisible, "It must say that the sign-out was not confirmed.".into()),
        MustEnd::Waiting => (
            Verdict::SoFar,
            format!("The client must not {must_not}: {good}. It must wait on, as if nothing had come."),
        ),
        MustEnd::Refused(_) | MustEnd::NotRenewed(_) => (
            Verdict::SoFar,
            format!("The client must not {must_not}: {good}. It must say that it refused, and why.{code}"),
        ),
    }
}

fn of_a_good_provider(entries: &[Entry], wrong: Vec<u64>) -> Judged {
    let (verdict, sentence) = if !wrong.is_empty() {
        (Verdict::Otherwise, CODE_TWICE)
    } else if entries.iter().any(gives_tokens) {
        (Verdict::AsItMust, "Nothing is wrong with this provider, and the client has its tokens.")
    } else if entries.is_empty() {
        (Verdict::NotMet, "Nothing is wrong with this provider, and nobody has asked it for anything.")
    } else {
        (Verdict::SoFar, "Nothing is wrong with this provider; the client has no tokens yet.")
    };
    Judged { verdict, sentence: sentence.into(), since: 0, met_at: None, wrong }
}

/// Whether the answer to this request is the first that the misbehaviour shows in.
fn meets(how: M, place: Place, entry: &Entry, all: &[Entry]) -> bool {
    let earlier = || all.iter().take_while(|other| other.seq <= entry.seq);
    let asked_for = |name: &str| earlier().any(|other| is_start(other) && other.params.get(name).is_some());
    let asked = match how.asks() {
        Asks::Nothing | Asks::Device => true,
        Asks::MaxAge => asked_for("max_age"),
        Asks::AcrValues => asked_for("acr_values"),
        Asks::FormPost => earlier().any(|other| other.params.get("response_mode") == Some("form_post")),
        Asks::Secret => entry.headers.get("authorization").is_some() || entry.params.get("client_secret").is_some(),
        Asks::Renewal => earlier().any(|other| grant(other) == Some("refresh_token")),
        Asks::SecondSignIn => earlier().filter(|other| other.endpoint == Endpoint::Authorize).count() > 1,
        Asks::SignOut => true,
        Asks::Dpop => entry.headers.get("dpop").is_some(),
    };
    let error = entry.outcome.as_ref().and_then(|outcome| outcome.error.as_deref());
    // The client's own mistakes come before anything that the provider could do wrong.
    let own_mistake = matches!(error, Some("invalid_client" | "invalid_request" | "unsupported_grant_type"));
    let is_token = entry.endpoint == Endpoint::Token && entry.outcome.is_some() && !own_mistake;
    asked
        && match place {
            Place::Discovery => matches!(entry.endpoint, Endpoint::Discovery | Endpoint::OauthMetadata),
            Place::Redirect => entry.told.ends_here,
            Place::Token | Place::Allowed => is_token && grant(entry) != Some("refresh_token"),
            Place::Renewal => is_token && grant(entry) == Some("refresh_token"),
            Place::Userinfo => entry.endpoint == Endpoint::Userinfo,
            Place::SignOut => matches!(entry.endpoint, Endpoint::Logout | Endpoint::LogoutConfirmed),
            Place::Device => entry.endpoint == Endpoint::DeviceAuthorization,
            Place::Questions => {
                let last = matches!(error, Some("access_denied" | "expired_token" | "invalid_request"));
                entry.params.get("device_code").is_some() && last
            }
        }
}

/// Whether this request, after the client met the misbehaviour, is one that it must not make.
fn is_wrong(how: M, place: Place, meetings: &[&Entry], entry: &Entry, known: &[String]) -> bool {
    let is_new = |token: Option<String>| token.is_some_and(|token| !known.contains(&token));
    let uses_new = match entry.endpoint {
        Endpoint::Userinfo | Endpoint::User => is_new(bearer(entry)),
        Endpoint::Token if grant(entry) == Some("refresh_token") => is_new(mark(&entry.params, "refresh_token")),
        _ => false,
    };
    // Where redirects of this provider lead that nobody may follow.
    let followed = how.name().contains("redirect") && entry.path.ends_with("/canary");
    match place {
        Place::Discovery => is_start(entry) || entry.endpoint == Endpoint::Token,
        Place::Redirect => grant(entry) == Some("authorization_code"),
        Place::Token | Place::Renewal => uses_new || followed,
        Place::Userinfo => followed,
        Place::Device => entry.params.get("device_code").is_some(),
        Place::Questions => {
            let code = mark(&entry.params, "device_code");
            let has_ended = |met: &&Entry| met.seq < entry.seq && mark(&met.params, "device_code") == code;
            code.is_some() && meetings.iter().any(has_ended)
        }
        Place::SignOut | Place::Allowed => false,
    }
}

/// Requests that sent a code which had been sent before, and was not asked for again.
fn codes_sent_again(entries: &[Entry]) -> Vec<u64> {
    let mut sent: HashMap<String, (usize, bool)> = HashMap::new();
    let mut again = Vec::new();
    for entry in entries.iter().filter(|entry| grant(entry) == Some("authorization_code")) {
        let Some(code) = mark(&entry.params, "code") else { continue };
        let (tries, asked_again) = sent.entry(code).or_insert((0, true));
        if !*asked_again || *tries >= MOST_TRIES {
            again.push(entry.seq);
        }
        *tries += 1;
        let error = entry.outcome.as_ref().and_then(|outcome| outcome.error.as_deref());
        *asked_again = error == Some("use_dpop_nonce");
    }
    again
}

fn tokens_of(entries: &[Entry]) -> Vec<String> {
    entries.iter().flat_map(|entry| &entry.told.gave).map(|(_, mark)| mark.clone()).collect()
}

fn grant(entry: &Entry) -> Option<&str> {
    entry.params.get("grant_type").filter(|_| entry.endpoint == Endpoint::Token)
}

fn is_start(entry: &Entry) -> bool {
    matches!(entry.endpoint, Endpoint::Authorize | Endpoint::Pushed | Endpoint::DeviceAuthorization)
}

fn is_good(entry: &Entry) -> bool {
    entry.outcome.as_ref().is_some_and(|outcome| outcome.error.is_none() && outcome.status.is_some_and(|it| it < 300))
}

fn gives_tokens(entry: &Entry) -> bool {
    entry.endpoint == Endpoint::Token && is_good(entry)
}

fn uses_tokens(entry: &Entry) -> bool {
    let uses = match entry.endpoint {
        Endpoint::Userinfo | Endpoint::User | Endpoint::Introspect => true,
        _ => grant(entry) == Some("refresh_token"),
    };
    uses && is_good(entry)
}
