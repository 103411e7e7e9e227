//! The icon in the tray, where the person wants one: how things stand by its shape, tokens to copy, the window, the end.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::Ordering;

use tauri::image::Image;
use tauri::menu::{Menu, MenuBuilder, MenuItemBuilder};
use tauri::tray::{TrayIcon, TrayIconBuilder};
use tauri::{AppHandle, Manager, Runtime, include_image};
use tokio::sync::oneshot;

use crate::overview::{Overview, gives_tokens, line, name, now};
use crate::shell::Shell;
use crate::watch::Place;
use crate::words::Words;
use crate::{able, commands, window};

const ID: &str = "doorkey";
const SHOW: &str = "show";
const QUIT: &str = "quit";
/// Before the id of the session whose token is to be copied.
const COPY: &str = "copy:";
/// A menu that is longer is no short way any more.
const MOST_ACCOUNTS: usize = 8;

/// How things stand. Each has a shape of its own: colours are not seen by everybody, nor in every panel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    Ready,
    Attention,
    Nobody,
    Offline,
}

/// What the tray shows.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Shown {
    shape: Shape,
    state: String,
    /// Session and text.
    copies: Vec<(String, String)>,
    more: Option<String>,
    show: &'static str,
    quit: &'static str,
}

/// Shows it while it is wanted, for as long as the program runs.
pub(crate) async fn keep<R: Runtime>(app: AppHandle<R>) {
    let shell = app.state::<Shell>();
    if !able::has_tray_library() {
        return;
    }
    let (mut settings, mut overview) = (shell.settings.subscribe(), shell.overview.subscribe());
    let mut present: Option<Shown> = None;
    loop {
        let tray = settings.borrow_and_update().settings.tray;
        let words = shell.settings.language().words();
        let wanted = {
            let overview = overview.borrow_and_update();
            tray.then(|| Shown::of(&overview, words))
        };
        if wanted != present {
            let there = on_main_thread(&app, wanted.clone()).await;
            shell.in_tray.store(there, Ordering::Relaxed);
            if wanted.is_some() && !there {
                return;
            }
            present = wanted;
        }
        let changed = tokio::select! {
            changed = settings.changed() => changed,
            changed = overview.changed() => changed,
        };
        if changed.is_err() {
            return;
        }
    }
}

/// Whether there is an icon then.
async fn on_main_thread<R: Runtime>(app: &AppHandle<R>, wanted: Option<Shown>) -> bool {
    let (tell, told) = oneshot::channel();
    let handle = app.clone();
    let asked = app.run_on_main_thread(move || {
        let Some(wanted) = wanted else {
            handle.remove_tray_by_id(ID);
            let _ = tell.send(false);
            return;
        };
        // The library was found; one that cannot be loaded all the same makes the runtime panic.
        let shown = catch_unwind(AssertUnwindSafe(|| show(&handle, &wanted)));
        let _ = tell.send(matches!(shown, Ok(Ok(()))));
    });
    asked.is_ok() && told.await.unwrap_or_default()
}

fn show<R: Runtime>(app: &AppHandle<R>, wanted: &Shown) -> tauri::Result<()> {
    let menu = menu(app, wanted)?;
    let tray = match app.tray_by_id(ID) {
        Some(tray) => tray,
        None => make(app)?,
    };
    tray.set_menu(Some(menu))?;
    tray.set_icon(Some(picture(wanted.shape)))
}

fn make<R: Runtime>(app: &AppHandle<R>) -> tauri::Result<TrayIcon<R>> {
    let mut builder = TrayIconBuilder::with_id(ID).on_menu_event(|app, event| chosen(app, event.id().as_ref()));
    // The panel reads the picture from a file; the usual place may be a folder that everybody can write to.
    if let Ok(paths) = app.state::<Shell>().link.paths() {
        builder = builder.temp_dir_path(paths.runtime.join("tray"));
    }
    builder.build(app)
}

fn menu<R: Runtime>(app: &AppHandle<R>, wanted: &Shown) -> tauri::Result<Menu<R>> {
    let item = |id: &str, text: &str| MenuItemBuilder::with_id(id, literally(text));
    let mut menu = MenuBuilder::new(app).item(&item("state", &wanted.state).enabled(false).build(app)?).separator();
    for (session, text) in &wanted.copies {
        menu = menu.item(&item(&format!("{COPY}{session}"), text).build(app)?);
    }
    if let Some(more) = &wanted.more {
        menu = menu.item(&item("more", more).enabled(false).build(app)?);
    }
    if !wanted.copies.is_empty() {
        menu = menu.separator();
    }
    menu.item(&item(SHOW, wanted.show).build(app)?).item(&item(QUIT, wanted.quit).build(app)?).build()
}

/// A single `&` would underline the letter after it.
fn literally(text: &str) -> String {
    text.replace('&', "&&")
}

fn chosen<R: Runtime>(app: &AppHandle<R>, id: &str) {
    match id {
        SHOW => window::come_forward(app),
        QUIT => app.exit(0),
        _ => {
            let Some(session) = id.strip_prefix(COPY).map(str::to_owned) else { return };
            let app = app.clone();
            tauri::async_runtime::spawn(async move {
                // Why it cannot be copied is on the card.
                if commands::copy(&app.state::<Shell>(), &session).await.is_err() {
                    window::show_place(&app, Place::Accounts);
                }
            });
        }
    }
}

fn picture(shape: Shape) -> Image<'static> {
    match shape {
        Shape::Ready => include_image!("./src-tauri/icons/tray/ready.png"),
        Shape::Attention => include_image!("./src-tauri/icons/tray/attention.png"),
        Shape::Nobody => include_image!("./src-tauri/icons/tray/nobody.png"),
        Shape::Offline => include_image!("./src-tauri/icons/tray/offline.png"),
    }
}

impl Shown {
    fn of(overview: &Overview, words: &'static Words) -> Self {
        let (signed_in, waiting) = (overview.signed_in(), overview.need_you(now()));
        let (shape, state) = match (overview.connected, signed_in, waiting) {
            (false, _, _) => (Shape::Offline, words.no_agent.to_owned()),
            (true, 0, 0) => (Shape::Nobody, words.nobody.to_owned()),
            (true, signed_in, 0) => (Shape::Ready, (words.signed_in)(signed_in)),
            (true, signed_in, waiting) => {
                (Shape::Attention, format!("{} · {}", (words.signed_in)(signed_in), (words.need_you)(waiting)))
            }
        };
        let with_tokens: Vec<_> = if overview.connected {
            overview.sessions.iter().filter(|one| gives_tokens(one)).collect()
        } else {
            Vec::new()
        };
        let copies = with_tokens
            .iter()
            .take(MOST_ACCOUNTS)
            .map(|one| (one.id.clone(), (words.copy_token)(&line(name(one)), &line(&one.profile))));
        let left_out = with_tokens.len().saturating_sub(MOST_ACCOUNTS);
        Self {
            shape,
            state,
            copies: copies.collect(),
            more: (left_out > 0).then(|| (words.more)(left_out)),
            show: words.show,
            quit: words.quit,
        }
    }
}

#[cfg(test)]
mod tests;
