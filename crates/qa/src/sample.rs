//! A request that was sent to a provider, or the address that the browser was sent to, as a program in the language of the
//! reader's choice. Whatever is a secret in it is read from an environment variable there: no sample holds one, and none can
//! be copied by accident.

mod quoting;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use doorkey_client::words::{Pair, SentRequest};
use minijinja::value::Value;
use minijinja::{Environment, UndefinedBehavior};

/// Headers that a library sets by itself, or that say nothing to a reader.
const NOT_SHOWN: [&str; 6] = ["accept-encoding", "connection", "content-length", "content-type", "host", "user-agent"];

/// What a sample can be written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// A shell command.
    Curl,
    /// C#.
    CSharp,
    /// Go.
    Go,
    /// Java 11 or newer.
    Java,
    /// Node.js 18 or newer.
    NodeJs,
    /// Objective-C.
    ObjectiveC,
    /// PHP 8.
    Php,
    /// Python 3.
    Python,
    /// Ruby.
    Ruby,
    /// Rust, with `reqwest`.
    Rust,
    /// Swift.
    Swift,
}

impl Language {
    /// All of them, by their names.
    pub const ALL: [Self; 11] = [
        Self::Curl,
        Self::CSharp,
        Self::Go,
        Self::Java,
        Self::NodeJs,
        Self::ObjectiveC,
        Self::Php,
        Self::Python,
        Self::Ruby,
        Self::Rust,
        Self::Swift,
    ];

    /// As one types it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Curl => "curl",
            Self::CSharp => "csharp",
            Self::Go => "go",
            Self::Java => "java",
            Self::NodeJs => "nodejs",
            Self::ObjectiveC => "objective-c",
            Self::Php => "php",
            Self::Python => "python",
            Self::Ruby => "ruby",
            Self::Rust => "rust",
            Self::Swift => "swift",
        }
    }

    /// As people write it.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Curl => "curl",
            Self::CSharp => "C#",
            Self::Go => "Go",
            Self::Java => "Java",
            Self::NodeJs => "Node.js",
            Self::ObjectiveC => "Objective-C",
            Self::Php => "PHP",
            Self::Python => "Python",
            Self::Ruby => "Ruby",
            Self::Rust => "Rust",
            Self::Swift => "Swift",
        }
    }

    /// What a file with a request in it is called, so that the language's own tools take it.
    fn file_name(self) -> &'static str {
        match self {
            Self::Curl => "request.sh",
            Self::CSharp => "TokenRequest.cs",
            Self::Go => "request.go",
            Self::Java => "TokenRequest.java",
            Self::NodeJs => "request.mjs",
            Self::ObjectiveC => "request.m",
            Self::Php => "request.php",
            Self::Python => "request.py",
            Self::Ruby => "request.rb",
            Self::Rust => "request.rs",
            Self::Swift => "request.swift",
        }
    }

    /// The same for an address.
    fn address_file_name(self) -> &'static str {
        match self {
            Self::Curl => "address.sh",
            Self::CSharp => "AuthorizationUrl.cs",
            Self::Go => "address.go",
            Self::Java => "AuthorizationUrl.java",
            Self::NodeJs => "address.mjs",
            Self::ObjectiveC => "address.m",
            Self::Php => "address.php",
            Self::Python => "address.py",
            Self::Ruby => "address.rb",
            Self::Rust => "address.rs",
            Self::Swift => "address.swift",
        }
    }

    fn template(self) -> &'static str {
        match self {
            Self::Curl => include_str!("sample/templates/curl.sh.j2"),
            Self::CSharp => include_str!("sample/templates/csharp.cs.j2"),
            Self::Go => include_str!("sample/templates/go.go.j2"),
            Self::Java => include_str!("sample/templates/java.java.j2"),
            Self::NodeJs => include_str!("sample/templates/node.mjs.j2"),
            Self::ObjectiveC => include_str!("sample/templates/objc.m.j2"),
            Self::Php => include_str!("sample/templates/php.php.j2"),
            Self::Python => include_str!("sample/templates/python.py.j2"),
            Self::Ruby => include_str!("sample/templates/ruby.rb.j2"),
            Self::Rust => include_str!("sample/templates/rust.rs.j2"),
            Self::Swift => include_str!("sample/templates/swift.swift.j2"),
        }
    }

    fn address_template(self) -> &'static str {
        match self {
            Self::Curl => include_str!("sample/templates/curl.url.j2"),
            Self::CSharp => include_str!("sample/templates/csharp.url.j2"),
            Self::Go => include_str!("sample/templates/go.url.j2"),
            Self::Java => include_str!("sample/templates/java.url.j2"),
            Self::NodeJs => include_str!("sample/templates/node.url.j2"),
            Self::ObjectiveC => include_str!("sample/templates/objc.url.j2"),
            Self::Php => include_str!("sample/templates/php.url.j2"),
            Self::Python => include_str!("sample/templates/python.url.j2"),
            Self::Ruby => include_str!("sample/templates/ruby.url.j2"),
            Self::Rust => include_str!("sample/templates/rust.url.j2"),
            Self::Swift => include_str!("sample/templates/swift.url.j2"),
        }
    }
}

/// A request or an address as a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sample {
    /// What a file with it is called, so that the language's own tools take it.
    pub file_name: &'static str,
    /// The program's text.
    pub text: String,
    /// The environment variables it reads, each once: what the reader has to set.
    pub variables: Vec<String>,
}

