//! After the answer: the page it redirects to is served for a moment longer (L-28), without effect on
//! anything, and gives way to the next sign-in on the same fixed port.

use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use tokio::time::timeout;

use super::connection::News;
use super::page::Answer;
use super::{Attempt, Door, Page};

/// How long a browser has to fetch its page.
const LINGER: Duration = Duration::from_secs(3);

/// Doors that are still open only for their last page. Process-wide, because the port they hold is too.
static LINGERING: Mutex<Vec<Weak<Door>>> = Mutex::new(Vec::new());

/// Serves `page`, and replays of the answer, in the background for at most [`LINGER`].
pub(super) fn linger(mut attempt: Attempt, page: Page) {
    {
        let mut lingering = LINGERING.lock().unwrap_or_else(PoisonError::into_inner);
        lingering.retain(|door| door.strong_count() > 0);
        lingering.push(Arc::downgrade(&attempt.door));
    }
    tokio::spawn(async move {
        let serving = async {
            loop {
                match attempt.next().await {
                    News::Candidate { answer, .. } => drop(answer.send(Answer::SeeOther(page))),
                    News::Ignored(_) => {}
                }
            }
        };
        let _: Result<(), _> = timeout(LINGER, serving).await;
    });
}

/// Closes what still lingers on `port`, so that it can be bound in the same moment.
pub(super) fn make_room(port: u16) {
    let lingering = LINGERING.lock().unwrap_or_else(PoisonError::into_inner);
    for door in lingering.iter().filter_map(Weak::upgrade).filter(|door| door.port == port) {
        door.close();
    }
}

/// Resolves once every browser that brought an answer has its page, after three seconds at most. A process
/// that is about to end awaits this, or people would land on "connection refused".
pub(crate) async fn last_pages_served() {
    let pages: Vec<_> = {
        let lingering = LINGERING.lock().unwrap_or_else(PoisonError::into_inner);
        lingering.iter().filter_map(Weak::upgrade).map(|door| door.page_seen.subscribe()).collect()
    };
    for mut page in pages {
        // An error only says that the lingering is over.
        let _ = page.wait_for(|seen| *seen).await;
    }
}
