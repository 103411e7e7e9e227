//! Which program may have what.

use doorkey_client::words::{ConsentAnswer, Consents};
use tauri::State;

use super::{Answer, agent, told};
use crate::shell::Shell;

#[tauri::command]
pub(super) async fn consents(shell: State<'_, Shell>) -> Answer<Consents> {
    told(agent(&shell).await?.consents().await)
}

#[tauri::command]
pub(super) async fn answer_consent(shell: State<'_, Shell>, id: String, answer: ConsentAnswer) -> Answer<()> {
    told(agent(&shell).await?.answer_consent(&id, answer).await)
}

#[tauri::command]
pub(super) async fn revoke_consent(shell: State<'_, Shell>, id: String) -> Answer<()> {
    told(agent(&shell).await?.revoke_consent(&id).await)
}