/// Why a request cannot be written down as a program.
#[derive(Debug, thiserror::Error)]
pub enum SampleError {
    /// Only requests of a form are written, as all to a token endpoint are.
    #[error("only a request that posts a form can be written as a sample, and this is {method} without one")]
    NoForm {
        /// Its method.
        method: String,
    },
    /// A text in it has a control character, which no program should be made of.
    #[error("“{name}” has a control character in it")]
    ControlCharacter {
        /// Whose text.
        name: String,
    },
    /// A bug.
    #[error("the template of {language} is wrong: {why}")]
    Template {
        /// Whose.
        language: &'static str,
        /// What the engine says.
        why: String,
    },
}

/// A header or a field: a text, or a variable that holds a secret.
#[derive(Clone, Debug)]
struct Part {
    name: String,
    value: String,
    variable: Option<String>,
}

impl From<Part> for Value {
    fn from(part: Part) -> Self {
        let Part { name, value, variable } = part;
        Self::from_pairs([("name", name.into()), ("value", value.into()), ("variable", Self::from(variable))])
    }
}

/// Writes the request down.
///
/// # Errors
/// [`SampleError`].
pub fn write(request: &SentRequest, language: Language) -> Result<Sample, SampleError> {
    if request.form.is_empty() || request.method != "POST" {
        return Err(SampleError::NoForm { method: request.method.clone() });
    }
    plain(&request.url, request.form.iter().chain(&request.headers))?;
    let basic = request.headers.iter().any(is_basic);
    let shown = |pair: &&Pair| {
        let name = pair.name.to_ascii_lowercase();
        !is_basic(pair) && !NOT_SHOWN.contains(&name.as_str())
    };
    let headers: Vec<Part> = request.headers.iter().filter(shown).map(part).collect();
    let form: Vec<Part> = request.form.iter().map(part).collect();
    let own = if basic { &["CLIENT_ID", "CLIENT_SECRET"][..] } else { &[] };
    let named = form.iter().chain(&headers).filter_map(|part| part.variable.as_deref());
    let variables = sorted(named.chain(own.iter().copied()));

    let told = Value::from_pairs([
        ("method", Value::from(request.method.as_str())),
        ("url", request.url.as_str().into()),
        ("headers", headers.into()),
        ("form", form.into()),
        ("basic", basic.into()),
        ("uses_variables", (!variables.is_empty()).into()),
    ]);
    let text = rendered(language, language.template(), told)?;
    Ok(Sample { file_name: language.file_name(), text, variables })
}

/// Writes down how the address that the browser is sent to is made (RFC 6749 section 4.1.1). The program prints it; that
/// of a shell asks for it first, because nothing else there encodes it.
///
/// # Errors
/// [`SampleError`].
pub fn write_address(url: &str, parameters: &[Pair], language: Language) -> Result<Sample, SampleError> {
    plain(url, parameters.iter())?;
    let fields: Vec<Part> = parameters.iter().map(part).collect();
    let variables = sorted(fields.iter().filter_map(|part| part.variable.as_deref()));
    let told = Value::from_pairs([
        ("url", Value::from(url)),
        ("fields", fields.into()),
        ("uses_variables", (!variables.is_empty()).into()),
    ]);
    let text = rendered(language, language.address_template(), told)?;
    Ok(Sample { file_name: language.address_file_name(), text, variables })
}

/// No program is made of control characters.
fn plain<'a>(url: &str, pairs: impl Iterator<Item = &'a Pair>) -> Result<(), SampleError> {
    let bad = |text: &&str| text.chars().any(char::is_control);
    let mut texts = pairs.flat_map(|pair| [pair.name.as_str(), pair.value.as_str()]).chain([url]);
    match texts.find(bad) {
        None => Ok(()),
        Some(text) => Err(SampleError::ControlCharacter { name: text.escape_debug().take(40).collect() }),
    }
}

fn sorted<'a>(names: impl Iterator<Item = &'a str>) -> Vec<String> {
    names.collect::<BTreeSet<&str>>().into_iter().map(str::to_owned).collect()
}

fn rendered(language: Language, template: &str, told: Value) -> Result<String, SampleError> {
    let wrong = |error: minijinja::Error| SampleError::Template { language: language.name(), why: error.to_string() };
    let mut text = engine().render_str(template, told).map_err(wrong)?;
    // The engine drops the last line's end.
    if !text.ends_with('\n') {
        text.push('\n');
    }
    Ok(text)
}

fn engine() -> Environment<'static> {
    let mut engine = Environment::empty();
    engine.set_undefined_behavior(UndefinedBehavior::Strict);
    engine.add_filter("sh", quoting::shell);
    engine.add_filter("sh_pair", quoting::shell_pair);
    engine.add_filter("config_pair", quoting::config_pair);
    engine.add_filter("dq", quoting::double);
    engine.add_filter("sq", quoting::single);
    engine
}

fn is_basic(header: &Pair) -> bool {
    header.name.eq_ignore_ascii_case("authorization") && header.value.to_ascii_lowercase().starts_with("basic")
}

fn part(pair: &Pair) -> Part {
    let variable = pair.secret.then(|| variable(&pair.name));
    Part { name: pair.name.clone(), value: pair.value.clone(), variable }
}

/// The environment variable that a program reads a secret of this name from: `CLIENT_SECRET` for `client_secret`.
#[must_use]
pub fn variable(name: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' };
    let variable: String = name.chars().map(plain).collect();
    // No shell has a variable that begins with a digit.
    if variable.starts_with(|c: char| c.is_ascii_digit()) { format!("_{variable}") } else { variable }
}
