//! The window of Doorkey: it starts or finds the agent, shows what the agent says, and hands on what the person
//! wants. It knows no OAuth, and it speaks to the agent over the socket only, even to one in this very process.
//!
//! What reaches the pages holds no token, no code, no authorization URL and no client secret: links and tokens go
//! from the agent to the clipboard or the browser without passing through them. The one exception is *Reveal*: one
//! access token, when a person asks to see it.

mod browser;
mod clipboard;
mod commands;
mod demo;
mod downloads;
mod environment;
mod link;
mod shell;
mod watch;
mod window;

use std::process::ExitCode;

use tauri::{Builder, Context, Manager, RunEvent, Runtime};

use crate::shell::Shell;

/// Runs the program until its window is closed.
pub fn run() -> ExitCode {
    environment::prepare();
    let app = match fitted(Builder::default(), Shell::from_env()).build(context()) {
        Ok(app) => app,
        Err(error) => return failed(&error.to_string()),
    };
    app.run(|app, event| match event {
        RunEvent::Ready => window::leave_on_signals(app),
        RunEvent::Exit => tauri::async_runtime::block_on(app.state::<Shell>().leave()),
        _ => {}
    });
    ExitCode::SUCCESS
}

/// Everything but the run loop, so that tests can drive the commands without a display.
fn fitted<R: Runtime>(builder: Builder<R>, shell: Shell) -> Builder<R> {
    builder.manage(shell).invoke_handler(commands::handler()).setup(|app| {
        // The agent starts while the window is still being made.
        shell::begin(app.handle());
        window::open(app)?;
        Ok(())
    })
}

fn context<R: Runtime>() -> Context<R> {
    tauri::generate_context!()
}

#[expect(clippy::print_stderr, reason = "there is no window to say it in")]
fn failed(why: &str) -> ExitCode {
    eprintln!("doorkey: the window cannot be opened: {why}");
    eprintln!("Without a display, use the `doorkey` command.");
    ExitCode::from(69)
}

#[cfg(test)]
mod tests;
