//! Where one run of probes is worked on: what it may send, what it has sent, and what it got.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use doorkey_client::words::{ProbeOutcome, ProbeRequest, Profile, Refusal};
use doorkey_oauth::{
    AccessToken, ClientSettings, DpopKey, IdTokenText, Introspected, Introspection, Metadata, RefreshToken, Request,
    RevocableToken, negative_request, userinfo_request, userinfo_request_bound,
};
use serde_json::{Map, Value};

use super::Run;
use super::answer::Answered;
use super::rules::Rule;
use crate::agent::Agent;
use crate::exchanged::Purpose;
use crate::http::Answer;
use crate::journal::Trail;
use crate::sending::{SendError, sent};

const LARGEST_ANSWER: usize = 1024 * 1024;
const USUAL_PACE: u32 = 500;
/// Kept back for revoking what was got.
const FOR_CLEANING: u32 = 40;
/// For an answer that is on its way when the run is stopped: it may bring tokens, which are revoked then.
const STOPPED_WITHIN: Duration = Duration::from_secs(3);
/// News of a revocation may take a moment to spread (RFC 7009 section 2).
const SPREADS_WITHIN: Duration = Duration::from_secs(2);

pub(super) struct Desk<'a> {
    pub(super) agent: &'a Arc<Agent>,
    pub(super) profile: &'a Profile,
    pub(super) request: &'a ProbeRequest,
    pub(super) client: ClientSettings,
    pub(super) metadata: &'a Metadata,
    pub(super) run: &'a Run,
    pub(super) trail: &'a Trail,
    /// Everything that was got, and by which client, to be revoked at the end.
    pub(super) made: Vec<(ClientSettings, RevocableToken)>,
    /// So many requests for tokens were sent and brought no answer.
    pub(super) unanswered: u32,
    /// Who signed in, as the ID tokens say. Not believed: it only leaves tokens alone.
    pub(super) people: BTreeSet<String>,
    /// How long the browser was away at the last good visit.
    pub(super) last_visit_took: Option<Duration>,
}

/// Why something was not found out.
pub(super) enum Stop {
    /// The whole run ends.
    Run(Refusal),
    /// This could not be asked.
    NotAsked(String),
}

pub(super) type Found = (ProbeOutcome, String);

impl<'a> Desk<'a> {
    pub(super) fn new(
        agent: &'a Arc<Agent>,
        profile: &'a Profile,
        request: &'a ProbeRequest,
        client: ClientSettings,
        metadata: &'a Metadata,
        run: &'a Run,
        trail: &'a Trail,
    ) -> Self {
        Self {
            agent,
            profile,
            request,
            client,
            metadata,
            run,
            trail,
            made: Vec::new(),
            unanswered: 0,
            people: BTreeSet::new(),
            last_visit_took: None,
        }
    }

    pub(super) fn is_public(&self) -> bool {
        self.client.client_secret.is_none() && self.client.client_key.is_none()
    }

    /// Whether nothing but having it is needed to use a refresh token (RFC 9700 section 4.14.2).
    pub(super) fn is_free_to_renew(&self) -> bool {
        self.is_public() && self.client.dpop.is_none()
    }

    /// Tells what was found.
    ///
    /// # Errors
    /// When the whole run ends.
    pub(super) fn tell(&self, rule: Rule, found: Result<Found, Stop>) -> Result<(), Refusal> {
        match found {
            Ok((outcome, got)) => self.run.tell(rule, outcome, got),
            Err(Stop::NotAsked(why)) => self.run.tell(rule, ProbeOutcome::NotAsked, why),
            Err(Stop::Run(why)) => return Err(why),
        }
        Ok(())
    }

    /// What is asked of the token endpoint, as the profile's client.
    pub(super) async fn token(&mut self, fields: &[(String, String)]) -> Result<Answered, Stop> {
        let client = self.client.clone();
        self.token_as(&client, fields).await
    }

    /// The same as any client. Whatever tokens come are remembered, to be revoked.
    pub(super) async fn token_as(
        &mut self,
        client: &ClientSettings,
        fields: &[(String, String)],
    ) -> Result<Answered, Stop> {
        let request = negative_request(self.metadata, client, &self.metadata.token_endpoint, fields)
            .map_err(|error| Stop::NotAsked(error.to_string()))?;
        let answered = Answered::of(&self.send(Purpose::Token, request).await?);
        self.people.extend(answered.id_token().and_then(|token| claim_of(&token, "sub")));
        let tokens = [
            answered.refresh_token().map(RevocableToken::Refresh),
            answered.access_token().map(RevocableToken::Access),
        ];
        for token in tokens.into_iter().flatten() {
            if !self.made.iter().any(|(_, made)| is_same(made, &token)) {
                self.made.push((client.clone(), token));
            }
        }
        Ok(answered)
    }

    pub(super) async fn refresh(&mut self, token: &RefreshToken) -> Result<Answered, Stop> {
        self.token(&refresh_fields(token, None)).await
    }

