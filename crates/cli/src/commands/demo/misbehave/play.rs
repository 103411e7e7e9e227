//! What is played: somebody is signed in, the provider breaks its rule, and whatever it needs to show is done.

use std::time::Duration;

use doorkey_client::words::{
    BrowserBy, BrowserSignOut, EventKind, Profile, ProfileEntry, RenewalRequest, ResponseMode, Session, SignOut,
    SignOutRequest, TokenRequest, Update,
};
use doorkey_client::{Client, ClientError, Secret};
use doorkey_demo_idp::{Asks, Misbehaviour, MustEnd, Redirect, Robot, Settings};
use tokio::time::timeout;

use super::attempt::Patience::AtOnce;
use super::attempt::{Person, Went};
use super::verdict::{Ended, Old, Played};
use crate::commands::demo::crowd::same_or_not;
use crate::commands::demo::report::Report;
use crate::commands::demo::scenes::{PROFILE, next, not_as_promised};
use crate::commands::demo::stage::Stage;
use crate::commands::facts;
use crate::failure::Failure;
use crate::line::Mark;

/// The journal tells of a renewal before the answer comes, or at once after it.
const TOLD_WITHIN: Duration = Duration::from_secs(2);

/// Plays it on a stage that is empty so far.
pub(super) async fn play(stage: &mut Stage, how: Misbehaviour, report: &mut Report<'_>) -> Result<Played, Failure> {
    report.scene("A provider and an agent", "Both on this machine only; the agent keeps its sessions in memory.")?;
    let secret = set_up(stage, how).await?;
    let (provider, agency) = stage.provider_and_agency().expect("both were started");
    let client = agency.client();
    // Details come from userinfo, so that it is asked.
    provider.knobs().id_tokens_without_details();
    client.put_profile(&profile(how, provider.issuer(), secret)).await?;
    report.mark(Mark::Done, format!("serves {}", provider.issuer()))?;
    let updates = client.updates(None).await?;
    let ada = provider.people().first().ok_or_else(|| not_as_promised("the provider knows nobody"))?;
    let mut person =
        Person { provider, client, updates, robot: Robot::allow(ada), failed: Vec::new(), no_details: None };

    let before = match how.must_end() {
        MustEnd::Accepted | MustEnd::WithoutDetails(_) => None,
        MustEnd::Refused(_) | MustEnd::Waiting | MustEnd::NotRenewed(_) | MustEnd::Unconfirmed => {
            report.scene("Before anything is wrong", "Ada signs in, so that there is something to lose.")?;
            Some(signed_in(&mut person, report).await?)
        }
    };

    report.scene(&format!("The provider misbehaves: {how}"), how.what())?;
    provider.knobs().misbehave(Some(how));
    if how.name().starts_with("jwks-") {
        // The keys that were read before would do: only a token by a new one sends the client there again.
        provider.knobs().rotate_signing_keys().await.map_err(|_| not_as_promised("no new keys could be made"))?;
    }
    let went = act(&mut person, how, report).await?;
    let old = match &before {
        Some(before) => Some(compared(client, before).await?),
        None => None,
    };
    let ended = match went {
        Went::Ended(ended) => ended,
        Went::Waits { id, address } => {
            report.mark(Mark::Waiting, "that was none of this sign-in's answers: it waits on")?;
            report
                .scene("The provider comes to its senses", "The same browser goes there again, to the same sign-in.")?;
            provider.knobs().misbehave(None);
            match person.tries_again(&id, address, report).await? {
                Went::Ended(then) => Ended::Waited(Box::new(then)),
                Went::Waits { .. } => return Err(not_as_promised("the right answer was not taken either").into()),
            }
        }
    };
    Ok(Played { ended, old, failed: person.failed, no_details: person.no_details })
}

/// Starts both. The secret of the confidential client is made for this once.
async fn set_up(stage: &mut Stage, how: Misbehaviour) -> Result<String, Failure> {
    let secret = format!("demo-{:016x}", std::hash::BuildHasher::hash_one(&std::hash::RandomState::new(), how));
    let mut settings = Settings::default();
    settings.device.interval = Duration::from_secs(1);
    let redirects = vec![Redirect::Loopback { under: "/cb/".into() }];
    settings.clients.push(doorkey_demo_idp::Client::confidential("web", &secret, redirects));
    stage.provider_with(settings).await?;
    stage.agent_in_memory().await?;
    Ok(secret)
}

fn profile(how: Misbehaviour, issuer: &str, secret: String) -> ProfileEntry {
    let mut entry = ProfileEntry::from(Profile::new(PROFILE, issuer, "doorkey-demo"));
    match how.asks() {
        Asks::FormPost => entry.profile.response_mode = ResponseMode::FormPost,
        Asks::Dpop => entry.profile.dpop = true,
        Asks::Secret => {
            "web".clone_into(&mut entry.profile.client_id);
            entry.client_secret = Some(Secret::new(secret));
        }
        // Where the browser comes back to, so that there is a confirmation to look at.
        Asks::SignOut => entry.profile.post_logout_redirect_path = Some("/signed-out/demo".into()),
        Asks::Nothing | Asks::MaxAge | Asks::AcrValues | Asks::Renewal | Asks::SecondSignIn | Asks::Device => {}
    }
    entry
}

