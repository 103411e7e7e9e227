use clap::Args;

use super::values::patience;
use crate::time::parse_seconds;

/// Try wrong requests at a provider you run, and see whether it refuses them
#[derive(Debug, Args)]
#[command(after_help = "\
Only for a provider that is yours to test. It asks for the issuer, typed again; says
how often your browser will open and how many requests it may send; pauses between
them; uses no session of yours; and revokes every token it got, also after Ctrl-C.
Exit code 65 when a probe failed.

Examples:
  doorkey probe work
  doorkey probe work --i-own https://op.example --markdown > probes.md
  doorkey probe work --pace 2s --leeway 60s --json
  doorkey probe work --logout       try signing out too: it ends your browser's session")]
pub(crate) struct Probe {
    /// The profile to sign in with
    pub(crate) profile: String,
    /// The profile's issuer once more, to say that the provider is yours; asked for at a terminal
    #[arg(long, value_name = "ISSUER")]
    pub(crate) i_own: Option<String>,
    /// The pause before each request, at most 10s [default: 500ms]
    #[arg(long, value_name = "TIME", value_parser = pace)]
    pub(crate) pace: Option<u32>,
    /// How long to wait for you in the browser each time, at most 30m [default: 5m]
    #[arg(long, value_name = "TIME", value_parser = patience)]
    pub(crate) timeout: Option<u32>,
    /// How long to wait for an answer that should not come, at most 2m [default: 20s]
    #[arg(long, value_name = "TIME", value_parser = parse_seconds)]
    pub(crate) wait: Option<u32>,
    /// For how long a replaced refresh token is tried again, at most 60s [default: 10s]
    #[arg(long, value_name = "TIME", value_parser = parse_seconds)]
    pub(crate) leeway: Option<u32>,
    /// Another public client of that provider, which must not redeem this one's codes
    #[arg(long, value_name = "CLIENT")]
    pub(crate) other_client: Option<String>,
    /// Try signing out too; it ends your browser's own session with the provider
    #[arg(long)]
    pub(crate) logout: bool,
    /// Revoke what the run got although you are signed in with the same application here; some providers end that too
    #[arg(long)]
    pub(crate) end_other_sessions: bool,
    /// Answer in Markdown, for a ticket; --json goes before it
    #[arg(long)]
    pub(crate) markdown: bool,
    #[command(flatten)]
    pub(crate) browser: super::Browser,
}

/// Milliseconds: `500ms`, or seconds as everywhere.
fn pace(text: &str) -> Result<u32, String> {
    let milliseconds = match text.strip_suffix("ms") {
        Some(number) => number.parse().map_err(|_| format!("`{text}` is no time such as 500ms or 2s"))?,
        None => parse_seconds(text)?.saturating_mul(1_000),
    };
    if milliseconds <= 10_000 { Ok(milliseconds) } else { Err("at most 10s".to_owned()) }
}

#[cfg(test)]
mod tests {
    use super::pace;

    #[test]
    fn a_pace_is_given_in_seconds_or_less() {
        assert_eq!((pace("500ms"), pace("2s"), pace("0ms")), (Ok(500), Ok(2_000), Ok(0)));
        assert!(pace("11s").is_err() && pace("ms").is_err() && pace("-1ms").is_err());
    }
}
