//! Two flows, two tokens, or two documents such as providers' descriptions, side by side: what differs, member by member.

mod shape;
#[cfg(test)]
mod tests;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use doorkey_client::words::VERSION;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::evidence::Claims;
use crate::flow::Flow;
use crate::text::{cell, code};

/// What differs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    /// Always [`VERSION`].
    pub version: u32,
    /// How many members are the same in both.
    pub same: u32,
    /// Those that are not, in order.
    pub differences: Vec<Difference>,
}

/// A member that is not the same in both.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Difference {
    /// Where it is, such as `claims.aud`; `[]` is an entry of a list, whose order says nothing.
    pub at: String,
    /// In the first; absent where it is not there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub one: Option<Value>,
    /// In the second; absent where it is not there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub other: Option<Value>,
}

/// Deeper than this a document is compared as a whole.
const DEEPEST: usize = 32;

/// Two documents.
#[must_use]
pub fn documents(one: &Value, other: &Value) -> Comparison {
    let mut comparison = Comparison { version: VERSION, same: 0, differences: Vec::new() };
    compare(&mut comparison, "", Some(one), Some(other), DEEPEST);
    comparison
}

/// Two flows: what was asked of whom, what came, what was checked, and how it ended. What is never the same twice, such as
/// times, free ports and the values of secrets, is no difference.
#[must_use]
pub fn flows(one: &Flow, other: &Flow) -> Comparison {
    flows_with_claims((one, None), (other, None))
}

/// The same with what the tokens said.
#[must_use]
pub fn flows_with_claims(one: (&Flow, Option<&Claims>), other: (&Flow, Option<&Claims>)) -> Comparison {
    let shape = |(flow, claims): (&Flow, Option<&Claims>)| {
        let mut shape = shape::of(flow);
        if let Some(claims) = claims {
            shape["tokens"] = json!({
                "id_token": claims.id_token, "userinfo": claims.userinfo, "access_token": claims.access_token,
            });
        }
        shape
    };
    let (mut one, mut other) = (shape(one), shape(other));
    shape::level(&mut one, &mut other);
    documents(&one, &other)
}

/// A text as a document: JSON, or a signed token, decoded. Nothing of it is verified; its signature is left out.
///
/// # Errors
/// Why it is neither, as the end of a sentence.
pub fn document(text: &str) -> Result<Value, String> {
    let text = text.trim();
    if let Some(decoded) = decoded(text) {
        return Ok(decoded);
    }
    serde_json::from_str(text).map_err(|error| format!("it is neither a signed token nor JSON: {error}"))
}

fn decoded(token: &str) -> Option<Value> {
    let mut parts = token.split('.');
    let (header, claims) = (parts.next()?, parts.next()?);
    let (_signature, None) = (parts.next()?, parts.next()) else { return None };
    let part = |part: &str| serde_json::from_slice::<Value>(&URL_SAFE_NO_PAD.decode(part).ok()?).ok();
    let (header, claims) = (part(header)?, part(claims)?);
    (header.is_object() && claims.is_object()).then(|| json!({ "header": header, "claims": claims }))
}

fn compare(found: &mut Comparison, at: &str, one: Option<&Value>, other: Option<&Value>, deepest: usize) {
    match (one, other) {
        (None, None) => {}
        (Some(one), Some(other)) if one == other => found.same += leaves(one, deepest),
        (Some(Value::Object(one)), Some(Value::Object(other))) if deepest > 0 => {
            let names = one.keys().chain(other.keys().filter(|name| !one.contains_key(*name)));
            for name in names {
                let at = if at.is_empty() { name.clone() } else { format!("{at}.{name}") };
                compare(found, &at, one.get(name), other.get(name), deepest - 1);
            }
        }
        (Some(Value::Array(one)), Some(Value::Array(other))) if [one, other].iter().all(|list| is_plain(list)) => {
            let at = format!("{at}[]");
            for item in one {
                if other.contains(item) {
                    found.same += 1;
                } else {
                    found.differences.push(Difference { at: at.clone(), one: Some(item.clone()), other: None });
                }
            }
            for item in other.iter().filter(|item| !one.contains(item)) {
                found.differences.push(Difference { at: at.clone(), one: None, other: Some(item.clone()) });
            }
        }
        (one, other) => {
            found.differences.push(Difference { at: at.to_owned(), one: one.cloned(), other: other.cloned() });
        }
    }
}

/// Of texts and numbers: a set, in all that is compared here.
fn is_plain(list: &[Value]) -> bool {
    list.len() < 1_000 && list.iter().all(|item| item.is_string() || item.is_number())
}

fn leaves(value: &Value, deepest: usize) -> u32 {
    match value {
        Value::Object(members) if deepest > 0 => members.values().map(|value| leaves(value, deepest - 1)).sum(),
        _ => 1,
    }
}

impl Comparison {
    /// Whether nothing differs.
    #[must_use]
    pub fn is_same(&self) -> bool {
        self.differences.is_empty()
    }

    /// For a ticket.
    #[must_use]
    pub fn to_markdown(&self) -> String {
        let mut text = format!("**{} different**, {} the same.\n", self.differences.len(), self.same);
        if !self.is_same() {
            text.push_str("\n| | one | other |\n|---|---|---|\n");
        }
        for Difference { at, one, other } in &self.differences {
            let cells = [code(at), shown(one.as_ref()), shown(other.as_ref())].map(|text| cell(&text));
            text.push_str(&format!("| {} |\n", cells.join(" | ")));
        }
        text
    }
}

fn shown(value: Option<&Value>) -> String {
    value.map_or_else(|| "–".to_owned(), |value| code(&in_short(value)))
}

/// A value as people read it: a text without quotes, a document at most 200 characters of it.
#[must_use]
pub fn in_short(value: &Value) -> String {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    match text.char_indices().nth(200) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}
