//! One request for a token for another API, and what becomes of the session by it.

use std::sync::Arc;

use doorkey_client::words::{EventKind, Refusal};
use doorkey_oauth::{
    AccessToken, Asked, CheckOutcome, ClientSettings, RefreshToken, SubjectToken, TokenError, TokenExchange, Tokens,
    check_granted, clean,
};
use jiff::{SignedDuration, Timestamp};

use super::wish::{insufficient_scope, other_audience};
use super::{FurtherToken, Wish};
use crate::agent::Agent;
use crate::application::{self, Own};
use crate::checks::words;
use crate::exchanged::Purpose;
use crate::journal::Trail;
use crate::record::SessionRecord;
use crate::refreshing::{Aim, Failed, Refreshed, refreshed};
use crate::refusal::refusal;
use crate::renew::{after_an_interruption, ended, kept};
use crate::sending::sent;
use crate::session::Turn;
use crate::sign_in::tokens_received;
use crate::time::Moment;

const LARGEST_ANSWER: usize = 1024 * 1024;

pub(super) async fn run(agent: Arc<Agent>, turn: Turn, wish: Wish) {
    let live = Arc::clone(turn.live());
    let record = Arc::clone(&live.held().record);
    let trail = agent.journal.trail(&record.profile, &agent.host.identifier());
    let kind = EventKind::FurtherTokenAsked {
        audience: wish.audience.clone(),
        resources: wish.resources.clone(),
        scope: wish.scopes.clone(),
        connection: wish.connection.clone(),
    };
    trail.record(agent.host.now(), kind);
    let interrupted = agent.vault.was_interrupted(live.id);
    agent.vault.intend_to_renew(live.id).await;
    let got = got(&agent, &record, &wish, &trail).await;
    let got = if interrupted { got.map_err(after_an_interruption) } else { got };
    let outcome = match got {
        Ok(Got { token, rotated }) => {
            // Durable before anything is handed out (design 2.5), even when what came with it is of no use.
            if let Some(rotated) = rotated {
                kept(&agent, &live, *rotated, &trail).await;
            }
            token
        }
        Err(Failed::Ended(problem)) => {
            let problem = ended(&agent, &live, problem, &trail).await;
            agent.tell_session(&live);
            Err(problem)
        }
        Err(Failed::NotJudged { refusal, rotated, retry_after: _ }) => {
            kept(&agent, &live, *rotated, &trail).await;
            Err(refusal)
        }
        Err(Failed::NotThis { error, refusal }) => Err(not_this(&record, &wish, &error, refusal)),
        Err(Failed::Asks(refusal) | Failed::Later { refusal, .. }) => Err(refusal),
    };
    agent.vault.renewal_ended(live.id).await;
    let outcome = outcome.map_err(|refusal| refusal.about(&record.profile));
    live.further.put(&wish, outcome, agent.host.moment());
    turn.end(Ok(()));
    agent.plan_changed.notify_one();
}

/// What a request brought: a token or why it is not the one that was wanted, and the refresh token that counts now.
struct Got {
    token: Result<FurtherToken, Refusal>,
    rotated: Option<Box<SessionRecord>>,
}

async fn got(agent: &Agent, record: &SessionRecord, wish: &Wish, trail: &Trail) -> Result<Got, Failed> {
    if let Some(connection) = &wish.connection {
        let token = of_connection(agent, record, wish, connection, trail).await?;
        return Ok(Got { token, rotated: None });
    }
    if record.is_application() {
        let client = ClientSettings {
            scopes: if wish.scopes.is_empty() { record.asked.clone() } else { wish.scopes.clone() },
            audience: wish.audience.clone().or_else(|| record.audience.clone().filter(|_| wish.resources.is_empty())),
            resources: wish.resources.clone(),
            ..agent.client_of(record)
        };
        let metadata = agent.metadata_of(record, trail).await.map_err(Failed::later)?;
        let Own { tokens, asked, asked_at } = application::granted(agent, &metadata, &client, trail).await?;
        return Ok(Got { token: wanted(record, wish, tokens, asked, asked_at), rotated: None });
    }
    let aim = Aim::Narrowed { scopes: wish.scopes.clone(), target: wish.target() };
    let Refreshed { tokens, asked, asked_at, rotated } = refreshed(agent, record, &aim, trail).await?;
    let kind = EventKind::Checked { subject: "granted".to_owned(), checks: words(&check_granted(&asked, &tokens)) };
    trail.record(agent.host.now(), kind);
    let rotated = tokens.refresh_token.is_some().then(|| Box::new(rotated));
    Ok(Got { token: wanted(record, wish, tokens, asked, asked_at), rotated })
}

