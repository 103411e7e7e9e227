//! The scenes, in their order. Each claim is looked at before it is told: a demonstration that does not come out
//! as promised ends with a refusal.

use std::time::{Duration, Instant};

use doorkey_client::words::{
    BrowserBy, EventKind, Profile, ProfileEntry, Refusal, Session, SignOut, SignOutRequest, StepName, TokenRequest,
    Update, VaultChoice, VaultKind, VaultState,
};
use doorkey_client::{Client, ClientError, Updates};
use doorkey_demo_idp::{Endpoint, Running};
use tokio::time::{interval, sleep, timeout};

use super::crowd::{ASKERS, Asking, Crowd, same_or_not};
use super::person::SignsIn;
use super::report::Report;
use super::signing_in::sign_in;
use super::stage::{Stage, TOKEN_LIFE};
use crate::failure::Failure;
use crate::line::Mark;
use crate::progress;
use crate::text::count;
use crate::time::{now, seconds_until, span, took};

pub(super) const PROFILE: &str = "demo";
/// A renewal that has not come by then will not come.
const RENEWED_WITHIN: Duration = Duration::from_secs(30);
/// Life of the tokens that the crowd meets at their end.
const SHORTEST_LIFE: Duration = Duration::from_secs(4);
const LONG_LIFE: Duration = Duration::from_secs(300);
/// For the crowd to arrive; whoever comes later is answered all the same.
const ALL_ARRIVED: Duration = Duration::from_millis(250);

/// Plays everything but the end, which is the stage's.
pub(super) async fn play(stage: &mut Stage, who: &SignsIn, report: &mut Report<'_>) -> Result<(), Failure> {
    provider(stage, report).await?;
    agent(stage, report).await?;
    let (provider, agency) = stage.provider_and_agency().expect("both scenes above ended well");
    let client = agency.client();
    let mut updates = client.updates(None).await?;
    let refresh_token = sign_in(provider, client, &mut updates, who, report).await?;
    let access_token = token(client, report).await?;
    let before = Before { access_token, refresh_token };
    renewal(provider, client, &mut updates, &before, report).await?;
    crowd(provider, client, report).await?;
    sign_out(provider, client, report).await
}

async fn provider(stage: &mut Stage, report: &mut Report<'_>) -> Result<(), Failure> {
    report.scene(
        "A provider to practise on",
        "A strict OpenID Provider with pages, people and passwords, on loopback.",
    )?;
    let began = Instant::now();
    let provider = stage.provider().await?;
    report.facts.issuer = Some(provider.issuer().to_owned());
    let life = took_whole(TOKEN_LIFE);
    report.step("provider", format!("serves {}, its tokens live {life}", provider.issuer()), began.elapsed())
}

async fn agent(stage: &mut Stage, report: &mut Report<'_>) -> Result<(), Failure> {
    report.scene(
        "An agent",
        "The one owner of sessions. Programs ask it over a private socket; refresh tokens never leave it.",
    )?;
    let began = Instant::now();
    stage.agent().await?;
    report.step("agent", "serves its socket in a private folder".to_owned(), began.elapsed())?;
    vault(stage, report).await?;

    let began = Instant::now();
    let issuer = report.facts.issuer.clone().unwrap_or_default();
    let profile = Profile {
        scopes: ["openid", "profile", "email", "offline_access", "notes:read"].map(str::to_owned).to_vec(),
        ..Profile::new(PROFILE, issuer, "doorkey-demo")
    };
    let (_, agency) = stage.provider_and_agency().expect("provider and agent were started");
    agency.client().put_profile(&ProfileEntry::from(profile)).await?;
    report.step("profile", format!("`{PROFILE}` says how to sign in, and holds no secret"), began.elapsed())
}

