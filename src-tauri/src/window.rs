//! The one window.

use std::sync::atomic::Ordering;

use tauri::webview::{NewWindowResponse, WebviewWindowBuilder};
use tauri::window::Color;
use tauri::{App, AppHandle, Manager, Runtime, Theme, UserAttentionType, Window, WindowEvent};
use url::Url;

use crate::settings::Appearance;
use crate::shell::Shell;
use crate::watch::{Place, Wanted};

pub(crate) const MAIN: &str = "main";
/// `--ground` of `ui/src/tokens.css`.
const GROUND_LIGHT: Color = Color(0xf6, 0xf8, 0xfa, 0xff);
const GROUND_DARK: Color = Color(0x0b, 0x12, 0x20, 0xff);

/// Whether the window is seen from the start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Opening {
    Shown,
    /// Until something brings it forward.
    Hidden,
}

/// Opens the window of `tauri.conf.json`, as it was when it was closed. It shows our own pages and nothing else, ever: no other page could then
/// reach the commands (NAT-01, S-55).
pub(crate) fn open<R: Runtime>(app: &App<R>, opening: Opening) -> tauri::Result<()> {
    let shell = app.state::<Shell>();
    let config = app.config().app.windows.iter().find(|window| window.label == MAIN);
    let config = config.expect("tauri.conf.json describes the main window");
    let dev = app.config().build.dev_url.clone().filter(|_| tauri::is_dev());
    let window = WebviewWindowBuilder::from_config(app, config)?
        // Nothing of the pages is kept on disk. WebDriver cannot reach a window of that kind.
        .incognito(!cfg!(feature = "automation"))
        .on_navigation(move |url| is_ours(url, dev.as_ref()))
        .on_new_window(|_, _| NewWindowResponse::Deny)
        .theme(theme(shell.settings.now().appearance))
        // Moved before it is seen.
        .visible(false)
        .build()?;
    // Until the page is painted: white would flash in a dark desktop.
    let ground = if window.theme()? == Theme::Dark { GROUND_DARK } else { GROUND_LIGHT };
    window.set_background_color(Some(ground))?;
    shell.geometry.restore(&window);
    match opening {
        Opening::Shown => window.show(),
        Opening::Hidden => Ok(()),
    }
}

/// Takes on another appearance, or the desktop's again.
pub(crate) fn appear<R: Runtime>(app: &AppHandle<R>, appearance: Appearance) {
    if let Some(window) = app.get_webview_window(MAIN) {
        // The pages follow the setting themselves; this is the frame.
        let _ = window.set_theme(theme(appearance));
    }
}

fn theme(appearance: Appearance) -> Option<Theme> {
    match appearance {
        Appearance::System => None,
        Appearance::Light => Some(Theme::Light),
        Appearance::Dark => Some(Theme::Dark),
    }
}

/// What happens to the window.
pub(crate) fn on_event<R: Runtime>(window: &Window<R>, event: &WindowEvent) {
    let shell = window.state::<Shell>();
    match event {
        WindowEvent::Resized(_) | WindowEvent::Moved(_) => shell.geometry.note(window),
        WindowEvent::Focused(focused) => {
            shell.focused.send_replace(*focused);
        }
        WindowEvent::CloseRequested { api, .. } => {
            shell.geometry.keep();
            if stays_in_tray(&shell) && window.hide().is_ok() {
                api.prevent_close();
                shell.focused.send_replace(false);
                // Nobody looks on any more.
                let app = window.app_handle().clone();
                tauri::async_runtime::spawn(async move { app.state::<Shell>().scenarios.leave().await });
            }
        }
        _ => {}
    }
}

/// Whether a person would find it again: an icon that no panel shows leads nowhere.
fn stays_in_tray(shell: &Shell) -> bool {
    shell.in_tray.load(Ordering::Relaxed) && shell.able.borrow().tray
}

/// The person should look. A question comes to a hidden window as a notification, where there can be one.
pub(crate) fn wanted<R: Runtime>(app: &AppHandle<R>, why: Wanted) {
    let shell = app.state::<Shell>();
    let is_shown = app.get_webview_window(MAIN).is_some_and(|window| window.is_visible().unwrap_or_default());
    let is_notified = shell.settings.now().notifications && shell.able.borrow().notifications;
    match why {
        Wanted::Answer if !is_shown && is_notified => {}
        Wanted::Answer | Wanted::SignedIn | Wanted::GoOn => come_forward(app),
    }
}

/// Brings the window forward, at this place.
pub(crate) fn show_place<R: Runtime>(app: &AppHandle<R>, place: Place) {
    app.state::<Shell>().places.send_replace(Some(place));
    come_forward(app);
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
