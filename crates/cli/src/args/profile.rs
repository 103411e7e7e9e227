//! `doorkey profile` and what stands behind it.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use doorkey_client::words::{ClientAuth, Grant, PortableFormat, Push, RedirectHost, ResponseMode};

use super::values::{parameter, preset, redirect_host, tolerance, word};

/// How to sign in with a provider: add, edit, list, show, share, remove
#[derive(Debug, Args)]
#[command(
    subcommand_value_name = "COMMAND",
    disable_help_subcommand = true,
    after_help = "\
Examples:
  doorkey profile add work --issuer https://op.example --client-id 0a1b2c
  doorkey profile edit work --audience https://api.example
  doorkey profile list"
)]
pub(crate) struct Profile {
    #[command(subcommand)]
    pub(crate) command: ProfileCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ProfileCommand {
    Add(Box<ProfileAdd>),
    Edit(Box<ProfileEdit>),
    List(ProfileList),
    Show(ProfileShow),
    Import(ProfileImport),
    Export(ProfileExport),
    Remove(ProfileRemove),
}

/// Add a profile: looks at the provider first, and says what to register there
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  doorkey profile add work --issuer https://op.example --client-id 0a1b2c
  doorkey profile add api --issuer dev-1.eu.auth0.com --client-id 0a1b2c \\
      --audience https://api.example --scope openid --scope offline_access
  pass show google | doorkey profile add g --preset google \\
      --client-id 0a1b2c --client-secret-stdin
  doorkey profile add tv --issuer https://op.example --client-id 0a1b2c \\
      --grant device_code
  doorkey profile add new --issuer https://op.example --register")]
pub(crate) struct ProfileAdd {
    /// What to call it: letters, digits, `-`, `_` and `.`
    pub(crate) name: String,
    /// The provider's issuer, or its domain; google, gitlab and github need none
    #[arg(long, value_name = "URL", required_unless_present = "preset")]
    pub(crate) issuer: Option<String>,
    /// The client identifier the provider gave this application
    #[arg(long, value_name = "ID", required_unless_present = "register")]
    pub(crate) client_id: Option<String>,
    /// Register this application at the provider now (RFC 7591)
    #[arg(long, conflicts_with_all = ["client_id", "no_discovery", "client_secret_stdin", "client_key_stdin", "client_key_file"])]
    pub(crate) register: bool,
    /// With --register: read the token that the provider wants for it
    #[arg(long, requires = "register")]
    pub(crate) initial_access_token_stdin: bool,
    #[command(flatten)]
    pub(crate) settings: ProfileSettings,
    /// Do not look at the provider now
    #[arg(long)]
    pub(crate) no_discovery: bool,
    /// Replace a profile of this name
    #[arg(long)]
    pub(crate) replace: bool,
}

/// What a profile may say beside its name, its issuer and its client: each as it stands in `profiles.toml`.
#[derive(Debug, Default, PartialEq, Eq, Args)]
pub(crate) struct ProfileSettings {
    /// What the provider's product is known to need
    #[arg(long, value_name = "PRODUCT", value_parser = preset())]
    pub(crate) preset: Option<String>,
    /// How tokens are got [default: authorization_code]
    #[arg(long, value_parser = word::<Grant>(&["authorization_code", "device_code", "client_credentials"]))]
    pub(crate) grant: Option<Grant>,
    /// A scope to ask for; may be repeated [default: openid profile email offline_access]
    #[arg(long = "scope", value_name = "S")]
    pub(crate) scopes: Vec<String>,
    /// The API the access token is for (Auth0)
    #[arg(long, value_name = "API")]
    pub(crate) audience: Option<String>,
    /// A resource the access token is for (RFC 8707); may be repeated
    #[arg(long = "resource", value_name = "URL")]
    pub(crate) resources: Vec<String>,
    /// A port to listen on, in order of preference; may be repeated [default: any free one]
    #[arg(long = "port", value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) ports: Vec<u16>,
    /// Host of the redirect URI: 127.0.0.1, [::1] or localhost [default: 127.0.0.1]
    #[arg(long, value_name = "HOST", value_parser = redirect_host)]
    pub(crate) redirect_host: Option<RedirectHost>,
    /// Path of the redirect URI [default: one of its own]
    #[arg(long, value_name = "PATH")]
    pub(crate) redirect_path: Option<String>,
    /// Path the browser comes back to after signing out there [default: it stays there]
    #[arg(long, value_name = "PATH")]
    pub(crate) post_logout_redirect_path: Option<String>,
    /// A further parameter of every authorization request; may be repeated
    #[arg(long = "param", value_name = "K=V", value_parser = parameter)]
    pub(crate) params: Vec<(String, String)>,
    /// The organization to sign in to (Auth0)
    #[arg(long, value_name = "ORG")]
    pub(crate) organization: Option<String>,
    /// The connection to sign in with (Auth0)
    #[arg(long, value_name = "NAME")]
    pub(crate) connection: Option<String>,
    /// Ask the provider to prompt each time: login, consent, select_account
    #[arg(long, value_name = "PROMPT")]
    pub(crate) prompt: Option<String>,
    /// How the browser brings the answer [default: query]
    #[arg(long, value_parser = word::<ResponseMode>(&["query", "form_post"]))]
    pub(crate) response_mode: Option<ResponseMode>,
    /// Whether requests are pushed to the provider first (RFC 9126) [default: auto]
    #[arg(long, value_parser = word::<Push>(&["auto", "always", "never"]))]
    pub(crate) push: Option<Push>,
    /// Bind tokens to a key that never leaves the vault (RFC 9449)
    #[arg(long)]
    pub(crate) dpop: bool,
    /// How the client authenticates [default: as the provider offers]
    #[arg(long, value_parser = word::<ClientAuth>(&["none", "client_secret_basic", "client_secret_post", "private_key_jwt"]))]
    pub(crate) client_auth: Option<ClientAuth>,
    /// How far the clocks may differ, such as 2m, at most 5m [default: 60s]
    #[arg(long, value_name = "TIME", value_parser = tolerance)]
    pub(crate) clock_tolerance: Option<u32>,
    /// How long a refresh token stays good unused, such as 15d, where the provider does not tell
    #[arg(long, value_name = "TIME", value_parser = crate::time::parse_seconds)]
    pub(crate) refresh_idle: Option<u32>,
    /// How long a sign-in can be renewed at all, such as 30d, where the provider does not tell
    #[arg(long, value_name = "TIME", value_parser = crate::time::parse_seconds)]
    pub(crate) refresh_absolute: Option<u32>,
    /// Where the browser goes, at a provider that describes itself nowhere
    #[arg(long, value_name = "URL")]
    pub(crate) authorization_endpoint: Option<String>,
    /// Where codes are exchanged there
    #[arg(long, value_name = "URL")]
    pub(crate) token_endpoint: Option<String>,
    /// Where tokens are revoked there
    #[arg(long, value_name = "URL")]
    pub(crate) revocation_endpoint: Option<String>,
    /// Where device codes are got there
    #[arg(long, value_name = "URL")]
    pub(crate) device_authorization_endpoint: Option<String>,
    /// The page that says whose account it is, where there is no OpenID Connect
    #[arg(long, value_name = "URL")]
    pub(crate) account_endpoint: Option<String>,
    /// Where on that page the account's id is, such as /id
    #[arg(long, value_name = "POINTER")]
    pub(crate) account_id: Option<String>,
    /// Where on that page the account's name is, such as /login
    #[arg(long, value_name = "POINTER")]
    pub(crate) account_name: Option<String>,
    #[command(flatten)]
    pub(crate) credentials: Credentials,
}

/// What goes into the vault. One thing at a time comes from standard input.
#[derive(Debug, Default, PartialEq, Eq, Args)]
pub(crate) struct Credentials {
    /// Read the client secret from standard input; it goes into the vault
    #[arg(long, conflicts_with = "client_key_stdin")]
    pub(crate) client_secret_stdin: bool,
    /// Read a private key (PEM or JWK) from standard input; it goes into the vault
    #[arg(long, conflicts_with = "client_key_file")]
    client_key_stdin: bool,
    /// Read a private key (PEM or JWK) from this file; it goes into the vault
    #[arg(long, value_name = "FILE")]
    client_key_file: Option<PathBuf>,
    /// Here to be refused: other users can read the arguments of a program.
    #[arg(long, hide = true, value_name = "VALUE", num_args = 0..=1)]
    pub(crate) client_secret: Option<Option<String>>,
    /// The same.
    #[arg(long, hide = true, value_name = "VALUE", num_args = 0..=1)]
    pub(crate) client_key: Option<Option<String>>,
}

/// Where a private key comes from.
#[derive(Debug)]
pub(crate) enum KeySource<'a> {
    Stdin,
    File(&'a PathBuf),
}

impl Credentials {
    /// Where a private key comes from; nothing where none is given.
    pub(crate) fn key_source(&self) -> Option<KeySource<'_>> {
        match (&self.client_key_file, self.client_key_stdin) {
            (Some(file), _) => Some(KeySource::File(file)),
            (None, true) => Some(KeySource::Stdin),
            (None, false) => None,
        }
    }
}

