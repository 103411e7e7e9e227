//! The device grant (RFC 8628): a program without a browser shows a code, and the person types it in here.

use std::time::Duration;

use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::authorize;
use crate::client_auth::authenticate;
use crate::desk::Desk;
use crate::grant::Grant;
use crate::request::Request;
use crate::token::{Asking, give_first, refused};
use crate::{Endpoint, Misbehaviour as M, pages, random};

/// How much slower after each `slow_down` (section 3.5).
const SLOWER: Duration = Duration::from_secs(5);
/// Letters that are not mistaken for one another and spell no words (section 6.1).
const LETTERS: &[u8; 20] = b"BCDFGHJKLMNPQRSTVWXZ";

/// How devices are treated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Device {
    /// The least time between two questions.
    pub interval: Duration,
    /// Life of the codes.
    pub life: Duration,
    /// Which HTTP statuses go with the errors.
    pub statuses: DeviceStatuses,
}

impl Default for Device {
    fn default() -> Self {
        Self { interval: Duration::from_secs(5), life: Duration::from_secs(600), statuses: DeviceStatuses::Standard }
    }
}

/// The HTTP statuses of errors while the device waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeviceStatuses {
    /// 400 (RFC 6749 5.2).
    Standard,
    /// 403, and 429 for `slow_down`; `expired_token` comes once and `invalid_grant` after it.
    Auth0,
}

/// A device that waits for its person.
pub(crate) struct Waiting {
    client: String,
    asked: crate::flow::AuthorizationRequest,
    expires: Duration,
    interval: Duration,
    last_poll: Option<Duration>,
    polls: usize,
    verdict: Verdict,
}

enum Verdict {
    Open,
    Allowed(Box<Grant>),
    Denied,
    Over,
}

/// The device asks for its codes (section 3.1).
pub(crate) fn begin(desk: &mut Desk<'_>, request: &Request) -> Answer {
    let (client, form) = match authenticate(desk, request) {
        Ok(known) => known,
        Err(refusal) => return refusal,
    };
    let device_code = random::token();
    let asked = match authorize::for_device(desk, &client.id, form, &device_code) {
        Ok(asked) => asked,
        Err(refusal) => return refusal.as_json(),
    };
    let settings = &desk.facts.settings.device;
    let chosen = desk.state.behaviour.misbehaviour;
    let interval = if chosen == Some(M::DeviceLongInterval) { Duration::from_secs(31) } else { settings.interval };
    let expires = desk.now.saturating_add(settings.life);
    let user_code = new_user_code();
    let page = desk.facts.url(Endpoint::Device);
    let mut answer = json!({
        "device_code": device_code,
        "user_code": user_code,
        "verification_uri": page,
        "verification_uri_complete": format!("{page}?user_code={user_code}"),
        "expires_in": settings.life.as_secs(),
        "interval": interval.as_secs(),
    });
    match chosen {
        Some(M::DeviceCodeMissing) => drop_member(&mut answer, "device_code"),
        Some(M::DeviceExpiresInMissing) => drop_member(&mut answer, "expires_in"),
        Some(M::DeviceUriPlain) => answer["verification_uri"] = "http://device.example/activate".into(),
        Some(M::DeviceUriScript) => answer["verification_uri"] = "javascript:alert(document.domain)".into(),
        _ => {}
    }
    desk.state.user_codes.insert(&user_code, device_code.clone());
    let client = client.id;
    let waiting = Waiting { client, asked, expires, interval, last_poll: None, polls: 0, verdict: Verdict::Open };
    desk.state.devices.insert(&device_code, waiting);
    Answer::json(&answer)
}

/// The page where the person types the code in, and its form (section 3.3).
pub(crate) fn verify(desk: &mut Desk<'_>, request: &Request) -> Answer {
    let (browser, cookie) = desk.browser(request);
    let csrf = random::base64url(&random::fingerprint(&format!("device {browser}")));
    let given = request.params().get("user_code").unwrap_or_default();
    if request.method == Method::GET {
        let page = pages::device(desk.facts, &csrf, given, false);
        return Answer::page(StatusCode::OK, &page).with_cookie(cookie);
    }
    let is_from_here = random::same(request.params().get("csrf").unwrap_or_default(), &csrf);
    let code = desk.state.user_codes.find(&normal(given)).cloned().filter(|_| is_from_here);
    let waiting = code.and_then(|code| desk.state.devices.find(&code));
    let open = waiting.filter(|it| matches!(it.verdict, Verdict::Open) && it.expires > desk.now);
    match open.map(|waiting| waiting.asked.clone()) {
        Some(asked) => authorize::begin(desk, request, asked),
        None => Answer::page(StatusCode::OK, &pages::device(desk.facts, &csrf, given, true)).with_cookie(cookie),
    }
}

