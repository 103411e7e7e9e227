//! The authorization endpoint (RFC 6749 4.1, OpenID Connect Core 3.1.2, RFC 7636, RFC 9207).

mod asked;

use std::time::Duration;

use http::StatusCode;
use url::{Url, form_urlencoded};

pub(crate) use asked::{for_device, read_audience, read_scopes};

use crate::answer::Answer;
use crate::desk::Desk;
use crate::flow::{AuthorizationRequest, Flow, SignedIn};
use crate::grant::{Code, Grant};
use crate::misbehaviour::{Due, Way};
use crate::request::Request;
use crate::{
    Consent, Endpoint, Kind, Lax, Misbehaviour, Params, Redirect, device, metadata, misbehaviour, pages, pushed, random,
};
use asked::{Refused, read};

/// How long a browser may take from the first page to the last.
const LONGEST_FLOW: Duration = Duration::from_secs(30 * 60);

pub(crate) fn answer(desk: &mut Desk<'_>, request: &Request) -> Answer {
    // Without a good client and redirect URI there is nowhere safe to send an error (RFC 6749 4.1.2.1).
    let pushed = pushed::take(desk, request.params()).map_err(|detail| NoWayBack {
        sentence: "The program that sent you here asked in a way that is not taken here.",
        detail,
    });
    let (params, back) = match pushed.and_then(|params| Ok((Back::of(desk, &params)?, params))) {
        Ok((back, params)) => (params, back),
        Err(no_way_back) => return no_way_back.page(desk),
    };
    let params = &params;
    misbehaviour::rotate_if_due(desk, Due::AtAuthorization);
    let chosen = desk.state.behaviour.misbehaviour;
    if let Some(elsewhere) = chosen.and_then(|chosen| misbehaviour::on_to_another(chosen, desk, params)) {
        return elsewhere;
    }
    match read(desk, params, &back) {
        Ok(good) => begin(desk, request, good),
        Err(Refused { error, description }) => refuse(desk, &back, error, &description),
    }
}

/// Where answers go: known to be a redirect URI of the client.
pub(crate) struct Back {
    client: String,
    redirect_uri: String,
    state: Option<String>,
    form_post: bool,
    /// The device that waits.
    device: Option<String>,
}

/// A request that cannot even be refused to the client: the person is told, and `detail` is for its developer.
struct NoWayBack {
    sentence: &'static str,
    detail: String,
}

impl NoWayBack {
    fn page(&self, desk: &Desk<'_>) -> Answer {
        let page = pages::error(desk.facts, "This sign-in link does not work", self.sentence, Some(&self.detail));
        Answer::page(StatusCode::BAD_REQUEST, &page).with_error("invalid_request").because(&self.detail)
    }
}

/// Judges a request that is pushed, as if a browser had brought it (RFC 9126 2.1).
pub(crate) fn examine(desk: &Desk<'_>, params: &Params) -> Result<(), Answer> {
    let back = Back::of(desk, params)
        .map_err(|no_way_back| Answer::oauth_error(StatusCode::BAD_REQUEST, "invalid_request", &no_way_back.detail))?;
    read(desk, params, &back).map(|_| ()).map_err(|refusal| refusal.as_json())
}

impl Back {
    fn of(desk: &Desk<'_>, params: &Params) -> Result<Self, NoWayBack> {
        let no_way = |sentence, detail: &str| NoWayBack { sentence, detail: detail.into() };
        let (Ok(Some(id)), Ok(Some(redirect_uri))) = (params.once("client_id"), params.once("redirect_uri")) else {
            return Err(no_way(
                "The program that sent you here must say who it is and where to go back to.",
                "client_id and redirect_uri are required, once each",
            ));
        };
        let Some(client) = desk.client(id) else {
            return Err(no_way("The program that sent you here is not known.", &format!("unknown client_id: {id}")));
        };
        let anywhere = Redirect::Loopback { under: "/".into() };
        let is_lax = desk.state.behaviour.forgets(Lax::AnyRedirect) && anywhere.fits(redirect_uri);
        if !is_lax && !client.redirects.iter().any(|rule| rule.fits(redirect_uri)) {
            return Err(no_way(
                "The program that sent you here wants an answer at an address that is not registered for it.",
                &format!("redirect_uri does not match a registered one: {redirect_uri}"),
            ));
        }
        Ok(Self {
            client: id.into(),
            redirect_uri: redirect_uri.into(),
            state: params.once("state").unwrap_or_default().map(Into::into),
            form_post: params.get("response_mode") == Some("form_post"),
            device: None,
        })
    }
}

