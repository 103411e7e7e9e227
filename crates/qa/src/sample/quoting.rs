//! How a text stands in a program, so that it is that text and nothing else. No control character comes here.

use minijinja::value::Value;

/// In single quotes, as a POSIX shell has them: nothing in there means anything.
pub(super) fn shell(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// `name=value` as one word of a shell; a secret is its variable.
pub(super) fn shell_pair(part: &Value, between: &str) -> Result<String, minijinja::Error> {
    let name = part.get_attr("name")?;
    let name = name.as_str().unwrap_or_default();
    match part.get_attr("variable")?.as_str() {
        // The name comes from us or is one of the standards'; in double quotes only these four mean anything.
        Some(variable) => Ok(format!("\"{}{between}${variable}\"", escaped(name, &['\\', '"', '$', '`']))),
        None => Ok(shell(&format!("{name}{between}{}", part.get_attr("value")?.as_str().unwrap_or_default()))),
    }
}

/// In double quotes, for languages where a backslash takes the meaning from what follows and nothing else has one.
pub(super) fn double(text: &str) -> String {
    format!("\"{}\"", escaped(text, &['\\', '"']))
}

/// In single quotes, for PHP and Ruby, which put values into texts in double quotes.
pub(super) fn single(text: &str) -> String {
    format!("'{}'", escaped(text, &['\\', '\'']))
}

fn escaped(text: &str, these: &[char]) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if these.contains(&c) {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}
