//! Codes: the first sign-in, and what a code must not do.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use doorkey_client::words::{ProbeOutcome, Refusal};
use doorkey_oauth::{ClientSettings, Code, Verifier, clean};
use serde_json::Value;

use super::answer::Answered;
use super::desk::{Desk, Found, Stop, claims_of, must_refuse};
use super::rules::Rule;
use super::visit::{Asked, Back, Change};

use ProbeOutcome::{Failed, NotApplicable, Passed};

/// A client that nobody has.
const NOBODY: &str = "doorkey-probe-another-client";

/// A good sign-in, and its code once more.
pub(super) async fn first(desk: &mut Desk<'_>) -> Result<(), Refusal> {
    let (code, iss, asked) = match desk.visit("a sign-in as it should be", Change::Good).await {
        Ok(Back::Code { code, iss, asked }) => (code, iss, asked),
        Ok(Back::Nothing { stateless: true }) => {
            let got = "an answer without the `state` of the request, or with more than one".to_owned();
            desk.tell(Rule::StateEchoed, Ok((Failed, got)))?;
            return Err(unanswered(
                "The provider's answers do not bring `state` back, so none of them can be believed.",
            ));
        }
        Ok(Back::Nothing { stateless: false }) => return Err(unanswered("The browser did not come back in time.")),
        Ok(Back::Neither) => return Err(unanswered("The provider answered the first sign-in with nothing.")),
        Ok(Back::Error(error) | Back::NotPushed(error)) => {
            return Err(unanswered(&format!("The provider refused the first sign-in with `{error}`.")));
        }
        Err(Stop::NotAsked(why)) => return Err(unanswered(&format!("The first sign-in was not possible: {why}."))),
        Err(Stop::Run(why)) => return Err(why),
    };
    desk.tell(Rule::StateEchoed, Ok((Passed, "the `state` of the request".to_owned())))?;
    desk.tell(Rule::IssPresent, Ok(issuer(desk, &iss)))?;

    let fields = code_fields(&code, &asked);
    let tokens = match desk.token(&fields).await {
        Ok(tokens) if tokens.gave_tokens() => tokens,
        Ok(refused) => {
            return Err(unanswered(&format!("The provider refused the first code with {}.", refused.said())));
        }
        Err(Stop::NotAsked(why)) => return Err(unanswered(&why)),
        Err(Stop::Run(why)) => return Err(why),
    };
    desk.tell(Rule::CacheHeaders, Ok(cache(&tokens)))?;
    desk.tell(Rule::NonceEchoed, nonce(desk, &tokens, &asked))?;

    let worked = match tokens.access_token() {
        Some(token) => desk.opens(&token).await,
        None => Ok(None),
    };
    let replayed = desk.token(&fields).await.and_then(|answered| must_refuse(&answered));
    let was_refused = matches!(replayed, Ok((Passed, _)));
    desk.tell(Rule::CodeReplay, replayed)?;
    let revokes = match (tokens.access_token(), was_refused) {
        (Some(_), true) if matches!(worked, Ok(Some(false))) => {
            Err(Stop::NotAsked("the access token of the first use opened nothing before either".to_owned()))
        }
        (Some(_), true) if !matches!(worked, Ok(Some(true))) => Err(worked.err().unwrap_or_else(nobody_says)),
        (Some(token), true) => match desk.still_opens(&token).await {
            Ok(Some(true)) => Ok((Failed, "the access token of the first use still works".to_owned())),
            Ok(Some(false)) => Ok((Passed, "the access token of the first use opens nothing any more".to_owned())),
            Ok(None) => Err(nobody_says()),
            Err(stop) => Err(stop),
        },
        _ => Err(Stop::NotAsked("the code was not refused the second time".to_owned())),
    };
    desk.tell(Rule::CodeReplayRevokes, revokes)
}

/// A code each for what is wrong with the request.
pub(super) async fn wrong(desk: &mut Desk<'_>) -> Result<(), Refusal> {
    for rule in [Rule::WrongVerifier, Rule::MissingVerifier, Rule::CodeRedirect, Rule::CodeClient] {
        let found = redeemed_wrongly(desk, rule).await;
        desk.tell(rule, found)?;
    }
    Ok(())
}

