//! Opening an archive that somebody sent. Its bytes are anybody's: everything about them is bounded, nothing is unpacked
//! onto a disk, and what cannot be read is told while the rest is shown.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Cursor, Read};

use doorkey_client::words::Event;
use serde::de::DeserializeOwned;
use zip::{CompressionMethod, ZipArchive};

use super::{CLAIMS, Claims, ENVIRONMENT, Environment, FORMAT, JOURNAL, MANIFEST, Manifest, REPORT, digest};
use crate::flow::Flow;
use crate::report::{self, Report};

/// Of the file.
pub const LARGEST_FILE: u64 = 64 * 1024 * 1024;
/// Of one member, unpacked; two such are in memory at once.
const LARGEST_MEMBER: u64 = 32 * 1024 * 1024;
/// Of all together, unpacked.
const LARGEST_WHOLE: u64 = 96 * 1024 * 1024;
/// There are nine.
const MOST_MEMBERS: usize = 32;
/// JSON and Markdown become a tenth; a bomb becomes a thousandth.
const LARGEST_RATIO: u64 = 200;
/// Below it a ratio says nothing.
const SMALL: u64 = 64 * 1024;

/// An archive that was opened.
#[derive(Clone, Debug, PartialEq)]
pub struct Opened {
    /// What it says it is.
    pub manifest: Manifest,
    /// The flow, where its entries could be read.
    pub flow: Option<Flow>,
    /// Of the flow where it could be read, otherwise as it stands in the archive.
    pub report: Report,
    /// Where it was made.
    pub environment: Option<Environment>,
    /// What the tokens said.
    pub claims: Option<Claims>,
    /// What is wrong with it; empty when it is as it was made.
    pub damages: Vec<Damage>,
}

/// What is wrong with a member.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Damage {
    /// It is listed and not there.
    #[error("`{0}` is missing")]
    Missing(String),
    /// It cannot be read.
    #[error("`{name}` cannot be read: {why}")]
    Unreadable {
        /// Its name.
        name: String,
        /// Why.
        why: String,
    },
    /// It is not what was written.
    #[error("`{0}` was changed after the archive was made")]
    Changed(String),
    /// It is listed more than once: which of them was written nobody knows.
    #[error("`{0}` is listed more than once")]
    Repeated(String),
    /// It is there and not listed: nothing of it is shown.
    #[error("`{0}` was added after the archive was made, and is not looked at")]
    Added(String),
}

/// Why an archive is not opened.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// No zip archive, or one that was cut.
    #[error("it is no zip archive, or a part of it is missing: {0}")]
    NoArchive(String),
    /// A zip archive that Doorkey has not made.
    #[error("it is a zip archive, but no evidence of Doorkey's: {0}")]
    NoEvidence(String),
    /// A newer version has made it.
    #[error("it has format {found}, which a newer version has made; this one reads up to {FORMAT}")]
    Newer {
        /// Its format.
        found: u32,
    },
    /// A limit.
    #[error("{what} {got}, and at most {most} is read")]
    TooLarge {
        /// What of it.
        what: String,
        /// How much it is.
        got: u64,
        /// How much it may be.
        most: u64,
    },
    /// A name that is no plain file's.
    #[error("`{0}` is no name that evidence has: it could leave the folder it is unpacked into")]
    BadName(String),
    /// Whoever unpacks it has one of them, and nobody can tell which.
    #[error("two of its members have one name, or would in a folder where case does not count")]
    OneName,
    /// What no evidence has: encryption, links, folders, other ways to pack.
    #[error("`{name}` is {what}, which evidence never has")]
    Foreign {
        /// Whose.
        name: String,
        /// What it is.
        what: &'static str,
    },
    /// Neither the entries nor the report could be read.
    #[error("nothing of it can be read any more: {0}")]
    Nothing(String),
}

impl OpenError {
    /// The code of the refusal that it is.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoArchive(_) | Self::Nothing(_) => "evidence.unreadable",
            Self::NoEvidence(_) => "evidence.not_ours",
            Self::Newer { .. } => "evidence.newer",
            Self::TooLarge { .. } => "evidence.too_large",
            Self::BadName(_) | Self::OneName | Self::Foreign { .. } => "evidence.hostile",
        }
    }
}

/// Opens an archive.
///
/// # Errors
/// [`OpenError`]. What is wrong with single members is among [`Opened::damages`].
pub fn open(bytes: &[u8]) -> Result<Opened, OpenError> {
    bounded("the file's size in bytes is", bytes.len() as u64, LARGEST_FILE)?;
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|error| OpenError::NoArchive(error.to_string()))?;
    let names = judged(&mut archive)?;
    let manifest = manifest(&mut archive)?;
    let mut damages = Vec::new();
    let mut members = BTreeMap::new();
    for listed in &manifest.members {
        if members.contains_key(listed.name.as_str()) {
            damages.push(Damage::Repeated(listed.name.clone()));
            continue;
        }
        match unpacked(&mut archive, &listed.name) {
            Ok(None) => damages.push(Damage::Missing(listed.name.clone())),
            Ok(Some(bytes)) => {
                if digest(&bytes) != listed.sha256 {
                    damages.push(Damage::Changed(listed.name.clone()));
                }
                members.insert(listed.name.as_str(), bytes);
            }
            Err(why) => damages.push(Damage::Unreadable { name: listed.name.clone(), why }),
        }
    }
    let is_listed = |name: &str| name == MANIFEST || manifest.members.iter().any(|member| member.name == name);
    damages.extend(names.into_iter().filter(|name| !is_listed(name)).map(Damage::Added));

    let entries: Option<Vec<Event>> = read(&members, JOURNAL, &mut damages);
    let environment: Option<Environment> = read(&members, ENVIRONMENT, &mut damages);
    let claims = read(&members, CLAIMS, &mut damages);
    let flow = entries.and_then(|entries| match Flow::of(entries) {
        Ok(flow) => Some(Flow { agent: environment.as_ref().and_then(|it| it.agent.clone()), ..flow }),
        Err(error) => {
            damages.push(Damage::Unreadable { name: JOURNAL.to_owned(), why: error.to_string() });
            None
        }
    });
    let report = match &flow {
        Some(flow) => Some(report::of(flow)),
        None => read(&members, REPORT, &mut damages),
    };
    let why = || damages.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
    let report = report.ok_or_else(|| OpenError::Nothing(why()))?;
    Ok(Opened { manifest, flow, report, environment, claims, damages })
}

