//! How the agent reaches providers.

use doorkey_client::words::{NetworkSettings, NetworkStatus};
use tauri::State;

use super::{Answer, agent, told};
use crate::shell::Shell;

#[tauri::command]
pub(super) async fn network(shell: State<'_, Shell>) -> Answer<NetworkStatus> {
    told(agent(&shell).await?.network().await)
}

#[tauri::command]
pub(super) async fn set_network(shell: State<'_, Shell>, settings: NetworkSettings) -> Answer<NetworkStatus> {
    told(agent(&shell).await?.set_network(&settings).await)
}
