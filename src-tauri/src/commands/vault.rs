//! Where the vault's key is. Passphrases go one way.

use doorkey_client::words::{VaultChoice, VaultMove, VaultMoved, VaultStatus};
use tauri::State;

use super::{Answer, agent, told};
use crate::shell::Shell;

#[tauri::command]
pub(super) async fn choose_vault(shell: State<'_, Shell>, choice: VaultChoice) -> Answer<VaultStatus> {
    told(agent(&shell).await?.choose_vault(&choice).await)
}

#[tauri::command]
pub(super) async fn move_vault(shell: State<'_, Shell>, to: VaultMove) -> Answer<VaultMoved> {
    told(agent(&shell).await?.move_vault(&to).await)
}

#[tauri::command]
pub(super) async fn lock_vault(shell: State<'_, Shell>) -> Answer<VaultStatus> {
    told(agent(&shell).await?.lock_vault().await)
}
