//! Pages whose command lines are run: a block `sh`, and directly below it what it answers, as `json` or `text`.

use std::fmt::Write as _;

use serde_json::Value;

/// A page in its parts, in order.
#[derive(Clone, Debug)]
pub struct Page(Vec<Part>);

/// One part of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// For people.
    Text(String),
    /// A fenced block.
    Block {
        /// What stands behind the fence.
        kind: String,
        /// The lines.
        inside: String,
    },
}

/// Command lines, and what the page says that they answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// What is run.
    pub lines: String,
    /// The block directly below: its kind and its text.
    pub answer: Option<(String, String)>,
}

/// Members that are another in each run: what counts is that they are there and of the same type.
const MOVING: [&str; 29] = [
    "access_token",
    "at",
    "authorization_url",
    "auth_time",
    "client_id",
    "clock_ahead",
    "deadline",
    "exp",
    "expires_at",
    "flow",
    "iat",
    "id",
    "issued_at",
    "jti",
    "pid",
    "proof",
    "redirect_path",
    "redirect_uri",
    "redirect_uris",
    "renews_at",
    "seq",
    "sid",
    "signed_in_at",
    "started_at",
    "step",
    "took_ms",
    "values",
    "version",
    "waits_for",
];

/// Stands for anything.
const LEFT_OUT: &str = "…";

impl Page {
    /// Of its text.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let mut parts = Vec::new();
        let mut open: Option<(String, String)> = None;
        let mut plain = String::new();
        for line in text.lines() {
            match (&mut open, line.strip_prefix("```")) {
                (None, Some(kind)) => {
                    parts.push(Part::Text(std::mem::take(&mut plain)));
                    open = Some((kind.to_owned(), String::new()));
                }
                (Some(_), Some(_)) => {
                    let (kind, inside) = open.take().expect("it is open");
                    parts.push(Part::Block { kind, inside });
                }
                (Some((_, inside)), None) => writeln!(inside, "{line}").expect("a String takes everything"),
                (None, None) => writeln!(plain, "{line}").expect("a String takes everything"),
            }
        }
        parts.push(Part::Text(plain));
        Self(parts)
    }

    /// All of it, in order.
    #[must_use]
    pub fn parts(&self) -> &[Part] {
        &self.0
    }

    /// What is run, in order.
    #[must_use]
    pub fn shown(&self) -> Vec<Shown> {
        let mut shown: Vec<Shown> = Vec::new();
        let mut is_below = false;
        for part in &self.0 {
            match part {
                Part::Block { kind, inside } if kind == "sh" => {
                    shown.push(Shown { lines: inside.clone(), answer: None });
                    is_below = true;
                }
                Part::Block { kind, inside } if is_below => {
                    if let Some(last) = shown.last_mut() {
                        last.answer = Some((kind.clone(), inside.clone()));
                    }
                    is_below = false;
                }
                Part::Text(text) if text.trim().is_empty() => {}
                Part::Text(_) | Part::Block { .. } => is_below = false,
            }
        }
        shown
    }

    /// The page with what was really answered, in the order of [`Page::shown`].
    #[must_use]
    pub fn with_answers(&self, answers: &[String]) -> String {
        let mut answers = answers.iter();
        let mut answer = None;
        let mut text = String::new();
        for part in &self.0 {
            match part {
                Part::Text(plain) => text.push_str(plain),
                Part::Block { kind, inside } => {
                    if kind == "sh" {
                        answer = answers.next();
                    }
                    let inside = match answer {
                        Some(answer) if kind == "json" => pretty(answer, inside),
                        _ => inside.clone(),
                    };
                    write!(text, "```{kind}\n{inside}```\n").expect("a String takes everything");
                }
            }
        }
        text
    }
}

/// The real answer as the page shows it: what the page leaves out stays out, and nobody reads a token to its end.
fn pretty(answer: &str, before: &str) -> String {
    let mut answer: Value = serde_json::from_str(answer).unwrap_or_else(|fault| panic!("{fault}: {answer}"));
    let before: Value = serde_json::from_str(before).unwrap_or_default();
    shorten(&mut answer, &before);
    serde_json::to_string_pretty(&answer).expect("it is JSON") + "\n"
}

