//! The way of one request: logged, held, worked on or failed, answered. Every answer passes here.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::response::Response;
use axum::routing::any;
use http::StatusCode;

use crate::answer::Answer;
use crate::desk::{Desk, Facts};
use crate::fault::Broken;
use crate::gate::Moment;
use crate::log::{Outcome, Told};
use crate::request::Request;
use crate::state::State;
use crate::{Endpoint, Fault, Log, clock, misbehaviour, pages, seen};

/// The last second of the year 9999: HTTP has no date after it.
const LAST_DATE: Duration = Duration::from_secs(253_402_300_799);

pub(crate) struct Idp {
    pub(crate) facts: Facts,
    pub(crate) state: Mutex<State>,
    pub(crate) log: Log,
}

pub(crate) fn router(idp: &Arc<Idp>) -> Router {
    let to = |endpoint: Endpoint| {
        let idp = Arc::clone(idp);
        any(move |request: http::Request<Body>| async move { idp.serve(endpoint, request).await })
    };
    let mut router = Router::new().fallback_service(to(Endpoint::Other));
    for endpoint in Endpoint::WITH_PATH {
        router = router.route(&endpoint.path(&idp.facts.base), to(endpoint));
    }
    if idp.facts.settings.seen {
        for form in seen::Form::ALL {
            let path = form.path(&idp.facts.base);
            let idp = Arc::clone(idp);
            let show = any(move |request: http::Request<Body>| seen::answer(Arc::clone(&idp), form, request));
            router = router.route(&path, show);
        }
    }
    // People type the issuer as it is, without a slash at its end.
    if idp.facts.base.is_empty() { router } else { router.route(&idp.facts.base, to(Endpoint::Home)) }
}

impl Idp {
    async fn serve(&self, usual: Endpoint, request: http::Request<Body>) -> Response {
        let endpoint = misbehaviour::resolve(&self.lock().behaviour, &self.facts, usual, request.uri().path());
        let request = Request::read(endpoint, request).await;
        let seq = self.log.arrived(&request);
        let (mut response, error, told) = self.respond(endpoint, &request).await;
        let date = httpdate::fmt_http_date(std::time::UNIX_EPOCH + self.now().min(LAST_DATE));
        if let Ok(date) = date.parse() {
            response.headers_mut().insert(http::header::DATE, date);
        }
        let status = match response.extensions().get::<Broken>() {
            Some(Broken::Dropped | Broken::Reset) => None,
            None => Some(response.status().as_u16()),
        };
        self.log.answered(seq, Outcome { status, error }, told);
        response
    }

    async fn respond(&self, endpoint: Endpoint, request: &Request) -> (Response, Option<String>, Told) {
        // DNS rebinding: a foreign page may reach the port, but not under this name.
        if !request.is_for(&self.facts.authority) {
            let told = Told { why: Some("Host does not name this provider".into()), ..Told::default() };
            return (self.wrong_host().into_response(), None, told);
        }
        self.pass(endpoint, Moment::BeforeWork).await;
        let fault = self.lock().behaviour.take_fault(endpoint, Moment::BeforeWork);
        if let Some(fault) = fault {
            let untouched = Answer::oauth_error(StatusCode::SERVICE_UNAVAILABLE, "temporarily_unavailable", "a fault");
            return (fault.spoil(untouched).await, None, Told::default());
        }
        let (answer, on_the_way) = self.work(request);
        self.pass(endpoint, Moment::BeforeAnswer).await;
        let error = answer.error.clone();
        let told = Told {
            why: answer.why.clone(),
            gave: if self.facts.settings.seen { seen::given(endpoint, &answer) } else { Vec::new() },
            ends_here: answer.ends_here,
        };
        let fault = self.lock().behaviour.take_fault(endpoint, Moment::BeforeAnswer);
        match fault.or(on_the_way) {
            Some(fault) => (fault.spoil(answer).await, error, told),
            None => (answer.into_response(), error, told),
        }
    }

    fn work(&self, request: &Request) -> (Answer, Option<Fault>) {
        let now = self.now();
        let mut state = self.lock();
        let answer = Desk { facts: &self.facts, state: &mut state, now }.answer(request);
        let chosen = state.behaviour.misbehaviour;
        drop(state);
        match chosen {
            Some(chosen) => misbehaviour::change_answer(chosen, request.endpoint, answer),
            None => (answer, None),
        }
    }

    /// The time since the Unix epoch by the provider's own clock.
    fn now(&self) -> Duration {
        let (now, offset) = (clock::since_epoch(), self.lock().behaviour.clock_offset);
        let distance = Duration::from_secs(offset.unsigned_abs());
        if offset < 0 { now.saturating_sub(distance) } else { now.saturating_add(distance) }
    }

    async fn pass(&self, endpoint: Endpoint, moment: Moment) {
        let barrier = self.lock().behaviour.barrier(endpoint, moment);
        if let Some(barrier) = barrier {
            barrier.pass().await;
        }
    }

    pub(crate) fn wrong_host(&self) -> Answer {
        let sentence = format!("This provider answers at {} only.", self.facts.issuer);
        let page = pages::error(&self.facts, "Not the address of this provider", &sentence, None);
        Answer::page(StatusCode::MISDIRECTED_REQUEST, &page)
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
