//! RP-initiated logout (OpenID Connect RP-Initiated Logout 1.0).

use http::StatusCode;
use url::Url;

use crate::answer::Answer;
use crate::authorize::out_of_date;
use crate::desk::Desk;
use crate::flow::PendingLogout;
use crate::request::Request;
use crate::{Endpoint, Lax, Misbehaviour, pages, random};

pub(crate) fn answer(desk: &mut Desk<'_>, request: &Request) -> Answer {
    match read(desk, request) {
        Ok(asked) => decide(desk, request, asked),
        Err(detail) => {
            let sentence =
                "You are still signed in here. The program that sent you asked in a way that is not allowed.";
            let page = pages::error(desk.facts, "This sign-out link does not work", sentence, Some(&detail));
            Answer::page(StatusCode::BAD_REQUEST, &page).with_error("invalid_request").because(&detail)
        }
    }
}

struct Asked {
    /// `sub` and `sid` of the hint.
    hint: Option<(String, String)>,
    /// Where the browser goes after it.
    then: String,
}

fn read(desk: &Desk<'_>, request: &Request) -> Result<Asked, String> {
    let params = request.params();
    if let Some(name) = params.doubled() {
        return Err(format!("{name} came twice"));
    }
    let one = |name| params.get(name).filter(|value| !value.is_empty());
    let hint = match one("id_token_hint") {
        None => None,
        // An expired one is good enough (section 2).
        Some(token) => {
            Some(desk.state.keys.open_own(token).ok_or("id_token_hint is not an ID token of this provider")?)
        }
    };
    let text = |claim: &str| hint.as_ref().and_then(|claims| claims[claim].as_str()).map(str::to_owned);
    let client = match (text("aud"), one("client_id")) {
        (Some(hinted), Some(given)) if hinted != given => return Err("client_id is not that of the hint".into()),
        (Some(hinted), _) => Some(hinted),
        (None, given) => given.map(Into::into),
    };
    let then = match one("post_logout_redirect_uri") {
        None => Endpoint::SignedOut.path(&desk.facts.base),
        Some(uri) => {
            let client = client.as_deref().and_then(|id| desk.client(id));
            let client = client.ok_or("post_logout_redirect_uri needs a known client: id_token_hint or client_id")?;
            if !client.post_logout_redirects.iter().any(|rule| rule.fits(uri)) {
                return Err(format!("post_logout_redirect_uri does not match a registered one: {uri}"));
            }
            let mut url = Url::parse(uri).map_err(|_| "post_logout_redirect_uri is no URL")?;
            let state = match desk.state.behaviour.misbehaviour {
                Some(Misbehaviour::LogoutStateMissing) => None,
                Some(Misbehaviour::LogoutStateOther) => {
                    Some(one("state").map_or_else(|| "INVALID".into(), |state| format!("{state}_INVALID")))
                }
                _ => one("state").map(str::to_owned),
            };
            if let Some(state) = &state {
                url.query_pairs_mut().append_pair("state", state);
            }
            url.into()
        }
    };
    Ok(Asked { hint: text("sub").zip(text("sid")), then })
}

fn decide(desk: &mut Desk<'_>, request: &Request, asked: Asked) -> Answer {
    if desk.state.behaviour.forgets(Lax::LogoutKeepsSession) {
        return Answer::see_other(asked.then);
    }
    if let Some((_, sid)) = &asked.hint {
        // Also without a cookie: a POST from another site comes without it.
        desk.state.browsers.retain(|session| session.signed_in.sid != *sid);
    }
    // Whoever is signed in now did not come by the hint and is asked (section 2).
    let Some(person) = desk.session(request).and_then(|session| desk.facts.person(&session.signed_in.sub)) else {
        return Answer::see_other(asked.then);
    };
    let (browser, cookie) = desk.browser(request);
    let (id, csrf) = (random::token(), random::token());
    let page = pages::confirm_logout(desk.facts, &id, &csrf, person, &asked.then);
    desk.state.logouts.insert(&id, PendingLogout { browser, csrf, then: asked.then });
    Answer::page(StatusCode::OK, &page).with_cookie(cookie)
}

/// The person said yes on the page that asks.
pub(crate) fn confirmed(desk: &mut Desk<'_>, request: &Request) -> Answer {
    let form = request.params();
    let given = |name| form.get(name).unwrap_or_default();
    let Some(pending) = desk.state.logouts.remove(given("flow")) else { return out_of_date(desk) };
    if !desk.is_from(request, &pending.browser) || !random::same(given("csrf"), &pending.csrf) {
        return out_of_date(desk);
    }
    if let Some(cookie) = desk.session(request).map(|session| session.signed_in.cookie.clone()) {
        desk.state.browsers.remove(&cookie);
    }
    Answer::see_other(pending.then)
}
