//! What providers say of themselves, kept for renewals: metadata and keys, by issuer.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use doorkey_client::words::Refusal;
use doorkey_oauth::{DiscoveryError, Issuer, KeySet, Metadata, finish_discovery, metadata_urls, parse_key_set};
use jiff::{SignedDuration, Timestamp};

use crate::host::Host;
use crate::refusal::{discovery_refusal, refusal};

/// Metadata and keys are read anew after this time.
const FRESH: SignedDuration = SignedDuration::from_hours(12);
/// An unknown key may cause one more read of the keys in this time (IDT-17, J-04).
const COOL_DOWN: SignedDuration = SignedDuration::from_secs(60);
const LARGEST_DOCUMENT: usize = 512 * 1024;

#[derive(Default)]
pub(crate) struct Providers {
    known: Mutex<HashMap<String, Known>>,
}

#[derive(Clone)]
struct Known {
    metadata: Metadata,
    read_at: Timestamp,
    keys: Option<(KeySet, Timestamp)>,
    keys_asked_again_at: Option<Timestamp>,
}

impl Providers {
    /// Asks the provider now: sign-ins never go by an old copy.
    pub(crate) async fn discover(&self, host: &Host, issuer: &Issuer) -> Result<Metadata, Refusal> {
        let [openid, oauth] = metadata_urls(issuer);
        let metadata = match fetch(host, issuer, &openid).await? {
            Ok(metadata) => metadata,
            Err(error) if error.try_next() => match fetch(host, issuer, &oauth).await? {
                Ok(metadata) => metadata,
                // The first answer says more than a second "not found".
                Err(second) if second.try_next() => return Err(discovery_refusal(&error)),
                Err(second) => return Err(discovery_refusal(&second)),
            },
            Err(error) => return Err(discovery_refusal(&error)),
        };
        let read_at = host.now();
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = known.entry(issuer.as_str().to_owned()).or_insert_with(|| Known {
            metadata: metadata.clone(),
            read_at,
            keys: None,
            keys_asked_again_at: None,
        });
        if entry.metadata.jwks_uri != metadata.jwks_uri {
            entry.keys = None;
        }
        (entry.metadata, entry.read_at) = (metadata.clone(), read_at);
        Ok(metadata)
    }

    /// For renewals: a copy will do while it is fresh, and an old one when the provider does not answer (META-07).
    pub(crate) async fn metadata(&self, host: &Host, issuer: &Issuer) -> Result<Metadata, Refusal> {
        let known = self.known(issuer);
        if let Some(known) = &known
            && host.now().duration_since(known.read_at) < FRESH
        {
            return Ok(known.metadata.clone());
        }
        match (self.discover(host, issuer).await, known) {
            (Ok(metadata), _) => Ok(metadata),
            (Err(_), Some(known)) => Ok(known.metadata),
            (Err(refusal), None) => Err(refusal),
        }
    }

    /// The provider's keys, read when there are none yet or they are old.
    pub(crate) async fn keys(&self, host: &Host, metadata: &Metadata) -> Result<KeySet, Refusal> {
        let known = self.known(&metadata.issuer).and_then(|known| known.keys);
        match known {
            Some((keys, read_at)) if host.now().duration_since(read_at) < FRESH => Ok(keys),
            old => match (self.read_keys(host, metadata).await, old) {
                (Err(_), Some((keys, _))) => Ok(keys),
                (answer, _) => answer,
            },
        }
    }

    /// The keys once more, because a token names one that is not among them; nothing when that was done a moment ago.
    pub(crate) async fn keys_again(&self, host: &Host, metadata: &Metadata) -> Result<Option<KeySet>, Refusal> {
        {
            let now = host.now();
            let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
            let Some(entry) = known.get_mut(metadata.issuer.as_str()) else { return Ok(None) };
            if entry.keys_asked_again_at.is_some_and(|at| now.duration_since(at) < COOL_DOWN) {
                return Ok(None);
            }
            entry.keys_asked_again_at = Some(now);
        }
        self.read_keys(host, metadata).await.map(Some)
    }

    async fn read_keys(&self, host: &Host, metadata: &Metadata) -> Result<KeySet, Refusal> {
        let Some(address) = &metadata.jwks_uri else {
            return Err(Refusal::new(
                "jwks.unavailable",
                "The provider does not say where its keys are, so its ID tokens cannot be checked.",
                "Ask whoever runs the provider to publish `jwks_uri` in its metadata.",
            ));
        };
        let answer = host.http.send(get(address), LARGEST_DOCUMENT).await.map_err(|error| error.refusal())?;
        let keys = parse_key_set(&answer.response).map_err(|error| refusal(&error))?;
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(entry) = known.get_mut(metadata.issuer.as_str()) {
            entry.keys = Some((keys.clone(), host.now()));
        }
        Ok(keys)
    }

    fn known(&self, issuer: &Issuer) -> Option<Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).get(issuer.as_str()).cloned()
    }
}

async fn fetch(host: &Host, issuer: &Issuer, address: &url::Url) -> Result<Result<Metadata, DiscoveryError>, Refusal> {
    let answer = host.http.send(get(address), LARGEST_DOCUMENT).await.map_err(|error| error.refusal())?;
    Ok(finish_discovery(issuer, address, &answer.response))
}

fn get(address: &url::Url) -> http::Request<Vec<u8>> {
    let mut request = http::Request::new(Vec::new());
    *request.uri_mut() = address.as_str().parse().expect("a URL that was parsed is a URI");
    request.headers_mut().insert(http::header::ACCEPT, http::HeaderValue::from_static("application/json"));
    request
}