/// In the keyring where there is one; in memory otherwise, and it says so.
async fn vault(stage: &mut Stage, report: &mut Report<'_>) -> Result<(), Failure> {
    let began = Instant::now();
    let (_, agency) = stage.provider_and_agency().expect("provider and agent were started");
    let client = agency.client();
    // Waits until the keyring has answered, or will not.
    let opened = client.sessions().await;
    let mut vault = client.hello().await?.vault;
    let why = vault.message.clone();
    if vault.state != VaultState::Ready {
        vault = client.choose_vault(&VaultChoice::of(VaultKind::Memory)).await?;
        if vault.state != VaultState::Ready {
            return Err(opened
                .map(|_| not_as_promised("the vault did not open"))
                .unwrap_or_else(|error| error.refusal())
                .into());
        }
    }
    let told = match vault.kind {
        VaultKind::Keyring => "sealed on disk, its key in the keyring".to_owned(),
        VaultKind::Passphrase => "sealed on disk with a passphrase".to_owned(),
        VaultKind::Memory if why.is_empty() => "in memory only, as DOORKEY_VAULT says".to_owned(),
        VaultKind::Memory => format!("in memory only: {}", lower_case(&why)),
    };
    let mark = match vault.kind {
        VaultKind::Memory => {
            stage.has_no_key();
            Mark::Warned
        }
        VaultKind::Passphrase => {
            stage.has_no_key();
            Mark::Done
        }
        VaultKind::Keyring => Mark::Done,
    };
    report.facts.vault = Some(vault);
    report.marked_step(mark, "vault", told, began.elapsed())
}

/// The tokens before the renewal, by their marks.
struct Before {
    access_token: u64,
    refresh_token: Option<String>,
}

/// A program asks. The answer is the token's mark, by which it is known again.
async fn token(client: &Client, report: &mut Report<'_>) -> Result<u64, Failure> {
    report.scene(
        "A program asks for a token",
        "As `doorkey token demo` or any program would: one call, and never a refresh token in the answer.",
    )?;
    let began = Instant::now();
    let answer = client.token(&TokenRequest::for_profile(PROFILE)).await?;
    let time = began.elapsed();
    let left = answer
        .expires_at
        .map_or_else(|| "no known end".to_owned(), |end| format!("valid for {}", span(seconds_until(end, now()))));
    report.step("token", format!("a {} token, {left}, from the agent's memory", answer.token_type), time)?;
    Ok(same_or_not(&answer.access_token))
}

/// Nobody asks; the agent renews. The clock is watched.
async fn renewal(
    provider: &Running,
    client: &Client,
    updates: &mut Updates,
    before: &Before,
    report: &mut Report<'_>,
) -> Result<(), Failure> {
    report.scene(
        "The renewal, by itself",
        "Before the token ends, the agent fetches the next one, checks it and stores it; only then does anybody get it.",
    )?;
    // For the scene after this one.
    provider.knobs().set_token_life(SHORTEST_LIFE);
    let began = Instant::now();
    let plan = session(client).await?.renews_at;
    let mut tick = interval(Duration::from_millis(250));
    let mut rotated = false;
    let renewed = timeout(RENEWED_WITHIN, async {
        loop {
            tokio::select! {
                update = next(updates) => if let Update::Event(event) = update? {
                    match event.kind {
                        EventKind::Renewed { .. } => return Ok::<(), Failure>(()),
                        EventKind::RenewalFailed { refusal, .. } => return Err(refusal.into()),
                        kind => {
                            told(&kind, report)?;
                            if let EventKind::TokensReceived { refresh_token: Some(new), .. } = kind {
                                rotated = before.refresh_token.as_ref().is_some_and(|old| *old != new);
                            }
                        }
                    }
                },
                _ = tick.tick() => if let Some(plan) = plan {
                    let left = span(seconds_until(plan, now()));
                    report.out.moving(report.out.notes().marked(Mark::Waiting).plain(format!("watching: renews in {left}")));
                },
            }
        }
    });
    renewed.await.unwrap_or_else(|_| Err(not_as_promised("no renewal came").into()))?;
    let waited = began.elapsed();
    let after = client.token(&TokenRequest::for_profile(PROFILE)).await?;
    if same_or_not(&after.access_token) == before.access_token {
        return Err(not_as_promised("the token after the renewal is the one before").into());
    }
    if !rotated {
        return Err(not_as_promised("the refresh token was not rotated").into());
    }
    report.step("renewal", "another token, another refresh token, nobody asked".to_owned(), waited)
}

