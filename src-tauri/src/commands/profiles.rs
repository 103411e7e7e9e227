//! Providers and profiles.

use doorkey_client::words::{
    DiscoveryRequest, ExportRequest, Exported, ImportPreview, ImportRequest, ProfileEntry, ProfileView, Provider,
    Refusal,
};
use tauri::State;

use super::{Answer, agent, told};
use crate::shell::Shell;

#[tauri::command]
pub(super) async fn discover(shell: State<'_, Shell>, request: DiscoveryRequest) -> Answer<Provider> {
    let client = shell.link.client().await?;
    let mut newer = shell.discoveries.subscribe();
    shell.discoveries.send_modify(|count| *count += 1);
    newer.mark_unchanged();
    tokio::select! {
        // Dropping the call ends it at the agent too: nobody waits for its answer any more.
        _ = newer.changed() => Err(Refusal::new("user.cancelled", "A newer look-up took the place of this one.", "")),
        provider = client.discover(&request) => told(provider),
    }
}

#[tauri::command]
pub(super) async fn save_profile(shell: State<'_, Shell>, entry: ProfileEntry) -> Answer<ProfileView> {
    told(agent(&shell).await?.put_profile(&entry).await)
}

#[tauri::command]
pub(super) async fn remove_profile(shell: State<'_, Shell>, name: String) -> Answer<()> {
    told(agent(&shell).await?.delete_profile(&name).await)
}

#[tauri::command]
pub(super) async fn start_demo(shell: State<'_, Shell>) -> Answer<String> {
    let client = agent(&shell).await?;
    shell.demo.start(&client).await
}

/// Nothing is saved by it.
#[tauri::command]
pub(super) async fn preview_import(shell: State<'_, Shell>, request: ImportRequest) -> Answer<ImportPreview> {
    told(agent(&shell).await?.preview_import(&request).await)
}

#[tauri::command]
pub(super) async fn export_profiles(shell: State<'_, Shell>, request: ExportRequest) -> Answer<Exported> {
    told(agent(&shell).await?.export_profiles(&request).await)
}