    /// Whether an access token opens anything: userinfo, or what introspection says. Nothing where neither can be asked.
    pub(super) async fn opens(&mut self, token: &AccessToken) -> Result<Option<bool>, Stop> {
        if let Some(endpoint) = &self.metadata.userinfo_endpoint {
            let key: Option<&DpopKey> = self.client.dpop.as_ref();
            let request = match key {
                Some(key) => userinfo_request_bound(endpoint, token, key),
                None => userinfo_request(endpoint, token),
            };
            let status = self.send(Purpose::Userinfo, request).await?.response.status();
            return match status.as_u16() {
                200 => Ok(Some(true)),
                400..=403 => Ok(Some(false)),
                other => Err(Stop::NotAsked(format!("userinfo answered with HTTP {other}"))),
            };
        }
        let token = RevocableToken::Access(token.clone());
        let Ok(introspection) = Introspection::begin(self.metadata, &self.client, token) else { return Ok(None) };
        let answer = self.send(Purpose::Introspection, introspection.request()).await?;
        match introspection.finish(&answer.response) {
            Ok(Introspected::Active(_)) => Ok(Some(true)),
            Ok(Introspected::Inactive) => Ok(Some(false)),
            Err(error) => Err(Stop::NotAsked(error.to_string())),
        }
    }

    /// The same of a token that must open nothing any more, which is given a moment.
    pub(super) async fn still_opens(&mut self, token: &AccessToken) -> Result<Option<bool>, Stop> {
        match self.opens(token).await? {
            Some(true) => {}
            other => return Ok(other),
        }
        tokio::select! {
            biased;
            why = self.run.stopped() => return Err(Stop::Run(why)),
            () = tokio::time::sleep(SPREADS_WITHIN) => {}
        }
        self.opens(token).await
    }

    /// One request, after its pause, while there may be another.
    pub(super) async fn send(&mut self, purpose: Purpose, request: Request) -> Result<Answer, Stop> {
        if self.run.now().requests >= ProbeRequest::MOST_REQUESTS - FOR_CLEANING {
            return Err(Stop::NotAsked("as many requests as a run may send were sent".to_owned()));
        }
        tokio::select! {
            biased;
            why = self.run.stopped() => return Err(Stop::Run(why)),
            () = tokio::time::sleep(self.pace()) => {}
        }
        let run = self.run.clone();
        let stopped = async {
            let why = run.stopped().await;
            tokio::time::sleep(STOPPED_WITHIN).await;
            why
        };
        let (stop, may_have_been_sent) = tokio::select! {
            biased;
            answer = self.exchange(purpose, request) => match answer {
                Ok(answer) => return Ok(answer),
                Err(error) => (Stop::NotAsked(error.refusal().message), error.may_have_been_sent()),
            },
            why = stopped => (Stop::Run(why), true),
        };
        self.unanswered += u32::from(purpose == Purpose::Token && may_have_been_sent);
        Err(stop)
    }

    /// The pause between requests.
    pub(super) fn pace(&self) -> Duration {
        Duration::from_millis(u64::from(self.request.pace_ms.unwrap_or(USUAL_PACE)))
    }

    /// # Errors
    /// Why there is no answer.
    pub(super) async fn exchange(&self, purpose: Purpose, request: Request) -> Result<Answer, SendError> {
        let Self { agent, trail, run, .. } = self;
        run.change(|view| view.requests += 1);
        sent(&agent.host, &agent.nonces, trail.asking(purpose), request, LARGEST_ANSWER).await
    }
}

/// Read, and not believed: whose signature it has is judged in every sign-in. Nothing where it cannot be read, such as one
/// that is encrypted.
#[expect(clippy::disallowed_methods, reason = "claims are looked at")]
pub(super) fn claims_of(id_token: &IdTokenText) -> Option<Map<String, Value>> {
    let mut parts = id_token.expose().split('.');
    let (payload, signature, rest) = (parts.nth(1)?, parts.next(), parts.next());
    if signature.is_none() || rest.is_some() {
        return None;
    }
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).ok()?).ok()
}

fn claim_of(id_token: &IdTokenText, name: &str) -> Option<String> {
    claims_of(id_token)?.get(name)?.as_str().map(str::to_owned)
}

fn is_same(one: &RevocableToken, other: &RevocableToken) -> bool {
    match (one, other) {
        (RevocableToken::Refresh(one), RevocableToken::Refresh(other)) => one.same_as(other),
        (RevocableToken::Access(one), RevocableToken::Access(other)) => one.same_as(other),
        (RevocableToken::Refresh(_), RevocableToken::Access(_))
        | (RevocableToken::Access(_), RevocableToken::Refresh(_)) => false,
    }
}

/// RFC 6749 section 6.
#[expect(clippy::disallowed_methods, reason = "it goes to the provider that gave it")]
pub(super) fn refresh_fields(token: &RefreshToken, scope: Option<&str>) -> Vec<(String, String)> {
    let field = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let mut fields = vec![field("grant_type", "refresh_token"), field("refresh_token", token.expose())];
    fields.extend(scope.map(|scope| field("scope", scope)));
    fields
}

/// Passed where it was refused, failed where it gave tokens; anything else says nothing.
pub(super) fn must_refuse(answered: &Answered) -> Result<Found, Stop> {
    if answered.gave_tokens() {
        Ok((ProbeOutcome::Failed, answered.said()))
    } else if answered.is_refusal() {
        Ok((ProbeOutcome::Passed, answered.said()))
    } else {
        Err(Stop::NotAsked(format!("the provider answered with {}", answered.said())))
    }
}
