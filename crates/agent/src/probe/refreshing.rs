//! Refresh tokens: more than was granted, and the same one twice.

use std::time::Duration;

use doorkey_client::words::{ProbeOutcome, Refusal};
use doorkey_oauth::RefreshToken;
use tokio::time::{Instant, sleep};

use super::answer::Answered;
use super::codes::code_fields;
use super::desk::{Desk, Found, Stop, must_refuse, refresh_fields};
use super::rules::Rule;

use ProbeOutcome::{Failed, NotApplicable, Passed};

const ALL: [Rule; 4] = [Rule::RefreshScope, Rule::RefreshRotation, Rule::RefreshReuse, Rule::RefreshReuseRevokes];
const USUAL_LEEWAY: u32 = 10;
/// Between the first tries of a token that was replaced; then twice as long each time.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
/// Asked for where the provider tells of no scope that the profile does not ask for.
const NO_SCOPE: &str = "doorkey-probe-never-granted";

pub(super) async fn refreshing(desk: &mut Desk<'_>) -> Result<(), Refusal> {
    let (tokens, first) = match granted(desk, "a sign-in for the refresh token").await {
        Ok((tokens, Some(token))) => (tokens, token),
        Ok((_, None)) => return all(desk, || Ok((NotApplicable, "the provider gave no refresh token".to_owned()))),
        Err(Stop::Run(why)) => return Err(why),
        Err(Stop::NotAsked(why)) => return all(desk, || Err(Stop::NotAsked(why.clone()))),
    };
    let (scope, newer) = larger_scope(desk, &first, &tokens.scope().unwrap_or_default()).await;
    desk.tell(Rule::RefreshScope, scope)?;
    let current = newer.unwrap_or(first);

    let replaced = match desk.refresh(&current).await {
        Ok(answered) if answered.gave_tokens() => answered.refresh_token(),
        Ok(refused) => {
            let why = format!("the provider refused a good renewal with {}", refused.said());
            return all_but_scope(desk, || Err(Stop::NotAsked(why.clone())));
        }
        Err(Stop::Run(why)) => return Err(why),
        Err(Stop::NotAsked(why)) => return all_but_scope(desk, || Err(Stop::NotAsked(why.clone()))),
    };
    let newest = replaced.filter(|new| !new.same_as(&current));
    let rotation = match (&newest, desk.is_free_to_renew()) {
        (Some(_), _) => (Passed, "a new refresh token".to_owned()),
        (None, true) => (Failed, "the same refresh token goes on, and nothing binds it".to_owned()),
        (None, false) => (NotApplicable, "the same one goes on, which only this client can use".to_owned()),
    };
    desk.tell(Rule::RefreshRotation, Ok(rotation))?;
    let Some(mut newest) = newest else {
        let why = || Ok((NotApplicable, "the refresh token was not replaced".to_owned()));
        desk.tell(Rule::RefreshReuse, why())?;
        return desk.tell(Rule::RefreshReuseRevokes, why());
    };

    let reuse = reused(desk, &current, &mut newest).await;
    let was_refused = matches!(reuse, Ok((Passed, _)));
    desk.tell(Rule::RefreshReuse, reuse.map(|found| for_free_ones(desk, found)))?;
    let revokes = match was_refused {
        true => match desk.refresh(&newest).await {
            Ok(answered) => must_refuse(&answered).map(|found| for_free_ones(desk, found)),
            Err(stop) => Err(stop),
        },
        false => Err(Stop::NotAsked("the replaced one was not refused".to_owned())),
    };
    desk.tell(Rule::RefreshReuseRevokes, revokes)
}

/// What a provider owes to those alone whose refresh tokens anybody can use (RFC 9700 section 4.14.2).
fn for_free_ones(desk: &Desk<'_>, (outcome, got): Found) -> Found {
    match outcome {
        Failed if !desk.is_free_to_renew() => (NotApplicable, format!("{got}; only this client can use it")),
        _ => (outcome, got),
    }
}

