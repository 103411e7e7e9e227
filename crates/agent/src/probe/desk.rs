//! Where one run of probes is worked on: what it may send, what it has sent, and what it got.

use std::sync::Arc;
use std::time::Duration;

use doorkey_client::words::{ProbeOutcome, ProbeRequest, Profile, Refusal};
use doorkey_oauth::{
    AccessToken, ClientSettings, DpopKey, Introspected, Introspection, Metadata, RefreshToken, Request, RevocableToken,
    negative_request, userinfo_request, userinfo_request_bound,
};

use super::Run;
use super::answer::Answered;
use super::rules::Rule;
use crate::agent::Agent;
use crate::exchanged::Purpose;
use crate::http::Answer;
use crate::journal::Trail;
use crate::sending::sent;

const LARGEST_ANSWER: usize = 1024 * 1024;
const USUAL_PACE: u32 = 500;
/// Kept back for revoking what was got.
const FOR_CLEANING: u32 = 40;

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
        Self { agent, profile, request, client, metadata, run, trail, made: Vec::new() }
    }

    pub(super) fn is_public(&self) -> bool {
        self.client.client_secret.is_none() && self.client.client_key.is_none()
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
        let tokens = [
            answered.refresh_token().map(RevocableToken::Refresh),
            answered.access_token().map(RevocableToken::Access),
        ];
        self.made.extend(tokens.into_iter().flatten().map(|token| (client.clone(), token)));
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

    /// One request, after its pause, while there may be another.
    pub(super) async fn send(&mut self, purpose: Purpose, request: Request) -> Result<Answer, Stop> {
        if self.run.now().requests >= ProbeRequest::MOST_REQUESTS - FOR_CLEANING {
            return Err(Stop::NotAsked("as many requests as a run may send were sent".to_owned()));
        }
        tokio::select! {
            biased;
            why = self.run.stopped() => return Err(Stop::Run(why)),
            () = self.pause() => {}
        }
        self.exchange(purpose, request).await.map_err(Stop::NotAsked)
    }

    /// The pause between requests.
    pub(super) async fn pause(&self) {
        let pace = Duration::from_millis(u64::from(self.request.pace_ms.unwrap_or(USUAL_PACE)));
        tokio::time::sleep(pace).await;
    }

    /// # Errors
    /// Why there is no answer.
    pub(super) async fn exchange(&self, purpose: Purpose, request: Request) -> Result<Answer, String> {
        let Self { agent, trail, run, .. } = self;
        run.change(|view| view.requests += 1);
        let answer = sent(&agent.host, &agent.nonces, trail.asking(purpose), request, LARGEST_ANSWER).await;
        answer.map_err(|error| error.refusal().message)
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
