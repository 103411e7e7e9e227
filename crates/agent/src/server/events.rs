//! The stream of updates: the present first, then every change (server-sent events).

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use axum::extract::{Query, State};
use axum::response::sse::{Event, KeepAlive, Sse};
use doorkey_client::words::Update;
use futures_util::stream::{self, Stream, StreamExt};
use serde::Deserialize;
use tokio::sync::broadcast::error::RecvError;

use super::calls::InAddress;
use super::{Served, told_to_stop};
use crate::peer::Peer;

const HEARTBEAT: Duration = Duration::from_secs(20);

#[derive(Deserialize)]
pub(super) struct Since {
    since: Option<u64>,
    /// `consents` for a program that shows questions to a person.
    answers: Option<String>,
}

pub(super) async fn events(
    State(served): State<Served>,
    Extension(peer): Extension<Arc<Peer>>,
    InAddress(Query(since)): InAddress<Query<Since>>,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let agent = Arc::clone(&served.agent);
    // Before the present is told: a question that comes in between is in the one or in the other. Any other program may
    // watch, and nobody waits for its answer.
    let answers = since.answers.as_deref() == Some("consents") && peer.is_doorkey();
    let desk = answers.then(|| agent.consents.desk());
    let (past, live) = agent.journal.watch(since.since, |seq| agent.present(seq));
    let stopping = served.stopping;
    let changes = stream::unfold((agent, live, stopping, desk), |(agent, mut live, stopping, desk)| async move {
        let update = tokio::select! {
            () = told_to_stop(stopping.clone()) => return None,
            update = live.recv() => update,
        };
        let updates = match update {
            Ok(update) => vec![(*update).clone()],
            // A reader that fell behind is given the present anew: it then misses history, never the truth.
            Err(RecvError::Lagged(_)) => {
                let (past, fresh) = agent.journal.watch(None, |seq| agent.present(seq));
                live = fresh;
                past
            }
            Err(RecvError::Closed) => return None,
        };
        Some((updates, (agent, live, stopping, desk)))
    });
    let all = stream::iter([past]).chain(changes).flat_map(stream::iter).map(|update| Ok(message(&update)));
    Sse::new(all).keep_alive(KeepAlive::new().interval(HEARTBEAT))
}

fn message(update: &Update) -> Event {
    let event = match update {
        Update::Event(event) => Event::default().id(event.seq.to_string()),
        _ => Event::default(),
    };
    event.json_data(update).expect("text, numbers and times are always JSON")
}
