//! A JSON body: its members by their names, its secrets by their fingerprints.

use serde_json::{Map, Value};

use super::request::{named, shown_address};
use super::rules::{Class, Shape, member};
use super::secrets::{Secrets, told};

/// Looks for what must not be shown anywhere.
pub(super) fn look(json: &Value, shape: Shape, secrets: &mut Secrets) {
    look_into(json, top(json), shape, secrets);
}

/// What may be shown of it.
pub(super) fn redacted(json: &Value, shape: Shape, secrets: &mut Secrets) -> Value {
    redacted_as(json, top(json), shape, secrets)
}

/// What has no name has none that is listed.
fn top(json: &Value) -> Class {
    if json.is_object() { Class::Named } else { Class::Unknown }
}

/// Below a member that is not shown nothing is, whatever it is called there.
fn below(class: Class, name: &str, shape: Shape) -> Class {
    match class {
        Class::Named | Class::Words | Class::Address => member(name, shape),
        Class::Secret | Class::Unknown => class,
    }
}

fn look_into(json: &Value, class: Class, shape: Shape, secrets: &mut Secrets) {
    match json {
        Value::Object(members) => {
            members.iter().for_each(|(name, value)| look_into(value, below(class, name, shape), shape, secrets));
        }
        Value::Array(items) => items.iter().for_each(|item| look_into(item, class, shape, secrets)),
        Value::String(text) => match (class, shape) {
            (Class::Secret, _) => secrets.add(text),
            (Class::Unknown, Shape::Protocol | Shape::Keys) => secrets.add_unknown(text),
            // A name is part of another name, and no secret.
            (Class::Unknown, Shape::Person | Shape::Description) => {}
            (Class::Named | Class::Words | Class::Address, _) => {}
        },
        Value::Number(number) if class == Class::Secret => secrets.add(&number.to_string()),
        Value::Number(_) | Value::Bool(_) | Value::Null => {}
    }
}

fn redacted_as(json: &Value, class: Class, shape: Shape, secrets: &mut Secrets) -> Value {
    match json {
        Value::Object(members) => {
            let mut shown = Map::new();
            for (name, value) in members {
                let value = redacted_as(value, below(class, name, shape), shape, secrets);
                let name = match shape {
                    Shape::Protocol | Shape::Person | Shape::Keys => named(name, secrets),
                    Shape::Description => secrets.replaced(name),
                };
                shown.insert(name, value);
            }
            Value::Object(shown)
        }
        Value::Array(items) => {
            Value::Array(items.iter().map(|item| redacted_as(item, class, shape, secrets)).collect())
        }
        Value::String(text) => Value::String(match class {
            Class::Named => secrets.replaced(text),
            Class::Words => secrets.replaced_in_words(text),
            Class::Address => shown_address(text, false, secrets),
            Class::Secret | Class::Unknown => told(text),
        }),
        Value::Number(number) => match class {
            Class::Named | Class::Words | Class::Address => json.clone(),
            Class::Secret | Class::Unknown => Value::String(told(&number.to_string())),
        },
        Value::Bool(_) | Value::Null => json.clone(),
    }
}
