//! Reads the secrets that scenarios name, before the first of them runs.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::{env, fs};

use doorkey_agent::vault::{Patience, keyring_secret};
use doorkey_client::Secret;
use doorkey_client::words::Refusal;
use doorkey_qa::scenario::{SecretSource, Secrets};

use crate::failure::Failure;

/// A secret is a line.
const LONGEST: u64 = 64 * 1024;

/// Those of one file that its runs need. Paths begin at `folder`.
pub(super) async fn read(
    sources: &BTreeMap<String, SecretSource>,
    needed: &BTreeSet<&str>,
    folder: &Path,
    file: &str,
) -> Result<Secrets, Failure> {
    let mut secrets = BTreeMap::new();
    for (name, source) in sources.iter().filter(|(name, _)| needed.contains(name.as_str())) {
        let secret = one(source, folder).await.map_err(|why| {
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

async fn one(source: &SecretSource, folder: &Path) -> Result<Secret, String> {
    let secret = match source {
        SecretSource::Env(name) => {
            let value = env::var(name).map_err(|_| format!("the environment variable {name} is not set"))?;
            Secret::new(value)
        }
        SecretSource::File(path) => from_file(&folder.join(path))?,
        SecretSource::Keyring { service, account } => {
            keyring_secret(service, account, Patience::Background).await.map_err(|error| error.to_string())?
        }
    };
    if secret.is_empty() { Err("it is empty".to_owned()) } else { Ok(secret) }
}

fn from_file(path: &Path) -> Result<Secret, String> {
    let told = |error: std::io::Error| format!("{}: {error}", path.display());
    if fs::metadata(path).map_err(told)?.len() > LONGEST {
        return Err(format!("{} is larger than any secret", path.display()));
    }
    let text = Secret::new(fs::read_to_string(path).map_err(told)?);
    Ok(first_line(&text))
}

#[expect(clippy::disallowed_methods, reason = "a file ends with a line's end, and the secret does not")]
fn first_line(text: &Secret) -> Secret {
    Secret::new(text.expose().lines().next().unwrap_or_default().to_owned())
}
