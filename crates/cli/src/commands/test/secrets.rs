//! Reads the secrets that scenarios name, before the first of them runs.

use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::io::Read as _;
use std::path::Path;

use doorkey_agent::vault::{Patience, keyring_secret};
use doorkey_client::Secret;
use doorkey_client::words::Refusal;
use doorkey_qa::scenario::{Run, SecretSource, Secrets};

use super::file::Reads;
use crate::failure::Failure;

/// A secret is a line, and a key is a page.
const LONGEST: u64 = 64 * 1024;

/// What of a file is the secret.
#[derive(Clone, Copy)]
enum Part {
    /// A password: editors end it with a line's end.
    FirstLine,
    /// A key.
    Whole,
}

/// Those of one file that these runs need. Paths begin at `folder`.
pub(super) async fn read(
    sources: &BTreeMap<String, SecretSource>,
    runs: &[Run],
    folder: &Path,
    file: &str,
    reads: Reads,
) -> Result<Secrets, Failure> {
    // A command may read any of them, and what it repeats of one is not told.
    let all = sources.keys().map(String::as_str).filter(|_| runs.iter().any(|run| run.commands().next().is_some()));
    let needed: BTreeSet<&str> = runs.iter().flat_map(Run::secrets).chain(all).collect();
    let keys: BTreeSet<&str> = runs.iter().filter_map(|run| run.client_key.as_deref()).collect();
    let mut secrets = BTreeMap::new();
    for (name, source) in sources.iter().filter(|(name, _)| needed.contains(name.as_str())) {
        let part = if keys.contains(name.as_str()) { Part::Whole } else { Part::FirstLine };
        let secret = one(source, part, folder, reads).await.map_err(|why| {
            Refusal::new(
                "test.no_secret",
                format!("{file}: the secret `{name}` cannot be read: {why}."),
                "Put it there, or change its place in [secrets].",
            )
        })?;
        secrets.insert(name.clone(), secret);
    }
    Ok(Secrets::new(secrets))
}

async fn one(source: &SecretSource, part: Part, folder: &Path, reads: Reads) -> Result<Secret, String> {
    let secret = match source {
        SecretSource::Env(name) => {
            let value = env::var(name).map_err(|_| format!("the environment variable {name} is not set"))?;
            Secret::new(value)
        }
        SecretSource::File(path) => from_file(&folder.join(path), part, reads)?,
        SecretSource::Keyring { service, account } => {
            keyring_secret(service, account, Patience::Background).await.map_err(|error| error.to_string())?
        }
    };
    if secret.is_empty() { Err("it is empty".to_owned()) } else { Ok(secret) }
}

/// No more is read than a secret has, whatever kind of file it is.
fn from_file(path: &Path, part: Part, reads: Reads) -> Result<Secret, String> {
    let told = |error: std::io::Error| format!("{}: {error}", path.display());
    let mut text = String::new();
    let read = reads.open(path).and_then(|file| file.take(LONGEST + 1).read_to_string(&mut text));
    let text = Secret::new(text);
    read.map_err(told)?;
    if text.len() as u64 > LONGEST {
        return Err(format!("{} is larger than any secret", path.display()));
    }
    Ok(match part {
        Part::FirstLine => first_line(&text),
        Part::Whole => text,
    })
}

#[expect(clippy::disallowed_methods, reason = "a file ends with a line's end, and the secret does not")]
fn first_line(text: &Secret) -> Secret {
    Secret::new(text.expose().lines().next().unwrap_or_default().to_owned())
}
