//! The answer to a program that may have a session's access token, made once for each token.

use std::sync::{Arc, Mutex, PoisonError};

use doorkey_client::Secret;

use super::{answer, of_session};
use crate::record::SessionRecord;

/// An answer, ready to be sent.
pub(crate) struct HandOut {
    record: Arc<SessionRecord>,
    /// [`TokenAnswer`](doorkey_client::words::TokenAnswer) in JSON.
    pub(crate) json: Secret,
    /// Of the access token, for the journal.
    pub(crate) fingerprint: String,
}

/// The newest answer of one session.
#[derive(Default)]
pub(crate) struct HandOuts(Mutex<Option<Arc<HandOut>>>);

impl HandOuts {
    /// The answer made of this very record.
    pub(crate) fn of(&self, record: &Arc<SessionRecord>) -> Arc<HandOut> {
        let mut newest = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match &*newest {
            Some(made) if Arc::ptr_eq(&made.record, record) => Arc::clone(made),
            _ => Arc::clone(newest.insert(Arc::new(HandOut::new(record)))),
        }
    }
}

impl HandOut {
    fn new(record: &Arc<SessionRecord>) -> Self {
        let json = serde_json::to_string(&answer(&of_session(Arc::clone(record), false)))
            .expect("text, numbers and times are always JSON");
        let fingerprint = record.access_token.fingerprint();
        Self { record: Arc::clone(record), json: Secret::new(json), fingerprint }
    }
}
