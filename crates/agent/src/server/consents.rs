//! The calls about what programs may have.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::{Extension, Json};
use doorkey_client::words::{Consent, ConsentAnswer, ConsentRequest, Consents};

use super::Served;
use super::answer::{Done, Refused};
use super::asked::{Body, InAddress};
use super::calls::Answer;
use crate::peer::Peer;

pub(super) async fn consents(State(served): State<Served>) -> Json<Consents> {
    Json(served.agent.consent_list())
}

pub(super) async fn decide_consent(
    State(served): State<Served>,
    Extension(peer): Extension<Arc<Peer>>,
    Body(request): Body<ConsentRequest>,
) -> Answer<Consent> {
    Ok(Json(served.agent.decide_consent(&peer, request).await?))
}

pub(super) async fn answer_consent(
    State(served): State<Served>,
    Extension(peer): Extension<Arc<Peer>>,
    InAddress(Path(id)): InAddress<Path<String>>,
    Body(answer): Body<ConsentAnswer>,
) -> Result<Done, Refused> {
    served.agent.answer_consent(&peer, &id, answer)?;
    Ok(Done)
}

pub(super) async fn revoke_consent(
    State(served): State<Served>,
    Extension(peer): Extension<Arc<Peer>>,
    InAddress(Path(id)): InAddress<Path<String>>,
) -> Result<Done, Refused> {
    served.agent.revoke_consent(&peer, &id)?;
    Ok(Done)
}