/// The token has ended, everybody wants one at that moment, and the provider is slow.
async fn crowd(provider: &Running, client: &Client, report: &mut Report<'_>) -> Result<(), Failure> {
    report.scene(
        &format!("{ASKERS} programs at the moment of expiry"),
        &format!("This token lives {} only. When it has ended, {ASKERS} programs ask at once, and the provider takes its time.", took_whole(SHORTEST_LIFE)),
    )?;
    let refreshes = || {
        let asked = provider.log().of(Endpoint::Token);
        asked.iter().filter(|entry| entry.params.get("grant_type") == Some("refresh_token")).count()
    };
    let before = refreshes();
    let ends = session(client).await?.expires_at.ok_or_else(|| not_as_promised("the token has no end"))?;
    while seconds_until(ends, now()) > 0 {
        let left = span(seconds_until(ends, now()));
        report.out.moving(report.out.notes().marked(Mark::Waiting).plain(format!("the token ends in {left}")));
        sleep(Duration::from_millis(100)).await;
    }
    provider.knobs().set_token_life(LONG_LIFE);
    let gate = provider.knobs().hold(Endpoint::Token);
    let began = Instant::now();
    let asking = Asking::begin(client.socket(), PROFILE);
    sleep(ALL_ARRIVED).await;
    gate.release();
    let met = asking.answers().await?;
    let time = began.elapsed();
    let met = Crowd { refresh_requests: refreshes() - before, ..met };
    if (met.answered, met.different_tokens, met.refresh_requests) != (ASKERS, 1, 1) {
        return Err(not_as_promised(&format!("{ASKERS} askers, and this came of it: {met:?}")).into());
    }
    let Crowd { answered, refresh_requests, .. } = met;
    report.facts.crowd = Some(met);
    report.step(
        "crowd",
        format!("{answered} got the same new token, by {}", count(refresh_requests, "refresh request")),
        time,
    )
}

async fn sign_out(provider: &Running, client: &Client, report: &mut Report<'_>) -> Result<(), Failure> {
    report.scene("Signing out", "The refresh token is revoked at the provider, then everything is forgotten here.")?;
    let began = Instant::now();
    let request =
        SignOutRequest { profile: PROFILE.to_owned(), account: None, how: SignOut::Revoke, browser: BrowserBy::Caller };
    let answer = client.sign_out(&request).await?;
    let time = began.elapsed();
    let revoked = answer.steps.iter().any(|step| step.step == StepName::Revoke && step.done);
    let seen = provider.log().of(Endpoint::Revoke).len();
    if !revoked || seen == 0 {
        return Err(not_as_promised("the refresh token was not revoked").into());
    }
    report.facts.sign_out = answer.steps;
    report.step("sign-out", "revoked at the provider, forgotten here".to_owned(), time)?;

    let began = Instant::now();
    match client.token(&TokenRequest::for_profile(PROFILE)).await {
        Err(ClientError::Refused(refusal)) if refusal.code == "session.sign_in_required" => {
            report.facts.refused_after = Some(refusal.code.clone());
            report.step("after that", format!("the next program is refused: {}", refusal.code), began.elapsed())
        }
        Err(error) => Err(error.into()),
        Ok(_) => Err(not_as_promised("a token was handed out after the sign-out").into()),
    }
}

/// What the journal says, as it comes.
pub(super) fn told(event: &EventKind, report: &mut Report<'_>) -> Result<(), Failure> {
    if let Some(told) = progress::line(event) {
        report.timed(told.mark, told.line, told.took)?;
    }
    Ok(())
}

async fn session(client: &Client) -> Result<Session, Failure> {
    let sessions = client.sessions().await?.sessions;
    Ok(sessions.into_iter().next().ok_or_else(|| not_as_promised("nobody is signed in"))?)
}

pub(super) async fn next(updates: &mut Updates) -> Result<Update, Failure> {
    Ok(updates.next().await?.ok_or_else(|| not_as_promised("the agent's stream has ended"))?)
}

/// A sentence as the end of another.
fn lower_case(sentence: &str) -> String {
    let mut letters = sentence.trim_end_matches('.').chars();
    letters.next().map(|first| first.to_lowercase().chain(letters).collect()).unwrap_or_default()
}

fn took_whole(life: Duration) -> String {
    if life.subsec_nanos() == 0 { format!("{} s", life.as_secs()) } else { took(life) }
}

pub(super) fn not_as_promised(what: &str) -> Refusal {
    Refusal::new(
        "bug.demo",
        format!("The demonstration did not come out as it should: {what}."),
        "Tell us, with the output of `doorkey demo --json` and `doorkey doctor`.",
    )
}