/// A token for another API, or without a scope, is never passed off as the one that was wanted.
fn wanted(
    record: &SessionRecord,
    wish: &Wish,
    tokens: Tokens,
    asked: Asked,
    asked_at: Moment,
) -> Result<FurtherToken, Refusal> {
    let audience = check_granted(&asked, &tokens).into_iter().find(|check| check.name == "granted.audience");
    let names_api = wish.audience.is_some() || !wish.resources.is_empty();
    if let Some(check) = audience.as_ref().filter(|check| names_api && check.outcome == CheckOutcome::Warned) {
        let why = format!("The provider was asked for `{}` and gave a token for `{}`", wish.api(), check.got);
        return Err(other_audience(record, &why, OTHER_API));
    }
    // RFC 6749 section 5.1: not told means as asked.
    let scope = tokens.scope.unwrap_or_else(|| match asked.scopes.as_slice() {
        [] => record.granted.clone(),
        asked => asked.to_vec(),
    });
    if let Some(missing) = wish.scopes.iter().find(|wanted| !scope.contains(wanted)) {
        return Err(insufficient_scope(record, missing, None));
    }
    let not_shown = |check: &doorkey_oauth::Check| check.outcome != CheckOutcome::Passed;
    Ok(FurtherToken {
        access_token: tokens.access_token,
        token_type: tokens.token_type.name().to_owned(),
        dpop_key: record.dpop_key.clone(),
        asked_at,
        expires_at: ends(asked_at, tokens.expires_in),
        scope,
        asked,
        audience_not_shown: names_api && audience.as_ref().is_some_and(not_shown),
    })
}

const OTHER_API: &str = "Make a profile for that API and sign in with it; or let the provider give this application tokens \
                         for several APIs (RFC 8707; at Auth0, multi-resource refresh tokens).";

/// The provider's no, with what to change.
fn not_this(record: &SessionRecord, wish: &Wish, error: &TokenError, refusal: Refusal) -> Refusal {
    match (error, wish.scopes.first()) {
        (TokenError::InvalidTarget { description }, _) => {
            let told = description.as_deref().map(|told| format!(" (“{told}”)")).unwrap_or_default();
            let why = format!("The provider gives this sign-in no token for `{}`{told}", wish.api());
            other_audience(record, &why, OTHER_API)
        }
        (TokenError::InvalidScope { description }, Some(scope)) => {
            let told = description.as_deref().map(|told| format!("“{told}”."));
            insufficient_scope(record, scope, told.as_deref())
        }
        _ => refusal,
    }
}

/// The upstream identity provider's own token, for the refresh token or, without one, for the access token.
async fn of_connection(
    agent: &Agent,
    record: &SessionRecord,
    wish: &Wish,
    connection: &str,
    trail: &Trail,
) -> Result<Result<FurtherToken, Refusal>, Failed> {
    let host = &agent.host;
    let subject = match &record.refresh_token {
        Some(token) => SubjectToken::Refresh(RefreshToken::clone(token)),
        None => SubjectToken::Access(AccessToken::clone(&record.access_token)),
    };
    let metadata = agent.metadata_of(record, trail).await.map_err(Failed::later)?;
    let client = agent.client_of(record);
    let exchange = TokenExchange::of_connection(&metadata, &client, subject, connection, None)
        .map_err(|error| Failed::later(refusal(&error)))?;
    let asked_at = host.moment();
    let answer = sent(host, &agent.nonces, trail.asking(Purpose::Token), exchange.request(), LARGEST_ANSWER)
        .await
        .map_err(|error| Failed::later(error.refusal()))?;
    let tokens = match exchange.finish(&answer.response) {
        Ok(exchanged) => exchanged.tokens,
        Err(error) => return Ok(Err(no_connection(connection, &error))),
    };
    trail.record(host.now(), tokens_received(&tokens, answer.took));
    let scope = tokens.scope.unwrap_or_default();
    if let Some(missing) = wish.scopes.iter().find(|wanted| !scope.contains(wanted)) {
        return Ok(Err(Refusal::new(
            "broker.insufficient_scope",
            format!("`{}` did not grant the scope `{}`.", clean(connection, 80), clean(missing, 80)),
            "Ask for it at sign-in, with the parameter `connection_scope`, and sign in again.",
        )));
    }
    Ok(Ok(FurtherToken {
        access_token: tokens.access_token,
        token_type: tokens.token_type.name().to_owned(),
        dpop_key: record.dpop_key.clone(),
        asked_at,
        expires_at: ends(asked_at, tokens.expires_in),
        scope,
        asked: Asked::default(),
        audience_not_shown: false,
    }))
}

