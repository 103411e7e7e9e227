//! The calls about probes.

use std::sync::Arc;

use axum::extract::{Path, Query, State};
use axum::{Extension, Json};
use doorkey_client::words::{ProbeLook, ProbeRequest, ProbeRun};

use super::Served;
use super::answer::{Created, Refused};
use super::asked::{Body, InAddress};
use super::calls::Answer;
use crate::peer::Peer;

pub(super) async fn start_probe(
    State(served): State<Served>,
    Extension(peer): Extension<Arc<Peer>>,
    Body(request): Body<ProbeRequest>,
) -> Result<Created<ProbeRun>, Refused> {
    Ok(Created(served.agent.start_probe(&peer, request).await?))
}

pub(super) async fn look_at_probe(
    State(served): State<Served>,
    Extension(peer): Extension<Arc<Peer>>,
    InAddress(Path(id)): InAddress<Path<String>>,
    InAddress(Query(look)): InAddress<Query<ProbeLook>>,
) -> Answer<ProbeRun> {
    Ok(Json(served.agent.look_at_probe(&peer, &id, look.after).await?))
}

pub(super) async fn cancel_probe(
    State(served): State<Served>,
    Extension(peer): Extension<Arc<Peer>>,
    InAddress(Path(id)): InAddress<Path<String>>,
) -> Answer<ProbeRun> {
    Ok(Json(served.agent.cancel_probe(&peer, &id)?))
}