/// Change a profile: what is named, or the whole of it in your editor
#[derive(Debug, Args)]
#[command(after_help = "\
Without any option, $VISUAL or $EDITOR opens it; what is wrong is told before
anything is saved, and your text is kept until it is.

Examples:
  doorkey profile edit work --audience https://api.example --dpop
  doorkey profile edit work --unset audience --unset params.prompt
  pass show op/client | doorkey profile edit work --client-secret-stdin
  doorkey profile edit work")]
pub(crate) struct ProfileEdit {
    /// Which
    pub(crate) name: String,
    /// The provider's issuer, byte for byte
    #[arg(long, value_name = "URL")]
    pub(crate) issuer: Option<String>,
    /// The client identifier the provider gave this application
    #[arg(long, value_name = "ID")]
    pub(crate) client_id: Option<String>,
    #[command(flatten)]
    pub(crate) settings: ProfileSettings,
    /// A key of profiles.toml to leave out, such as audience or params.prompt; may be repeated
    #[arg(long, value_name = "KEY")]
    pub(crate) unset: Vec<String>,
}

/// List the profiles
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  doorkey profile list --json | jq -r '.profiles[].name'")]
pub(crate) struct ProfileList {}

/// Show a profile, and the redirect URIs to register at the provider
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  doorkey profile show work --setup
  doorkey profile show work --json | jq -r '.profile.redirect_uris[]'")]