fn shorten(answer: &mut Value, before: &Value) {
    if *before == LEFT_OUT || *before == serde_json::json!([LEFT_OUT]) {
        answer.clone_from(before);
        return;
    }
    match answer {
        Value::Object(members) => {
            for (name, member) in members {
                let long = ["access_token", "proof", "authorization_url"].contains(&name.as_str());
                if let Value::String(text) = member
                    && long
                {
                    *text = text.chars().take(24).collect::<String>() + LEFT_OUT;
                }
                shorten(member, &before[name.as_str()]);
            }
        }
        Value::Array(list) => {
            for (index, one) in list.iter_mut().enumerate() {
                shorten(one, &before[index]);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Where an answer is not what the page says, and how.
///
/// # Errors
/// The place and both values.
pub fn same(shown: &Value, real: &Value, place: &str) -> Result<(), String> {
    let differs = || Err(format!("{place} is {real}, the page says {shown}"));
    let moves = place.rsplit('.').next().is_some_and(|name| MOVING.contains(&name.split('[').next().unwrap_or(name)));
    match (shown, real) {
        (Value::String(text), _) if text == LEFT_OUT => Ok(()),
        (Value::Array(list), Value::Array(_)) if *list == [Value::from(LEFT_OUT)] => Ok(()),
        (Value::Object(shown), Value::Object(real)) => {
            if !shown.keys().eq(real.keys()) {
                let names = |of: &serde_json::Map<String, Value>| of.keys().cloned().collect::<Vec<_>>();
                return Err(format!("{place} has {:?}, the page says {:?}", names(real), names(shown)));
            }
            shown.iter().try_for_each(|(name, shown)| same(shown, &real[name], &format!("{place}.{name}")))
        }
        (Value::Array(shown), Value::Array(real)) if shown.len() == real.len() => {
            let mut pairs = shown.iter().zip(real).enumerate();
            pairs.try_for_each(|(index, (shown, real))| same(shown, real, &format!("{place}[{index}]")))
        }
        (Value::String(_), Value::String(text)) if moves && !text.is_empty() => Ok(()),
        (Value::Number(_), Value::Number(_)) if moves => Ok(()),
        // It may be there a moment earlier or later.
        (Value::Null, Value::String(_)) | (Value::String(_), Value::Null) if moves => Ok(()),
        _ if shown == real => Ok(()),
        _ => differs(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const PAGE: &str = "# Page\n\n```sh\necho 1\n```\n\n```json\n{\"a\": 1}\n```\n\nText.\n\n```sh\necho 2\n```\n\nNot below.\n\n```json\n{}\n```\n";

    #[test]
    fn what_stands_directly_below_is_the_answer() {
        let shown = Page::of(PAGE).shown();
        assert_eq!(shown.len(), 2);
        assert_eq!(shown[0].answer, Some(("json".to_owned(), "{\"a\": 1}\n".to_owned())));
        assert_eq!(shown[1].answer, None);
    }

    #[test]
    fn a_page_with_its_own_answers_is_the_same_page() {
        let answers = ["{\"a\":1}".to_owned(), "{}".to_owned()];
        assert_eq!(Page::of(&Page::of(PAGE).with_answers(&answers)).shown()[1], Page::of(PAGE).shown()[1]);
    }

    #[test]
    fn only_what_moves_may_differ() {
        let same = |shown: Value, real: Value| same(&shown, &real, "it").is_ok();
        assert!(same(json!({"pid": 1, "a": [1]}), json!({"pid": 2, "a": [1]})));
        assert!(same(json!({"a": "…", "b": ["…"]}), json!({"a": {}, "b": [1, 2]})));
        assert!(!same(json!({"a": 1}), json!({"a": 2})));
        assert!(!same(json!({"pid": 1}), json!({"pid": "1"})));
        assert!(!same(json!({"id": "a"}), json!({"id": ""})));
        assert!(!same(json!({"a": 1}), json!({"a": 1, "b": 2})));
        assert!(!same(json!({"a": 1, "b": 2}), json!({"a": 1})));
        assert!(!same(json!([1]), json!([1, 2])));
    }
}
