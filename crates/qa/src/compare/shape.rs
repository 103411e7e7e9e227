//! What of a flow can be the same twice.

use doorkey_client::words::{Pair, SentRequest};
use serde_json::{Map, Value, json};

use crate::flow::Flow;

/// Headers that say something about the provider, and not about the moment.
const HEADERS: [&str; 4] = ["content-type", "cache-control", "www-authenticate", "location"];
const SECRET: &str = "(secret)";
const UNCHANGED: &str = "unchanged since it was asked before";
/// Public, and new each time: nobody learns anything from two of them.
const MOMENTARY: [&str; 2] = ["code_challenge", "request_uri"];

/// A document of the flow.
pub(super) fn of(flow: &Flow) -> Value {
    let visits: Vec<Value> = flow
        .visits()
        .iter()
        .map(|visit| {
            json!({
                "endpoint": visit.url,
                "parameters": pairs(visit.parameters),
                "answer": visit.answer.map(|(_, brought)| pairs(brought)),
            })
        })
        .collect();
    let checks = flow.judged().flat_map(|judged| judged.checks);
    let checks = gathered(checks.map(|check| (check.name.clone(), json!(check.outcome))));
    json!({
        "kind": flow.kind,
        "outcome": flow.outcome.words(),
        "issuer": flow.issuer(),
        "sub": flow.sub(),
        "agent": flow.agent,
        "authorization": numbered(visits),
        "requests": requests(flow),
        "checks": checks,
    })
}

/// A document that did not change is not repeated in the journal. Where one flow has it and the other only its digest,
/// nothing can be said of it, and it is left out of both.
pub(super) fn level(one: &mut Value, other: &mut Value) {
    let names: Vec<String> = one["requests"].as_object().into_iter().flatten().map(|(name, _)| name.clone()).collect();
    for name in names {
        let pointer = format!("/requests/{}/answer", name.replace('~', "~0").replace('/', "~1"));
        let is_digest = |flow: &Value| Some(flow.pointer(&pointer)?.get("body")?.get(UNCHANGED).is_some());
        if let (Some(a), Some(b)) = (is_digest(one), is_digest(other))
            && a != b
        {
            for flow in [&mut *one, &mut *other] {
                if let Some(Value::Object(answer)) = flow.pointer_mut(&pointer) {
                    answer.remove("body");
                }
            }
        }
    }
}

/// By what they are for; a second one for the same has its number.
fn requests(flow: &Flow) -> Value {
    let mut requests = Map::new();
    for asked in flow.asked() {
        let exchange = asked.exchange;
        let answer = exchange.answer.as_ref().map(|answer| {
            let headers =
                answer.headers.iter().filter(|pair| HEADERS.contains(&pair.name.to_ascii_lowercase().as_str()));
            // A document that did not change is not repeated in the journal: its digest stands for it.
            let body = match &answer.unchanged {
                Some(digest) => json!({ UNCHANGED: digest }),
                None => body(&answer.body),
            };
            json!({ "status": answer.status, "headers": pairs(headers), "body": body })
        });
        let SentRequest { method, url, form, .. } = &exchange.request;
        let told = json!({
            "method": method, "url": stable(url), "form": pairs(form), "answer": answer, "problem": exchange.problem,
        });
        let taken = requests.keys().filter(|name| name.split('#').next() == Some(&exchange.purpose)).count();
        let name = if taken == 0 { exchange.purpose.clone() } else { format!("{}#{}", exchange.purpose, taken + 1) };
        requests.insert(name, told);
    }
    Value::Object(requests)
}

/// JSON member by member; anything else as it is.
fn body(text: &str) -> Value {
    match serde_json::from_str(text) {
        Ok(document) => without_moments(document),
        Err(_) => Value::String(stable(text)),
    }
}

fn without_moments(value: Value) -> Value {
    match value {
        Value::String(text) => Value::String(stable(&text)),
        Value::Array(items) => Value::Array(items.into_iter().map(without_moments).collect()),
        Value::Object(members) => {
            Value::Object(members.into_iter().map(|(name, value)| (name, without_moments(value))).collect())
        }
        other => other,
    }
}

fn pairs<'a>(pairs: impl IntoIterator<Item = &'a Pair>) -> Value {
    let told = pairs.into_iter().map(|pair| {
        let is_new = pair.secret || MOMENTARY.contains(&pair.name.as_str());
        let value = if is_new { SECRET.to_owned() } else { stable(&pair.value) };
        (pair.name.clone(), Value::String(value))
    });
    Value::Object(gathered(told))
}

/// By name. What is there more than once, such as `resource` (RFC 8707 section 2), is a list: none hides another.
fn gathered(values: impl Iterator<Item = (String, Value)>) -> Map<String, Value> {
    let mut gathered: Map<String, Value> = Map::new();
    for (name, value) in values {
        match gathered.get_mut(&name) {
            None => drop(gathered.insert(name, value)),
            Some(one) if *one == value => {}
            Some(Value::Array(values)) if values.contains(&value) => {}
            Some(Value::Array(values)) => values.push(value),
            Some(one) => *one = Value::Array(vec![one.take(), value]),
        }
    }
    gathered
}

/// Without fingerprints, and without the port of a loopback address: both are new each time.
fn stable(text: &str) -> String {
    let mut stable = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(begin) = rest.find("[fingerprint ") {
        let (before, from) = rest.split_at(begin);
        let Some(end) = from.find(']') else { break };
        stable.push_str(before);
        stable.push_str(SECRET);
        rest = &from[end + 1..];
    }
    stable.push_str(rest);
    for host in ["http://127.0.0.1:", "http://[::1]:", "http://localhost:"] {
        if let Some(begin) = stable.find(host) {
            let from = begin + host.len();
            let digits = stable[from..].bytes().take_while(u8::is_ascii_digit).count();
            stable.replace_range(from..from + digits, "PORT");
        }
    }
    stable
}

fn numbered(visits: Vec<Value>) -> Value {
    let numbers = 1..;
    Value::Object(numbers.zip(visits).map(|(number, visit): (u32, Value)| (number.to_string(), visit)).collect())
}