/// The session before, by what must not change.
struct Before {
    session: Session,
    token: u64,
}

async fn signed_in(person: &mut Person<'_>, report: &mut Report<'_>) -> Result<Before, Failure> {
    match person.signs_in(report).await? {
        Went::Ended(Ended::SignedIn(session)) => {
            report.mark(Mark::Done, format!("{} is signed in", facts::who(&session)))?;
            Ok(Before { token: token(person.client).await?, session: *session })
        }
        Went::Ended(Ended::Refused(refusal)) => Err((*refusal).into()),
        Went::Ended(_) | Went::Waits { .. } => Err(not_as_promised("the good sign-in did not end").into()),
    }
}

/// What makes the misbehaviour show.
async fn act(person: &mut Person<'_>, how: Misbehaviour, report: &mut Report<'_>) -> Result<Went, Failure> {
    match how.asks() {
        Asks::SecondSignIn => match person.attempts(how.asks(), report).await? {
            Went::Ended(Ended::SignedIn(_)) => {
                report.mark(Mark::Done, "signed in; now once more")?;
                person.attempts(how.asks(), report).await
            }
            other => Ok(other),
        },
        Asks::Renewal => match how.must_end() {
            MustEnd::NotRenewed(_) => renewal(person, report).await.map(Went::Ended),
            MustEnd::Accepted
            | MustEnd::WithoutDetails(_)
            | MustEnd::Refused(_)
            | MustEnd::Waiting
            | MustEnd::Unconfirmed => {
                let went = person.attempts(how.asks(), report).await?;
                for _ in 0..2 {
                    if let Ended::NotRenewed(refusal) = renewal(person, report).await? {
                        return Ok(Went::Ended(Ended::NotRenewed(refusal)));
                    }
                }
                Ok(went)
            }
        },
        Asks::SignOut => {
            let request = SignOutRequest {
                profile: PROFILE.to_owned(),
                account: None,
                how: SignOut::Everywhere,
                browser: BrowserBy::Caller,
            };
            let answer = person.client.sign_out(&request).await?;
            report.mark(Mark::Done, "signed out; the browser goes to the provider's sign-out page")?;
            let Some((address, flow)) = answer.end_session_url.zip(answer.waits_for) else {
                return Err(not_as_promised("nobody waits for the browser to come back").into());
            };
            let visit = person.visits(address, AtOnce);
            let browser = came_back(person, &flow).await?;
            visit.abort();
            Ok(Went::Ended(Ended::SignedOut { steps: answer.steps, browser }))
        }
        Asks::Nothing | Asks::MaxAge | Asks::AcrValues | Asks::FormPost | Asks::Secret | Asks::Dpop | Asks::Device => {
            person.attempts(how.asks(), report).await
        }
    }
}

/// What the browser brought back from the sign-out page.
async fn came_back(person: &mut Person<'_>, flow: &str) -> Result<BrowserSignOut, Failure> {
    loop {
        let Update::Event(event) = next(&mut person.updates).await? else { continue };
        if let EventKind::BrowserSignedOut { outcome } = event.kind
            && event.flow.as_deref() == Some(flow)
        {
            return Ok(outcome);
        }
    }
}

async fn renewal(person: &mut Person<'_>, report: &mut Report<'_>) -> Result<Ended, Failure> {
    let request = RenewalRequest { profile: Some(PROFILE.to_owned()), account: None };
    let ended = match person.client.renew(&request).await {
        Ok(_) => Ended::Renewed,
        Err(ClientError::Refused(refusal)) => Ended::NotRenewed(refusal),
        Err(error) => return Err(error.into()),
    };
    let telling = async {
        loop {
            let Update::Event(event) = next(&mut person.updates).await? else { continue };
            if matches!(event.kind, EventKind::Renewed { .. } | EventKind::RenewalFailed { .. }) {
                return Ok::<(), Failure>(());
            }
            person.tell(&event.kind, report)?;
        }
    };
    timeout(TOLD_WITHIN, telling).await.unwrap_or(Ok(()))?;
    if matches!(ended, Ended::Renewed) {
        report.mark(Mark::Done, "renewed")?;
    }
    Ok(ended)
}

/// The mark of the token, which is not renewed for that.
async fn token(client: &Client) -> Result<u64, Failure> {
    let request = TokenRequest { min_ttl: Some(0), ..TokenRequest::for_profile(PROFILE) };
    Ok(same_or_not(&client.token(&request).await?.access_token))
}

/// Whether the session of before is there, with the same tokens.
async fn compared(client: &Client, before: &Before) -> Result<Old, Failure> {
    let sessions = client.sessions().await?.sessions;
    let known = |session: &Session| (session.id.clone(), session.sub.clone(), session.expires_at, session.renewals);
    let Some(now) = sessions.iter().find(|session| session.id == before.session.id) else { return Ok(Old::Gone) };
    let same = sessions.len() == 1 && known(now) == known(&before.session) && token(client).await? == before.token;
    Ok(if same { Old::AsItWas } else { Old::Changed })
}