impl From<&AuthorizationRequest> for Back {
    fn from(request: &AuthorizationRequest) -> Self {
        Self {
            client: request.client.clone(),
            redirect_uri: request.redirect_uri.clone(),
            state: request.state.clone(),
            form_post: request.form_post,
            device: request.device.clone(),
        }
    }
}

/// Begins the way through login and consent in this browser.
pub(crate) fn begin(desk: &mut Desk<'_>, request: &Request, asked: AuthorizationRequest) -> Answer {
    let now = desk.now;
    let person = desk.session(request).map(|session| session.signed_in.clone()).filter(|person| {
        let fresh = asked.max_age.is_none_or(|most| person.auth_time.saturating_add(most) > now);
        let hinted = asked.hinted_sub.as_ref().is_none_or(|sub| *sub == person.sub);
        fresh && hinted && !asked.prompt.login
    });
    if asked.prompt.none {
        return without_a_page(desk, asked, person);
    }
    let (browser, cookie) = desk.browser(request);
    let id = random::token();
    let flow = Flow {
        email: asked.login_hint.clone().unwrap_or_default(),
        browser,
        csrf: random::token(),
        started: now,
        person,
        wrong_password: false,
        request: asked,
    };
    desk.state.flows.insert(&id, flow.clone());
    next_step(desk, &id, &flow).with_cookie(cookie)
}

fn without_a_page(desk: &mut Desk<'_>, asked: AuthorizationRequest, person: Option<SignedIn>) -> Answer {
    let back = Back::from(&asked);
    match person {
        None => refuse(desk, &back, "login_required", "nobody is signed in in this browser"),
        Some(person) if needs_consent(desk, &asked, &person) => match desk.facts.settings.consent {
            Consent::Remembered => refuse(desk, &back, "consent_required", "the person has not allowed this yet"),
            Consent::AskedEachTime => refuse(desk, &back, "interaction_required", "the person is asked each time"),
        },
        Some(person) => give_code(desk, asked, &person),
    }
}

/// The next page of a flow, or its end.
pub(crate) fn next_step(desk: &mut Desk<'_>, id: &str, flow: &Flow) -> Answer {
    let page = |endpoint: Endpoint| Answer::see_other(format!("{}?flow={id}", endpoint.path(&desk.facts.base)));
    // The answer to the login form itself must lead back to the client.
    let goes_on_at_once = desk.state.behaviour.misbehaviour == Some(Misbehaviour::PasswordPostedOn);
    match &flow.person {
        None => page(Endpoint::Login),
        Some(person) if needs_consent(desk, &flow.request, person) && !goes_on_at_once => page(Endpoint::Consent),
        Some(person) => {
            desk.state.flows.remove(id);
            give_code(desk, flow.request.clone(), person)
        }
    }
}

fn needs_consent(desk: &Desk<'_>, asked: &AuthorizationRequest, person: &SignedIn) -> bool {
    let remembered = match desk.facts.settings.consent {
        Consent::AskedEachTime => false,
        Consent::Remembered => {
            desk.state.browsers.find(&person.cookie).is_some_and(|session| session.has_allowed(asked))
        }
    };
    // What is asked in detail is shown each time.
    asked.prompt.consent || !asked.details.is_empty() || !remembered
}

/// The flow a form or page names, when it is this browser's.
pub(crate) fn find_flow(desk: &Desk<'_>, request: &Request) -> Result<(String, Flow), Answer> {
    let id = request.params().get("flow").unwrap_or_default();
    let flow = desk.state.flows.find(id).filter(|flow| flow.started.saturating_add(LONGEST_FLOW) > desk.now);
    match flow.filter(|flow| desk.is_from(request, &flow.browser)) {
        Some(flow) => Ok((id.to_owned(), flow.clone())),
        None => Err(out_of_date(desk)),
    }
}

