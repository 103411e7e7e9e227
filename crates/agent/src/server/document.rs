//! `docs/openapi.json`: the table of calls, with what each takes and answers read off its handler, and the examples of
//! `docs/agent-api.md`.

mod examples;
mod signature;

use std::collections::BTreeMap;

use doorkey_client::words::{ErrorBody, VERSION};
use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, SchemaGenerator};
use serde_json::{Map, Value, json};

use self::examples::Example;
pub(super) use self::signature::call;

/// What every call may be refused with, whatever it is.
const EVERY_CALL: [u16; 4] = [403, 414, 431, 503];
/// And those with a body.
const WITH_BODY: [u16; 4] = [400, 408, 413, 415];

/// One call as the document tells it.
pub(super) struct Call {
    method: &'static str,
    path: &'static str,
    name: &'static str,
    about: String,
    refuses: Vec<u16>,
    signature: Signature,
}

/// What a handler takes and gives.
#[derive(Default)]
pub(super) struct Signature {
    parts: Vec<Part>,
    answer: Option<Answer>,
}

pub(super) enum Part {
    Path,
    Since,
    Answers,
    LastEventId,
    /// Each member of a word of which all may be left out.
    Query(fn() -> schemars::Schema),
    Body(Word),
}

pub(super) struct Answer {
    status: u16,
    content: Option<(&'static str, Word)>,
}

/// A word of the API.
pub(super) struct Word {
    schema: fn(&mut Schemas, Way) -> Value,
    /// Whether an example is one.
    fits: fn(&Value) -> Result<(), String>,
}

#[derive(Clone, Copy)]
pub(super) enum Way {
    In,
    Out,
}

/// Members that may be left out on the way in are always there on the way out: two generators.
pub(super) struct Schemas {
    taken: SchemaGenerator,
    given: SchemaGenerator,
}

impl Schemas {
    fn new() -> Self {
        let at = |settings: SchemaSettings| settings.with(|it| it.definitions_path = "/components/schemas".into());
        Self {
            taken: at(SchemaSettings::draft2020_12().for_deserialize()).into_generator(),
            given: at(SchemaSettings::draft2020_12().for_serialize()).into_generator(),
        }
    }

    pub(super) fn of<T: JsonSchema>(&mut self, way: Way) -> Value {
        let generator = match way {
            Way::In => &mut self.taken,
            Way::Out => &mut self.given,
        };
        generator.subschema_for::<T>().to_value()
    }

