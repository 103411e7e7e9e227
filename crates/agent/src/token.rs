//! Handing out an access token. Never opens a browser (design 2.9), never hands out a refresh token (B-20).

mod hand_out;

use std::sync::Arc;

use doorkey_client::Secret;
use doorkey_client::words::{EventKind, Refusal, TokenAnswer, TokenRequest};
use doorkey_oauth::{AccessToken, Asked, DpopKeyText};
use jiff::Timestamp;

pub(crate) use self::hand_out::{HandOut, HandOuts};
use crate::agent::Agent;
use crate::application;
use crate::consent;
use crate::further::{FurtherToken, Needed, Wish, ended_already, further_token};
use crate::peer::Peer;
use crate::record::SessionRecord;
use crate::renew::{Reason, renewed};
use crate::session::{Held, Live, Standing};
use crate::sessions::Several;

/// What a program can do with a token that ends sooner is not worth handing it out.
const USUAL_TTL: u32 = 10;

/// A token on its way to a program.
pub(crate) struct Given {
    pub(crate) record: Arc<SessionRecord>,
    pub(crate) access_token: AccessToken,
    pub(crate) token_type: String,
    pub(crate) dpop_key: Option<DpopKeyText>,
    pub(crate) expires_at: Option<Timestamp>,
    pub(crate) scope: Vec<String>,
    /// What was asked for, as far as a look at the token may want to know.
    pub(crate) asked: Asked,
    pub(crate) not_shown: Vec<String>,
}

pub(crate) async fn token(agent: &Arc<Agent>, request: &TokenRequest, peer: &Peer) -> Result<TokenAnswer, Refusal> {
    let said = |given: &Given, program, pid| {
        let access_token = given.access_token.fingerprint();
        EventKind::TokenGiven { program, pid, access_token }
    };
    let (given, ()) = handed_out(agent, request, peer, said, |_| Ok(())).await?;
    Ok(answer(&given))
}

/// Finds the token and what `usable` makes of it, and says in the journal who was given it, or why not.
pub(crate) async fn handed_out<T>(
    agent: &Arc<Agent>,
    request: &TokenRequest,
    peer: &Peer,
    said: impl FnOnce(&Given, String, u32) -> EventKind,
    usable: impl FnOnce(&Given) -> Result<T, Refusal>,
) -> Result<(Given, T), Refusal> {
    let outcome = consented_and_found(agent, request, peer).await.and_then(|given| {
        let made = usable(&given)?;
        Ok((given, made))
    });
    let now = agent.host.now();
    let (program, pid) = (peer.name(), peer.pid());
    match &outcome {
        Ok((given, _)) => {
            let kind = said(given, program, pid);
            agent.journal.record(now, Some(&given.record.profile), None, kind);
        }
        Err(refusal) => {
            // What would be asked has the program's own words in it, which are nothing for a file.
            let refusal = Refusal { fix: None, ..refusal.clone() };
            let kind = EventKind::TokenRefused { program, pid, refusal };
            agent.journal.record(now, request.profile.as_deref(), None, kind);
        }
    }
    outcome
}

/// The same where nothing has to be waited for; nothing where something has, where the answer is a refusal or longer
/// than `largest`: [`token`] knows then. It hands out what [`token`] would, by the same rules: [`at_hand`].
pub(crate) fn at_once(agent: &Agent, request: &TokenRequest, peer: &Peer, largest: usize) -> Option<Arc<HandOut>> {
    if !agent.is_loaded() {
        return None;
    }
    let live = agent.sessions.pick(request.profile.as_deref(), request.account.as_deref(), Several::Preferred).ok()?;
    // Whether an application's token is still of its profile is looked at by the long way.
    if live.is_application() {
        return None;
    }
    let (held, audience_not_shown) = at_hand(agent, &live, request).ok()??;
    // The answer that is kept has the times of the record.
    if audience_not_shown
        || held.expires_at(agent.host.moment()) != held.record.expires_at
        || !consent::stands(agent, peer, &held.record)
    {
        return None;
    }
    let hand_out = live.hand_outs.of(&held.record);
    if hand_out.json.len() > largest {
        return None;
    }
    // Nobody gets a token without an entry in the journal.
    let access_token = hand_out.fingerprint.clone();
    let kind = EventKind::TokenGiven { program: peer.name(), pid: peer.pid(), access_token };
    agent.journal.record(agent.host.now(), Some(&held.record.profile), None, kind);
    Some(hand_out)
}

/// Nothing is asked at the provider for a program that may not have it, and nothing handed out that it may not have.
async fn consented_and_found(agent: &Arc<Agent>, request: &TokenRequest, peer: &Peer) -> Result<Given, Refusal> {
    agent.loaded().await?;
    let consented_to = consent::before(agent, peer, request).await?;
    let given = found(agent, request).await?;
    consent::after(agent, peer, request, &consented_to, &given).await?;
    Ok(given)
}

