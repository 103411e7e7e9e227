//! The window of Doorkey: it starts or finds the agent, shows what the agent says, and hands on what the person
//! wants. It knows no OAuth, and it speaks to the agent over the socket only, even to one in this very process.
//!
//! What reaches the pages holds no token, no code, no authorization URL and no client secret: links and tokens go
//! from the agent to the clipboard or the browser without passing through them. The one exception is *Reveal*: one
//! access token, when a person asks to see it.

mod able;
mod autostart;
mod browser;
mod clipboard;
mod commands;
mod demo;
mod disk;
mod downloads;
mod environment;
mod geometry;
mod instance;
mod link;
mod notices;
mod overview;
mod picker;
mod scenarios;
mod settings;
mod shell;
mod start;
mod tray;
mod watch;
mod window;
mod words;

use std::env;
use std::process::ExitCode;

use tauri::async_runtime::JoinHandle;
use tauri::{AppHandle, Builder, Context, Manager, RunEvent, Runtime};

use crate::instance::{Asked, Calls, Instance, Start};
use crate::link::Link;
use crate::shell::Shell;
use crate::start::Wish;
use crate::watch::Place;
use crate::window::Opening;

/// Runs the program until its window is closed, or somebody quits it in the tray.
pub fn run() -> ExitCode {
    environment::prepare();
    let (opening, asked) = match Wish::of(env::args_os().skip(1)) {
        Wish::Open(opening, asked) => (opening, asked),
        Wish::Say(text) => return start::say(&text),
        Wish::Refuse(why) => return start::refused(&why),
    };
    let link = Link::from_env();
    let instance = match link.paths().map(|paths| instance::claim(&paths.runtime, &asked)) {
        Ok(Ok(Start::Second)) => return ExitCode::SUCCESS,
        Ok(Ok(Start::First(instance))) => Some(instance),
        // Two windows are no harm: there is one agent. What is wrong with the folder is told in the window.
        Ok(Err(_)) | Err(_) => None,
    };
    let app = match fitted(Builder::default(), Shell::over(link), opening).build(context()) {
        Ok(app) => app,
        Err(error) => return start::failed(&error.to_string()),
    };
    // The lock is kept until the process has ended.
    let (_lock, mut calls) = instance.map(|Instance { lock, calls }| (lock, calls)).unzip();
    let mut further = None;
    app.run(move |app, event| match event {
        RunEvent::Ready => {
            window::leave_on_signals(app);
            // From now on there is a window to bring forward.
            further = calls.take().map(|calls| come_forward_for_others(calls, app.clone()));
            if let Asked::Scenarios(places) = &asked {
                answer(app, Asked::Scenarios(places.clone()));
            }
        }
        RunEvent::Exit => {
            let shell = app.state::<Shell>();
            shell.geometry.keep();
            tauri::async_runtime::block_on(async {
                if let Some(further) = further.take() {
                    // A window that ends does not come forward any more.
                    further.abort();
                    let _ = further.await;
                }
                shell.leave().await;
            });
        }
        _ => {}
    });
    ExitCode::SUCCESS
}

/// Further starts.
fn come_forward_for_others<R: Runtime>(calls: Calls, app: AppHandle<R>) -> JoinHandle<()> {
    tauri::async_runtime::spawn(async move { calls.serve(|asked| answer(&app, asked)).await })
}

/// Does what a start has asked for. Scenarios are read then; a person at the window says whether they are run.
fn answer<R: Runtime>(app: &AppHandle<R>, asked: Asked) {
    match asked {
        Asked::Show => window::come_forward(app),
        Asked::Scenarios(places) => {
            window::show_place(app, Place::Scenarios);
            let app = app.clone();
            tauri::async_runtime::spawn(async move { app.state::<Shell>().scenarios.open(places).await });
        }
    }
}

/// Everything but the run loop, so that tests can drive the commands without a display.
fn fitted<R: Runtime>(builder: Builder<R>, shell: Shell, opening: Opening) -> Builder<R> {
    builder.manage(shell).invoke_handler(commands::handler()).on_window_event(window::on_event).setup(move |app| {
        // The agent starts while the window is still being made.
        shell::begin(app.handle());
        window::open(app, opening)?;
        shell::stand_by(app.handle());
        Ok(())
    })
}

fn context<R: Runtime>() -> Context<R> {
    tauri::generate_context!()
}

#[cfg(test)]
mod tests;
