//! The browser on this computer (RFC 8252): bind · build the request · open · wait.

use std::time::Duration;

use doorkey_client::Secret;
use doorkey_client::words::{BrowserBy, EventKind, Pair, Refusal, SignInStep};
use doorkey_oauth::{Ask, Callback, ClientSettings, Entropy, Fault, OurAnswer, PasteError, Prepared, Pushing, SignIn};
use jiff::SignedDuration;
use url::Url;

use super::{Attempt, Came, LARGEST_ANSWER, milliseconds};
use crate::browser;
use crate::checks::checked;
use crate::exchanged::{Purpose, asked_of_browser, brought_by_browser};
use crate::loopback::{Ignored, Loopback, Page, Parameters, ResponseMode, Verdict, Wanted};
use crate::profiles::redirect_path;
use crate::refusal::refusal;
use crate::sending::sent;
use crate::sign_ins::{Calls, Want};

const STRANGERS_SHOWN: u32 = 99;

/// Sends the person to the provider and waits for the answer. Where nobody was to be asked anything and the provider
/// has to ask, the person is sent once more, and may be asked.
///
/// # Errors
/// The listener's, the provider's, and `callback.timeout`. Nothing was sent to the token endpoint.
pub(super) async fn signed_in(attempt: &Attempt<'_>, mut ask: Ask) -> Result<Came, Refusal> {
    let Attempt { agent, progress, trail, .. } = *attempt;
    loop {
        let wanted = wanted(attempt);
        let loopback = Loopback::bind(&wanted).await.map_err(|error| error.refusal())?;
        let redirect_uri = loopback.redirect_uri().clone();
        trail.record(agent.host.now(), EventKind::Listening { redirect_uri: redirect_uri.to_string() });

        let (sign_in, address) = prepared(attempt, &redirect_uri, &ask).await?;
        let address = asked(attempt, address).await?;
        let sent_off_at = agent.host.now();
        let calls = progress.waiting(&address, &redirect_uri);
        if attempt.request.browser == BrowserBy::Agent {
            open(attempt, &address).await;
        }

        let is_silent = is_silent(attempt.client, &ask);
        let Brought { answer, parameters } = answered(attempt, loopback, &sign_in, calls, is_silent).await?;
        progress.forget_address();
        trail.record(agent.host.now(), EventKind::CallbackReceived { parameters });
        trail.record(agent.host.now(), checked("callback", &sign_in.check(&answer)));
        match sign_in.accept(answer) {
            Ok((code, exchange)) => {
                return Ok(Came::Code { code: Box::new(code), exchange: Box::new(exchange), sent_off_at });
            }
            Err(error) if is_silent && error.needs_interaction() => {
                trail.record(agent.host.now(), EventKind::AskedAgain { code: error.code().to_owned() });
                progress.step(SignInStep::Discovering);
                // An empty value leaves the parameter out, the profile's own included.
                ask.prompt = Some(String::new());
            }
            Err(error) => return Err(refusal(&error)),
        }
    }
}

/// The answer, and what it came with for the journal.
struct Brought {
    answer: OurAnswer,
    parameters: Vec<Pair>,
}

/// The address as it is to be opened. Told before the browser is there, so that the journal is in order.
async fn asked(attempt: &Attempt<'_>, address: Url) -> Result<Url, Refusal> {
    let Attempt { agent, trail, .. } = attempt;
    let (address, edited) = match trail.steps() {
        Some(steps) => steps.before_opening(&address).await?,
        None => (address, Vec::new()),
    };
    let (url, parameters) = asked_of_browser(&address);
    trail.record(agent.host.now(), EventKind::AuthorizationRequested { url, parameters, edited });
    Ok(address)
}

/// Whether the provider may ask the person nothing (OpenID Connect Core section 3.1.2.1).
pub(super) fn is_silent(client: &ClientSettings, ask: &Ask) -> bool {
    let named = |params: &[(String, String)]| {
        params.iter().find(|(name, _)| name == "prompt").map(|(_, value)| value.to_owned())
    };
    let prompt = ask.prompt.clone().or_else(|| named(&ask.params)).or_else(|| named(&client.params));
    prompt.is_some_and(|prompt| prompt.split_whitespace().any(|word| word == "none"))
}

fn wanted(attempt: &Attempt<'_>) -> Wanted {
    let profile = attempt.profile;
    Wanted {
        host: profile.redirect_host,
        ports: profile.ports.clone(),
        path: redirect_path(profile),
        mode: response_mode(attempt),
    }
}

/// A form is taken from a page of the provider only: of its issuer, or of where the browser was sent (L-22).
fn response_mode(attempt: &Attempt<'_>) -> ResponseMode {
    let Attempt { client, metadata, .. } = attempt;
    match client.response_mode {
        doorkey_oauth::ResponseMode::Query => ResponseMode::Query,
        doorkey_oauth::ResponseMode::FormPost => ResponseMode::FormPost {
            origins: [metadata.issuer.url(), metadata.authorization_endpoint.url()]
                .map(|url| url.origin().ascii_serialization())
                .into(),
        },
    }
}

/// The address to open; where the request is pushed, after the provider has it (RFC 9126).
async fn prepared(attempt: &Attempt<'_>, redirect_uri: &Url, ask: &Ask) -> Result<(SignIn, Url), Refusal> {
    let Attempt { agent, metadata, client, .. } = *attempt;
    let host = &agent.host;
    let entropy = Entropy { state: host.random(), nonce: host.random(), verifier: host.random() };
    let prepared = SignIn::prepare(metadata, client.clone(), redirect_uri.clone(), entropy, ask)
        .map_err(|error| refusal(&error))?;
    match prepared {
        Prepared::Open(sign_in, address) => Ok((*sign_in, address)),
        Prepared::Push(pushing) => pushed(attempt, *pushing).await,
    }
}

