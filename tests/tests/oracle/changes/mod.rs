//! What is done to a good token: one change each, by name.

use serde_json::{Value, json};

use crate::draft::Draft;

mod claims;
mod header;
mod keys;
mod signature;
mod text;
mod times;

/// What a change touches. Two of different parts can be made to one token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Iss,
    Sub,
    Audience,
    Nonce,
    Lifetime,
    NotBefore,
    IssuedAt,
    LogIn,
    AccessToken,
    /// Header, keys and signature: they lean on each other.
    Proof,
    Text,
    /// All of it: not made together with another.
    Whole,
}

/// One change to a good token.
pub(crate) struct Change {
    pub(crate) name: String,
    pub(crate) part: Part,
    /// The algorithm it is about; any where there is none.
    pub(crate) alg: Option<&'static str>,
    pub(crate) apply: Box<dyn Fn(&mut Draft)>,
}

impl Change {
    fn new(part: Part, name: impl Into<String>, apply: impl Fn(&mut Draft) + 'static) -> Self {
        Self { name: name.into(), part, alg: None, apply: Box::new(apply) }
    }

    /// The same, to tokens of one algorithm only.
    fn of(self, alg: &'static str) -> Self {
        Self { alg: Some(alg), ..self }
    }
}

/// All of them.
pub(crate) fn all() -> Vec<Change> {
    let mut all = claims::changes();
    all.extend(times::changes());
    all.extend(header::changes());
    all.extend(keys::changes());
    all.extend(signature::changes());
    all.extend(text::changes());
    all
}

/// A value of every type of JSON, with what it is called; `good` is what should stand there.
fn of_every_type(good: &Value) -> Vec<(&'static str, Value)> {
    vec![
        ("null", Value::Null),
        ("true", json!(true)),
        ("a number", json!(7)),
        ("other text", json!("something-else")),
        ("empty text", json!("")),
        ("an empty list", json!([])),
        ("a list of it", json!([good])),
        ("an object", json!({ "value": good })),
    ]
}
