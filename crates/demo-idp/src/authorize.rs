//! The authorization endpoint (RFC 6749 4.1, OpenID Connect Core 3.1.2, RFC 7636, RFC 9207).

use std::time::Duration;

use http::StatusCode;
use serde_json::Value;
use url::{Url, form_urlencoded};

use crate::answer::Answer;
use crate::desk::Desk;
use crate::flow::{AuthorizationRequest, Flow, Prompt, SignedIn};
use crate::grant::{Code, Grant};
use crate::misbehaviour::{Due, Way};
use crate::request::Request;
use crate::{
    Consent, Endpoint, Kind, Misbehaviour, Params, device, metadata, misbehaviour, oauth_only, pages, pushed, random,
};

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

pub(crate) struct Refused {
    error: &'static str,
    description: String,
}

fn refused(error: &'static str, description: impl Into<String>) -> Refused {
    Refused { error, description: description.into() }
}

/// A request that cannot even be refused to the client: the person is told, and `detail` is for its developer.
struct NoWayBack {
    sentence: &'static str,
    detail: String,
}

impl NoWayBack {
    fn page(&self, desk: &Desk<'_>) -> Answer {
        let page = pages::error(desk.facts, "This sign-in link does not work", self.sentence, Some(&self.detail));
        Answer::page(StatusCode::BAD_REQUEST, &page).with_error("invalid_request")
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
        if !client.redirects.iter().any(|rule| rule.fits(redirect_uri)) {
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

fn read(desk: &Desk<'_>, params: &Params, back: &Back) -> Result<AuthorizationRequest, Refused> {
    let invalid = |description: String| refused("invalid_request", description);
    if let Some(name) = params.doubled() {
        return Err(invalid(format!("{name} came twice")));
    }
    let one = |name| params.get(name).filter(|value| !value.is_empty());
    for (name, error) in [
        ("request", "request_not_supported"),
        ("request_uri", "request_uri_not_supported"),
        ("registration", "registration_not_supported"),
    ] {
        if one(name).is_some() {
            return Err(refused(error, format!("{name} is not supported")));
        }
    }
    match one("response_type") {
        Some("code") => {}
        Some(other) => return Err(refused("unsupported_response_type", format!("{other} is not supported, code is"))),
        None => return Err(invalid("response_type is required".into())),
    }
    if one("response_mode").is_some_and(|mode| !["query", "form_post"].contains(&mode)) {
        return Err(invalid("response_mode must be query or form_post".into()));
    }
    // RFC 7636 4.3: without a method, `plain` is meant.
    if one("code_challenge_method").unwrap_or("plain") != "S256" {
        return Err(invalid("code_challenge_method must be S256".into()));
    }
    let challenge = one("code_challenge").unwrap_or_default();
    let is_base64url = challenge.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    if challenge.len() != 43 || !is_base64url {
        return Err(invalid("code_challenge is required: 43 characters of base64url".into()));
    }
    let asked = common(desk, params)?;
    let max_age = one("max_age").map(|text| {
        text.parse().map(Duration::from_secs).map_err(|_| invalid("max_age must be a number of seconds".into()))
    });
    let hinted_sub = one("id_token_hint").map(|token| match desk.state.keys.open_own(token) {
        Some(claims) => Ok(claims["sub"].as_str().unwrap_or_default().to_owned()),
        None => Err(invalid("id_token_hint is not an ID token of this provider".into())),
    });
    let key = one("dpop_jkt").map(str::to_owned);
    if key.as_ref().is_some_and(|key| key.len() != 43) {
        return Err(invalid("dpop_jkt must be a SHA-256 thumbprint".into()));
    }
    Ok(AuthorizationRequest {
        client: back.client.clone(),
        redirect_uri: back.redirect_uri.clone(),
        state: back.state.clone(),
        form_post: back.form_post,
        challenge: challenge.into(),
        nonce: one("nonce").map(Into::into),
        login_hint: one("login_hint").map(Into::into),
        max_age: max_age.transpose()?,
        hinted_sub: hinted_sub.transpose()?,
        prompt: read_prompt(one("prompt").unwrap_or_default())?,
        key,
        ..asked
    })
}

/// What a device asks for (RFC 8628 3.1): without a redirect and without PKCE, and always with a question to the
/// person (section 5.4).
pub(crate) fn for_device(
    desk: &Desk<'_>,
    client: &str,
    params: &Params,
    device: &str,
) -> Result<AuthorizationRequest, Refused> {
    Ok(AuthorizationRequest {
        client: client.into(),
        redirect_uri: desk.facts.url(Endpoint::Device),
        prompt: Prompt { consent: true, ..Prompt::default() },
        device: Some(device.into()),
        ..common(desk, params)?
    })
}

/// The parts that do not depend on how the answer goes back.
fn common(desk: &Desk<'_>, params: &Params) -> Result<AuthorizationRequest, Refused> {
    let one = |name| params.get(name).filter(|value| !value.is_empty());
    let invalid = |description: String| refused("invalid_request", description);
    let organization = one("organization").map(|asked| {
        let known = desk.facts.settings.organizations.iter().find(|known| known.is_called(asked));
        known.cloned().ok_or_else(|| invalid(format!("organization {asked} is not known")))
    });
    Ok(AuthorizationRequest {
        scopes: read_scopes(desk.facts.settings.kind, one("scope").unwrap_or_default()),
        audience: read_audience(params)?,
        asks_acr: one("acr_values").is_some(),
        organization: organization.transpose()?,
        details: read_details(one("authorization_details").unwrap_or("[]"))?,
        ..AuthorizationRequest::default()
    })
}

/// Unknown scopes are left out (OpenID Connect Core 3.1.2.1); the token answer tells what was granted.
pub(crate) fn read_scopes(kind: Kind, text: &str) -> Vec<String> {
    let known: &[&str] = match kind {
        Kind::OpenId => &metadata::SCOPES,
        Kind::OauthOnly => &oauth_only::SCOPES,
    };
    let mut scopes: Vec<String> = Vec::new();
    for scope in text.split(' ').filter(|scope| known.contains(scope)) {
        if !scopes.iter().any(|known| known == scope) {
            scopes.push(scope.into());
        }
    }
    scopes
}

fn read_prompt(text: &str) -> Result<Prompt, Refused> {
    let mut prompt = Prompt::default();
    let values: Vec<&str> = text.split(' ').filter(|value| !value.is_empty()).collect();
    for value in &values {
        match *value {
            "none" if values.len() > 1 => {
                return Err(refused("invalid_request", "prompt none excludes the others"));
            }
            "none" => prompt.none = true,
            "login" | "select_account" => prompt.login = true,
            "consent" => prompt.consent = true,
            other => return Err(refused("invalid_request", format!("unknown prompt: {other}"))),
        }
    }
    Ok(prompt)
}

/// RFC 9396 2: a list of objects that each have a known type.
fn read_details(text: &str) -> Result<Vec<Value>, Refused> {
    let details: Option<Vec<Value>> = serde_json::from_str(text).ok();
    let is_known = |detail: &Value| detail["type"].as_str().is_some_and(|kind| metadata::DETAIL_TYPES.contains(&kind));
    details.filter(|all| all.iter().all(is_known)).ok_or_else(|| {
        refused("invalid_authorization_details", "authorization_details must be a list of objects of known types")
    })
}

/// Every `resource` (RFC 8707 2), and the `audience` that some providers have instead, which may be any name.
pub(crate) fn read_audience(params: &Params) -> Result<Vec<String>, Refused> {
    let resources = params.all("resource");
    let is_good = |uri: &str| Url::parse(uri).is_ok_and(|url| url.fragment().is_none());
    if resources.iter().any(|uri| !uri.is_empty() && !is_good(uri)) {
        return Err(refused("invalid_target", "resource must be an absolute URI without a fragment"));
    }
    let mut audience: Vec<String> = Vec::new();
    for value in resources.into_iter().chain(params.all("audience")).filter(|value| !value.is_empty()) {
        if !audience.iter().any(|known| known == value) {
            audience.push(value.into());
        }
    }
    Ok(audience)
}

impl Refused {
    /// The same refusal at the token endpoint.
    pub(crate) fn as_json(&self) -> Answer {
        Answer::oauth_error(StatusCode::BAD_REQUEST, self.error, &self.description)
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
    send_back(desk, back, &[("error", error), ("error_description", description)]).with_error(error)
}

/// Every authorization response, errors too (RFC 6749 4.1.2, RFC 9207 2).
fn send_back(desk: &mut Desk<'_>, back: &Back, words: &[(&str, &str)]) -> Answer {
    if let Some(device) = &back.device {
        return device::decided(desk, device, None);
    }
    let pair = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
    let state = back.state.as_deref().map(|state| ("state", state));
    // RFC 9207 is nothing that a provider without metadata could promise.
    let issuer = Some(("iss", desk.facts.issuer.as_str())).filter(|_| desk.facts.settings.kind == Kind::OpenId);
    let mut words: Vec<_> = words.iter().copied().chain(state).chain(issuer).map(pair).collect();
    let way = match desk.state.behaviour.misbehaviour {
        Some(chosen) => misbehaviour::redirect(chosen, desk, &mut words),
        None => Way::Good,
    };
    let mut url = Url::parse(&back.redirect_uri).expect("a registered redirect URI is a URL");
    match way {
        Way::Good if back.form_post => {
            return Answer::page(StatusCode::OK, &pages::form_post(&back.redirect_uri, &words));
        }
        Way::Good | Way::PostedOn => drop(url.query_pairs_mut().extend_pairs(words)),
        Way::Fragment => {
            let fragment = form_urlencoded::Serializer::new(String::new()).extend_pairs(words).finish();
            url.set_fragment(Some(&fragment));
        }
    }
    match way {
        Way::PostedOn => Answer { status: StatusCode::TEMPORARY_REDIRECT, ..Answer::see_other(url.into()) },
        Way::Good | Way::Fragment => Answer::see_other(url.into()),
    }
}
