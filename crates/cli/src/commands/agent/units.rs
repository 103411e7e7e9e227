//! `doorkey agent install` and `doorkey agent uninstall`: the units with which systemd starts the agent.

use std::env;
use std::fs::{self, DirBuilder};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use doorkey_client::words::{Refusal, VERSION};
use serde::Serialize;
use tempfile::NamedTempFile;

use crate::agency;
use crate::failure::Failure;
use crate::line::{Line, Mark};
use crate::output::Output;

/// As the packages have them.
const UNITS: [(&str, &str); 2] = [
    ("doorkey-agent.socket", include_str!("../../../../../packaging/systemd/doorkey-agent.socket")),
    ("doorkey-agent.service", include_str!("../../../../../packaging/systemd/doorkey-agent.service")),
];
/// The program of the packages, which another takes the place of.
const PACKAGED: &str = "ExecStart=/usr/bin/doorkey agent";
/// In each file of ours.
const MARK: &str = "`doorkey agent install` writes this file too.";
/// What `systemctl enable` makes of the `[Install]` sections.
const WANTS: [&str; 2] = ["sockets.target.wants/doorkey-agent.socket", "default.target.wants/doorkey-agent.service"];

const USE_THEM: &str = "systemctl --user daemon-reload && systemctl --user enable --now doorkey-agent.socket";
const FORGET_THEM: &str =
    "systemctl --user stop doorkey-agent.socket doorkey-agent.service && systemctl --user daemon-reload";

/// The answer of both, for machines.
#[derive(Debug, Serialize)]
struct Answer<'a> {
    version: u32,
    /// Written or removed.
    files: &'a [PathBuf],
    /// What to run next; absent where there is nothing to do.
    next: Option<&'a str>,
}

pub(super) fn install(out: &Output) -> Result<(), Failure> {
    let folder = folder()?;
    let program = env::current_exe().map_err(|error| unwritable(Path::new("This program"), &error))?;
    let program = beside(&program);
    let units = UNITS.map(|(name, text)| (folder.join(name), text.replace(PACKAGED, &exec_start(&program))));
    for (path, _) in &units {
        foreign(path)?;
    }
    let mut files = Vec::new();
    for (path, text) in units {
        write(&path, &text).map_err(|error| unwritable(&path, &error))?;
        files.push(path);
    }
    if out.is_json() {
        return out.answer_json(&Answer { version: VERSION, files: &files, next: Some(USE_THEM) });
    }
    for path in &files {
        out.step(Mark::Done, Line::from("wrote ").strong(path.display().to_string()));
    }
    out.note("");
    out.note("Close the window and stop an agent that runs (`doorkey agent stop`), and then run:");
    out.answer(Line::from("  ").strong(USE_THEM))?;
    out.note("To have it from login on, enable doorkey-agent.service in the same way. On a machine where you are not");
    out.note("logged in all the time: `loginctl enable-linger`.");
    Ok(())
}

pub(super) fn uninstall(out: &Output) -> Result<(), Failure> {
    let folder = folder()?;
    let mut files = Vec::new();
    for (name, _) in UNITS {
        let path = folder.join(name);
        foreign(&path)?;
        if removed(&path)? {
            files.push(path);
        }
    }
    for link in WANTS.map(|link| folder.join(link)) {
        if link.is_symlink() && removed(&link)? {
            files.push(link);
        }
    }
    let next = (!files.is_empty()).then_some(FORGET_THEM);
    if out.is_json() {
        return out.answer_json(&Answer { version: VERSION, files: &files, next });
    }
    for path in &files {
        out.step(Mark::Done, Line::from("removed ").strong(path.display().to_string()));
    }
    match next {
        Some(next) => {
            out.note("Now run:");
            out.answer(Line::from("  ").strong(next))
        }
        None => {
            out.step(Mark::Done, format!("there is nothing of ours in {}", folder.display()));
            Ok(())
        }
    }
}

