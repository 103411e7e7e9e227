//! Sessions.

use doorkey_client::words::{IdentityReport, RenewalRequest, Session, SessionChange, SignOutAnswer, SignOutRequest};
use tauri::State;

use super::{Answer, agent, told};
use crate::shell::Shell;

#[tauri::command]
pub(super) async fn change_session(shell: State<'_, Shell>, id: String, change: SessionChange) -> Answer<Session> {
    told(agent(&shell).await?.change_session(&id, &change).await)
}

#[tauri::command]
pub(super) async fn identity(shell: State<'_, Shell>, session: String) -> Answer<IdentityReport> {
    told(agent(&shell).await?.identity(&session).await)
}

#[tauri::command]
pub(super) async fn renew(shell: State<'_, Shell>, request: RenewalRequest) -> Answer<Session> {
    told(agent(&shell).await?.renew(&request).await)
}

#[tauri::command]
pub(super) async fn sign_out(shell: State<'_, Shell>, request: SignOutRequest) -> Answer<SignOutAnswer> {
    let mut answer = told(agent(&shell).await?.sign_out(&request).await)?;
    // Only there when a caller says that it opens the browser itself; the pages do not.
    answer.end_session_url = None;
    Ok(answer)
}
