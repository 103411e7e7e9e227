//! One visit of the person's browser at the provider, and the way back: bind · build the request · open · wait.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use doorkey_client::words::{EventKind, ProbeRequest, Refusal};
use doorkey_oauth::{Ask, Code, Entropy, Metadata, Nonce, Prepared, SignIn, State, Verifier, clean, negative_request};
use tokio::time::{Instant, sleep};
use url::{Url, form_urlencoded};

use super::answer::Answered;
use super::desk::{Desk, Stop};
use super::opens;
use crate::exchanged::{Purpose, asked_of_browser, brought_by_browser};
use crate::loopback::{Loopback, Page, Parameters, ResponseMode, Verdict, Wanted};
use crate::profiles::redirect_path;
use crate::refusal::refusal;

/// For the person.
const USUAL_PATIENCE: u32 = 300;
/// For an answer that should not come.
const USUAL_WAIT: u32 = 20;
/// A path that nobody has registered.
const NOT_REGISTERED: &str = "/doorkey-probe/not-registered";

/// How the request differs from a good one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Change {
    Good,
    NoChallenge,
    Plain,
    RedirectElsewhere,
    PromptNone,
    /// A good one after another was met with silence: whether the browser is still there.
    GoodAgain,
}

impl Change {
    /// Whether the person is waited for, and not only an answer that should not come.
    fn is_for_person(self) -> bool {
        match self {
            Self::Good => true,
            Self::NoChallenge | Self::Plain | Self::RedirectElsewhere | Self::PromptNone | Self::GoodAgain => false,
        }
    }
}

/// What a visit was made with. It holds secrets, so it has no `Debug`.
pub(super) struct Asked {
    pub(super) nonce: Nonce,
    pub(super) verifier: Verifier,
    pub(super) redirect_uri: Url,
    state: State,
}

/// What the browser brought.
pub(super) enum Back {
    Code {
        code: Code,
        /// As often as it came.
        iss: Vec<String>,
        asked: Asked,
    },
    Error(String),
    /// Neither a code nor an error, with our `state`.
    Neither,
    /// The browser was not sent: what the provider said where the request was pushed.
    NotPushed(String),
    /// Nothing that was ours; whether something came that looks like an answer all the same.
    Nothing {
        stateless: bool,
    },
}

impl Back {
    /// The error of an answer, or of a request that was pushed, where it is about the request itself: not about the
    /// moment, the person or the browser's session.
    ///
    /// # Errors
    /// Why nothing is known.
    pub(super) fn refusal(error: &str) -> Result<String, Stop> {
        const OF_OTHER_THINGS: [&str; 7] = [
            "server_error",
            "temporarily_unavailable",
            "access_denied",
            "login_required",
            "interaction_required",
            "consent_required",
            "account_selection_required",
        ];
        if OF_OTHER_THINGS.contains(&error) {
            return Err(Stop::NotAsked(format!("the provider answered with `{error}`, which is about something else")));
        }
        Ok(format!("`{error}`"))
    }
}

