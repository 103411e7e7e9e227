//! What providers say of themselves, kept for renewals: metadata and keys, by issuer.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use doorkey_client::words::{Profile, Refusal};
use doorkey_oauth::{
    DiscoveryError, Issuer, KeySet, Metadata, check_discovery, finish_discovery, metadata_urls, parse_key_set,
    patience_asked,
};
use tokio::sync::OwnedMutexGuard;

use crate::checks::checked;
use crate::clock::Clocks;
use crate::exchanged::{Asking, Purpose, exchanged};
use crate::host::Host;
use crate::http::Answer;
use crate::journal::Trail;
use crate::profiles::given_metadata;
use crate::refusal::{discovery_refusal, refusal};
use crate::time::Uptime;

/// Metadata and keys are read anew after this time.
const FRESH: Duration = Duration::from_secs(12 * 60 * 60);
/// An unknown key may cause one more read of the keys in this time (IDT-17, J-04).
const COOL_DOWN: Duration = Duration::from_secs(60);
const LARGEST_DOCUMENT: usize = 512 * 1024;

#[derive(Default)]
pub(crate) struct Providers {
    known: Mutex<HashMap<String, Known>>,
    /// Until when each wants no more requests for what it says of itself, by issuer.
    patience: Mutex<HashMap<String, Uptime>>,
    pub(crate) clocks: Clocks,
}

struct Known {
    metadata: Metadata,
    read_at: Uptime,
    keys: Option<Keys>,
    keys_asked_again_at: Option<Uptime>,
    /// Whoever reads the keys holds this; others wait for what it brings.
    reading: Arc<tokio::sync::Mutex<()>>,
}

/// What a provider says of itself, and where it says so.
pub(crate) struct Described {
    pub(crate) metadata: Metadata,
    pub(crate) at: url::Url,
}

/// A provider's keys, and when they were read.
#[derive(Clone)]
pub(crate) struct Keys {
    pub(crate) set: KeySet,
    read_at: Uptime,
}

impl Providers {
    /// What the profile says of its provider, or what the provider says of itself when it is asked now: sign-ins never
    /// go by an old copy.
    pub(crate) async fn described(&self, host: &Host, trail: &Trail, profile: &Profile) -> Result<Metadata, Refusal> {
        let issuer = Issuer::parse(&profile.issuer).map_err(|error| refusal(&error))?;
        match given_metadata(profile, &issuer) {
            Some(given) => given,
            None => self.discover(host, trail, &issuer).await,
        }
    }

    /// What the provider said the last time it was asked.
    pub(crate) fn said_before(&self, issuer: &str) -> Option<Metadata> {
        self.known().get(issuer).map(|known| known.metadata.clone())
    }

    /// Asks the provider now.
    pub(crate) async fn discover(&self, host: &Host, trail: &Trail, issuer: &Issuer) -> Result<Metadata, Refusal> {
        Ok(self.look(host, trail, issuer).await?.metadata)
    }

    /// The same, and where the description was.
    pub(crate) async fn look(&self, host: &Host, trail: &Trail, issuer: &Issuer) -> Result<Described, Refusal> {
        let [openid, oauth] = metadata_urls(issuer);
        let mut at = openid.clone();
        let mut outcome = self.fetch(host, trail, issuer, &openid).await?;
        if let Err(first) = &outcome
            && first.try_next()
        {
            outcome = match self.fetch(host, trail, issuer, &oauth).await? {
                // The first answer says more than a second "not found".
                Err(second) if second.try_next() => Err(first.clone().nor_at(&oauth)),
                second => {
                    at = oauth;
                    second
                }
            };
        }
        trail.record(host.now(), checked("discovery", &check_discovery(outcome.as_ref())));
        let metadata = outcome.map_err(|error| discovery_refusal(&error))?;
        let read_at = host.moment().uptime;
        // What came of a request that was edited is for that sign-in alone.
        if trail.is_edited() {
            return Ok(Described { metadata, at });
        }
        let mut known = self.known();
        let entry = known.entry(issuer.as_str().to_owned()).or_insert_with(|| Known {
            metadata: metadata.clone(),
            read_at,
            keys: None,
            keys_asked_again_at: None,
            reading: Arc::default(),
        });
        if entry.metadata.jwks_uri != metadata.jwks_uri {
            entry.keys = None;
        }
        (entry.metadata, entry.read_at) = (metadata.clone(), read_at);
        Ok(Described { metadata, at })
    }

    /// For renewals: a copy will do while it is fresh, and an old one when the provider does not answer (META-07).
    pub(crate) async fn metadata(&self, host: &Host, trail: &Trail, issuer: &Issuer) -> Result<Metadata, Refusal> {
        let known = self.known().get(issuer.as_str()).map(|known| (known.metadata.clone(), known.read_at));
        match known {
            Some((metadata, read_at)) if host.moment().uptime.since(read_at) < FRESH => Ok(metadata),
            // Many sessions of one provider would ask it once each.
            Some((metadata, _)) if self.wants_patience(host, issuer.as_str()).is_some() => Ok(metadata),
            None if self.wants_patience(host, issuer.as_str()).is_some() => Err(patience("discovery.unavailable")),
            old => match (self.discover(host, trail, issuer).await, old) {
                (Err(_), Some((metadata, _))) => Ok(metadata),
                (answer, _) => answer,
            },
        }
    }