    /// All of them by name. A word that differs by its way has the way in its name.
    fn named(mut self, document: &mut Value) {
        let taken = self.taken.take_definitions(true);
        let given = self.given.take_definitions(true);
        let renamed: Vec<String> = taken
            .iter()
            .filter(|(name, one)| given.get(*name).is_some_and(|other| other != *one))
            .map(|(name, _)| name.clone())
            .collect();
        let mut all: BTreeMap<String, Value> = given.into_iter().collect();
        for (name, mut schema) in taken {
            point_elsewhere(&mut schema, &renamed);
            let name = if renamed.contains(&name) { format!("{name}Taken") } else { name };
            all.insert(name, schema);
        }
        for operation in document["paths"].as_object_mut().expect("paths").values_mut() {
            for call in operation.as_object_mut().expect("calls").values_mut() {
                if let Some(body) = call.get_mut("requestBody") {
                    point_elsewhere(body, &renamed);
                }
            }
        }
        for schema in all.values_mut() {
            without_empty_defaults(schema);
        }
        document["components"] = json!({ "schemas": all, "responses": refusals() });
    }
}

/// Follows a renaming.
fn point_elsewhere(schema: &mut Value, renamed: &[String]) {
    match schema {
        Value::Object(members) => {
            if let Some(Value::String(place)) = members.get_mut("$ref")
                && renamed.iter().any(|name| *place == format!("#/components/schemas/{name}"))
            {
                place.push_str("Taken");
            }
            members.values_mut().for_each(|member| point_elsewhere(member, renamed));
        }
        Value::Array(list) => list.iter_mut().for_each(|one| point_elsewhere(one, renamed)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// An empty text for a default says that a member may be left out, which is told already.
fn without_empty_defaults(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            if members.get("default").is_some_and(|default| default == "") {
                members.remove("default");
            }
            members.values_mut().for_each(without_empty_defaults);
        }
        Value::Array(list) => list.iter_mut().for_each(without_empty_defaults),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn document(calls: &[Call], examples: &[Example]) -> Value {
    let mut schemas = Schemas::new();
    schemas.of::<ErrorBody>(Way::Out);
    let mut paths: BTreeMap<&str, Map<String, Value>> = BTreeMap::new();
    for call in calls {
        let operation = call.operation(&mut schemas, examples);
        paths.entry(call.path).or_default().insert(call.method.to_owned(), operation);
    }
    let mut document = json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Doorkey's agent",
            "version": VERSION.to_string(),
            "summary": "Access tokens for programs, out of one person's sign-ins.",
            "description": "HTTP/1.1 and JSON over a Unix socket, `$XDG_RUNTIME_DIR/doorkey/agent.sock`, for programs of the same user. \
                How to connect, what is promised and every call with its answer: docs/agent-api.md.",
            "license": { "name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0" },
        },
        "servers": [{
            "url": "http://doorkey",
            "description": "Any host will do: the way is the socket, as in `curl --unix-socket`.",
        }],
        "paths": paths,
    });
    schemas.named(&mut document);
    document
}

fn refusals() -> Value {
    let about = |status: u16| match status {
        400 => "The call does not have the shape of one.",
        403 => "The call is refused for who makes it or for what it wants.",
        404 => "What the call is about is not there.",
        408 => "The body did not come in time.",
        409 => "It cannot be done in the present state, such as without a person who signs in again.",
        413 => "The body is larger than 64 KiB, where it holds no file.",
        414 => "The address is longer than 8 KiB.",
        415 => "The body is not said to be JSON.",
        422 => "A value in the call, or the profile it is about, cannot be used.",
        431 => "The head is larger than 16 KiB or 64 lines.",
        502 => "The provider cannot be reached, or its answer was refused.",
        503 => "The vault cannot be used at present, or too much is under way.",
        other => panic!("the table of calls says {other}, which nobody has described"),
    };
    let statuses = [400, 403, 404, 408, 409, 413, 414, 415, 422, 431, 502, 503];
    let all: Map<String, Value> = statuses
        .into_iter()
        .map(|status| {
            let content = json!({ "application/json": { "schema": { "$ref": "#/components/schemas/ErrorBody" } } });
            (status.to_string(), json!({ "description": about(status), "content": content }))
        })
        .collect();
    all.into()
}

impl Call {
    fn operation(&self, schemas: &mut Schemas, examples: &[Example]) -> Value {
        let (summary, more) = self.about.split_once("\n\n").unwrap_or((&self.about, ""));
        let mut of_this = examples.iter().filter(|example| example.is_of(self.method, self.path));
        let example = of_this.clone().find(|example| example.answer().is_some()).or_else(|| of_this.next());
        let mut operation = json!({ "operationId": self.name, "summary": summary.trim() });
        if !more.is_empty() {
            operation["description"] = more.into();
        }
        let parameters: Vec<Value> =
            self.signature.parts.iter().flat_map(|part| self.parameters(part, example)).collect();
        let mut statuses: Vec<u16> = [&EVERY_CALL[..], &self.refuses].concat();
        if !parameters.is_empty() {
            statuses.push(400);
            operation["parameters"] = parameters.into();
        }
        for part in &self.signature.parts {
            if let Part::Body(word) = part {
                statuses.extend(WITH_BODY);
                let mut content = json!({ "schema": (word.schema)(schemas, Way::In) });
                if let Some(body) = example.and_then(|example| example.body.as_ref()) {
                    (word.fits)(body).unwrap_or_else(|fault| panic!("the body of {}: {fault}", self.name));
                    content["example"] = body.clone();
                }
                operation["requestBody"] = json!({ "required": true, "content": { "application/json": content } });
            }
        }
        let answer = self.signature.answer.as_ref().expect("every handler answers");
        let mut responses = Map::new();
        let mut response = json!({ "description": "Done." });
        if let Some((media_type, word)) = &answer.content {
            let mut content = json!({ "schema": (word.schema)(schemas, Way::Out) });
            if let Some(given) = example.and_then(Example::answer) {
                (word.fits)(given).unwrap_or_else(|fault| panic!("the answer of {}: {fault}", self.name));
                content["example"] = given.clone();
            }
            response["content"] = json!({ *media_type: content });
        }
        responses.insert(answer.status.to_string(), response);
        statuses.sort_unstable();
        statuses.dedup();
        for status in statuses {
            let place = format!("#/components/responses/{status}");
            responses.insert(status.to_string(), json!({ "$ref": place }));
        }
        operation["responses"] = responses.into();
        operation
    }

