//! One sign-in, from discovery to the vault: a reviewer can hold it in view.
//!
//! Nothing is saved before everything was checked (design 2.4); the code cannot be redeemed twice, because the value
//! that holds it is consumed (RFC 6749 section 4.1.2).

use std::time::Duration;

use doorkey_client::words::{BrowserBy, EventKind, Identified, Profile, Refusal, SignInRequest, SignInStep};
use doorkey_oauth::{
    AccessToken, Ask, Asked, Callback, ClientSettings, Entropy, Expected, Metadata, Nonce, OurAnswer, Prepared,
    Pushing, SignIn, TokenType, Tokens, check_granted, check_moved, renew_at,
};
use jiff::{SignedDuration, Timestamp};
use url::Url;

use crate::agent::Agent;
use crate::checks::words;
use crate::journal::Trail;
use crate::loopback::{Ignored, Loopback, Page, Parameters, ResponseMode, Verdict, Wanted};
use crate::profiles::redirect_path;
use crate::record::{Identity, SessionRecord};
use crate::refusal::refusal;
use crate::sending::sent;
use crate::sign_ins::Progress;
use crate::{account, browser, clock, id_token, revoke, userinfo};

/// A token answer of a provider is small; a larger one is none.
const LARGEST_ANSWER: usize = 1024 * 1024;
const STRANGERS_SHOWN: u32 = 99;

/// What a sign-in is made of.
pub(crate) struct Start<'a> {
    pub(crate) profile: &'a Profile,
    pub(crate) client: ClientSettings,
    pub(crate) request: &'a SignInRequest,
    pub(crate) patience: Duration,
}

/// Signs a person in. What comes back was checked in every way and is not stored yet.
pub(crate) async fn sign_in(
    agent: &Agent,
    start: Start<'_>,
    progress: &Progress,
    trail: &Trail,
) -> Result<SessionRecord, Refusal> {
    let host = &agent.host;
    let Start { profile, client, request, patience } = start;

    let began = host.now();
    let said_before = agent.providers.said_before(&profile.issuer);
    let metadata = until_stopped(progress, agent.providers.described(host, profile)).await?;
    let took_ms = elapsed(began, host.now());
    trail.record(host.now(), EventKind::Discovered { issuer: metadata.issuer.as_str().to_owned(), took_ms });
    if let Some(before) = said_before {
        let checks = words(&check_moved(&before, &metadata));
        trail.record(host.now(), EventKind::Checked { subject: "metadata".to_owned(), checks });
    }

    let wanted = Wanted {
        host: profile.redirect_host,
        ports: profile.ports.clone(),
        path: redirect_path(profile),
        mode: response_mode(&client, &metadata),
    };
    let loopback = Loopback::bind(&wanted).map_err(|error| error.refusal())?;
    let redirect_uri = loopback.redirect_uri().clone();
    trail.record(host.now(), EventKind::Listening { redirect_uri: redirect_uri.to_string() });

    let entropy = Entropy { state: host.random(), nonce: host.random(), verifier: host.random() };
    let prepared = SignIn::prepare(&metadata, client.clone(), redirect_uri.clone(), entropy, &ask(request))
        .map_err(|error| refusal(&error))?;
    let (sign_in, address) = match prepared {
        Prepared::Open(sign_in, address) => (*sign_in, address),
        Prepared::Push(pushing) => until_stopped(progress, pushed(agent, &metadata, *pushing, trail)).await?,
    };
    progress.waiting(&address, &redirect_uri);

    if request.browser == BrowserBy::Agent {
        open_browser(agent, &address, progress, trail).await;
    }
    let answer = until_stopped(progress, wait(loopback, &sign_in, progress, trail, agent, patience)).await?;
    progress.forget_address();
    trail.record(host.now(), EventKind::CallbackReceived);

    progress.step(SignInStep::Exchanging);
    let (code, exchange) = sign_in.accept(answer).map_err(|error| refusal(&error))?;
    let asked_at = host.now();
    // Sent once and never again, whatever the network does (CORE-03).
    let answer = sent(host, &agent.nonces, code, LARGEST_ANSWER).await.map_err(|error| error.refusal())?;
    let skew = agent.providers.clocks.compare(metadata.issuer.as_str(), &answer, host.now());
    let nonce = exchange.nonce().clone();
    let asked = exchange.asked().clone();
    let tokens = exchange.finish(&answer.response).map_err(|error| refusal(&error.knowing(skew)))?;
    trail.record(host.now(), tokens_received(&tokens, answer.took));

    progress.step(SignInStep::Verifying);
    let mut expected = Expected::new(&metadata, &client.client_id, host.now().as_second()).satisfying(&asked);
    expected.asked_at = Some(asked_at.as_second());
    expected.nonce = Some(&nonce);
    expected.access_token = Some(&tokens.access_token);
    expected.provider_clock = skew.map(|skew| skew.provider_clock(expected.now));
    expected.leeway_secs = clock::tolerance(profile.clock_tolerance);
    let made = Made { agent, profile, client: &client, metadata: &metadata, asked: &asked, tokens: &tokens, trail };
    let outcome = match made.by_whom(expected).await {
        Ok(identity) => until_stopped(progress, async { Ok(made.record(identity, nonce, asked_at).await) }).await,
        Err(refusal) => Err(refusal),
    };
    if let Some(why) = progress.must_stop() {
        // The person stopped it after the provider had already answered: nothing may stay alive (L-36).
        revoke::quietly(agent, &metadata, &client, &tokens).await;
        return Err(why);
    }
    outcome
}