async fn pushed(attempt: &Attempt<'_>, pushing: Pushing) -> Result<(SignIn, Url), Refusal> {
    let Attempt { agent, metadata, trail, .. } = attempt;
    let request = pushing.request();
    let asking = trail.asking(Purpose::Push);
    let answer = sent(&agent.host, &agent.nonces, asking, request, LARGEST_ANSWER).await;
    let answer = answer.map_err(|error| error.refusal())?;
    let skew = agent.providers.clocks.compare(trail, metadata.issuer.as_str(), &answer, agent.host.now());
    let pushed = pushing.finish(&answer.response).map_err(|error| refusal(&error.knowing(skew)))?;
    trail.record(agent.host.now(), EventKind::RequestPushed { took_ms: milliseconds(answer.took) });
    Ok(pushed)
}

/// A browser that cannot be opened does not end the attempt: the address can be copied.
async fn open(attempt: &Attempt<'_>, address: &Url) {
    let Attempt { agent, progress, trail, .. } = attempt;
    let (choice, opening) = (agent.host.browser.clone(), address.clone());
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

/// The answer: by the listener, or brought by hand.
async fn answered(
    attempt: &Attempt<'_>,
    loopback: Loopback,
    sign_in: &SignIn,
    calls: Calls,
    is_silent: bool,
) -> Result<Brought, Refusal> {
    let Attempt { agent, progress, trail, patience, .. } = *attempt;
    let redirect_uri = loopback.redirect_uri().clone();
    let judge = |parameters: &Parameters| match judge(sign_in, parameters, is_silent) {
        Verdict::Ours { value: answer, page } => {
            Verdict::Ours { value: Brought { answer, parameters: brought_by_browser(parameters.bytes()) }, page }
        }
        Verdict::NotOurs { reason, hint } => Verdict::NotOurs { reason, hint },
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
    tokio::select! {
        biased;
        answer = loopback.wait(judge, ignored, agent.host.reached(deadline)) => {
            answer.map_err(|_| timed_out(patience, &redirect_uri))
        }
        answer = pasted(attempt, sign_in, calls) => Ok(answer),
    }
}

/// What parameters that reached the listener mean for this sign-in.
pub(crate) fn judge(sign_in: &SignIn, parameters: &Parameters, is_silent: bool) -> Verdict<OurAnswer> {
    let callback = match parameters {
        Parameters::Query(query) => sign_in.judge(query),
        Parameters::Form(body) => sign_in.judge_form(body),
    };
    match callback {
        Callback::Ours(answer) => {
            let page = page_for(&answer, is_silent);
            Verdict::Ours { value: answer, page }
        }
        Callback::NotOurs { why, hint } => Verdict::NotOurs { reason: why.as_str(), hint },
    }
}

/// The first pasted address that is this sign-in's own; what is wrong with any other is told to whoever pasted it
/// (NAT-12, L-44). Meanwhile another address to open is made for whoever wants one.
async fn pasted(attempt: &Attempt<'_>, sign_in: &SignIn, mut calls: Calls) -> Brought {
    let Attempt { agent, trail, .. } = attempt;
    loop {
        let call = calls.next().await;
        match &call.want {
            Want::Address => call.answer(again(attempt, sign_in).await),
            Want::Paste(text) => match judged(sign_in, text) {
                Ok(answer) => {
                    let parameters = of_pasted(text);
                    call.answer(Ok(()));
                    return Brought { answer, parameters };
                }
                Err(error) => {
                    let reason = format!("pasted: {}", error.code());
                    trail.record(agent.host.now(), EventKind::CallbackIgnored { reason });
                    call.answer(Err(refusal(&error)));
                }
            },
        }
    }
}

/// What stands behind the `?` of an address that was found to be this sign-in's own.
#[expect(clippy::disallowed_methods, reason = "told in the journal, its secrets by their fingerprints")]
fn of_pasted(text: &Secret) -> Vec<Pair> {
    let pasted = text.expose();
    let (_, query) = pasted.split_once('?').unwrap_or_default();
    brought_by_browser(
        query.split('#').next().unwrap_or_default().trim_end_matches(['\'', '"', '>', ' ', '\n']).as_bytes(),
    )
}

#[expect(clippy::disallowed_methods, reason = "the rules read it: it is an answer like the browser's")]
fn judged(sign_in: &SignIn, text: &Secret) -> Result<OurAnswer, PasteError> {
    sign_in.judge_pasted(text.expose())
}

/// A request that was pushed is good for once: it is pushed once more (PAR-03). Any other address stays good.
async fn again(attempt: &Attempt<'_>, sign_in: &SignIn) -> Result<(), Refusal> {
    let Attempt { agent, progress, trail, .. } = attempt;
    let Some(request) = sign_in.push_again() else { return Ok(()) };
    let asking = trail.asking(Purpose::Push);
    let answer = sent(&agent.host, &agent.nonces, asking, request, LARGEST_ANSWER).await;
    let answer = answer.map_err(|error| error.refusal())?;
    let address = sign_in.pushed_again(&answer.response).map_err(|error| refusal(&error))?;
    progress.opens(asked(attempt, address).await?);
    trail.record(agent.host.now(), EventKind::RequestPushed { took_ms: milliseconds(answer.took) });
    Ok(())
}

fn page_for(answer: &OurAnswer, is_silent: bool) -> Page {
    match (answer.error_code(), answer.refusal_code()) {
        (None, _) | (_, None) => Page::Received,
        (Some(_), _) if is_silent && answer.needs_interaction() => Page::Received,
        (Some("access_denied"), _) => Page::Declined,
        (Some(_), Some(code)) => Page::Refused { code },
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
