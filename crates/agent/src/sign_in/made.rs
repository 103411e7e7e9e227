//! What a sign-in brought, held against every rule, and the session it makes.

use std::time::Duration;

use doorkey_client::words::{EventKind, Identified, Profile, Refusal};
use doorkey_oauth::{
    AccessToken, Asked, ClientSettings, Expected, Metadata, Nonce, TokenType, Tokens, check_granted, renew_at,
};
use jiff::SignedDuration;

use super::milliseconds;
use crate::agent::Agent;
use crate::checks::{checked, looked_into};
use crate::journal::Trail;
use crate::record::{Identity, SessionRecord};
use crate::refusal::refusal;
use crate::time::Moment;
use crate::{account, id_token, refresh_end, userinfo};

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
            return account::identity(agent, metadata, source, tokens, self.client, self.trail).await;
        }
        let Some(text) = &tokens.id_token else {
            return Err(Refusal::new(
                "idtoken.missing",
                "The provider gave no ID token, so nobody can say who signed in.",
                "Add the scope `openid` to the profile.",
            ));
        };
        let report = id_token::judged(agent, self.trail, metadata, text, &expected).await?;
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
    pub(crate) async fn record(&self, identity: Identity, nonce: Option<Nonce>, asked_at: Moment) -> SessionRecord {
        let Self { agent, profile, client, metadata, asked, tokens, trail } = self;
        self.checked("granted", &check_granted(asked, tokens));
        let now = agent.host.now();
        trail.record(now, looked_into(metadata, &self.client.client_id, asked, tokens, now));
        let mut record = SessionRecord::new(
            profile.name.clone(),
            profile.issuer.clone(),
            client.client_id.clone(),
            identity,
            asked.scopes.clone(),
            asked.audience.clone(),
            tokens.access_token.clone(),
            asked_at.wall,
        );
        if let (TokenType::Dpop, Some(key)) = (tokens.token_type, &client.dpop) {
            record = record.bound_to(key.to_text());
        }
        tokens.token_type.name().clone_into(&mut record.token_type);
        record.endpoints.clone_from(&profile.endpoints);
        record.resources.clone_from(&asked.resources);
        record.refresh_token.clone_from(&tokens.refresh_token);
        record.id_token.clone_from(&tokens.id_token);
        record.nonce = nonce;
        if let Some(granted) = &tokens.scope {
            record.granted.clone_from(granted);
        }
        let jitter = agent.host.jitter();
        plan(&mut record, tokens.expires_in, asked_at, jitter);
        refresh_end::note(&mut record, tokens, Some(profile), jitter);
        userinfo::completed(agent, metadata, record, trail).await
    }

    fn checked(&self, subject: &str, checks: &[doorkey_oauth::Check]) {
        self.trail.record(self.agent.host.now(), checked(subject, checks));
    }
}

/// Life is counted from the moment the request went out: never too long.
pub(crate) fn plan(record: &mut SessionRecord, expires_in: Option<u64>, asked_at: Moment, jitter: f64) {
    let after = |seconds: i64| asked_at.wall.checked_add(SignedDuration::from_secs(seconds)).ok();
    record.issued_at = asked_at.wall;
    record.asked_at = Some(asked_at.uptime);
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
