//! Gates: requests meet in front of them, so that tests need no sleeping.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use crate::Endpoint;

/// Holds requests of one endpoint until it is released or dropped.
#[derive(Debug)]
#[must_use = "dropping the gate opens it"]
pub struct Gate(pub(crate) Arc<Barrier>);

impl Gate {
    /// How many requests wait here now.
    #[must_use]
    pub fn waiting(&self) -> usize {
        *self.0.waiting.borrow()
    }

    /// Waits until at least `n` requests wait here; false when that takes longer than `timeout`.
    pub async fn wait_for(&self, n: usize, timeout: Duration) -> bool {
        let mut waiting = self.0.waiting.subscribe();
        let enough = async { waiting.wait_for(|now| *now >= n).await.is_ok() };
        tokio::time::timeout(timeout, enough).await.unwrap_or(false)
    }

    /// Lets everybody through, now and later.
    pub fn release(self) {
        drop(self);
    }
}

impl Drop for Gate {
    fn drop(&mut self) {
        self.0.open.send_replace(true);
    }
}

/// Where in a request a gate or a fault stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Moment {
    /// The request is here; nothing has been done for it.
    BeforeWork,
    /// Everything is done; only the answer is missing.
    BeforeAnswer,
}

#[derive(Debug)]
pub(crate) struct Barrier {
    pub(crate) endpoint: Endpoint,
    pub(crate) moment: Moment,
    open: watch::Sender<bool>,
    waiting: watch::Sender<usize>,
}

impl Barrier {
    pub(crate) fn closed(endpoint: Endpoint, moment: Moment) -> Self {
        Self { endpoint, moment, open: watch::Sender::new(false), waiting: watch::Sender::new(0) }
    }

    pub(crate) fn is_open(&self) -> bool {
        *self.open.borrow()
    }

    pub(crate) async fn pass(&self) {
        self.waiting.send_modify(|waiting| *waiting += 1);
        // Also when the client gives up and this future is dropped.
        let _place = Place(self);
        let mut open = self.open.subscribe();
        // An error means that the gate is gone, which is as good as open.
        let _ = open.wait_for(|open| *open).await;
    }
}

struct Place<'a>(&'a Barrier);

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.waiting.send_modify(|waiting| *waiting -= 1);
    }
}