fn ask(request: &SignInRequest) -> Ask {
    Ask {
        prompt: request.prompt.clone(),
        login_hint: request.login_hint.clone(),
        params: request.params.iter().map(|(key, value)| (key.clone(), value.clone())).collect(),
    }
}

async fn until_stopped<T>(progress: &Progress, work: impl Future<Output = Result<T, Refusal>>) -> Result<T, Refusal> {
    tokio::select! {
        biased;
        why = progress.stopped() => Err(why),
        done = work => done,
    }
}

/// A browser that cannot be opened does not end the attempt: the address can be copied.
async fn open_browser(agent: &Agent, address: &Url, progress: &Progress, trail: &Trail) {
    let choice = agent.host.browser.clone();
    let opening = address.clone();
    let opened = tokio::task::spawn_blocking(move || browser::open(&opening, &choice)).await;
    match opened {
        Ok(Ok(_)) => trail.record(agent.host.now(), EventKind::BrowserOpened),
        Ok(Err(error)) => {
            let refusal = error.refusal();
            trail.record(agent.host.now(), EventKind::BrowserNotOpened { refusal: refusal.clone() });
            progress.change(|view| view.browser_problem = Some(refusal));
        }
        Err(panic) => std::panic::resume_unwind(panic.into_panic()),
    }
}

async fn wait(
    loopback: Loopback,
    sign_in: &SignIn,
    progress: &Progress,
    trail: &Trail,
    agent: &Agent,
    patience: Duration,
) -> Result<OurAnswer, Refusal> {
    let redirect_uri = loopback.redirect_uri().clone();
    let judge = |parameters: &Parameters| {
        let callback = match parameters {
            Parameters::Query(query) => sign_in.judge(query),
            Parameters::Form(body) => sign_in.judge_form(body),
        };
        match callback {
            Callback::Ours(answer) => {
                let page = page_for(&answer);
                Verdict::Ours { value: answer, page }
            }
            Callback::NotOurs { why, hint } => Verdict::NotOurs { reason: why.as_str(), hint },
        }
    };
    let ignored = |stranger: Ignored| {
        progress.change(|view| {
            view.ignored = (view.ignored + 1).min(STRANGERS_SHOWN);
            if stranger.hint.is_some() {
                view.untrusted_hint.clone_from(&stranger.hint);
            }
        });
        trail.record(agent.host.now(), EventKind::CallbackIgnored { reason: stranger.reason.to_owned() });
    };
    let deadline = agent.host.now() + SignedDuration::try_from(patience).unwrap_or(SignedDuration::MAX);
    loopback.wait(judge, ignored, agent.host.reached(deadline)).await.map_err(|_| timed_out(patience, &redirect_uri))
}

/// A form is taken from a page of the provider only: of its issuer, or of where the browser was sent (L-22).
fn response_mode(client: &ClientSettings, metadata: &Metadata) -> ResponseMode {
    match client.response_mode {
        doorkey_oauth::ResponseMode::Query => ResponseMode::Query,
        doorkey_oauth::ResponseMode::FormPost => ResponseMode::FormPost {
            origins: [metadata.issuer.url(), metadata.authorization_endpoint.url()]
                .map(|url| url.origin().ascii_serialization())
                .into(),
        },
    }
}

fn page_for(answer: &OurAnswer) -> Page {
    match answer.error_code() {
        None => Page::Received,
        Some("access_denied") => Page::Declined,
        Some(_) => Page::Refused,
    }
}

fn timed_out(patience: Duration, redirect_uri: &Url) -> Refusal {
    Refusal::new(
        "callback.timeout",
        format!("No answer came from the browser within {} seconds.", patience.as_secs()),
        format!(
            "If the browser showed an error such as “Callback URL mismatch”, register {redirect_uri} at the provider; then sign in again."
        ),
    )
    .retryable()
}

