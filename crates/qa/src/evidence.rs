//! The evidence of a flow in one file: a zip archive for a ticket, with everything that whoever runs the provider needs.
//!
//! Redacted like the journal that it is made of. A secret is in it only where somebody asked for it, has read what would be
//! added, and said yes; then its manifest says so, and so must the name of its file (row S-48).

mod reading;
#[cfg(test)]
mod tests;
mod timeline;

use std::io::{Cursor, Write};

use doorkey_client::words::{DecodedToken, Event, IdentityReport, TokenReport};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use crate::flow::Flow;
use crate::{har, report};

pub use self::reading::{Damage, LARGEST_FILE, OpenError, Opened, open};

/// The version of the archive's layout.
pub const FORMAT: u32 = 1;

const MANIFEST: &str = "manifest.json";
const JOURNAL: &str = "journal.json";
const REPORT: &str = "report.json";
const ENVIRONMENT: &str = "environment.json";
const CLAIMS: &str = "claims.json";
const SECRETS: &str = "secrets.json";
const ABOUT: &str = "Evidence of a sign-in, made by Doorkey. Open it with `doorkey inspect FILE`, or read report.md.";

/// What goes into an archive.
#[derive(Clone, Debug, PartialEq)]
pub struct Evidence<'a> {
    /// The flow.
    pub flow: &'a Flow,
    /// Where it was made.
    pub environment: Environment,
    /// What the tokens say, where somebody could be asked.
    pub claims: Option<Claims>,
    /// When the archive is made.
    pub made_at: Timestamp,
}

/// Where evidence was made: what a developer has to know to see the same. Nothing of it names a person or a computer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Environment {
    /// The version of Doorkey that made the archive.
    pub doorkey: String,
    /// The version of the agent that did what it tells of.
    pub agent: Option<String>,
    /// Such as `linux`.
    pub os: String,
    /// Such as `x86_64`.
    pub arch: String,
}

impl Environment {
    /// As it is here, for this flow.
    #[must_use]
    pub fn here(flow: &Flow) -> Self {
        Self {
            doorkey: env!("CARGO_PKG_VERSION").to_owned(),
            agent: flow.agent.clone(),
            os: std::env::consts::OS.to_owned(),
            arch: std::env::consts::ARCH.to_owned(),
        }
    }
}

/// What the tokens of a session say, decoded. Secrets among the claims are fingerprints.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Claims {
    /// Whether they are of this very flow; otherwise of the same session, as it was when the archive was made.
    pub of_this_flow: bool,
    /// The ID token, without its signature.
    pub id_token: Option<DecodedToken>,
    /// What the provider said about the person apart from it.
    pub userinfo: Option<Map<String, Value>>,
    /// The access token, where it shows what is in it. Nothing of it is verified: it is for the API.
    pub access_token: Option<DecodedToken>,
}

impl Claims {
    /// What the agent told of a session, held against the flow: they belong together when the flow's ID token was judged at
    /// the very moment that the session remembers.
    #[must_use]
    pub fn of(flow: &Flow, identity: Option<IdentityReport>, token: Option<TokenReport>) -> Self {
        let judged_then = flow.judged().filter(|judged| judged.subject == "id_token").last().map(|judged| judged.at);
        let judged_now = identity.as_ref().and_then(|identity| {
            identity.checked.iter().rfind(|checked| checked.subject == "id_token").map(|checked| checked.at)
        });
        let decoded = |token: TokenReport| Some(DecodedToken { header: token.header?, claims: token.claims? });
        let (id_token, userinfo) = identity.map(|it| (it.id_token, it.userinfo)).unwrap_or_default();
        Self {
            of_this_flow: judged_then.is_some() && judged_then == judged_now,
            id_token,
            userinfo,
            access_token: token.and_then(decoded),
        }
    }
}

/// A secret that was asked for, on its way into an archive.
pub struct Revealed<'a> {
    /// Which, such as `access_token`.
    pub name: &'static str,
    /// The secret itself.
    pub value: &'a str,
    /// What to know of it.
    pub about: String,
}

