//! Scenarios that are watched. Which files they are is chosen here, and never said by a page.

use tauri::ipc::Channel;
use tauri::{AppHandle, Runtime, State};

use super::Answer;
use crate::picker::{self, What};
use crate::scenarios::{Order, Told};
use crate::shell::Shell;
use crate::words::Language;

/// Answers at once; what they do comes through the channel.
#[tauri::command]
pub(super) async fn watch_scenarios(shell: State<'_, Shell>, channel: Channel<Told>) -> Answer<()> {
    shell.scenarios.look_on(channel).await;
    Ok(())
}

/// Asks the person which; they are read, and nothing of them is run.
#[tauri::command]
pub(super) async fn choose_scenarios<R: Runtime>(app: AppHandle<R>, shell: State<'_, Shell>, what: What) -> Answer<()> {
    // The dialog is open already.
    let Ok(_choosing) = shell.scenarios.choosing.try_lock() else { return Ok(()) };
    let words = Language::of(&shell.settings.now().language).words();
    let places = picker::pick(&app, what, words).await;
    if !places.is_empty() {
        shell.scenarios.open(places).await;
    }
    Ok(())
}

#[tauri::command]
pub(super) async fn order_scenarios(shell: State<'_, Shell>, order: Order) -> Answer<()> {
    shell.scenarios.order(order).await;
    Ok(())
}
