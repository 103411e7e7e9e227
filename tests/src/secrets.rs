//! Every secret of a story, from the only one who knows them all: the provider.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use doorkey_demo_idp::{Entry, Running};

/// Parameters that no one but the two ends may see. `state` and `nonce` are among them: whoever reads the `state`
/// can answer in the provider's place.
const SECRET: [&str; 12] = [
    "code",
    "code_verifier",
    "device_code",
    "refresh_token",
    "token",
    "subject_token",
    "client_secret",
    "client_assertion",
    "password",
    "id_token_hint",
    "state",
    "nonce",
];

/// A secret and what it is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Canary {
    /// The parameter or header it was in.
    pub name: String,
    /// Itself.
    pub value: String,
}

/// All that reached the provider.
#[must_use]
pub fn sent_to(provider: &Running) -> Vec<Canary> {
    let mut canaries: Vec<Canary> = provider.log().entries().iter().flat_map(of_request).collect();
    canaries.sort();
    canaries.dedup();
    canaries
}

fn of_request(entry: &Entry) -> Vec<Canary> {
    let canary = |name: &str, value: &str| Canary { name: name.to_owned(), value: value.to_owned() };
    let parameters = SECRET.iter().flat_map(|name| entry.params.all(name).into_iter().map(|value| canary(name, value)));
    let authorization = entry.headers.get("authorization").and_then(|value| value.split_once(' '));
    let authorization = authorization.map(|(_, value)| canary("authorization", value));
    let proof = entry.headers.get("dpop").map(|value| canary("proof", value));
    parameters.chain(authorization).chain(proof).filter(|canary| canary.value.len() >= 8).collect()
}

/// The first of them that a text holds, and where.
#[must_use]
pub fn found_in<'a>(canaries: &'a [Canary], text: &str) -> Option<(usize, &'a Canary)> {
    // Thousands of secrets in megabytes of text: by their first bytes, so that the text is read once.
    let mut by_start: HashMap<[u8; 8], Vec<&Canary>> = HashMap::new();
    for canary in canaries {
        let start = canary.value.as_bytes().first_chunk().expect("shorter ones are no canaries");
        by_start.entry(*start).or_default().push(canary);
    }
    let bytes = text.as_bytes();
    bytes.array_windows().enumerate().find_map(|(at, window)| {
        let here = by_start.get(window)?.iter().find(|canary| bytes[at..].starts_with(canary.value.as_bytes()))?;
        Some((at, *here))
    })
}

/// Whether a text holds none of them.
///
/// # Panics
/// When it does, with the name of the secret and what stands around it.
pub fn assert_none(canaries: &[Canary], place: &str, text: &str) {
    assert!(!canaries.is_empty(), "there is nothing to look for");
    if let Some((at, canary)) = found_in(canaries, text) {
        let before: String = text[..at].chars().rev().take(120).collect::<Vec<_>>().into_iter().rev().collect();
        panic!("{place} holds the {}, behind: …{before}", canary.name);
    }
}

/// Whether none of the files below a folder holds one; tells how many files were looked at.
///
/// # Panics
/// As [`assert_none`].
#[must_use]
pub fn assert_none_below(canaries: &[Canary], folder: &Path) -> usize {
    let mut looked_at = 0;
    for entry in fs::read_dir(folder).expect("the folder") {
        let path = entry.expect("an entry").path();
        let about = path.symlink_metadata().expect("its facts");
        if about.is_dir() {
            looked_at += assert_none_below(canaries, &path);
        } else if about.is_file() {
            let text = String::from_utf8_lossy(&fs::read(&path).expect("its bytes")).into_owned();
            assert_none(canaries, &path.display().to_string(), &text);
            looked_at += 1;
        }
    }
    looked_at
}
