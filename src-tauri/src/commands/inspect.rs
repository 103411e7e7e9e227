//! What happened.

use doorkey_client::words::{JournalPage, JournalRequest};
use tauri::State;

use super::{Answer, agent, told};
use crate::shell::Shell;

/// The newest entries, or the newest of those before the entry of that number.
#[tauri::command]
pub(super) async fn journal(shell: State<'_, Shell>, before: Option<u64>, limit: u32) -> Answer<JournalPage> {
    let request = JournalRequest { before, limit: Some(limit), ..JournalRequest::default() };
    told(agent(&shell).await?.journal(&request).await)
}