impl Desk<'_> {
    /// Sends the browser to the provider and waits for it.
    pub(super) async fn visit(&mut self, what: &str, change: Change) -> Result<Back, Stop> {
        if self.run.now().visits >= ProbeRequest::MOST_VISITS {
            return Err(Stop::NotAsked("the browser was sent as often as a run may send it".to_owned()));
        }
        let path = match change {
            Change::RedirectElsewhere => NOT_REGISTERED.to_owned(),
            Change::Good | Change::NoChallenge | Change::Plain | Change::PromptNone | Change::GoodAgain => {
                redirect_path(self.profile)
            }
        };
        let (host, ports) = (self.profile.redirect_host, self.profile.ports.clone());
        let wanted = Wanted { host, ports, path, mode: ResponseMode::Query };
        let loopback = Loopback::bind(&wanted).await.map_err(|error| Stop::Run(error.refusal()))?;
        let redirect_uri = loopback.redirect_uri().clone();
        let (address, asked) = match self.address(change, redirect_uri).await? {
            Ok(made) => made,
            Err(error) => return Ok(Back::NotPushed(error)),
        };
        let (url, parameters) = asked_of_browser(&address);
        let kind = EventKind::AuthorizationRequested { url, parameters, edited: Vec::new() };
        // Whoever has stopped the run is sent nowhere any more.
        tokio::select! {
            biased;
            why = self.run.stopped() => return Err(Stop::Run(why)),
            () = std::future::ready(()) => {}
        }
        self.trail.record(self.agent.host.now(), kind);
        opens(self.run, what, address.into());
        let began = Instant::now();
        let back = self.back(loopback, asked, change).await;
        self.run.change(|view| view.visit = None);
        if matches!((change, &back), (Change::Good | Change::GoodAgain, Ok(Back::Code { .. }))) {
            self.last_visit_took = Some(began.elapsed());
        }
        back
    }

    /// How long an answer is waited for that should not come.
    pub(super) fn wait(&self) -> Duration {
        Duration::from_secs(u64::from(self.request.wait.unwrap_or(USUAL_WAIT)))
    }

    /// Whether the browser came back by itself the last time, well before an answer that should not come is given up.
    pub(super) fn comes_back_by_itself(&self) -> bool {
        self.last_visit_took.is_some_and(|took| took <= self.wait() / 2)
    }

    /// One that must bring a code: everything that is asked later needs it.
    pub(super) async fn code(&mut self, what: &str) -> Result<(Code, Asked), Stop> {
        match self.visit(what, Change::Good).await? {
            Back::Code { code, asked, .. } => Ok((code, asked)),
            Back::Error(error) | Back::NotPushed(error) => {
                Err(Stop::NotAsked(format!("the provider refused a good request with `{error}`")))
            }
            Back::Neither => Err(Stop::NotAsked("the provider answered a good request with nothing".to_owned())),
            Back::Nothing { .. } => Err(Stop::Run(
                Refusal::new("callback.timeout", "The browser did not come back in time.", "Start the probes again.")
                    .retryable(),
            )),
        }
    }

    /// The address to open; the error where the provider already refuses what is pushed to it.
    async fn address(&mut self, change: Change, redirect_uri: Url) -> Result<Result<(Url, Asked), String>, Stop> {
        let host = &self.agent.host;
        let entropy = Entropy { state: host.random(), nonce: host.random(), verifier: host.random() };
        let text = |bytes: [u8; 32]| URL_SAFE_NO_PAD.encode(bytes);
        let (state, nonce, verifier) = (text(entropy.state), text(entropy.nonce), text(entropy.verifier));
        // Where pushing is required, it is done here, with whatever was changed.
        let mut metadata: Metadata = self.metadata.clone();
        metadata.require_pushed_authorization_requests = false;
        let prepared = SignIn::prepare(&metadata, self.client.clone(), redirect_uri.clone(), entropy, &Ask::default())
            .map_err(|error| Stop::Run(refusal(&error)))?;
        let Prepared::Open(_, url) = prepared else { return Err(Stop::NotAsked("the request is pushed".to_owned())) };
        let own = metadata.authorization_endpoint.url().query_pairs().count();
        let mut pairs: Vec<(String, String)> = url.query_pairs().into_owned().skip(own).collect();
        match change {
            Change::Good | Change::GoodAgain | Change::RedirectElsewhere => {}
            Change::NoChallenge => pairs.retain(|(name, _)| !name.starts_with("code_challenge")),
            Change::Plain => {
                // Shaped like one; the journal shows a challenge, and must never show a verifier.
                set(&mut pairs, "code_challenge", text(host.random()));
                set(&mut pairs, "code_challenge_method", "plain".to_owned());
            }
            Change::PromptNone => set(&mut pairs, "prompt", "none".to_owned()),
        }
        if self.metadata.require_pushed_authorization_requests {
            match self.pushed(&pairs).await? {
                Ok(request_uri) => {
                    let client_id = self.client.client_id.clone();
                    pairs = vec![("client_id".to_owned(), client_id), ("request_uri".to_owned(), request_uri)];
                }
                Err(error) => return Ok(Err(error)),
            }
        }
        let mut address = metadata.authorization_endpoint.url().clone();
        address.query_pairs_mut().extend_pairs(pairs);
        let (state, nonce, verifier) = (State::new(state), Nonce::new(nonce), Verifier::new(verifier));
        Ok(Ok((address, Asked { nonce, verifier, redirect_uri, state })))
    }

    /// RFC 9126 section 2.
    async fn pushed(&mut self, pairs: &[(String, String)]) -> Result<Result<String, String>, Stop> {
        let Some(endpoint) = &self.metadata.pushed_authorization_request_endpoint else {
            return Err(Stop::NotAsked("the provider wants pushed requests and does not say where".to_owned()));
        };
        let request = negative_request(self.metadata, &self.client, endpoint, pairs)
            .map_err(|error| Stop::NotAsked(error.to_string()))?;
        let answered = Answered::of(&self.send(Purpose::Push, request).await?);
        match answered.request_uri() {
            Some(request_uri) => Ok(Ok(request_uri)),
            None if answered.is_refusal() => Ok(Err(answered.error())),
            None => Err(Stop::NotAsked(format!("the request could not be pushed: {}", answered.said()))),
        }
    }

    async fn back(&self, loopback: Loopback, asked: Asked, change: Change) -> Result<Back, Stop> {
        let longest = match change.is_for_person() {
            true => Duration::from_secs(u64::from(self.request.timeout.unwrap_or(USUAL_PATIENCE))),
            false => self.wait(),
        };
        // Anybody can send such a one: it is told, and the wait for ours goes on.
        let stateless = AtomicBool::new(false);
        let judge = |parameters: &Parameters| {
            let pairs: Vec<(String, String)> = form_urlencoded::parse(parameters.bytes()).into_owned().collect();
            let all = |name: &str| -> Vec<&str> {
                pairs.iter().filter(|(other, _)| other == name).map(|(_, value)| value.as_str()).collect()
            };
            let states = all("state");
            match states.as_slice() {
                [state] if asked.state.matches(state.as_bytes()) => {
                    // An empty value counts as absent (RFC 6749 section 3.1).
                    let one =
                        |name: &str| all(name).first().map(|value| (*value).to_owned()).filter(|it| !it.is_empty());
                    let iss: Vec<String> = all("iss").into_iter().map(str::to_owned).collect();
                    let brought = (one("code").map(Code::new), one("error"), iss);
                    let value = (brought, brought_by_browser(parameters.bytes()));
                    Verdict::Ours { value, page: Page::Received }
                }
                _ => {
                    // Nothing but a redirect leads to a path that nobody knows.
                    let is_redirect = change == Change::RedirectElsewhere;
                    // With one of another visit it may come from a page that was open before.
                    let is_stale = states.len() == 1;
                    if is_redirect || (!is_stale && (!all("code").is_empty() || !all("error").is_empty())) {
                        stateless.store(true, Ordering::Relaxed);
                    }
                    Verdict::NotOurs { reason: "not the state of this probe", hint: None }
                }
            }
        };
        let deadline = sleep(longest);
        let ((code, error, iss), parameters) = tokio::select! {
            biased;
            why = self.run.stopped() => return Err(Stop::Run(why)),
            back = loopback.wait(judge, drop, deadline) => match back {
                Ok(back) => back,
                Err(_) => return Ok(Back::Nothing { stateless: stateless.load(Ordering::Relaxed) }),
            },
        };
        self.trail.record(self.agent.host.now(), EventKind::CallbackReceived { parameters });
        Ok(match (code, error) {
            (_, Some(error)) => Back::Error(clean(&error, 60)),
            (Some(code), None) => Back::Code { code, iss, asked },
            (None, None) => Back::Neither,
        })
    }
}

fn set(pairs: &mut Vec<(String, String)>, name: &str, value: String) {
    pairs.retain(|(other, _)| other != name);
    pairs.push((name.to_owned(), value));
}