/// The session's own token where it will do, else one for what was asked for.
async fn found(agent: &Arc<Agent>, request: &TokenRequest) -> Result<Given, Refusal> {
    agent.loaded().await?;
    let live = live(agent, request).await?;
    if let Some((held, audience_not_shown)) = at_hand(agent, &live, request)? {
        return Ok(of_held(agent, held, audience_not_shown));
    }
    let min_ttl = min_ttl(request);
    let held = live.still()?;
    if let Needed::Further(wish) = Wish::needed(&held, request)? {
        let token = further_token(agent, &live, &wish, min_ttl).await?;
        return Ok(of_further(held.record, &token));
    }
    let problem = match held.renewable() {
        true => renewed(agent, &live, Reason::TokenAsked { min_ttl }).await.err(),
        false => Some(ended(&live)),
    };
    // Signed out while this was waited for, perhaps.
    let held = live.still()?;
    match problem {
        // What is valid is handed out, even when it could not be made to last longer; the answer says until when.
        _ if held.valid_for(agent.host.moment(), 0) => match Wish::needed(&held, request)? {
            Needed::Own { audience_not_shown } => Ok(of_held(agent, held, audience_not_shown)),
            // The renewal brought less than there was before.
            Needed::Further(wish) => {
                let token = further_token(agent, &live, &wish, min_ttl).await?;
                Ok(of_further(held.record, &token))
            }
        },
        Some(problem) => Err(problem),
        None => Err(ended_already()),
    }
}

/// What the session has, when it is what is asked for and lasts long enough. Every rule about who may have what without
/// a question to the provider is here, so that both ways to a token obey it.
/// Beside it whether it cannot be seen that the token is for the resources that were asked for.
fn at_hand(agent: &Agent, live: &Live, request: &TokenRequest) -> Result<Option<(Held, bool)>, Refusal> {
    let held = live.still()?;
    Ok(match Wish::needed(&held, request)? {
        Needed::Own { audience_not_shown } if held.valid_for(agent.host.moment(), min_ttl(request)) => {
            Some((held, audience_not_shown))
        }
        Needed::Own { .. } | Needed::Further(_) => None,
    })
}

fn min_ttl(request: &TokenRequest) -> u32 {
    request.min_ttl.unwrap_or(USUAL_TTL)
}

/// Whose token it is; an application's first token is asked for here.
async fn live(agent: &Arc<Agent>, request: &TokenRequest) -> Result<Arc<Live>, Refusal> {
    match agent.session(request.profile.as_deref(), request.account.as_deref()) {
        Ok(live) if !live.is_application() => Ok(live),
        picked => application::live(agent, request, picked).await,
    }
}

fn of_held(agent: &Agent, held: Held, audience_not_shown: bool) -> Given {
    let expires_at = held.expires_at(agent.host.moment());
    Given { expires_at, ..of_session(held.record, audience_not_shown) }
}

pub(crate) fn of_session(record: Arc<SessionRecord>, audience_not_shown: bool) -> Given {
    let mut asked = Asked::default();
    asked.scopes.clone_from(&record.asked);
    asked.audience.clone_from(&record.audience);
    asked.resources.clone_from(&record.resources);
    Given {
        access_token: record.access_token.clone(),
        token_type: record.token_type.clone(),
        dpop_key: record.dpop_key.clone(),
        expires_at: record.expires_at,
        scope: record.granted.clone(),
        asked,
        not_shown: not_shown(audience_not_shown),
        record,
    }
}

fn of_further(record: Arc<SessionRecord>, token: &FurtherToken) -> Given {
    Given {
        record,
        access_token: token.access_token.clone(),
        token_type: token.token_type.clone(),
        dpop_key: token.dpop_key.clone(),
        expires_at: token.expires_at,
        scope: token.scope.clone(),
        asked: token.asked.clone(),
        not_shown: not_shown(token.audience_not_shown),
    }
}

fn not_shown(audience: bool) -> Vec<String> {
    if audience { vec!["audience".to_owned()] } else { Vec::new() }
}

fn ended(live: &Live) -> Refusal {
    let held = live.held();
    let profile = &held.record.profile;
    match &held.standing {
        Standing::Ended { problem } | Standing::Gone { problem } => problem.clone(),
        Standing::Good | Standing::Renewing | Standing::Waiting { .. } => Refusal::new(
            "session.sign_in_required",
            format!(
                "The access token of `{profile}` has ended, and the provider gave no refresh token to renew it with."
            ),
            format!("Sign in again with `doorkey login {profile}`."),
        )
        .about(profile),
    }
}

fn answer(given: &Given) -> TokenAnswer {
    let profile = given.record.profile.clone();
    let mut answer = TokenAnswer::new(profile, exposed(&given.access_token), given.token_type.clone());
    answer.expires_at = given.expires_at;
    answer.scope.clone_from(&given.scope);
    answer.audience.clone_from(&given.asked.audience);
    answer.not_shown.clone_from(&given.not_shown);
    answer
}

#[expect(clippy::disallowed_methods, reason = "the one place where an access token is handed out")]
pub(crate) fn exposed(access_token: &AccessToken) -> Secret {
    Secret::new(access_token.expose().to_owned())
}
