//! The one window.

use tauri::webview::{NewWindowResponse, WebviewWindowBuilder};
use tauri::window::Color;
use tauri::{App, AppHandle, Manager, Runtime, Theme, UserAttentionType};
use url::Url;

const MAIN: &str = "main";
/// `--ground` of `ui/src/tokens.css`.
const GROUND_LIGHT: Color = Color(0xf6, 0xf8, 0xfa, 0xff);
const GROUND_DARK: Color = Color(0x0b, 0x12, 0x20, 0xff);

/// Opens the window of `tauri.conf.json`. It shows our own pages and nothing else, ever: no other page could then
/// reach the commands (NAT-01, S-55).
pub(crate) fn open<R: Runtime>(app: &App<R>) -> tauri::Result<()> {
    let config = app.config().app.windows.iter().find(|window| window.label == MAIN);
    let config = config.expect("tauri.conf.json describes the main window");
    let dev = app.config().build.dev_url.clone().filter(|_| tauri::is_dev());
    let window = WebviewWindowBuilder::from_config(app, config)?
        // Nothing of the pages is kept on disk. WebDriver cannot reach a window of that kind.
        .incognito(!cfg!(feature = "automation"))
        .on_navigation(move |url| is_ours(url, dev.as_ref()))
        .on_new_window(|_, _| NewWindowResponse::Deny)
        .build()?;
    // Until the page is painted: white would flash in a dark desktop.
    let ground = if window.theme()? == Theme::Dark { GROUND_DARK } else { GROUND_LIGHT };
    window.set_background_color(Some(ground))
}

/// Whether a page belongs to the program.
pub(crate) fn is_ours(url: &Url, dev: Option<&Url>) -> bool {
    let local = url.scheme() == "tauri" && url.host_str() == Some("localhost");
    // Windows serves the same pages under a name of its own.
    let local_on_windows =
        cfg!(windows) && matches!(url.scheme(), "http" | "https") && url.host_str() == Some("tauri.localhost");
    local || local_on_windows || dev.is_some_and(|dev| dev.origin() == url.origin())
}

/// Brings the window to the person, or asks for attention where the desktop does not let programs do that.
pub(crate) fn come_forward<R: Runtime>(app: &AppHandle<R>) {
    let Some(window) = app.get_webview_window(MAIN) else { return };
    // None of these is worth a word when the desktop refuses it.
    let _ = window.unminimize();
    let _ = window.show();
    let _ = window.set_focus();
    let _ = window.request_user_attention(Some(UserAttentionType::Informational));
}

/// Leaves in order when the session ends or the program is told to stop.
pub(crate) fn leave_on_signals<R: Runtime>(app: &AppHandle<R>) {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let app = app.clone();
        tauri::async_runtime::spawn(async move {
            let signals = (signal(SignalKind::terminate()), signal(SignalKind::interrupt()));
            let (Ok(mut terminate), Ok(mut interrupt)) = signals else { return };
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
            app.exit(0);
        });
    }
    #[cfg(not(unix))]
    let _ = app;
}
