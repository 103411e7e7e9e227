//! What the provider was asked and how it answered: the eye of tests.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::sync::watch;

use crate::request::Request;
use crate::{Endpoint, Params, clock};

/// Of a provider that tests look into.
pub(crate) const FOR_TESTS: usize = 10_000;
/// Of a provider that people look into, for as long as they like.
pub(crate) const FOR_PEOPLE: usize = 500;

/// The request log; clones show the same log. It keeps the newest 10,000 requests; 500 with [`Settings::seen`].
///
/// [`Settings::seen`]: crate::Settings::seen
#[derive(Clone)]
pub struct Log(Arc<Shared>);

/// One request. Its parameters and headers are as received and may be secret; `Debug` tells their names.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Counts up from 1.
    pub seq: u64,
    /// When it arrived.
    pub at: SystemTime,
    /// Such as `POST`.
    pub method: String,
    /// The path it asked for.
    pub path: String,
    /// What that is.
    pub endpoint: Endpoint,
    /// The form of a POST, the query of anything else.
    pub params: Params,
    /// Its headers, names in lower case.
    pub headers: Params,
    /// Nothing until it is answered, and when the client left before.
    pub outcome: Option<Outcome>,
    /// What else is known of its answer.
    pub told: Told,
}

/// What the answer's bytes do not tell by themselves.
#[derive(Clone, Debug, Default)]
pub struct Told {
    /// Why it was refused.
    pub why: Option<String>,
    /// What it gave, such as `code`, each by its fingerprint; only with [`Settings::seen`](crate::Settings::seen).
    pub gave: Vec<(String, String)>,
    /// It sent the browser back to the client.
    pub ends_here: bool,
}

/// How a request was answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// Nothing when the connection was broken on purpose.
    pub status: Option<u16>,
    /// The OAuth error code in the answer or in its redirect.
    pub error: Option<String>,
}

struct Shared {
    entries: Mutex<Entries>,
    changed: watch::Sender<()>,
    room: usize,
}

#[derive(Default)]
struct Entries {
    list: VecDeque<Entry>,
    seq: u64,
}

impl Log {
    pub(crate) fn with_room_for(room: usize) -> Self {
        Self(Arc::new(Shared { entries: Mutex::default(), changed: watch::Sender::new(()), room }))
    }

    /// All of it, oldest first.
    #[must_use]
    pub fn entries(&self) -> Vec<Entry> {
        self.with(|entries| entries.list.iter().cloned().collect())
    }

    /// Requests to one endpoint, oldest first.
    #[must_use]
    pub fn of(&self, endpoint: Endpoint) -> Vec<Entry> {
        self.with(|entries| entries.list.iter().filter(|entry| entry.endpoint == endpoint).cloned().collect())
    }

    /// How many requests to that endpoint arrived, unanswered ones too.
    #[must_use]
    pub fn count(&self, endpoint: Endpoint) -> usize {
        self.with(|entries| entries.list.iter().filter(|entry| entry.endpoint == endpoint).count())
    }

    /// Forgets everything so far.
    pub fn clear(&self) {
        self.with(|entries| entries.list.clear());
    }

    /// Waits until `n` requests to that endpoint have arrived; false when that takes longer than `timeout`.
    pub async fn wait_for(&self, endpoint: Endpoint, n: usize, timeout: Duration) -> bool {
        self.wait_until(timeout, |entries| entries.iter().filter(|entry| entry.endpoint == endpoint).count() >= n).await
    }

    /// Waits until the log is as `enough` wants it; false when that takes longer than `timeout`.
    pub async fn wait_until(&self, timeout: Duration, enough: impl Fn(&[Entry]) -> bool) -> bool {
        let mut changed = self.0.changed.subscribe();
        let waiting = async {
            while !enough(&self.entries()) {
                if changed.changed().await.is_err() {
                    return false;
                }
            }
            true
        };
        tokio::time::timeout(timeout, waiting).await.unwrap_or(false)
    }

    pub(crate) fn arrived(&self, request: &Request) -> u64 {
        let headers = request
            .headers
            .iter()
            .map(|(name, value)| (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned()));
        let headers = Params::new(headers.collect());
        let seq = self.with(|entries| {
            entries.seq += 1;
            entries.list.push_back(Entry {
                seq: entries.seq,
                at: UNIX_EPOCH + clock::since_epoch(),
                method: request.method.to_string(),
                path: request.path.clone(),
                endpoint: request.endpoint,
                params: request.params().clone(),
                headers,
                outcome: None,
                told: Told::default(),
            });
            if entries.list.len() > self.0.room {
                entries.list.pop_front();
            }
            entries.seq
        });
        self.0.changed.send_replace(());
        seq
    }

    pub(crate) fn answered(&self, seq: u64, outcome: Outcome, told: Told) {
        self.with(|entries| {
            if let Some(entry) = entries.list.iter_mut().rev().find(|entry| entry.seq == seq) {
                entry.outcome = Some(outcome);
                entry.told = told;
            }
        });
        self.0.changed.send_replace(());
    }

    fn with<T>(&self, look: impl FnOnce(&mut Entries) -> T) -> T {
        look(&mut self.0.entries.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl fmt::Debug for Log {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.entries()).finish()
    }
}
