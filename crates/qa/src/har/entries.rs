//! What was sent and what came, entry by entry in the order in which it was sent.

use doorkey_client::words::{Edited, Exchange, Pair, ReceivedAnswer};
use http::StatusCode;
use jiff::Timestamp;
use url::form_urlencoded;

use super::{Cache, Content, Entry, Named, PostData, Request, Response, Timings};
use crate::edited;
use crate::flow::{Asked, Flow, Visit};

/// No version of HTTP is in the journal.
const UNKNOWN: &str = "unknown";
const REDACTED: &str = "redacted: a fingerprint";

/// Everything that was sent, and the browser's two ways.
pub(super) fn of(flow: &Flow) -> Vec<Entry> {
    let mut entries: Vec<(Timestamp, Entry)> =
        flow.asked().map(|asked| (asked.began, exchanged(flow, asked))).collect();
    for visit in flow.visits() {
        entries.push((visit.at, there(flow, &visit)));
        if let Some((at, brought)) = visit.answer {
            entries.push((at, back(flow, &visit, at, brought)));
        }
    }
    entries.sort_by_key(|(began, _)| *began);
    entries.into_iter().map(|(_, entry)| entry).collect()
}

fn exchanged(flow: &Flow, asked: Asked<'_>) -> Entry {
    let Asked { began, exchange, .. } = asked;
    let Exchange { purpose, request, answer, problem, took_ms, edited } = exchange;
    let (url, query) = split(&request.url);
    let kind = header(&request.headers, "content-type").unwrap_or("application/x-www-form-urlencoded").to_owned();
    let posted = (!request.form.is_empty()).then(|| posted(kind, &request.form));
    let response = match answer {
        Some(answer) => answered(answer),
        None => unseen(problem.clone().unwrap_or_else(|| "No answer came.".to_owned())),
    };
    entry(
        flow,
        began,
        u64::from(*took_ms),
        purpose,
        &with_edits("Sent by Doorkey.", edited),
        requested(&request.method, url, query, &request.headers, posted),
        response,
    )
}

/// The browser's way to the provider. What happened there is between the two.
fn there(flow: &Flow, visit: &Visit<'_>) -> Entry {
    let came = visit.answer.map(|(at, _)| at);
    let comment = "Opened in the browser. Its time is that of the person, until the browser came back.";
    let comment = &with_edits(comment, visit.edited);
    let request = requested("GET", visit.url.to_owned(), named(visit.parameters), &[], None);
    let response = unseen("Between the browser and the provider: not seen by Doorkey.".to_owned());
    entry(flow, visit.at, milliseconds(visit.at, came.unwrap_or(visit.at)), "authorization", comment, request, response)
}

/// A request that was changed by hand says so itself.
fn with_edits(comment: &str, changes: &[Edited]) -> String {
    if changes.is_empty() {
        comment.to_owned()
    } else {
        format!("{comment} Edited by hand: {}.", edited::told(changes))
    }
}

/// The browser's way back: in the address, or as a form (OAuth 2.0 Form Post Response Mode).
fn back(flow: &Flow, visit: &Visit<'_>, at: Timestamp, brought: &[Pair]) -> Entry {
    let url = visit.redirect_uri.unwrap_or("http://127.0.0.1/").to_owned();
    let is_form = visit.parameters.iter().any(|pair| pair.name == "response_mode" && pair.value == "form_post");
    let request = if is_form {
        let posted = posted("application/x-www-form-urlencoded".to_owned(), brought);
        requested("POST", url, Vec::new(), &[], Some(posted))
    } else {
        requested("GET", url, named(brought), &[], None)
    };
    let response = unseen("A page of Doorkey's own, which is not in the journal.".to_owned());
    entry(flow, at, 0, "callback", "Brought by the browser, or pasted by a person.", request, response)
}

fn entry(
    flow: &Flow,
    began: Timestamp,
    time: u64,
    purpose: &str,
    comment: &str,
    request: Request,
    response: Response,
) -> Entry {
    Entry {
        pageref: flow.id.clone(),
        started_date_time: began.to_string(),
        time,
        request,
        response,
        cache: Cache {},
        timings: Timings { send: 0, wait: time, receive: 0 },
        comment: comment.to_owned(),
        purpose: purpose.to_owned(),
    }
}