impl std::fmt::Debug for Revealed<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Revealed").field("name", &self.name).field("about", &self.about).finish_non_exhaustive()
    }
}

/// What is in an archive, and that it is still that.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// [`FORMAT`].
    pub version: u32,
    /// What this is, for whoever finds it.
    pub about: String,
    /// When it was made.
    pub made_at: Timestamp,
    /// The flow's id.
    pub flow: String,
    /// Whether no secret is in it.
    pub redacted: bool,
    /// The members, but for this one.
    pub members: Vec<Member>,
}

/// A member of an archive.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// Its name.
    pub name: String,
    /// In bytes.
    pub size: u64,
    /// Its SHA-256, in hex.
    pub sha256: String,
}

/// The first eight hex digits of its SHA-256, as the journal tells a secret.
#[must_use]
pub fn fingerprint(secret: &str) -> String {
    digest(secret.as_bytes()).chars().take(8).collect()
}

/// The archive. Its bytes are secret where `secrets` has any.
///
/// # Errors
/// A bug, or no memory.
pub fn write(evidence: &Evidence<'_>, secrets: &[Revealed<'_>]) -> Result<Vec<u8>, WriteError> {
    let members = members(evidence, secrets)?;
    let manifest = Manifest {
        version: FORMAT,
        about: ABOUT.to_owned(),
        made_at: evidence.made_at,
        flow: evidence.flow.id.clone(),
        redacted: secrets.is_empty(),
        members: members.iter().map(|(name, bytes)| member(name, bytes)).collect(),
    };
    // Whoever unpacks it has files that only they may read.
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated).unix_permissions(0o600);
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in [(MANIFEST, json(&manifest)?)].into_iter().chain(members) {
        archive.start_file(name, options)?;
        archive.write_all(&bytes)?;
    }
    Ok(archive.finish()?.into_inner())
}

/// Why an archive cannot be made.
#[derive(Debug, thiserror::Error)]
#[error("the archive cannot be made: {0}")]
pub struct WriteError(String);

impl From<zip::result::ZipError> for WriteError {
    fn from(error: zip::result::ZipError) -> Self {
        Self(error.to_string())
    }
}

impl From<std::io::Error> for WriteError {
    fn from(error: std::io::Error) -> Self {
        Self(error.to_string())
    }
}

impl From<serde_json::Error> for WriteError {
    fn from(error: serde_json::Error) -> Self {
        Self(error.to_string())
    }
}

/// In the order in which somebody who unpacks it should read them.
fn members(evidence: &Evidence<'_>, secrets: &[Revealed<'_>]) -> Result<Vec<(&'static str, Vec<u8>)>, WriteError> {
    let flow = evidence.flow;
    let report = report::of(flow);
    let mut members = vec![
        ("report.md", report.to_markdown().into_bytes()),
        (REPORT, json(&report)?),
        ("timeline.md", timeline::of(flow).into_bytes()),
        (JOURNAL, json::<[Event]>(&flow.events)?),
        ("exchanges.har", har::of(std::slice::from_ref(flow)).to_text().into_bytes()),
        (ENVIRONMENT, json(&evidence.environment)?),
    ];
    if let Some(claims) = &evidence.claims {
        members.push((CLAIMS, json(claims)?));
    }
    if !secrets.is_empty() {
        let told = secrets.iter().map(|secret| {
            let told = serde_json::json!({ "value": secret.value, "about": secret.about });
            (secret.name.to_owned(), told)
        });
        members.push((SECRETS, json(&told.collect::<Map<String, Value>>())?));
    }
    Ok(members)
}

fn member(name: &str, bytes: &[u8]) -> Member {
    Member { name: name.to_owned(), size: bytes.len() as u64, sha256: digest(bytes) }
}

fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn json<T: Serialize + ?Sized>(value: &T) -> Result<Vec<u8>, WriteError> {
    let mut bytes = serde_json::to_vec_pretty(value)?;
    bytes.push(b'\n');
    Ok(bytes)
}
