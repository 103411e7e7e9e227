//! What is set of the window itself.

use doorkey_client::words::Refusal;
use tauri::{AppHandle, Manager, Runtime};

use super::Answer;
use crate::autostart::{self, Autostart};
use crate::settings::Settings;
use crate::shell::{self, Shell};
use crate::window;

/// What is in force then, is the answer; whoever watches is told it too.
#[tauri::command]
pub(super) async fn set_settings<R: Runtime>(app: AppHandle<R>, settings: Settings) -> Answer<Settings> {
    let handle = app.clone();
    let written = shell::apart(move || handle.state::<Shell>().settings.change(&settings, make_true)).await?;
    window::appear(&app, written.appearance);
    Ok(written)
}

/// The desktop starts it from then on, or no longer.
fn make_true(old: &Settings, new: &Settings) -> Result<(), Refusal> {
    match (old.autostart, new.autostart) {
        (false, true) => autostart::set(Autostart::On),
        (true, false) => autostart::set(Autostart::Off),
        (true, true) | (false, false) => Ok(()),
    }
}
