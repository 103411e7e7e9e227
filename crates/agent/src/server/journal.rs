//! The call about what happened.

use axum::Json;
use axum::extract::{Query, State};
use doorkey_client::words::{JournalPage, JournalRequest, Refusal};

use super::Served;
use super::answer::Refused;
use super::asked::{InAddress, bad_request};
use super::calls::Answer;

pub(super) async fn journal(
    State(served): State<Served>,
    InAddress(Query(request)): InAddress<Query<JournalRequest>>,
) -> Answer<JournalPage> {
    let most = JournalRequest::MOST_ENTRIES;
    if request.limit.is_some_and(|limit| !(1..=most).contains(&limit)) {
        return Err(bad_request(&format!("A piece of the journal has 1 to {most} entries.")));
    }
    let page = served.agent.journal.page(request).await.map_err(|error| {
        let message = format!("The journal cannot be read: {error}.");
        let hint = "Look at whose files they are, and at the disk.";
        Refused(Refusal::new("store.journal_unreadable", message, hint))
    })?;
    Ok(Json(page))
}
