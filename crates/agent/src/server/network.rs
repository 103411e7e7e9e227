//! The calls about how providers are reached.

use std::sync::Arc;

use axum::extract::State;
use axum::{Extension, Json};
use doorkey_client::words::{NetworkSettings, NetworkStatus};

use super::Served;
use super::asked::Body;
use super::calls::Answer;
use crate::peer::Peer;

pub(super) async fn network(State(served): State<Served>) -> Answer<NetworkStatus> {
    Ok(Json(served.agent.network()?))
}

pub(super) async fn set_network(
    State(served): State<Served>,
    Extension(peer): Extension<Arc<Peer>>,
    Body(settings): Body<NetworkSettings>,
) -> Answer<NetworkStatus> {
    Ok(Json(served.agent.set_network(&peer, &settings)?))
}
