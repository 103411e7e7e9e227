//! The secrets of a file, while its runs are played.

mod spelled;

use std::collections::BTreeMap;

use doorkey_client::Secret;
use doorkey_client::words::Event;
use fantoccini::elements::Element;
use fantoccini::error::CmdError;
use serde_json::Value;

use self::spelled::Spelled;
use crate::flow::Flow;

/// By the names they have in the file.
#[derive(Clone, Debug, Default)]
pub struct Secrets {
    named: BTreeMap<String, Secret>,
    /// What they are looked for by, each with what stands in its place.
    looked_for: Vec<(String, Spelled)>,
}

impl Secrets {
    /// These.
    #[must_use]
    pub fn new(secrets: BTreeMap<String, Secret>) -> Self {
        let of = |(name, secret): (&String, &Secret)| {
            let instead = instead_of(name);
            spelled::spellings(secret).into_iter().map(move |spelled| (instead.clone(), spelled))
        };
        Self { looked_for: secrets.iter().flat_map(of).collect(), named: secrets }
    }

    pub(super) fn get(&self, name: &str) -> Option<Secret> {
        self.named.get(name).cloned()
    }

    /// Types it into a field of the provider's page.
    #[expect(clippy::disallowed_methods, reason = "the scenario says that it belongs into this field of the page")]
    pub(in crate::scenario) async fn type_into(&self, name: &str, element: &Element) -> Result<(), CmdError> {
        match self.named.get(name) {
            Some(secret) => element.send_keys(secret.expose()).await,
            None => Err(CmdError::InvalidArgument(name.to_owned(), "there is no such secret".to_owned())),
        }
    }

    /// A page or a provider may repeat what was typed: it does not get into anything that is written.
    #[must_use]
    pub fn scrubbed(&self, text: &str) -> String {
        let mut places: Vec<(usize, usize, &str)> = Vec::new();
        for (instead, spelled) in &self.looked_for {
            places.extend(spelled.places(text).into_iter().map(|place| (place.start, place.end, instead.as_str())));
        }
        // The longest of those that begin at one place.
        places.sort_by_key(|(start, end, _)| (*start, usize::MAX - end));
        let (mut made, mut read) = (String::with_capacity(text.len()), 0);
        for (start, end, instead) in places {
            if start >= read {
                made.push_str(&text[read..start]);
                made.push_str(instead);
            }
            read = read.max(end);
        }
        made.push_str(&text[read..]);
        made
    }

    /// The same flow without them: agents know the client's secrets only, and not what is typed on pages.
    pub(super) fn without(&self, flow: Flow) -> Flow {
        if self.looked_for.is_empty() {
            return flow;
        }
        let events = flow.events.iter().map(|event| self.event(event)).collect();
        match Flow::of(events) {
            Ok(made) => Flow { agent: flow.agent, ..made },
            // All of them have the id of one flow, whatever became of it.
            Err(_) => flow,
        }
    }

    /// A word of the journal's own stays what it is, should somebody's password be that: nothing is told by it.
    fn event(&self, event: &Event) -> Event {
        let Ok(mut value) = serde_json::to_value(event) else { return event.clone() };
        let mut changed = Vec::new();
        self.find(&value, String::new(), &mut changed);
        for (place, text) in changed {
            let mut other = value.clone();
            if let Some(leaf) = other.pointer_mut(&place) {
                *leaf = Value::String(text);
            }
            if serde_json::from_value::<Event>(other.clone()).is_ok() {
                value = other;
            }
        }
        serde_json::from_value(value).unwrap_or_else(|_| event.clone())
    }

    fn find(&self, value: &Value, place: String, changed: &mut Vec<(String, String)>) {
        match value {
            Value::String(text) => {
                let scrubbed = self.scrubbed(text);
                if scrubbed != *text {
                    changed.push((place, scrubbed));
                }
            }
            Value::Array(values) => {
                for (index, value) in values.iter().enumerate() {
                    self.find(value, format!("{place}/{index}"), changed);
                }
            }
            Value::Object(members) => {
                for (name, value) in members {
                    let name = name.replace('~', "~0").replace('/', "~1");
                    self.find(value, format!("{place}/{name}"), changed);
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
}

/// What means nothing wherever it comes to stand.
fn instead_of(name: &str) -> String {
    let plain = |c: char| if c.is_alphanumeric() || c == '-' { c } else { '_' };
    format!("[secret {}]", name.chars().map(plain).collect::<String>())
}

#[cfg(test)]
mod tests;
