//! Variables: `${name}` in the texts of a scenario.

use std::collections::BTreeMap;

use serde_json::Value;

use super::mistake::Way;

/// The values of the variables of one run.
pub(super) type Variables = BTreeMap<String, Value>;

/// Puts the values in. A text that is one variable and nothing else becomes its value, whatever that is; within a longer
/// text there can be texts, numbers and truths only. `$${` stands for `${`.
///
/// # Errors
/// The way to the text, and what is wrong with it.
pub(super) fn substitute(value: &mut Value, variables: &Variables, way: &Way) -> Result<(), (Way, String)> {
    match value {
        Value::String(text) => {
            *value = in_text(text, variables).map_err(|what| (way.clone(), what))?;
            Ok(())
        }
        Value::Array(values) => values
            .iter_mut()
            .enumerate()
            .try_for_each(|(index, value)| substitute(value, variables, &way.clone().index(index))),
        Value::Object(members) => members.iter_mut().try_for_each(|(key, value)| {
            let way = way.clone().key(key);
            // It would name something that is never there.
            if key.contains("${") {
                return Err((way, "a variable stands in values only, and not in the name of one".to_owned()));
            }
            substitute(value, variables, &way)
        }),
        Value::Null | Value::Bool(_) | Value::Number(_) => Ok(()),
    }
}

/// Whether a variable stands somewhere in it: in the value of another one, none is put in.
pub(super) fn has_variable(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains("${"),
        Value::Array(values) => values.iter().any(has_variable),
        Value::Object(members) => members.iter().any(|(key, value)| key.contains("${") || has_variable(value)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

fn in_text(text: &str, variables: &Variables) -> Result<Value, String> {
    let find = |name: &str| {
        variables.get(name).ok_or_else(|| {
            format!("there is no variable `{name}`: give it a value in [variables] or values in [matrix]")
        })
    };
    if let Some(name) = text.strip_prefix("${").and_then(|rest| rest.strip_suffix('}'))
        && !name.contains(['{', '}'])
    {
        return find(name).cloned();
    }
    let mut made = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("${") {
        if rest[..at].ends_with('$') {
            made.push_str(&rest[..at - 1]);
            made.push_str("${");
            rest = &rest[at + 2..];
            continue;
        }
        let end = rest[at..].find('}').ok_or_else(|| format!("`{rest}` has a `${{` without its `}}`"))?;
        let name = &rest[at + 2..at + end];
        made.push_str(&rest[..at]);
        match find(name)? {
            Value::String(text) => made.push_str(text),
            plain @ (Value::Number(_) | Value::Bool(_)) => made.push_str(&plain.to_string()),
            Value::Null | Value::Array(_) | Value::Object(_) => {
                return Err(format!("the variable `{name}` is a list or a table, which cannot stand within a text"));
            }
        }
        rest = &rest[at + end + 1..];
    }
    made.push_str(rest);
    Ok(Value::String(made))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn made(text: &str) -> Result<Value, String> {
        let variables = [("port", json!(8080)), ("host", json!("op.example")), ("scopes", json!(["openid", "email"]))];
        in_text(text, &variables.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
    }

    #[test]
    fn a_variable_alone_is_its_value_and_within_a_text_it_is_text() {
        assert_eq!(made("${scopes}"), Ok(json!(["openid", "email"])));
        assert_eq!(made("${port}"), Ok(json!(8080)));
        assert_eq!(made("http://${host}:${port}/"), Ok(json!("http://op.example:8080/")));
        assert_eq!(made("costs $5, $${host} stays"), Ok(json!("costs $5, ${host} stays")));
    }

    #[test]
    fn what_has_no_value_is_told() {
        assert!(made("at ${hots}").is_err_and(|what| what.contains("no variable `hots`")));
        assert!(made("at ${host").is_err_and(|what| what.contains("without its `}`")));
        assert!(made("for ${scopes}").is_err_and(|what| what.contains("list")));
    }
}