    /// The provider's keys, read when there are none yet or they are old.
    pub(crate) async fn keys(&self, host: &Host, trail: &Trail, metadata: &Metadata) -> Result<Keys, Refusal> {
        let fresh = |keys: &Keys| host.moment().uptime.since(keys.read_at) < FRESH;
        if let Some(keys) = self.kept_keys(metadata).filter(fresh) {
            return Ok(keys);
        }
        let _reading = self.reading(trail, metadata).await;
        match self.kept_keys(metadata) {
            Some(keys) if fresh(&keys) => Ok(keys),
            Some(keys) if self.wants_patience(host, metadata.issuer.as_str()).is_some() => Ok(keys),
            None if self.wants_patience(host, metadata.issuer.as_str()).is_some() => Err(patience("jwks.unavailable")),
            old => match (self.read_keys(host, trail, metadata).await, old) {
                (Err(_), Some(old)) => Ok(old),
                (answer, _) => answer,
            },
        }
    }

    /// Newer keys than `seen`, because a token names one that is not among them; nothing when there are none, and they
    /// were looked for a moment ago.
    pub(crate) async fn newer_keys(
        &self,
        host: &Host,
        trail: &Trail,
        metadata: &Metadata,
        seen: &Keys,
    ) -> Result<Option<Keys>, Refusal> {
        let _reading = self.reading(trail, metadata).await;
        if let Some(keys) = self.kept_keys(metadata).filter(|keys| keys.read_at > seen.read_at) {
            return Ok(Some(keys));
        }
        let asked_at = self.known().get(metadata.issuer.as_str()).and_then(|known| known.keys_asked_again_at);
        if asked_at.is_some_and(|at| host.moment().uptime.since(at) < COOL_DOWN) {
            return Ok(None);
        }
        if self.wants_patience(host, metadata.issuer.as_str()).is_some() {
            return Err(patience("jwks.unavailable"));
        }
        let keys = self.read_keys(host, trail, metadata).await?;
        if trail.is_edited() {
            return Ok(Some(keys));
        }
        // Only an answer starts the pause: keys that could not be read may be there a moment later.
        if let Some(entry) = self.known().get_mut(metadata.issuer.as_str()) {
            entry.keys_asked_again_at = Some(keys.read_at);
        }
        Ok(Some(keys))
    }

    async fn read_keys(&self, host: &Host, trail: &Trail, metadata: &Metadata) -> Result<Keys, Refusal> {
        let Some(address) = &metadata.jwks_uri else {
            return Err(Refusal::new(
                "jwks.unavailable",
                "The provider does not say where its keys are, so its ID tokens cannot be checked.",
                "Ask whoever runs the provider to publish `jwks_uri` in its metadata.",
            ));
        };
        let answer = self.document(host, trail.asking(Purpose::Keys), metadata.issuer.as_str(), address).await?;
        let set = parse_key_set(&answer.response).map_err(|error| refusal(&error))?;
        let keys = Keys { set, read_at: host.moment().uptime };
        if trail.is_edited() {
            return Ok(keys);
        }
        if let Some(entry) = self.known().get_mut(metadata.issuer.as_str()) {
            entry.keys = Some(keys.clone());
        }
        Ok(keys)
    }

    async fn fetch(
        &self,
        host: &Host,
        trail: &Trail,
        issuer: &Issuer,
        address: &url::Url,
    ) -> Result<Result<Metadata, DiscoveryError>, Refusal> {
        let answer = self.document(host, trail.asking(Purpose::Metadata), issuer.as_str(), address).await?;
        Ok(finish_discovery(issuer, address, &answer.response))
    }

    async fn document(
        &self,
        host: &Host,
        asking: Asking<'_>,
        issuer: &str,
        address: &url::Url,
    ) -> Result<Answer, Refusal> {
        let answer = exchanged(host, asking, get(address), LARGEST_DOCUMENT).await.map_err(|error| error.refusal())?;
        self.clocks.compare(asking.trail, issuer, &answer, host.now());
        if asking.trail.is_edited() {
            return Ok(answer);
        }
        let mut patience = self.patience.lock().unwrap_or_else(PoisonError::into_inner);
        match patience_asked(&answer.response) {
            Some(seconds) => {
                patience.insert(issuer.to_owned(), host.moment().uptime + Duration::from_secs(seconds));
            }
            None => drop(patience.remove(issuer)),
        }
        drop(patience);
        Ok(answer)
    }

    /// For how many seconds more the provider wants no requests for what it says of itself (`Retry-After`).
    pub(crate) fn wants_patience(&self, host: &Host, issuer: &str) -> Option<u64> {
        let until = self.patience.lock().unwrap_or_else(PoisonError::into_inner).get(issuer).copied()?;
        let left = until.since(host.moment().uptime);
        (!left.is_zero()).then(|| left.as_secs() + 1)
    }

    fn kept_keys(&self, metadata: &Metadata) -> Option<Keys> {
        self.known().get(metadata.issuer.as_str()).and_then(|known| known.keys.clone())
    }

    /// One reads, and others wait for what it brings; but nobody waits for a sign-in in step mode, which waits for a
    /// person.
    async fn reading(&self, trail: &Trail, metadata: &Metadata) -> Option<OwnedMutexGuard<()>> {
        if trail.steps().is_some() {
            return None;
        }
        let reading = self.known().get(metadata.issuer.as_str()).map(|known| Arc::clone(&known.reading));
        Some(reading.unwrap_or_default().lock_owned().await)
    }

    fn known(&self) -> MutexGuard<'_, HashMap<String, Known>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn patience(code: &str) -> Refusal {
    let message = "The provider wants to be left alone for a while, and is not asked what it says of itself.";
    Refusal::new(code, message, "It is asked again by itself.").retryable()
}

fn get(address: &url::Url) -> http::Request<Vec<u8>> {
    let mut request = http::Request::new(Vec::new());
    *request.uri_mut() = address.as_str().parse().expect("a URL that was parsed is a URI");
    request.headers_mut().insert(http::header::ACCEPT, http::HeaderValue::from_static("application/json"));
    request
}
