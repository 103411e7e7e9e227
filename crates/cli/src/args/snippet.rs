use clap::{Args, ValueEnum};
use doorkey_qa::sample::Language;

/// The very request that was sent to the provider, as a program in another language
#[derive(Debug, Args)]
#[command(after_help = "\
Made of the newest such request in the journal, with its own parameters. The journal
has no secrets: whatever is one is read from an environment variable in the program,
so that nothing secret is shown or copied.

Examples:
  doorkey snippet work --lang python
  doorkey snippet work --lang curl --of renewal
  doorkey snippet work --lang swift --of authorization
  doorkey snippet nightly --lang go > request.go && CLIENT_SECRET=… go run request.go")]
pub(crate) struct Snippet {
    /// The profile; the newest request of any without it
    pub(crate) profile: Option<String>,
    /// The language
    #[arg(long, value_name = "L", value_parser = language, default_value = "curl")]
    pub(crate) lang: Language,
    /// Which request
    #[arg(long, value_name = "R", value_enum, default_value = "token")]
    pub(crate) of: SnippetOf,
}

/// Which request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum SnippetOf {
    /// The address that the browser is sent to
    Authorization,
    /// The one that brought the tokens
    Token,
    /// The one with a refresh token
    Renewal,
    /// The one that took tokens back
    Revocation,
    /// The one that asked what a token is
    Introspection,
}

impl SnippetOf {
    /// As the journal calls it; nothing for what the browser asks.
    pub(crate) fn purpose(self) -> Option<&'static str> {
        Some(match self {
            Self::Authorization => return None,
            Self::Token => "token",
            Self::Renewal => "renewal",
            Self::Revocation => "revocation",
            Self::Introspection => "introspection",
        })
    }
}

fn language(typed: &str) -> Result<Language, String> {
    let found = Language::ALL.into_iter().find(|language| language.name() == typed.to_ascii_lowercase());
    found.ok_or_else(|| {
        let names: Vec<&str> = Language::ALL.into_iter().map(Language::name).collect();
        format!("one of {}", names.join(", "))
    })
}
