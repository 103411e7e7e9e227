//! A flow as an HTTP archive, HAR 1.2, which browsers' network panels open (row S-48).
//!
//! It holds what the journal holds: whatever is a secret stands there as its fingerprint, and is marked as such. What the
//! journal does not know is said as the format has it: sizes are -1, a status that was not seen is 0, and comments say why.
//! The types here are our own rather than those of a crate: only what is written is named, and the marks of what was left
//! out are members with an underscore, which the format keeps for its users.

mod entries;
#[cfg(test)]
mod tests;

use serde::Serialize;

use crate::flow::Flow;

/// The archive.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Har {
    log: Log,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
struct Log {
    version: &'static str,
    creator: Creator,
    pages: Vec<Page>,
    entries: Vec<Entry>,
    comment: &'static str,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
struct Creator {
    name: &'static str,
    version: &'static str,
}

/// A flow; the network panels show its requests beneath its title.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
struct Page {
    started_date_time: String,
    id: String,
    title: String,
    page_timings: PageTimings,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
struct PageTimings {
    on_content_load: i64,
    on_load: i64,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    pageref: String,
    started_date_time: String,
    /// In milliseconds.
    time: u64,
    request: Request,
    response: Response,
    cache: Cache,
    timings: Timings,
    comment: String,
    /// What for, as the journal has it.
    #[serde(rename = "_purpose")]
    purpose: String,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
struct Request {
    method: String,
    url: String,
    http_version: &'static str,
    cookies: [(); 0],
    headers: Vec<Named>,
    query_string: Vec<Named>,
    #[serde(skip_serializing_if = "Option::is_none")]
    post_data: Option<PostData>,
    headers_size: i64,
    body_size: i64,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
struct Response {
    status: u16,
    status_text: &'static str,
    http_version: &'static str,
    cookies: [(); 0],
    headers: Vec<Named>,
    content: Content,
    #[serde(rename = "redirectURL")]
    redirect_url: String,
    headers_size: i64,
    body_size: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    comment: Option<String>,
}

/// A header, a parameter, a field.
#[derive(Clone, Debug, PartialEq, Serialize)]
struct Named {
    name: String,
    value: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    comment: Option<&'static str>,
    /// Whether the value is a fingerprint in place of a secret.
    #[serde(rename = "_redacted", skip_serializing_if = "std::ops::Not::not")]
    redacted: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
struct PostData {
    mime_type: String,
    params: Vec<Named>,
    /// The same as it is sent, for panels that show only this.
    text: String,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
struct Content {
    size: i64,
    mime_type: String,
    text: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    comment: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
struct Cache {}

/// In milliseconds; -1 for what does not apply. Send, wait and receive must add up to the whole.
#[derive(Clone, Debug, PartialEq, Serialize)]
struct Timings {
    send: u64,
    wait: u64,
    receive: u64,
}

/// The flows as one archive, each as a page of it.
#[must_use]
pub fn of(flows: &[Flow]) -> Har {
    Har {
        log: Log {
            version: "1.2",
            creator: Creator { name: "Doorkey", version: env!("CARGO_PKG_VERSION") },
            pages: flows.iter().map(page).collect(),
            entries: flows.iter().flat_map(entries::of).collect(),
            comment: "Redacted: tokens, codes, secrets and what may be one stand here as fingerprints, the first eight hex \
                      digits of their SHA-256. The same fingerprint is the same value.",
        },
    }
}

impl Har {
    /// As it stands in a file.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut text = serde_json::to_string_pretty(self).expect("only texts and numbers are in it");
        text.push('\n');
        text
    }
}

fn page(flow: &Flow) -> Page {
    let whose = flow.profile.as_deref().map(|profile| format!(" with {profile}")).unwrap_or_default();
    Page {
        started_date_time: flow.began.to_string(),
        id: flow.id.clone(),
        title: format!("{}{whose}: {}", flow.kind.words(), flow.outcome.words()),
        page_timings: PageTimings { on_content_load: -1, on_load: -1 },
    }
}