/// Everything that can be judged before a byte is unpacked; the names of the members.
fn judged(archive: &mut ZipArchive<Cursor<&[u8]>>) -> Result<Vec<String>, OpenError> {
    bounded("the number of its members is", archive.len() as u64, MOST_MEMBERS as u64)?;
    let mut whole: u64 = 0;
    let mut names = Vec::new();
    for place in 0..archive.len() {
        let member = archive.by_index_raw(place).map_err(|error| OpenError::NoArchive(error.to_string()))?;
        let name = member.name().map_err(|error| OpenError::BadName(error.to_string()))?.into_owned();
        let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
        if name.is_empty() || name.len() > 100 || !name.chars().all(is_plain) || name.starts_with('.') {
            return Err(OpenError::BadName(name.escape_debug().take(100).collect()));
        }
        let foreign = if member.encrypted() {
            Some("encrypted")
        } else if member.is_dir() || member.is_symlink() {
            Some("a folder or a link")
        } else if !matches!(member.compression(), CompressionMethod::Stored | CompressionMethod::Deflated) {
            Some("packed in another way")
        } else {
            None
        };
        if let Some(what) = foreign {
            return Err(OpenError::Foreign { name, what });
        }
        bounded(&format!("the size in bytes of `{name}` is"), member.size(), LARGEST_MEMBER)?;
        if member.size() > SMALL {
            let ratio = member.size() / member.compressed_size().max(1);
            bounded(&format!("`{name}` grows when it is unpacked, by"), ratio, LARGEST_RATIO)?;
        }
        whole = whole.saturating_add(member.size());
        names.push(name);
    }
    bounded("its size in bytes when unpacked is", whole, LARGEST_WHOLE)?;
    let different: BTreeSet<String> = names.iter().map(|name| name.to_ascii_lowercase()).collect();
    if archive.has_duplicate_names() || different.len() < names.len() {
        return Err(OpenError::OneName);
    }
    Ok(names)
}

fn manifest(archive: &mut ZipArchive<Cursor<&[u8]>>) -> Result<Manifest, OpenError> {
    let bytes = match unpacked(archive, MANIFEST) {
        Ok(Some(bytes)) => bytes,
        Ok(None) => return Err(OpenError::NoEvidence(format!("it has no `{MANIFEST}`"))),
        Err(why) => return Err(OpenError::NoArchive(format!("`{MANIFEST}`: {why}"))),
    };
    let not_ours = |error: serde_json::Error| OpenError::NoEvidence(format!("`{MANIFEST}`: {error}"));
    // The version first: a newer manifest may have other members.
    let version: Versioned = serde_json::from_slice(&bytes).map_err(not_ours)?;
    if version.version > FORMAT {
        return Err(OpenError::Newer { found: version.version });
    }
    let manifest: Manifest = serde_json::from_slice(&bytes).map_err(not_ours)?;
    bounded("the number of its members is", manifest.members.len() as u64, MOST_MEMBERS as u64)?;
    Ok(manifest)
}

#[derive(serde::Deserialize)]
struct Versioned {
    version: u32,
}

/// A member's bytes; nothing when there is none of that name. What it says of its size is not believed.
fn unpacked(archive: &mut ZipArchive<Cursor<&[u8]>>, name: &str) -> Result<Option<Vec<u8>>, String> {
    let member = match archive.by_name(name) {
        Ok(member) => member,
        Err(zip::result::ZipError::FileNotFound) => return Ok(None),
        Err(error) => return Err(error.to_string()),
    };
    let mut bytes = Vec::new();
    member.take(LARGEST_MEMBER + 1).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    if bytes.len() as u64 > LARGEST_MEMBER {
        return Err(format!("it is larger than {LARGEST_MEMBER} bytes, and than it says"));
    }
    Ok(Some(bytes))
}

fn read<T: DeserializeOwned>(members: &BTreeMap<&str, Vec<u8>>, name: &str, damages: &mut Vec<Damage>) -> Option<T> {
    // serde_json takes no more than 128 levels.
    match serde_json::from_slice(members.get(name)?) {
        Ok(value) => Some(value),
        Err(error) => {
            damages.push(Damage::Unreadable { name: name.to_owned(), why: error.to_string() });
            None
        }
    }
}

fn bounded(what: &str, got: u64, most: u64) -> Result<(), OpenError> {
    if got <= most { Ok(()) } else { Err(OpenError::TooLarge { what: what.to_owned(), got, most }) }
}
