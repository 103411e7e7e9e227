//! What a handler takes and answers, read off its types: a document that says something else does not compile.

use std::sync::Arc;

use axum::extract::{Path, Query, State};
use axum::response::Sse;
use axum::{Extension, Json};
use doorkey_client::words::{JournalRequest, ProbeLook, Update};
use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, SchemaGenerator};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::super::Served;
use super::super::answer::{Created, Done, Refused};
use super::super::asked::{Body, InAddress};
use super::super::events::{Answers, LastEventId, Since};
use super::{Answer, Call, Part, Schemas, Signature, Way, Word};
use crate::peer::Peer;

/// Method, path and handler's name; what its documentation says, line by line; the statuses of its refusals.
pub(in crate::server) fn call<P, H: Handler<P>>(
    (method, path, name): (&'static str, &'static str, &'static str),
    about: &[&str],
    refuses: &[u16],
    _: H,
) -> Call {
    let lines: Vec<&str> = about.iter().map(|line| line.trim()).collect();
    // Lines are broken for the source; paragraphs are meant.
    let about = lines.split(|line| line.is_empty()).map(|paragraph| paragraph.join(" "));
    let about = about.collect::<Vec<_>>().join("\n\n");
    let mut signature = Signature::default();
    H::tell(&mut signature);
    Call { method, path, name, about, refuses: refuses.to_vec(), signature }
}

pub(in crate::server) trait Handler<P> {
    fn tell(signature: &mut Signature);
}

pub(in crate::server) trait Taken {
    fn part() -> Option<Part>;
}

pub(in crate::server) trait Given {
    fn answer() -> Answer;
}

macro_rules! handlers {
    ($($part:ident)*) => {
        impl<F, A, $($part),*> Handler<($($part,)*)> for F
        where
            F: Fn($($part),*) -> A,
            A: Future,
            A::Output: Given,
            $($part: Taken,)*
        {
            fn tell(signature: &mut Signature) {
                signature.parts = [$($part::part()),*].into_iter().flatten().collect();
                signature.answer = Some(A::Output::answer());
            }
        }
    };
}

handlers!(One);
handlers!(One Two);
handlers!(One Two Three);
handlers!(One Two Three Four);
handlers!(One Two Three Four Five);

fn word<T: JsonSchema + DeserializeOwned>() -> Word {
    Word {
        schema: |schemas: &mut Schemas, way: Way| schemas.of::<T>(way),
        fits: |example: &Value| T::deserialize(example).map(drop).map_err(|error| error.to_string()),
    }
}

impl Taken for State<Served> {
    fn part() -> Option<Part> {
        None
    }
}

impl Taken for Extension<Arc<Peer>> {
    fn part() -> Option<Part> {
        None
    }
}

impl Taken for InAddress<Path<String>> {
    fn part() -> Option<Part> {
        Some(Part::Path)
    }
}

impl Taken for InAddress<Query<Since>> {
    fn part() -> Option<Part> {
        Some(Part::Since)
    }
}

impl Taken for InAddress<Query<Answers>> {
    fn part() -> Option<Part> {
        Some(Part::Answers)
    }
}

impl Taken for InAddress<Query<JournalRequest>> {
    fn part() -> Option<Part> {
        Some(Part::Query(|| {
            SchemaGenerator::from(SchemaSettings::draft2020_12()).into_root_schema_for::<JournalRequest>()
        }))
    }
}

impl Taken for InAddress<Query<ProbeLook>> {
    fn part() -> Option<Part> {
        Some(Part::Query(|| SchemaGenerator::from(SchemaSettings::draft2020_12()).into_root_schema_for::<ProbeLook>()))
    }
}

impl Taken for LastEventId {
    fn part() -> Option<Part> {
        Some(Part::LastEventId)
    }
}

impl<T: JsonSchema + DeserializeOwned, const MOST: usize> Taken for Body<T, MOST> {
    fn part() -> Option<Part> {
        Some(Part::Body(word::<T>()))
    }
}

impl<T: JsonSchema + DeserializeOwned> Given for Json<T> {
    fn answer() -> Answer {
        Answer { status: 200, content: Some(("application/json", word::<T>())) }
    }
}

impl<T: JsonSchema + DeserializeOwned> Given for Created<T> {
    fn answer() -> Answer {
        Answer { status: 201, content: Some(("application/json", word::<T>())) }
    }
}

impl Given for Done {
    fn answer() -> Answer {
        Answer { status: 204, content: None }
    }
}

/// Before OpenAPI 3.2 has `itemSchema`, the schema of a stream is that of its messages.
impl<S> Given for Sse<S> {
    fn answer() -> Answer {
        let schema = |schemas: &mut Schemas, way: Way| {
            let update = schemas.of::<Update>(way);
            json!({
                "type": "object",
                "description": "Each message of the stream.",
                "properties": {
                    "data": { "type": "string", "contentMediaType": "application/json", "contentSchema": update },
                    "id": { "type": "string", "description": "Of those of the journal: the event's number." },
                },
                "required": ["data"],
            })
        };
        Answer { status: 200, content: Some(("text/event-stream", Word { schema, fits: |_| Ok(()) })) }
    }
}

impl<T: Given> Given for Result<T, Refused> {
    fn answer() -> Answer {
        T::answer()
    }
}
