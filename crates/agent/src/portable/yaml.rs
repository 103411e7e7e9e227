//! YAML as far as a kubeconfig needs it: maps, lists and texts. What makes YAML dangerous is refused at the first sight
//! of it: anchors and what repeats them, tags, keys that are no text, keys that come twice, and depth.

use saphyr_parser::{Event, Parser};
use serde_json::{Map, Value};

/// Maps and lists within each other.
const DEEPEST: usize = 16;
/// Maps, lists and texts in all.
const MOST_NODES: usize = 20_000;

/// A list or a map that has begun.
enum Open {
    List(Vec<Value>),
    Map(Map<String, Value>, Option<String>),
}

/// The first document of a text; every scalar is a text in it.
///
/// # Errors
/// What is wrong and where, without words of the text.
pub(super) fn read(text: &str) -> Result<Value, String> {
    let mut open: Vec<Open> = Vec::new();
    let mut nodes = 0;
    for event in Parser::new_from_str(text) {
        let Ok((event, span)) = event else { return Err("it is not YAML".to_owned()) };
        let wrong = |what: &str| Err(format!("line {} has {what}", span.start.line()));
        nodes += 1;
        if nodes > MOST_NODES {
            return Err("it has too many parts".to_owned());
        }
        let whole = match event {
            Event::Alias(_) => return wrong("an alias"),
            Event::Scalar(_, _, anchor, _) | Event::SequenceStart(anchor, _) | Event::MappingStart(anchor, _)
                if anchor > 0 =>
            {
                return wrong("an anchor");
            }
            Event::Scalar(_, _, _, Some(_)) | Event::SequenceStart(_, Some(_)) | Event::MappingStart(_, Some(_)) => {
                return wrong("a tag");
            }
            Event::SequenceStart(..) | Event::MappingStart(..) if open.len() == DEEPEST => {
                return wrong("too many lists and maps within each other");
            }
            Event::SequenceStart(..) => {
                open.push(Open::List(Vec::new()));
                continue;
            }
            Event::MappingStart(..) => {
                open.push(Open::Map(Map::new(), None));
                continue;
            }
            Event::Scalar(text, ..) => Value::String(text.into_owned()),
            Event::SequenceEnd | Event::MappingEnd => match open.pop() {
                Some(Open::List(list)) => Value::Array(list),
                Some(Open::Map(map, _)) => Value::Object(map),
                None => return wrong("an end without a beginning"),
            },
            Event::Nothing | Event::StreamStart | Event::DocumentStart(_) | Event::DocumentEnd => continue,
            Event::StreamEnd => break,
        };
        match (open.last_mut(), whole) {
            // The rest of the text is other documents.
            (None, whole) => return Ok(whole),
            (Some(Open::List(list)), whole) => list.push(whole),
            (Some(Open::Map(map, key @ None)), Value::String(text)) => {
                if map.contains_key(&text) {
                    return wrong("a key that is there twice");
                }
                *key = Some(text);
            }
            (Some(Open::Map(_, None)), _) => return wrong("a key that is no text"),
            (Some(Open::Map(map, key)), whole) => {
                if let Some(key) = key.take() {
                    map.insert(key, whole);
                }
            }
        }
    }
    Err("there is nothing in it".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn maps_lists_and_texts_are_read() {
        let text =
            "# a comment\napiVersion: v1\nusers:\n- name: \"a: b\"\n  user: {exec: {args: [x, '--y=1']}}\n- name: no\n";
        let read = read(text).expect("YAML");
        assert_eq!(
            read,
            json!({"apiVersion": "v1", "users": [
                {"name": "a: b", "user": {"exec": {"args": ["x", "--y=1"]}}}, {"name": "no"}]})
        );
    }

    #[test]
    fn what_makes_yaml_dangerous_is_refused() {
        let bomb = "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n";
        for (text, what) in [
            (bomb, "line 1 has an anchor"),
            ("a: *b\n", "it is not YAML"),
            ("a: !!binary eA==\n", "line 1 has a tag"),
            ("a: 1\na: 2\n", "line 2 has a key that is there twice"),
            ("? [a]\n: b\n", "line 1 has a key that is no text"),
            ("\"a", "it is not YAML"),
            ("", "there is nothing in it"),
        ] {
            assert_eq!(read(text), Err(what.to_owned()), "{text}");
        }
        let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(read(&nested(DEEPEST)).is_ok());
        assert_eq!(read(&nested(DEEPEST + 1)), Err("line 1 has too many lists and maps within each other".to_owned()));
        assert!(read(&"[".repeat(500_000)).is_err() && read(&"- ".repeat(250_000)).is_err());
        let many = format!("[{}]", "x,".repeat(MOST_NODES));
        assert_eq!(read(&many), Err("it has too many parts".to_owned()));
    }
}