fn no_connection(connection: &str, error: &TokenError) -> Refusal {
    let plain = refusal(error);
    if !matches!(
        error,
        TokenError::Refused { .. } | TokenError::UnsupportedGrant { .. } | TokenError::CodeRejected { .. }
    ) {
        return plain;
    }
    let told = match error {
        TokenError::Refused { error, description } => {
            format!(" (`{error}`{})", description.as_deref().map(|told| format!(": “{told}”")).unwrap_or_default())
        }
        _ => String::new(),
    };
    Refusal::new(
        "token.connection_refused",
        format!("The provider gave no token of `{}`{told}.", clean(connection, 80)),
        "Connect that account at the provider once more. There the connection must keep its tokens, and this application must be allowed to have them (Auth0: Token Vault, for confidential applications without refresh token rotation).",
    )
}

fn ends(asked_at: Moment, expires_in: Option<u64>) -> Option<Timestamp> {
    asked_at.wall.checked_add(SignedDuration::from_secs(i64::try_from(expires_in?).ok()?)).ok()
}

#[cfg(test)]
mod tests {
    use doorkey_oauth::TokenType;

    use super::*;
    use crate::record::ada;
    use crate::time::Uptime;

    const API: &str = "https://bills.example.test";

    fn wished(scopes: &[&str]) -> Wish {
        let scopes = scopes.iter().map(|scope| (*scope).to_owned()).collect();
        Wish { audience: Some(API.to_owned()), resources: Vec::new(), scopes, connection: None }
    }

    fn answered(token: &str, scope: Option<&str>, wish: &Wish) -> Result<FurtherToken, Refusal> {
        let tokens = Tokens {
            access_token: AccessToken::new(token.to_owned()),
            token_type: TokenType::Bearer,
            expires_in: Some(60),
            scope: scope.map(|scope| scope.split(' ').map(str::to_owned).collect()),
            refresh_token: None,
            refresh_expires_in: None,
            id_token: None,
            authorization_details: None,
        };
        let mut asked = Asked::default();
        asked.audience.clone_from(&wish.audience);
        asked.scopes.clone_from(&wish.scopes);
        let asked_at = Moment { wall: Timestamp::UNIX_EPOCH, uptime: Uptime::default() };
        wanted(&ada(), wish, tokens, asked, asked_at)
    }

    #[test]
    fn a_token_for_another_api_is_thrown_away() {
        // {"alg":"none"} . {"aud":"https://notes.example.test"}
        let foreign = "eyJhbGciOiJub25lIn0.eyJhdWQiOiJodHRwczovL25vdGVzLmV4YW1wbGUudGVzdCJ9.c2ln";
        let Err(refused) = answered(foreign, None, &wished(&[])) else { panic!("passed off as the wanted one") };
        assert_eq!(refused.code, "broker.other_audience");
        assert!(refused.message.contains(API) && refused.message.contains("notes.example.test"), "{refused:?}");
        assert!(!format!("{refused:?}").contains("eyJ"), "no token in a refusal");
    }

    #[test]
    fn a_token_that_cannot_be_looked_into_says_so() {
        let opaque = answered("opaque", None, &wished(&[])).expect("it may be the right one");
        assert!(opaque.audience_not_shown);
        // {"alg":"none"} . {"aud":"https://bills.example.test"}
        let shown = "eyJhbGciOiJub25lIn0.eyJhdWQiOiJodHRwczovL2JpbGxzLmV4YW1wbGUudGVzdCJ9.c2ln";
        assert!(!answered(shown, None, &wished(&[])).expect("the right one").audience_not_shown);
    }

    #[test]
    fn a_token_without_a_scope_that_was_asked_for_is_thrown_away() {
        let Err(refused) = answered("opaque", Some("bills:read"), &wished(&["bills:write"])) else {
            panic!("passed off as the wanted one")
        };
        assert_eq!(refused.code, "broker.insufficient_scope");
        let as_asked = answered("opaque", None, &wished(&["bills:read"])).expect("not told means as asked");
        assert_eq!(as_asked.scope, ["bills:read"]);
    }
}
