//! A request of the protocol's rules on its way: sealed each time it goes out, and once more where the server
//! has refused it for want of a DPoP nonce and so has done nothing with it (DPOP-02, DPOP-08).

use std::sync::{Mutex, PoisonError};

use doorkey_client::words::Refusal;
use doorkey_oauth::{DpopError, DpopNonces, Fresh, Request, Sending, Sent};

use crate::exchanged::{Asking, exchanged};
use crate::host::Host;
use crate::http::{Answer, HttpError};
use crate::refusal::refusal;

/// The newest DPoP nonce of each server; never on disk.
#[derive(Default)]
pub(crate) struct Nonces(Mutex<DpopNonces>);

/// Why a request has no answer that may be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SendError {
    /// The way there.
    #[error(transparent)]
    Http(#[from] HttpError),
    /// The server's wish for a nonce cannot be met; it has not processed the request.
    #[error(transparent)]
    Dpop(#[from] DpopError),
}

impl SendError {
    pub(crate) fn refusal(&self) -> Refusal {
        match self {
            Self::Http(error) => error.refusal(),
            Self::Dpop(error) => refusal(error),
        }
    }

    /// Whether the provider may have acted on it.
    pub(crate) fn may_have_been_sent(&self) -> bool {
        match self {
            Self::Http(error) => error.may_have_been_sent(),
            Self::Dpop(_) => false,
        }
    }
}

/// Sends it; the journal tells of each time. The answer's body may have `cap` bytes. Nonces that come by an edited request
/// are for that request's next try alone.
///
/// # Errors
/// [`SendError`].
pub(crate) async fn sent(
    host: &Host,
    nonces: &Nonces,
    asking: Asking<'_>,
    request: Request,
    cap: usize,
) -> Result<Answer, SendError> {
    let mut sending = Sending::of(request);
    let mut own: Option<Nonces> = None;
    loop {
        let fresh = Fresh { now: host.now().as_second(), random: host.random() };
        let sealed = own.as_ref().unwrap_or(nonces).with(|nonces| sending.seal(fresh, nonces));
        let answer = exchanged(host, asking, sealed, cap).await?;
        if own.is_none() && asking.trail.is_edited() {
            own = Some(Nonces(Mutex::new(nonces.with(|nonces| nonces.clone()))));
        }
        match own.as_ref().unwrap_or(nonces).with(|nonces| sending.judge(&answer.response, nonces))? {
            Sent::Answered => return Ok(answer),
            Sent::Again(next) => sending = *next,
        }
    }
}

impl Nonces {
    /// Reads or changes them; for no longer than that.
    pub(crate) fn with<T>(&self, look: impl FnOnce(&mut DpopNonces) -> T) -> T {
        look(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
