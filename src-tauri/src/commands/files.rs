//! What leaves the window as a text: on the clipboard, or into a file.

use tauri::{AppHandle, Manager, Runtime, State};

use super::Answer;
use crate::shell::Shell;
use crate::{downloads, shell};
use doorkey_client::words::Refusal;

/// Redirect addresses are far shorter; a page has no reason to copy more.
const LONGEST_TEXT: usize = 8 * 1024;
/// A journal of a day with every answer in it is far smaller.
const LARGEST_FILE: usize = 5 * 1024 * 1024;

#[tauri::command]
pub(super) async fn copy_text(shell: State<'_, Shell>, text: String) -> Answer<()> {
    if text.len() > LONGEST_TEXT {
        return Err(Refusal::new("usage.too_long", "This text is too long to be copied.", ""));
    }
    shell.clipboard.copy(text).await
}

/// Takes back a token that was copied, if it is still there.
#[tauri::command]
pub(super) async fn forget_copied(shell: State<'_, Shell>) -> Answer<()> {
    shell.clipboard.clear_secret().await;
    Ok(())
}

/// Where the file is, is the answer.
#[tauri::command]
pub(super) async fn save_file<R: Runtime>(app: AppHandle<R>, name: String, text: String) -> Answer<String> {
    if text.len() > LARGEST_FILE {
        return Err(Refusal::new("usage.too_long", "This is too much for one file: 5 MiB at most.", ""));
    }
    let folders = [app.path().download_dir(), app.path().home_dir()];
    let folders = folders.into_iter().flatten().collect();
    shell::apart(move || downloads::save(folders, &name, &text)).await
}
