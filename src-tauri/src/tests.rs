//! The commands as the pages call them, with the real configuration and a real agent, without a display.

mod evidence;
mod permissions;
mod story;
mod verbs;

use std::str::FromStr;

use serde_json::Value;
use tauri::ipc::{CallbackFn, InvokeBody};
use tauri::test::{INVOKE_KEY, MockRuntime, get_ipc_response, mock_builder};
use tauri::webview::InvokeRequest;
use tauri::{App, WebviewWindow, WebviewWindowBuilder};
use url::Url;

use crate::shell::Shell;

/// The program on a runtime without windows.
fn app(shell: Shell) -> App<MockRuntime> {
    let builder = mock_builder().manage(shell).invoke_handler(crate::commands::handler());
    builder.build(crate::context()).expect("the configuration is whole")
}

fn window(app: &App<MockRuntime>, label: &str) -> WebviewWindow<MockRuntime> {
    WebviewWindowBuilder::new(app, label, tauri::WebviewUrl::default()).build().expect("a window of the mock runtime")
}

/// Calls a command as the page in `window` does.
fn ask(window: &WebviewWindow<MockRuntime>, command: &str, arguments: Value) -> Result<Value, Value> {
    ask_with(window, command, InvokeBody::Json(arguments))
}

fn ask_with(window: &WebviewWindow<MockRuntime>, command: &str, body: InvokeBody) -> Result<Value, Value> {
    let request = InvokeRequest {
        cmd: command.to_owned(),
        callback: CallbackFn(0),
        error: CallbackFn(1),
        url: Url::from_str("tauri://localhost").expect("the address of our own pages"),
        body,
        headers: tauri::http::HeaderMap::new(),
        invoke_key: INVOKE_KEY.to_owned(),
    };
    get_ipc_response(window, request).map(|body| body.deserialize().expect("answers are JSON"))
}
