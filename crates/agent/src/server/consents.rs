//! The calls about what programs may have.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::{Extension, Json};
use doorkey_client::words::{Consent, ConsentAnswer, ConsentRequest, Consents};

use super::Served;
use super::calls::{Answer, Body, InAddress};
use crate::peer::Peer;

pub(super) async fn list(State(served): State<Served>) -> Json<Consents> {
    Json(served.agent.consent_list())
}

pub(super) async fn decide(
    State(served): State<Served>,
    Extension(peer): Extension<Arc<Peer>>,
    Body(request): Body<ConsentRequest>,
) -> Answer<Consent> {
    Ok(Json(served.agent.decide_consent(&peer, request).await?))
}

pub(super) async fn answer(
    State(served): State<Served>,
    Extension(peer): Extension<Arc<Peer>>,
    InAddress(Path(id)): InAddress<Path<String>>,
    Body(answer): Body<ConsentAnswer>,
) -> Answer<()> {
    Ok(Json(served.agent.answer_consent(&peer, &id, answer)?))
}

pub(super) async fn revoke(
    State(served): State<Served>,
    Extension(peer): Extension<Arc<Peer>>,
    InAddress(Path(id)): InAddress<Path<String>>,
) -> Answer<()> {
    Ok(Json(served.agent.revoke_consent(&peer, &id)?))
}