/// The request goes to the provider first, and the browser carries only its name (RFC 9126).
async fn pushed(agent: &Agent, metadata: &Metadata, pushing: Pushing, trail: &Trail) -> Result<(SignIn, Url), Refusal> {
    let host = &agent.host;
    let answer = sent(host, &agent.nonces, pushing.request(), LARGEST_ANSWER).await.map_err(|error| error.refusal())?;
    let skew = agent.providers.clocks.compare(metadata.issuer.as_str(), &answer, host.now());
    let pushed = pushing.finish(&answer.response).map_err(|error| refusal(&error.knowing(skew)))?;
    trail.record(host.now(), EventKind::RequestPushed { took_ms: milliseconds(answer.took) });
    Ok(pushed)
}

/// What a sign-in brought, not yet believed.
pub(crate) struct Made<'a> {
    pub(crate) agent: &'a Agent,
    pub(crate) profile: &'a Profile,
    pub(crate) client: &'a ClientSettings,
    pub(crate) metadata: &'a Metadata,
    pub(crate) asked: &'a Asked,
    pub(crate) tokens: &'a Tokens,
    pub(crate) trail: &'a Trail,
}

impl Made<'_> {
    /// Who it is: as the ID token says when every rule on it holds; where the provider knows no OpenID Connect, as its
    /// account page says, and nobody has verified that (IDT-23).
    pub(crate) async fn by_whom(&self, expected: Expected<'_>) -> Result<Identity, Refusal> {
        let Self { agent, profile, metadata, tokens, .. } = self;
        if let Some(source) = &profile.account {
            return account::identity(agent, metadata, source, tokens, self.client).await;
        }
        let Some(text) = &tokens.id_token else {
            return Err(Refusal::new(
                "idtoken.missing",
                "The provider gave no ID token, so nobody can say who signed in.",
                "Add the scope `openid` to the profile.",
            ));
        };
        let report = id_token::judged(agent, metadata, text, &expected).await?;
        self.checked("id_token", &report.checks);
        let claims = report.outcome.map_err(|error| refusal(&error))?;
        Ok(Identity {
            sub: claims.sub,
            name: claims.standard.name.or(claims.standard.preferred_username),
            email: claims.standard.email,
            auth_time: claims.auth_time,
            azp: claims.azp,
            identified: Identified::Person,
        })
    }

    /// The session it makes, with the details userinfo adds. What was granted is compared with what was asked, and said.
    pub(crate) async fn record(&self, identity: Identity, nonce: Nonce, asked_at: Timestamp) -> SessionRecord {
        let Self { agent, profile, client, metadata, asked, tokens, trail } = self;
        self.checked("granted", &check_granted(asked, tokens));
        let mut record = SessionRecord::new(
            profile.name.clone(),
            profile.issuer.clone(),
            client.client_id.clone(),
            identity,
            asked.scopes.clone(),
            asked.audience.clone(),
            tokens.access_token.clone(),
            asked_at,
        );
        if let (TokenType::Dpop, Some(key)) = (tokens.token_type, &client.dpop) {
            record = record.bound_to(key.to_text());
        }
        tokens.token_type.name().clone_into(&mut record.token_type);
        record.resources.clone_from(&asked.resources);
        record.refresh_token.clone_from(&tokens.refresh_token);
        record.id_token.clone_from(&tokens.id_token);
        record.nonce = Some(nonce);
        if let Some(granted) = &tokens.scope {
            record.granted.clone_from(granted);
        }
        plan(&mut record, tokens.expires_in, asked_at, agent.host.jitter());
        userinfo::completed(agent, metadata, record, trail).await
    }

    fn checked(&self, subject: &str, checks: &[doorkey_oauth::Check]) {
        let kind = EventKind::Checked { subject: subject.to_owned(), checks: words(checks) };
        self.trail.record(self.agent.host.now(), kind);
    }
}

/// Life is counted from the moment the request went out: never too long.
pub(crate) fn plan(record: &mut SessionRecord, expires_in: Option<u64>, asked_at: Timestamp, jitter: f64) {
    let after = |seconds: i64| asked_at.checked_add(SignedDuration::from_secs(seconds)).ok();
    record.issued_at = asked_at;
    record.expires_at = expires_in.and_then(|life| after(i64::try_from(life).ok()?));
    record.renews_at = expires_in.and_then(|life| after(renew_at(0, life, jitter)));
}

pub(crate) fn tokens_received(tokens: &Tokens, took: Duration) -> EventKind {
    EventKind::TokensReceived {
        took_ms: milliseconds(took),
        expires_in: tokens.expires_in.map(|life| u32::try_from(life).unwrap_or(u32::MAX)),
        scope: tokens.scope.clone().unwrap_or_default(),
        access_token: AccessToken::fingerprint(&tokens.access_token),
        refresh_token: tokens.refresh_token.as_ref().map(doorkey_oauth::RefreshToken::fingerprint),
    }
}

fn milliseconds(took: Duration) -> u32 {
    u32::try_from(took.as_millis()).unwrap_or(u32::MAX)
}

pub(crate) fn elapsed(from: Timestamp, to: Timestamp) -> u32 {
    u32::try_from(to.duration_since(from).as_millis()).unwrap_or(0)
}
