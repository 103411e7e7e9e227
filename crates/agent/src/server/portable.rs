//! The calls about files of other programs.

use axum::Json;
use axum::extract::State;
use doorkey_client::words::{ExportRequest, Exported, ImportPreview, ImportRequest};

use super::Served;
use super::asked::{Body, WITH_A_FILE};
use super::calls::Answer;

pub(super) async fn preview_import(
    State(served): State<Served>,
    Body(request): Body<ImportRequest, WITH_A_FILE>,
) -> Answer<ImportPreview> {
    Ok(Json(served.agent.preview_import(&request)?))
}

pub(super) async fn export_profiles(
    State(served): State<Served>,
    Body(request): Body<ExportRequest>,
) -> Answer<Exported> {
    Ok(Json(served.agent.export_profiles(&request).await?))
}