/// Tokens of a sign-in as it should be: the answer, and its refresh token.
pub(super) async fn granted(desk: &mut Desk<'_>, what: &str) -> Result<(Answered, Option<RefreshToken>), Stop> {
    let (code, asked) = desk.code(what).await?;
    let answered = desk.token(&code_fields(&code, &asked)).await?;
    if !answered.gave_tokens() {
        return Err(Stop::NotAsked(format!("the provider refused a good code with {}", answered.said())));
    }
    let refresh_token = answered.refresh_token();
    Ok((answered, refresh_token))
}

/// Also the token that replaced this one, where there is one.
async fn larger_scope(
    desk: &mut Desk<'_>,
    token: &RefreshToken,
    granted: &[String],
) -> (Result<Found, Stop>, Option<RefreshToken>) {
    let asked = &desk.client.scopes;
    let known = desk.metadata.scopes_supported.iter().find(|scope| !asked.contains(scope) && !granted.contains(scope));
    let more = known.map_or(NO_SCOPE, String::as_str).to_owned();
    let all = asked.iter().map(String::as_str).chain([more.as_str()]).collect::<Vec<_>>().join(" ");
    match desk.token(&refresh_fields(token, Some(&all))).await {
        Ok(answered) if answered.gave_tokens() => {
            let found = match answered.scope() {
                Some(granted) if granted.contains(&more) => (Failed, format!("tokens with the scope `{more}`")),
                Some(_) => (Passed, format!("tokens without the scope `{more}`")),
                // What was asked for was granted then (RFC 6749 section 5.1).
                None => (Failed, format!("tokens, and no word that the scope `{more}` is not among theirs")),
            };
            (Ok(found), answered.refresh_token())
        }
        Ok(answered) => (must_refuse(&answered), None),
        Err(stop) => (Err(stop), None),
    }
}

/// Tries it again and again, until it is refused or has worked for longer than any answer is on its way. What the last
/// good answer gave is the newest then.
async fn reused(desk: &mut Desk<'_>, token: &RefreshToken, newest: &mut RefreshToken) -> Result<Found, Stop> {
    let longest = Duration::from_secs(u64::from(desk.request.leeway.unwrap_or(USUAL_LEEWAY)));
    let began = Instant::now();
    let (mut taken_at, mut pause) = (None, FIRST_PAUSE);
    loop {
        let at = began.elapsed();
        let answered = desk.refresh(token).await?;
        if !answered.gave_tokens() {
            let (outcome, said) = must_refuse(&answered)?;
            let after = match taken_at {
                None => "at once".to_owned(),
                Some(taken) => format!("after a leeway of {} to {}", seconds(taken), seconds(at)),
            };
            return Ok((outcome, format!("{said}, {after}")));
        }
        if let Some(newer) = answered.refresh_token().filter(|newer| !newer.same_as(token)) {
            *newest = newer;
        }
        taken_at = Some(at);
        if at >= longest {
            return Ok((Failed, format!("it still gave tokens {} after it was replaced", seconds(at))));
        }
        tokio::select! {
            biased;
            why = desk.run.stopped() => return Err(Stop::Run(why)),
            () = sleep(pause) => {}
        }
        pause = pause.saturating_mul(2);
    }
}

fn seconds(time: Duration) -> String {
    format!("{:.1} s", time.as_secs_f64())
}

fn all(desk: &Desk<'_>, found: impl Fn() -> Result<Found, Stop>) -> Result<(), Refusal> {
    ALL.into_iter().try_for_each(|rule| desk.tell(rule, found()))
}

fn all_but_scope(desk: &Desk<'_>, found: impl Fn() -> Result<Found, Stop>) -> Result<(), Refusal> {
    ALL[1..].iter().try_for_each(|rule| desk.tell(*rule, found()))
}
