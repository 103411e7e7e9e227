//! The desktop's own dialog for files and folders: what a person chose in it, they meant.

use std::path::PathBuf;

use serde::Deserialize;
use tauri::{AppHandle, Runtime};

use crate::words::Words;

/// What is chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum What {
    /// One file of scenarios or more.
    Files,
    Folder,
}

/// Asks; nothing where the person chose nothing.
#[cfg(target_os = "linux")]
pub(crate) async fn pick<R: Runtime>(app: &AppHandle<R>, what: What, words: &'static Words) -> Vec<PathBuf> {
    use gtk::prelude::*;
    use tauri::Manager as _;

    let (tell, told) = tokio::sync::oneshot::channel();
    let handle = app.clone();
    let show = move || {
        let action = match what {
            What::Files => gtk::FileChooserAction::Open,
            What::Folder => gtk::FileChooserAction::SelectFolder,
        };
        let parent = handle.get_webview_window(crate::window::MAIN).and_then(|window| window.gtk_window().ok());
        let title = match what {
            What::Files => words.scenario_files,
            What::Folder => words.scenario_folder,
        };
        let dialog =
            gtk::FileChooserNative::new(Some(title), parent.as_ref(), action, Some(words.choose), Some(words.cancel));
        dialog.set_modal(true);
        if what == What::Files {
            dialog.set_select_multiple(true);
            let filter = gtk::FileFilter::new();
            filter.set_name(Some("*.toml"));
            filter.add_pattern("*.toml");
            dialog.add_filter(filter);
        }
        // The dialog lives for as long as somebody holds it.
        let held = std::cell::RefCell::new(Some((dialog.clone(), tell)));
        dialog.connect_response(move |dialog, response| {
            let chosen = if response == gtk::ResponseType::Accept { dialog.filenames() } else { Vec::new() };
            if let Some((dialog, tell)) = held.take() {
                dialog.hide();
                // Whoever asked may have gone.
                let _ = tell.send(chosen);
            }
        });
        dialog.show();
    };
    if app.run_on_main_thread(show).is_err() {
        return Vec::new();
    }
    told.await.unwrap_or_default()
}

#[cfg(not(target_os = "linux"))]
pub(crate) async fn pick<R: Runtime>(_app: &AppHandle<R>, _what: What, _words: &'static Words) -> Vec<PathBuf> {
    Vec::new()
}
