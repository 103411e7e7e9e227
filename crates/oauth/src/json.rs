//! JSON of others, read strictly: limits on size and depth, no member twice.

use std::cell::RefCell;
use std::fmt;

use serde::de::{DeserializeSeed, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use crate::text::Scrub;

/// How much is read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// Size in bytes.
    pub(crate) bytes: usize,
    /// How deep arrays and objects may nest.
    pub(crate) depth: usize,
}

/// Why a document is not read. Tells positions, never contents: the document may hold secrets.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JsonFault {
    /// Larger than is read.
    #[error("it is larger than {limit} bytes")]
    TooLarge {
        /// The most that is read.
        limit: usize,
    },
    /// Nested deeper than is read.
    #[error("it nests deeper than {limit} levels")]
    TooDeep {
        /// The most that is read.
        limit: usize,
    },
    /// A member is there twice: readers would not agree which one counts.
    #[error("the member `{name}` is there twice")]
    DuplicateMember {
        /// Its name, cleaned.
        name: String,
    },
    /// Not UTF-8.
    #[error("it is not UTF-8 text")]
    BadUtf8,
    /// A number too large for any reader.
    #[error("the number in `{member}` is out of range")]
    NumberOutOfRange {
        /// The member it stands in, cleaned.
        member: String,
    },
    /// Not JSON, or cut in the middle.
    #[error("it is not JSON (line {line}, column {column})")]
    Syntax {
        /// From 1.
        line: usize,
        /// From 1; 0 at the end of a cut document.
        column: usize,
    },
}

/// Reads a document; a byte order mark before it is accepted (RFC 8259 section 8.1).
pub(crate) fn read_document(bytes: &[u8], limits: Limits) -> Result<Value, JsonFault> {
    read_answer(bytes, limits, &Scrub::default())
}

/// The same of an answer: a member that is named like something that was sent is not named in the fault (HP-TK-06).
pub(crate) fn read_answer(bytes: &[u8], limits: Limits, sent: &Scrub) -> Result<Value, JsonFault> {
    watched(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes), limits, sent)
}

/// Reads a document that must not begin with a byte order mark.
pub(crate) fn read(bytes: &[u8], limits: Limits) -> Result<Value, JsonFault> {
    watched(bytes, limits, &Scrub::default())
}

fn watched(bytes: &[u8], limits: Limits, sent: &Scrub) -> Result<Value, JsonFault> {
    if bytes.len() > limits.bytes {
        return Err(JsonFault::TooLarge { limit: limits.bytes });
    }
    let text = std::str::from_utf8(bytes).map_err(|_| JsonFault::BadUtf8)?;
    let watch = Watch { limit: limits.depth, sent, fault: RefCell::new(None), member: RefCell::new(String::new()) };
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let read = Node { watch: &watch, depth: 0 }.deserialize(&mut deserializer);
    read.and_then(|value| deserializer.end().map(|()| value)).map_err(|error| {
        watch.fault.take().unwrap_or_else(|| {
            // serde_json has no kind for this one; a test holds the words.
            if error.to_string().starts_with("number out of range") {
                JsonFault::NumberOutOfRange { member: sent.clean(&watch.member.borrow(), 64) }
            } else {
                JsonFault::Syntax { line: error.line(), column: error.column() }
            }
        })
    })
}

/// What a value is, in the words of a sentence: "got a number".
pub(crate) fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

struct Watch<'s> {
    limit: usize,
    sent: &'s Scrub,
    fault: RefCell<Option<JsonFault>>,
    /// The member read last, to name it when its number cannot be read.
    member: RefCell<String>,
}

impl Watch<'_> {
    fn stop<E: serde::de::Error>(&self, fault: JsonFault) -> E {
        self.fault.replace(Some(fault));
        E::custom("stopped")
    }
}

#[derive(Clone, Copy)]
struct Node<'w> {
    watch: &'w Watch<'w>,
    depth: usize,
}

impl Node<'_> {
    fn deeper<E: serde::de::Error>(self) -> Result<Self, E> {
        if self.depth >= self.watch.limit {
            return Err(self.watch.stop(JsonFault::TooDeep { limit: self.watch.limit }));
        }
        Ok(Self { depth: self.depth + 1, ..self })
    }
}