pub(crate) struct ProfileShow {
    /// Which
    pub(crate) name: String,
    /// What to do in the provider's console, step by step
    #[arg(long)]
    pub(crate) setup: bool,
}

/// Take over profiles from a file of Doorkey, Postman, Bruno, oidc-agent or kubectl
#[derive(Debug, Args)]
#[command(after_help = "\
Finds out whose file it is, shows what would be different, and asks. Secrets of
other programs' files are told of and stay there; in a file of Doorkey's they are
refused. Nothing is signed in.

Examples:
  doorkey profile import team.toml
  doorkey profile import work.postman_environment.json
  doorkey profile import ~/.kube/config --dry-run
  doorkey profile import - --yes < team.toml")]
pub(crate) struct ProfileImport {
    /// The file; `-` for standard input
    #[arg(value_name = "FILE")]
    pub(crate) file: String,
    /// Do not ask
    #[arg(long, short)]
    pub(crate) yes: bool,
    /// Only show what would be different
    #[arg(long, conflicts_with = "yes")]
    pub(crate) dry_run: bool,
}

/// Print profiles as a file for others, without secrets
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  doorkey profile export work staging > team.toml
  doorkey profile export work --for postman > work.postman_environment.json
  doorkey profile export work staging --for bruno --into collection
  oidc-gen --file <(doorkey profile export work --for oidc-agent) work")]
pub(crate) struct ProfileExport {
    /// Which
    #[arg(value_name = "NAME", required = true)]
    pub(crate) names: Vec<String>,
    /// Which program is to read it
    #[arg(long = "for", value_name = "PROGRAM", value_enum, default_value_t)]
    pub(crate) format: Reader,
    /// Write the files into this folder, which must not have them yet
    #[arg(long, value_name = "FOLDER")]
    pub(crate) into: Option<PathBuf>,
}

/// Who is to read an export.
#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub(crate) enum Reader {
    /// Another Doorkey
    #[default]
    Doorkey,
    /// Postman: an environment
    Postman,
    /// Bruno: a request
    Bruno,
    /// oidc-agent: an account for `oidc-gen --file`
    OidcAgent,
    /// kubectl with kubelogin: users of a kubeconfig
    Kubeconfig,
    /// OpenID client metadata
    OpenidClient,
}

impl From<Reader> for PortableFormat {
    fn from(reader: Reader) -> Self {
        match reader {
            Reader::Doorkey => Self::Doorkey,
            Reader::Postman => Self::Postman,
            Reader::Bruno => Self::Bruno,
            Reader::OidcAgent => Self::OidcAgent,
            Reader::Kubeconfig => Self::Kubeconfig,
            Reader::OpenidClient => Self::OpenidClient,
        }
    }
}

/// Remove a profile, with its sessions and its client secret
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  doorkey profile remove work       asks when somebody is signed in with it
  doorkey profile remove work --yes
  doorkey profile remove work --unregister")]
pub(crate) struct ProfileRemove {
    /// Which
    pub(crate) name: String,
    /// Do not ask
    #[arg(long, short)]
    pub(crate) yes: bool,
    /// Have the provider forget the application too, where --register made it
    #[arg(long)]
    pub(crate) unregister: bool,
}