/// Where systemd looks for a user's own units.
fn folder() -> Result<PathBuf, Failure> {
    let config = agency::paths()?.config;
    // Ours is `doorkey` in the same folder.
    Ok(config.parent().unwrap_or(&config).join("systemd/user"))
}

/// `doorkey`, where it stands beside the whole, or where the packages have it: it is what people know.
fn beside(program: &Path) -> PathBuf {
    let folder = program.parent().unwrap_or(Path::new("/"));
    let known = [folder.join("doorkey"), folder.join("../../bin/doorkey")];
    let known = known.into_iter().find(|known| known.is_file()).and_then(|known| known.canonicalize().ok());
    known.unwrap_or_else(|| program.to_owned())
}

/// Quoted as `systemd.service(5)` and `systemd.unit(5)` have it.
fn exec_start(program: &Path) -> String {
    let mut quoted = String::from("ExecStart=");
    let text = program.to_string_lossy();
    let plain = text.chars().all(|c| c.is_ascii_alphanumeric() || "/._-+".contains(c));
    if plain {
        quoted.push_str(&text);
    } else {
        quoted.push('"');
        for c in text.chars() {
            match c {
                '"' | '\\' => quoted.extend(['\\', c]),
                '%' => quoted.push_str("%%"),
                '$' => quoted.push_str("$$"),
                other => quoted.push(other),
            }
        }
        quoted.push('"');
    }
    quoted.push_str(" agent");
    quoted
}

/// A file of the same name that somebody else has written is not ours to change.
fn foreign(path: &Path) -> Result<(), Failure> {
    match fs::read_to_string(path) {
        Ok(text) if text.contains(MARK) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Ok(_) => Err(Refusal::new(
            "config.foreign_unit",
            format!("{} is not from here, and is left as it is.", path.display()),
            "Move it away, or keep it and do without ours.",
        )
        .into()),
        Err(error) => Err(unwritable(path, &error)),
    }
}

/// Whole or not at all, and readable as systemd wants it.
fn write(path: &Path, text: &str) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("/"));
    DirBuilder::new().recursive(true).mode(0o755).create(folder)?;
    let mut file = NamedTempFile::new_in(folder)?;
    file.write_all(text.as_bytes())?;
    file.as_file().set_permissions(fs::Permissions::from_mode(0o644))?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}

fn removed(path: &Path) -> Result<bool, Failure> {
    match fs::remove_file(path) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(unwritable(path, &error)),
    }
}

fn unwritable(path: &Path, error: &io::Error) -> Failure {
    let message = format!("{} cannot be changed: {error}.", path.display());
    Refusal::new("config.unwritable", message, "Look at the folder and its rights.").into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_units_start_the_program_that_wrote_them() {
        assert!(UNITS[1].1.contains(PACKAGED) && UNITS.iter().all(|(_, text)| text.contains(MARK)));
        assert_eq!(
            exec_start(Path::new("/opt/doorkey-1.0/bin/doorkey")),
            "ExecStart=/opt/doorkey-1.0/bin/doorkey agent"
        );
        assert_eq!(exec_start(Path::new("/opt/100% \"$x\"")), r#"ExecStart="/opt/100%% \"$$x\"" agent"#);
    }

    #[test]
    fn the_packages_have_the_units_where_systemd_looks() {
        let config = include_str!("../../../../../tauri.conf.json");
        let config: serde_json::Value = serde_json::from_str(config).expect("it is JSON");
        for kind in ["deb", "rpm"] {
            let files = &config["bundle"]["linux"][kind]["files"];
            for (name, _) in UNITS {
                assert_eq!(
                    files[format!("/usr/lib/systemd/user/{name}")],
                    format!("packaging/systemd/{name}"),
                    "{kind}"
                );
            }
            assert!(files["/usr/bin/doorkey"].is_string(), "{kind}: what the unit starts");
        }
    }
}