/// The person has decided; nothing stands for a no.
pub(crate) fn decided(desk: &mut Desk<'_>, device_code: &str, grant: Option<Grant>) -> Answer {
    let page = pages::device_done(desk.facts, grant.is_some());
    if let Some(waiting) = desk.state.devices.find_mut(device_code) {
        waiting.verdict = grant.map_or(Verdict::Denied, |grant| Verdict::Allowed(Box::new(grant)));
    }
    Answer::page(StatusCode::OK, &page)
}

/// The device asks whether the person is done (sections 3.4, 3.5).
pub(crate) fn poll(desk: &mut Desk<'_>, asking: &Asking<'_>) -> Answer {
    let Some(code) = asking.form.get("device_code").filter(|code| !code.is_empty()) else {
        return refused("invalid_request", "device_code is required");
    };
    let (now, chosen) = (desk.now, desk.state.behaviour.misbehaviour);
    let statuses = desk.facts.settings.device.statuses;
    let no = |error: &str, description: &str| Answer::oauth_error(status(statuses, error), error, description);
    let waiting = desk.state.devices.find_mut(code).filter(|waiting| waiting.client == asking.client.id);
    let Some(waiting) = waiting else { return no("invalid_grant", "the device code is not known") };
    waiting.polls += 1;
    let too_fast = waiting.last_poll.replace(now).is_some_and(|last| now < last.saturating_add(waiting.interval));
    match (chosen, waiting.polls) {
        (Some(M::DeviceDeniedAtThird), 3..) => return no("access_denied", "the person said no"),
        (Some(M::DeviceExpiredAtThird), 3..) => return no("expired_token", "the codes are too old"),
        (Some(M::DeviceInvalidAtThird), 3..) => return no("invalid_request", "made so by a misbehaviour"),
        (Some(M::DeviceSlowDown), 2) => {
            waiting.interval += SLOWER;
            return no("slow_down", "made so by a misbehaviour");
        }
        _ => {}
    }
    if waiting.expires <= now && !matches!(waiting.verdict, Verdict::Over) {
        if statuses == DeviceStatuses::Auth0 {
            waiting.verdict = Verdict::Over;
        }
        return no("expired_token", "the codes are too old");
    }
    if too_fast {
        waiting.interval += SLOWER;
        return no("slow_down", "the interval was not waited for; it is longer now");
    }
    match std::mem::replace(&mut waiting.verdict, Verdict::Over) {
        Verdict::Open => {
            waiting.verdict = Verdict::Open;
            no("authorization_pending", "the person has not decided yet")
        }
        Verdict::Denied => {
            waiting.verdict = Verdict::Denied;
            no("access_denied", "the person said no")
        }
        Verdict::Over => no("invalid_grant", "the device code was used, or is too old"),
        Verdict::Allowed(grant) => give_first(desk, asking, *grant, None),
    }
}

fn status(statuses: DeviceStatuses, error: &str) -> StatusCode {
    match (statuses, error) {
        (DeviceStatuses::Standard, _) => StatusCode::BAD_REQUEST,
        (DeviceStatuses::Auth0, "slow_down") => StatusCode::TOO_MANY_REQUESTS,
        (DeviceStatuses::Auth0, _) => StatusCode::FORBIDDEN,
    }
}

fn new_user_code() -> String {
    let letters: String =
        random::token().bytes().take(8).map(|byte| char::from(LETTERS[usize::from(byte) % LETTERS.len()])).collect();
    format!("{}-{}", &letters[..4], &letters[4..])
}

/// However it was typed.
fn normal(typed: &str) -> String {
    let letters: String = typed.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_uppercase();
    match letters.len() {
        8 => format!("{}-{}", &letters[..4], &letters[4..]),
        _ => letters,
    }
}

fn drop_member(answer: &mut Value, name: &str) {
    if let Some(members) = answer.as_object_mut() {
        members.remove(name);
    }
}