impl<'de> DeserializeSeed<'de> for Node<'_> {
    type Value = Value;

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Node<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, v: bool) -> Result<Value, E> {
        Ok(Value::Bool(v))
    }

    fn visit_i64<E>(self, v: i64) -> Result<Value, E> {
        Ok(Value::Number(v.into()))
    }

    fn visit_u64<E>(self, v: u64) -> Result<Value, E> {
        Ok(Value::Number(v.into()))
    }

    fn visit_f64<E: serde::de::Error>(self, v: f64) -> Result<Value, E> {
        Number::from_f64(v).map(Value::Number).ok_or_else(|| E::custom("not finite"))
    }

    fn visit_str<E>(self, v: &str) -> Result<Value, E> {
        Ok(Value::String(v.to_owned()))
    }

    fn visit_string<E>(self, v: String) -> Result<Value, E> {
        Ok(Value::String(v))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let inner = self.deeper()?;
        let mut items = Vec::new();
        while let Some(item) = seq.next_element_seed(inner)? {
            items.push(item);
        }
        Ok(Value::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let inner = self.deeper()?;
        let mut members = Map::new();
        while let Some(name) = map.next_key::<String>()? {
            if members.contains_key(&name) {
                return Err(self.watch.stop(JsonFault::DuplicateMember { name: self.watch.sent.clean(&name, 64) }));
            }
            self.watch.member.borrow_mut().clone_from(&name);
            let value = map.next_value_seed(inner)?;
            members.insert(name, value);
        }
        Ok(Value::Object(members))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Limits = Limits { bytes: 1000, depth: 4 };

    fn fault(text: &str) -> JsonFault {
        read(text.as_bytes(), LIMITS).expect_err("refused")
    }

    #[test]
    fn an_ordinary_document_is_read() {
        let value = read(br#" {"a":[1,-2,1.5,"x",null,true],"b":{}} "#, LIMITS).expect("reads");
        assert_eq!(value, serde_json::json!({"a": [1, -2, 1.5, "x", null, true], "b": {}}));
    }

    #[test]
    fn a_member_twice_is_refused_at_any_level() {
        assert_eq!(fault(r#"{"iss":1,"iss":1}"#), JsonFault::DuplicateMember { name: "iss".into() });
        assert_eq!(fault(r#"{"a":[{"b":1,"b":2}]}"#), JsonFault::DuplicateMember { name: "b".into() });
    }

    #[test]
    fn depth_and_size_are_limited() {
        assert!(read(b"[[[[]]]]", LIMITS).is_ok());
        assert_eq!(fault("[[[[[]]]]]"), JsonFault::TooDeep { limit: 4 });
        let bomb = "[".repeat(10_000);
        let limits = Limits { bytes: 20_000, depth: 32 };
        assert_eq!(read(bomb.as_bytes(), limits), Err(JsonFault::TooDeep { limit: 32 }));
        assert_eq!(fault(&" ".repeat(1001)), JsonFault::TooLarge { limit: 1000 });
    }

    #[test]
    fn a_number_out_of_range_is_named_by_its_member() {
        assert_eq!(fault(r#"{"expires_in":1e309}"#), JsonFault::NumberOutOfRange { member: "expires_in".into() });
    }

    #[test]
    fn cut_foreign_and_trailing_text_is_refused() {
        for text in ["", "{", r#"{"a":"#, "<html>", "{} x", "nul", r#"{"a":1}{"b":2}"#] {
            assert!(matches!(fault(text), JsonFault::Syntax { .. }), "{text}");
        }
        assert_eq!(read(b"\"\xff\"", LIMITS), Err(JsonFault::BadUtf8));
    }

    #[test]
    fn a_byte_order_mark_is_accepted_before_a_document_only() {
        assert!(read_document("\u{feff}{}".as_bytes(), LIMITS).is_ok());
        assert!(read("\u{feff}{}".as_bytes(), LIMITS).is_err());
    }
}