pub(crate) fn out_of_date(desk: &Desk<'_>) -> Answer {
    let sentence = "It was finished already, took too long, or was begun in another browser. \
                    Go back to your program and sign in again.";
    Answer::page(StatusCode::BAD_REQUEST, &pages::error(desk.facts, "This sign-in is over", sentence, None))
        .because("the page is out of date, or was begun in another browser")
}

/// The person said yes, or had before.
pub(crate) fn give_code(desk: &mut Desk<'_>, asked: AuthorizationRequest, person: &SignedIn) -> Answer {
    let back = Back::from(&asked);
    if desk.state.behaviour.people_decline {
        return refuse(desk, &back, "access_denied", "the person said no");
    }
    let mut scopes = asked.scopes;
    if let Some(only) = &desk.state.behaviour.grant_only {
        scopes.retain(|scope| only.contains(scope));
    }
    let grant = Grant {
        id: random::token(),
        client: asked.client,
        sub: person.sub.clone(),
        scopes,
        audience: asked.audience,
        auth_time: person.auth_time,
        sid: person.sid.clone(),
        acr: asked.asks_acr.then_some(metadata::ACR),
        organization: asked.organization,
        details: asked.details,
        key: None,
        revoked: false,
    };
    if let Some(device) = &asked.device {
        return device::decided(desk, device, Some(grant));
    }
    let code = random::token();
    let expires = desk.now.saturating_add(desk.facts.settings.code_life);
    let (redirect_uri, challenge, nonce, key) = (asked.redirect_uri, asked.challenge, asked.nonce, asked.key);
    desk.state.codes.insert(&code, Code { grant, redirect_uri, challenge, nonce, key, expires, used: false });
    send_back(desk, &back, &[("code", &code)])
}

/// An error that the client may hear (RFC 6749 4.1.2.1).
pub(crate) fn refuse(desk: &mut Desk<'_>, back: &Back, error: &str, description: &str) -> Answer {
    send_back(desk, back, &[("error", error), ("error_description", description)])
        .with_error(error)
        .because(description)
}

/// Every authorization response, errors too (RFC 6749 4.1.2, RFC 9207 2).
fn send_back(desk: &mut Desk<'_>, back: &Back, words: &[(&str, &str)]) -> Answer {
    if let Some(device) = &back.device {
        return device::decided(desk, device, None);
    }
    let pair = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
    let state = back.state.as_deref().map(|state| ("state", state));
    // RFC 9207 is nothing that a provider without metadata could promise.
    let has_issuer = desk.facts.settings.kind == Kind::OpenId && !desk.state.behaviour.forgets(Lax::NoIss);
    let issuer = Some(("iss", desk.facts.issuer.as_str())).filter(|_| has_issuer);
    let mut words: Vec<_> = words.iter().copied().chain(state).chain(issuer).map(pair).collect();
    let way = match desk.state.behaviour.misbehaviour {
        Some(chosen) => misbehaviour::redirect(chosen, desk, &mut words),
        None => Way::Good,
    };
    let mut url = Url::parse(&back.redirect_uri).expect("a registered redirect URI is a URL");
    match way {
        Way::Good if back.form_post => {
            let page = Answer::page(StatusCode::OK, &pages::form_post(&back.redirect_uri, &words));
            return Answer { ends_here: true, ..page };
        }
        Way::Good | Way::PostedOn => drop(url.query_pairs_mut().extend_pairs(words)),
        Way::Fragment => {
            let fragment = form_urlencoded::Serializer::new(String::new()).extend_pairs(words).finish();
            url.set_fragment(Some(&fragment));
        }
    }
    let status = match way {
        Way::PostedOn => StatusCode::TEMPORARY_REDIRECT,
        Way::Good | Way::Fragment => StatusCode::SEE_OTHER,
    };
    Answer { status, ends_here: true, ..Answer::see_other(url.into()) }
}
