//! The calls about one session as a person sees it.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::{Extension, Json};
use doorkey_client::words::{IdentityReport, Session, SessionChange};

use super::Served;
use super::asked::{Body, InAddress};
use super::calls::{Answer, to_its_end};
use crate::identity;
use crate::peer::Peer;

/// In a task of its own: a caller that goes away must not leave behind what is stored and not told.
pub(super) async fn change_session(
    State(served): State<Served>,
    Extension(peer): Extension<Arc<Peer>>,
    InAddress(Path(id)): InAddress<Path<String>>,
    Body(change): Body<SessionChange>,
) -> Answer<Session> {
    Ok(Json(to_its_end(async move { served.agent.change_session(&peer, &id, change).await }).await?))
}

pub(super) async fn identity(
    State(served): State<Served>,
    Extension(peer): Extension<Arc<Peer>>,
    InAddress(Path(id)): InAddress<Path<String>>,
) -> Answer<IdentityReport> {
    Ok(Json(identity::report(&served.agent, &id, &peer).await?))
}