    fn parameters(&self, part: &Part, example: Option<&Example>) -> Vec<Value> {
        let in_path = |name: &str, about: &str, schema: Value| {
            let mut parameter = json!({ "name": name, "in": "path", "required": true, "description": about });
            parameter["schema"] = schema;
            if let Some(value) = example.and_then(|example| example.in_path(self.path)) {
                parameter["example"] = value.into();
            }
            parameter
        };
        match part {
            Part::Path if self.path.contains("{name}") => vec![in_path(
                "name",
                "The profile's name.",
                json!({ "type": "string", "pattern": r"^[A-Za-z0-9_][A-Za-z0-9._-]{0,63}$" }),
            )],
            Part::Path if self.path.contains("{id}") => {
                vec![in_path("id", "As the call that began it said.", json!({ "type": "string", "minLength": 1 }))]
            }
            Part::Path => panic!("{}: nobody has described its parameter", self.path),
            Part::Since => vec![json!({
                "name": "since",
                "in": "query",
                "description": "The number of the last event that was read.",
                "schema": { "type": "integer", "minimum": 0, "maximum": u64::MAX },
            })],
            Part::Answers => vec![json!({
                "name": "answers",
                "in": "query",
                "description": "`consents`, of Doorkey's own programs that show questions to a person.",
                "schema": { "type": "string" },
            })],
            Part::LastEventId => vec![json!({
                "name": "Last-Event-ID",
                "in": "header",
                "description": "The same, for readers of server-sent events that come back. `since` goes before it.",
                "schema": { "type": "string" },
            })],
            Part::Query(word) => in_query(&word().to_value()),
            Part::Body(_) => Vec::new(),
        }
    }
}

/// A member that is left out is not written as `null` in an address.
fn in_query(word: &Value) -> Vec<Value> {
    let Value::Object(members) = word["properties"].clone() else { panic!("a word with members") };
    let parameter = |(name, mut schema): (String, Value)| {
        let kinds = schema["type"].as_array().expect("it may be left out").clone();
        schema["type"] = kinds.into_iter().find(|kind| kind != "null").expect("it is something");
        let facts = schema.as_object_mut().expect("a schema");
        facts.remove("default");
        let about = facts.remove("description").expect("every member is described");
        json!({ "name": name, "in": "query", "description": about, "schema": schema })
    };
    members.into_iter().map(parameter).collect()
}

#[test]
fn the_published_document_is_that_of_the_calls() {
    let calls = super::routes::told();
    let page = include_str!("../../../../docs/agent-api.md");
    let document = document(&calls, &examples::of(page));
    let text = serde_json::to_string_pretty(&document).expect("it is JSON") + "\n";
    crate::published::assert_current("openapi.json", &text);
}

#[test]
fn every_call_is_shown_with_curl() {
    let examples = examples::of(include_str!("../../../../docs/agent-api.md"));
    for call in super::routes::told() {
        let shown = examples.iter().any(|example| example.is_of(call.method, call.path));
        assert!(shown, "docs/agent-api.md has no curl line for {} {}", call.method.to_uppercase(), call.path);
    }
}
