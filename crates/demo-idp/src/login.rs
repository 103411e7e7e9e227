//! The login page and its form.

use http::{Method, StatusCode};

use crate::answer::Answer;
use crate::authorize::{Back, find_flow, next_step, out_of_date, refuse};
use crate::desk::Desk;
use crate::request::Request;
use crate::{Endpoint, pages, random};

pub(crate) fn answer(desk: &mut Desk<'_>, request: &Request) -> Answer {
    if request.method == Method::POST { check(desk, request) } else { show(desk, request) }
}

fn show(desk: &Desk<'_>, request: &Request) -> Answer {
    let (id, flow) = match find_flow(desk, request) {
        Ok(found) => found,
        Err(refusal) => return refusal,
    };
    let chosen = desk.facts.settings.people.iter().find(|person| Some(person.sub.as_str()) == request.query.get("as"));
    let client = desk.client(&flow.request.client).map_or(flow.request.client.as_str(), |client| &client.name);
    Answer::page(StatusCode::OK, &pages::login(desk.facts, &id, &flow, client, chosen))
}

fn check(desk: &mut Desk<'_>, request: &Request) -> Answer {
    let (id, mut flow) = match find_flow(desk, request) {
        Ok(found) => found,
        Err(refusal) => return refusal,
    };
    let form = request.params();
    let given = |name| form.get(name).unwrap_or_default();
    if !random::same(given("csrf"), &flow.csrf) {
        return out_of_date(desk);
    }
    let email = given("email").trim();
    let person = desk.facts.settings.people.iter().find(|person| person.email.eq_ignore_ascii_case(email));
    let Some(person) = person.filter(|person| random::same(&person.password, given("password"))) else {
        flow.wrong_password = true;
        flow.email = email.into();
        desk.state.flows.insert(&id, flow);
        let again = Answer::see_other(format!("{}?flow={id}", Endpoint::Login.path(&desk.facts.base)));
        return again.because("email and password do not fit together");
    };
    if flow.request.hinted_sub.as_ref().is_some_and(|sub| *sub != person.sub) {
        // OpenID Connect Core 3.1.2.1: the client asked for somebody else.
        desk.state.flows.remove(&id);
        return refuse(
            desk,
            &Back::from(&flow.request),
            "login_required",
            "another person signed in than was hinted at",
        );
    }
    let (signed_in, cookie) = desk.begin_session(request, &person.sub);
    flow.person = Some(signed_in);
    flow.wrong_password = false;
    desk.state.flows.insert(&id, flow.clone());
    next_step(desk, &id, &flow).with_cookie(Some(cookie))
}
