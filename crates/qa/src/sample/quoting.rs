//! How a text stands in a program, so that it is that text and nothing else. No control character comes here.

use minijinja::value::Value;

/// In single quotes, as a POSIX shell has them: nothing in there means anything.
pub(super) fn shell(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// `name=value` as one word of a shell.
pub(super) fn shell_pair(part: &Value, between: &str) -> Result<String, minijinja::Error> {
    Ok(shell(&format!("{}{between}{}", text(part, "name")?, text(part, "value")?)))
}

/// `name=value` as a text of curl's configuration, within a shell's here-document; the value is the part's variable.
pub(super) fn config_pair(part: &Value, between: &str) -> Result<String, minijinja::Error> {
    // First for curl, then for the shell; a sign that both know is escaped for both.
    let name = escaped(&escaped(&text(part, "name")?, &['\\', '"']), &['\\', '$', '`']);
    Ok(format!("\"{name}{between}$(quoted \"${}\")\"", text(part, "variable")?))
}

fn text(part: &Value, member: &str) -> Result<String, minijinja::Error> {
    Ok(part.get_attr(member)?.as_str().unwrap_or_default().to_owned())
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