/// The address gets its parameters, encoded again: what the journal has is for people to read.
fn requested(method: &str, url: String, query: Vec<Named>, headers: &[Pair], posted: Option<PostData>) -> Request {
    let url = if query.is_empty() { url } else { format!("{url}?{}", encoded(&query)) };
    Request {
        method: method.to_owned(),
        url,
        http_version: UNKNOWN,
        cookies: [],
        headers: named(headers),
        query_string: query,
        post_data: posted,
        headers_size: -1,
        body_size: -1,
    }
}

fn posted(mime_type: String, form: &[Pair]) -> PostData {
    let params = named(form);
    PostData { mime_type, text: encoded(&params), params }
}

fn answered(answer: &ReceivedAnswer) -> Response {
    let ReceivedAnswer { status, headers, body, unchanged } = answer;
    let size = header(headers, "content-length").and_then(|length| length.parse().ok()).unwrap_or(-1);
    let comment = unchanged
        .as_ref()
        .map(|digest| format!("The same as when it was asked before, and not repeated here; its SHA-256 is {digest}."));
    Response {
        status: *status,
        status_text: StatusCode::from_u16(*status).ok().and_then(|status| status.canonical_reason()).unwrap_or(""),
        http_version: UNKNOWN,
        cookies: [],
        headers: named(headers),
        content: Content {
            size: -1,
            mime_type: header(headers, "content-type").unwrap_or_default().to_owned(),
            text: body.clone(),
            comment,
        },
        redirect_url: header(headers, "location").unwrap_or_default().to_owned(),
        headers_size: -1,
        body_size: size,
        comment: None,
    }
}

/// The format has no entry without an answer: its status is 0 then, and the reason stands beside it.
fn unseen(why: String) -> Response {
    Response {
        status: 0,
        status_text: "",
        http_version: UNKNOWN,
        cookies: [],
        headers: Vec::new(),
        content: Content { size: -1, mime_type: String::new(), text: String::new(), comment: None },
        redirect_url: String::new(),
        headers_size: -1,
        body_size: -1,
        comment: Some(why),
    }
}

fn named(pairs: &[Pair]) -> Vec<Named> {
    let named = |pair: &Pair| Named {
        name: pair.name.clone(),
        value: if pair.secret { hidden(&pair.value) } else { pair.value.clone() },
        comment: pair.secret.then_some(REDACTED),
        redacted: pair.secret,
    };
    pairs.iter().map(named).collect()
}

/// As the journal has it in addresses and bodies; a scheme, such as `Bearer`, stays before it.
fn hidden(fingerprint: &str) -> String {
    match fingerprint.rsplit_once(' ') {
        Some((scheme, fingerprint)) => format!("{scheme} [fingerprint {fingerprint}]"),
        None => format!("[fingerprint {fingerprint}]"),
    }
}

/// The journal's addresses have their parameters as people read them, with the fingerprints of what is secret.
fn split(url: &str) -> (String, Vec<Named>) {
    let Some((place, query)) = url.split_once('?') else { return (url.to_owned(), Vec::new()) };
    let parameters = query.split('&').map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let redacted = value.starts_with("[fingerprint ");
        Named { name: name.to_owned(), value: value.to_owned(), comment: redacted.then_some(REDACTED), redacted }
    });
    (place.to_owned(), parameters.collect())
}

fn encoded(pairs: &[Named]) -> String {
    let pairs = pairs.iter().map(|pair| (&pair.name, &pair.value));
    form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

fn header<'a>(headers: &'a [Pair], name: &str) -> Option<&'a str> {
    headers.iter().find(|pair| !pair.secret && pair.name.eq_ignore_ascii_case(name)).map(|pair| pair.value.as_str())
}

fn milliseconds(from: Timestamp, to: Timestamp) -> u64 {
    u64::try_from(to.duration_since(from).as_millis()).unwrap_or(0)
}
