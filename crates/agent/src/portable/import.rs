//! What the readers of all formats share: the names that are left, and what a file can have wrong.

use doorkey_client::words::{PortableFormat, Refusal};
use serde_json::{Map, Value};

/// A file with names to give.
pub(super) struct Source {
    taken: Vec<String>,
}

/// Why a file is not taken over, not even in part.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ImportError {
    /// More than a file of settings has.
    #[error("the file is larger than 1 MiB")]
    TooLarge,
    /// More than a person looks through.
    #[error("the file holds more than {} profiles", super::MOST_PROFILES)]
    TooMany,
    /// Nobody's format.
    #[error("the file is of no program whose files are known here")]
    Unknown,
    /// Not what it is said to be.
    #[error("the file cannot be read as {}: {why}", name(*format))]
    Unreadable {
        /// What it was read as.
        format: PortableFormat,
        /// What is wrong; never words of the file.
        why: String,
    },
    /// Nothing in it is a way to sign in.
    #[error("the file of {} holds no way to sign in", name(*format))]
    Empty {
        /// What it was read as.
        format: PortableFormat,
    },
    /// It leaves out what every profile has.
    #[error("the file does not say the {what} of `{profile}`{why}")]
    Incomplete {
        /// The profile.
        profile: String,
        /// `issuer`, `client ID`.
        what: &'static str,
        /// Why not, where that is known.
        why: String,
    },
    /// A rule of profiles.
    #[error("{}", .0.message)]
    Refused(Box<Refusal>),
}

impl ImportError {
    /// The refusal to hand out.
    pub(crate) fn refusal(&self) -> Refusal {
        let (code, hint) = match self {
            Self::Refused(refusal) => return (**refusal).clone(),
            Self::TooLarge | Self::TooMany => {
                ("config.import_too_large", "Take what belongs to one provider out of it, and import that.")
            }
            Self::Unknown => (
                "config.import_unknown",
                "Doorkey reads its own profiles, environments of Postman, requests of Bruno, accounts of oidc-agent, \
                 kubeconfigs with kubelogin and the metadata of OpenID clients.",
            ),
            Self::Unreadable { .. } => (
                "config.import_unreadable",
                "Have the other program write the file anew; nothing of it was taken over.",
            ),
            Self::Empty { .. } => (
                "config.import_empty",
                "Look whether it is the right file: one with an issuer and a client ID, or the provider's addresses.",
            ),
            Self::Incomplete { .. } => {
                ("config.import_incomplete", "Add it to the file, or add the profile by hand: doorkey profile add NAME")
            }
        };
        Refusal::new(code, crate::refusal::sentence(self), hint)
    }
}

impl From<Refusal> for ImportError {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(Box::new(refusal))
    }
}

impl Source {
    pub(super) fn new(taken: &[String]) -> Self {
        Self { taken: taken.to_vec() }
    }

    /// A name that no profile has, as near to the wish as names of profiles can be.
    pub(super) fn name(&mut self, wish: &str) -> String {
        let fits = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.') { c } else { '-' };
        let name: String = wish.trim().chars().map(fits).take(56).collect();
        let name = name.trim_matches(['-', '.']);
        let name = if name.is_empty() { "imported" } else { name };
        let free = (1_u32..).map(|n| if n == 1 { name.to_owned() } else { format!("{name}-{n}") });
        let free = free.into_iter().find(|name| !self.taken.contains(name)).unwrap_or_default();
        self.taken.push(free.clone());
        free
    }
}

/// What people call the other program.
pub(super) fn name(format: PortableFormat) -> &'static str {
    match format {
        PortableFormat::Doorkey => "Doorkey",
        PortableFormat::Postman => "Postman",
        PortableFormat::Bruno => "Bruno",
        PortableFormat::OidcAgent => "oidc-agent",
        PortableFormat::Kubeconfig => "kubectl",
        PortableFormat::OpenidClient => "OpenID client metadata",
    }
}

/// A JSON object; where it is wrong is told, and nothing of it.
pub(super) fn json(text: &str, format: PortableFormat) -> Result<Map<String, Value>, ImportError> {
    let unreadable = |why: String| ImportError::Unreadable { format, why };
    match serde_json::from_str(text) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(_) => Err(unreadable("it is not an object".to_owned())),
        Err(error) => Err(unreadable(format!("line {}, column {} is not JSON", error.line(), error.column()))),
    }
}

/// What a member says, as text; a list says several things.
pub(super) fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.clone()],
        Value::Array(list) => list.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        Value::Bool(_) | Value::Number(_) => vec![value.to_string()],
        Value::Null | Value::Object(_) => Vec::new(),
    }
}
