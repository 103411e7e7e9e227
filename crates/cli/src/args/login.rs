use std::collections::BTreeMap;

use clap::Args;
use doorkey_client::words::ResponseMode;

use super::Browser;
use super::values::{authorization_details, parameter, patience, response_mode};

/// Sign in through the browser, or with a code on another device
#[derive(Debug, Args)]
#[command(after_help = "\
Over SSH, in a container or with --no-browser it also shows a code for another
device where the provider offers that, and takes the address a browser elsewhere
ended at: paste it here, and nowhere else.

Examples:
  doorkey login work
  doorkey login work --no-browser   print the address and open it yourself
  doorkey login work --device       type a code on your phone instead
  doorkey login work --browser 'firefox -P work' --login-hint ada@example.com
  doorkey login work --prompt login --max-age 5m --acr-values mfa
  doorkey login work --step         see, edit and send each request yourself")]
pub(crate) struct Login {
    /// May be left out when there is only one
    pub(crate) profile: Option<String>,
    #[command(flatten)]
    pub(crate) browser: Browser,
    /// Show a code to type on another device, and open no browser here
    #[arg(long, conflicts_with_all = ["browser", "no_browser"])]
    pub(crate) device: bool,
    /// How long to wait for the person, at most 30m [default: 5m]
    #[arg(long, value_name = "TIME", value_parser = patience)]
    pub(crate) timeout: Option<u32>,
    /// Wait before each request to the provider: show it, and ask whether to send it, edit it or stop
    #[arg(long)]
    pub(crate) step: bool,
    #[command(flatten)]
    pub(crate) asked: Asked,
}

/// What is asked of the provider, this time only.
#[derive(Debug, Args)]
#[command(next_help_heading = "This time only, over the profile's own")]
pub(crate) struct Asked {
    /// Any parameter of the authorization request; may be repeated
    #[arg(long = "param", value_name = "K=V", value_parser = parameter)]
    params: Vec<(String, String)>,
    /// Ask the provider to prompt: login, consent, select_account, none
    #[arg(long, value_name = "PROMPT")]
    pub(crate) prompt: Option<String>,
    /// Tell the provider who is about to sign in, such as an e-mail address
    #[arg(long, value_name = "WHO")]
    pub(crate) login_hint: Option<String>,
    /// The log-in must not be older, such as 5m; the answer is held to it
    #[arg(long, value_name = "TIME", value_parser = crate::time::parse_seconds)]
    max_age: Option<u32>,
    /// How to authenticate, such as mfa; the answer is held to it
    #[arg(long, value_name = "ACR")]
    acr_values: Option<String>,
    /// Languages for the provider's pages, such as 'de en'
    #[arg(long, value_name = "LANGUAGES")]
    ui_locales: Option<String>,
    /// The organization to sign in to (Auth0); the answer is held to it
    #[arg(long, value_name = "ORG")]
    organization: Option<String>,
    /// The invitation to that organization (Auth0)
    #[arg(long, value_name = "ID", requires = "organization")]
    invitation: Option<String>,
    /// The page to begin with: signup or login (Auth0)
    #[arg(long, value_name = "PAGE")]
    screen_hint: Option<String>,
    /// Go straight to this identity provider (Auth0)
    #[arg(long, value_name = "NAME")]
    connection: Option<String>,
    /// Scopes to ask of that identity provider (Auth0)
    #[arg(long, value_name = "SCOPES")]
    connection_scope: Option<String>,
    /// `offline` for a refresh token (Google)
    #[arg(long, value_name = "TYPE")]
    access_type: Option<String>,
    /// What exactly to allow: a JSON list, or the file that holds it (RFC 9396)
    #[arg(long, value_name = "JSON|FILE", value_parser = authorization_details)]
    authorization_details: Option<String>,
    /// How the browser brings the answer: query or form_post
    #[arg(long, value_name = "MODE", value_parser = response_mode)]
    pub(crate) response_mode: Option<ResponseMode>,
}

impl Asked {
    /// All that have no place of their own in the request to the agent; an option goes over a `--param` of its name.
    pub(crate) fn params(&self) -> BTreeMap<String, String> {
        let max_age = self.max_age.map(|seconds| seconds.to_string());
        let options = [
            ("max_age", &max_age),
            ("acr_values", &self.acr_values),
            ("ui_locales", &self.ui_locales),
            ("organization", &self.organization),
            ("invitation", &self.invitation),
            ("screen_hint", &self.screen_hint),
            ("connection", &self.connection),
            ("connection_scope", &self.connection_scope),
            ("access_type", &self.access_type),
            ("authorization_details", &self.authorization_details),
        ];
        let options = options.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value.clone()?)));
        self.params.iter().cloned().chain(options).collect()
    }
}
