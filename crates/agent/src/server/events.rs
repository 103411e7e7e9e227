//! The stream of updates: the present first, then every change (server-sent events).

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use axum::extract::{FromRequestParts, Query, State};
use axum::http::request::Parts;
use axum::response::sse::{Event, KeepAlive, Sse};
use doorkey_client::words::Update;
use futures_util::stream::{self, Stream, StreamExt};
use serde::Deserialize;
use tokio::sync::broadcast::error::RecvError;

use super::asked::InAddress;
use super::{Served, told_to_stop};
use crate::peer::Peer;

const HEARTBEAT: Duration = Duration::from_secs(20);

/// The number of the last event that was read (`since`).
#[derive(Deserialize)]
pub(super) struct Since {
    since: Option<u64>,
}

/// `answers=consents` says that the reader shows questions to a person.
#[derive(Deserialize)]
pub(super) struct Answers {
    answers: Option<String>,
}

/// The same, as a reader of server-sent events says it when it comes back.
pub(super) struct LastEventId(Option<u64>);

impl<S: Sync> FromRequestParts<S> for LastEventId {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let value = parts.headers.get("last-event-id").and_then(|value| value.to_str().ok());
        // One that is no number of ours is from another stream: this reader has read nothing of ours.
        Ok(Self(value.and_then(|value| value.parse().ok())))
    }
}

pub(super) async fn events(
    State(served): State<Served>,
    Extension(peer): Extension<Arc<Peer>>,
    InAddress(Query(Since { since })): InAddress<Query<Since>>,
    InAddress(Query(Answers { answers })): InAddress<Query<Answers>>,
    LastEventId(last): LastEventId,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let agent = Arc::clone(&served.agent);
    // Before the present is told: a question that comes in between is in the one or in the other. Any other program may
    // watch, and nobody waits for its answer.
    let answers = answers.as_deref() == Some("consents") && peer.is_doorkey();
    let desk = answers.then(|| agent.consents.desk());
    let (past, live) = agent.journal.watch(since.or(last), |seq| agent.present(seq));
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
