//! The consent page and its form.

use http::{Method, StatusCode};

use crate::answer::Answer;
use crate::authorize::{Back, find_flow, give_code, next_step, out_of_date, refuse};
use crate::desk::Desk;
use crate::request::Request;
use crate::{pages, random};

pub(crate) fn answer(desk: &mut Desk<'_>, request: &Request) -> Answer {
    let (id, flow) = match find_flow(desk, request) {
        Ok(found) => found,
        Err(refusal) => return refusal,
    };
    let Some(signed_in) = &flow.person else { return next_step(desk, &id, &flow) };
    if request.method == Method::GET {
        return match (desk.facts.person(&signed_in.sub), desk.client(&flow.request.client)) {
            (Some(person), Some(client)) => {
                Answer::page(StatusCode::OK, &pages::consent(desk.facts, &id, &flow, client, person))
            }
            _ => out_of_date(desk),
        };
    }
    let form = request.params();
    if !random::same(form.get("csrf").unwrap_or_default(), &flow.csrf) {
        return out_of_date(desk);
    }
    match form.get("decision") {
        Some("allow") => {
            desk.state.flows.remove(&id);
            if let Some(session) = desk.state.browsers.find_mut(&signed_in.cookie) {
                session.allow(&flow.request);
            }
            give_code(desk, flow.request.clone(), signed_in)
        }
        Some("deny") => {
            desk.state.flows.remove(&id);
            refuse(desk, &Back::from(&flow.request), "access_denied", "the person said no")
        }
        _ => out_of_date(desk),
    }
}