async fn redeemed_wrongly(desk: &mut Desk<'_>, rule: Rule) -> Result<Found, Stop> {
    let what = match rule {
        Rule::WrongVerifier => "a code for another verifier",
        Rule::MissingVerifier => "a code for no verifier",
        Rule::CodeRedirect => "a code for another redirect address",
        _ => "a code for another client",
    };
    let (code, asked) = desk.code(what).await?;
    let mut fields = code_fields(&code, &asked);
    let mut client = desk.client.clone();
    match rule {
        Rule::WrongVerifier => replace(&mut fields, "code_verifier", &other_verifier(desk)),
        Rule::MissingVerifier => fields.retain(|(name, _)| name != "code_verifier"),
        Rule::CodeRedirect => replace(&mut fields, "redirect_uri", "http://127.0.0.1:9/doorkey-probe/elsewhere"),
        _ => {
            client = ClientSettings::new(desk.request.other_client.as_deref().unwrap_or(NOBODY));
            // A code can be bound to a key as well (RFC 9449 section 10): the client alone is to differ.
            client.dpop.clone_from(&desk.client.dpop);
        }
    }
    let answered = desk.token_as(&client, &fields).await?;
    let says_nothing = desk.request.other_client.is_none() || answered.refuses_client();
    match rule {
        Rule::CodeClient if says_nothing && !answered.gave_tokens() => Err(Stop::NotAsked(format!(
            "that client was refused with {}, its code perhaps not looked at; name another public one with \
             --other-client",
            answered.said(),
        ))),
        // To providers that know a public client by its verifier, one without is nobody.
        Rule::MissingVerifier if answered.refuses_client() && !answered.error().is_empty() => {
            Ok((Passed, answered.said()))
        }
        _ => must_refuse(&answered),
    }
}

/// RFC 6749 section 4.1.3, RFC 7636 section 4.5.
#[expect(clippy::disallowed_methods, reason = "they go to the provider that gave the code")]
pub(super) fn code_fields(code: &Code, asked: &Asked) -> Vec<(String, String)> {
    let field = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    vec![
        field("grant_type", "authorization_code"),
        field("code", code.expose()),
        field("redirect_uri", asked.redirect_uri.as_str()),
        field("code_verifier", asked.verifier.expose()),
    ]
}

#[expect(clippy::disallowed_methods, reason = "it was made up a moment ago, to be wrong")]
fn other_verifier(desk: &Desk<'_>) -> String {
    Verifier::new(URL_SAFE_NO_PAD.encode(desk.agent.host.random::<32>())).expose().to_owned()
}

fn replace(fields: &mut [(String, String)], name: &str, new: &str) {
    fields.iter_mut().filter(|(other, _)| other == name).for_each(|(_, value)| new.clone_into(value));
}

/// RFC 9207 is for providers that say so in their metadata; others may leave it out.
fn issuer(desk: &Desk<'_>, iss: &[String]) -> Found {
    match iss {
        [iss] if iss == desk.metadata.issuer.as_str() => (Passed, "the issuer".to_owned()),
        [other] => (Failed, format!("`{}`", clean(other, 100))),
        [_, _, ..] => (Failed, "`iss` more than once".to_owned()),
        [] if desk.metadata.authorization_response_iss_parameter_supported => {
            (Failed, "no `iss`, although the metadata promise it".to_owned())
        }
        [] => (
            NotApplicable,
            "no `iss`, and the metadata promise none; it is recommended where clients use several providers".to_owned(),
        ),
    }
}

fn cache(tokens: &Answered) -> Found {
    let has_no_store =
        tokens.cache_control.split(',').any(|directive| directive.trim().eq_ignore_ascii_case("no-store"));
    let got = match tokens.cache_control.as_str() {
        "" => "no `Cache-Control`".to_owned(),
        told => format!("`Cache-Control: {told}`"),
    };
    (if has_no_store { Passed } else { Failed }, got)
}

fn nonce(desk: &Desk<'_>, tokens: &Answered, asked: &Asked) -> Result<Found, Stop> {
    let Some(id_token) = tokens.id_token() else {
        return match desk.client.scopes.iter().any(|scope| scope == "openid") {
            true => Err(Stop::NotAsked("no ID token came, although `openid` was asked for".to_owned())),
            false => Ok((NotApplicable, "no ID token: `openid` is not among the scopes".to_owned())),
        };
    };
    let Some(claims) = claims_of(&id_token) else {
        return Err(Stop::NotAsked("the ID token cannot be read; it may be encrypted".to_owned()));
    };
    Ok(match claims.get("nonce").and_then(Value::as_str) {
        Some(nonce) if asked.nonce.matches(nonce.as_bytes()) => (Passed, "the `nonce` of the request".to_owned()),
        Some(_) => (Failed, "another `nonce`".to_owned()),
        None => (Failed, "no `nonce`".to_owned()),
    })
}

pub(super) fn nobody_says() -> Stop {
    Stop::NotAsked("the provider has neither userinfo nor introspection for this client".to_owned())
}

/// Without a first sign-in there is nothing to try.
fn unanswered(why: &str) -> Refusal {
    Refusal::new("config.cannot_probe", why, "Sign in with this profile first: `doorkey login` tells what is wrong.")
}
