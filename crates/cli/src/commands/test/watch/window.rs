//! The same in the window: this process becomes it.

use std::env;
use std::ffi::OsString;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use doorkey_client::words::Refusal;

use crate::failure::Failure;

/// The window, as a file.
const WINDOW: &str = "doorkey-desktop";
/// Where it may be, seen from the folder of this program: beside it, or where packages put it.
const FOLDERS: [&str; 3] = [".", "../../bin", "../bin"];

/// Shows these places in the window; another one that is open takes them, and this ends. Only returns when it fails.
pub(super) fn become_it(places: &[PathBuf]) -> Result<(), Failure> {
    let here = env::current_exe().ok().and_then(|this| this.parent().map(Path::to_owned)).unwrap_or_default();
    let found = FOLDERS.into_iter().map(|folder| here.join(folder).join(WINDOW)).find(|program| program.is_file());
    let Some(program) = found else {
        return Err(missing(format!("There is no `{WINDOW}` beside this program, in {}.", here.display())));
    };
    let places = places.iter().map(|place| std::path::absolute(place).map(OsString::from));
    let places = places.collect::<Result<Vec<_>, _>>().map_err(|error| missing(format!("{error}.")))?;
    let error = Command::new(&program).arg("--scenarios").args(places).exec();
    Err(missing(format!("{} does not start: {error}.", program.display())))
}

fn missing(what: String) -> Failure {
    let hint = "Install the window beside the command, or leave out --window.";
    Refusal::new("config.no_window", what, hint).into()
}
