//! Starting with the desktop session, by the XDG Desktop Application Autostart Specification.

use std::path::{Path, PathBuf};
use std::{env, fs, io};

use doorkey_client::words::Refusal;

use crate::disk;

const NAME: &str = "app.doorkey.desktop";

/// The file of this user's; nothing where there is no home.
pub(crate) fn path() -> Option<PathBuf> {
    let set = |name: &str| env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let config = set("XDG_CONFIG_HOME").or_else(|| Some(set("HOME")?.join(".config")))?;
    Some(config.join("autostart").join(NAME))
}

/// Whether the desktop starts it from the next session on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Autostart {
    On,
    Off,
}

/// Makes it so.
///
/// # Errors
/// `desktop.autostart` when the file cannot be written or removed.
pub(crate) fn set(autostart: Autostart) -> Result<(), Refusal> {
    let Some(path) = path() else { return Err(refusal("there is no home folder")) };
    let told = |error: io::Error| refusal(&format!("{}: {error}", path.display()));
    match autostart {
        Autostart::On => {
            let program = program().map_err(told)?;
            disk::write(&path, &entry(&program).ok_or_else(|| refusal("the program's path is no text"))?).map_err(told)
        }
        Autostart::Off => match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(told(error)),
            _ => Ok(()),
        },
    }
}

/// At the start, where it is set: the program may have moved since. A person who has switched the entry off in the
/// desktop's own settings is not overruled.
pub(crate) fn refresh() {
    let Some(path) = path() else { return };
    let Ok(present) = disk::read(&path) else { return };
    if present.is_some_and(|text| is_off(&text)) {
        return;
    }
    // Tried again at the next start.
    let _ = set(Autostart::On);
}

fn is_off(entry: &str) -> bool {
    let is = |line: &str, key: &str, off: &str| {
        let (name, value) = line.split_once('=').unwrap_or_default();
        name.trim() == key && value.trim() == off
    };
    entry.lines().any(|line| is(line, "Hidden", "true") || is(line, "X-GNOME-Autostart-enabled", "false"))
}

/// An AppImage is mounted somewhere else each time; its own path is in the environment.
fn program() -> io::Result<PathBuf> {
    match env::var_os("APPIMAGE").map(PathBuf::from).filter(|path| path.is_absolute()) {
        Some(image) => Ok(image),
        None => env::current_exe(),
    }
}

fn entry(program: &Path) -> Option<String> {
    let program = quoted(program.to_str()?)?;
    Some(format!(
        "[Desktop Entry]\nType=Application\nName=Doorkey\nComment=Keeps your sign-ins fresh\nComment[de]=Hält deine \
         Anmeldungen frisch\nExec={program} --hidden\nTerminal=false\nX-GNOME-Autostart-enabled=true\n"
    ))
}

/// As an argument of `Exec` (Desktop Entry Specification 1.5, "The Exec key"): quoted, with the four characters escaped
/// that count within quotes, `%` doubled; and then every backslash once more, because the value is a string.
/// A path of several lines cannot be written.
fn quoted(text: &str) -> Option<String> {
    if text.chars().any(char::is_control) {
        return None;
    }
    let mut quoted = String::from("\"");
    for one in text.chars() {
        match one {
            '"' | '`' | '$' | '\\' => quoted.extend(['\\', one]),
            '%' => quoted.push_str("%%"),
            _ => quoted.push(one),
        }
    }
    quoted.push('"');
    Some(quoted.replace('\\', "\\\\"))
}

fn refusal(why: &str) -> Refusal {
    Refusal::new(
        "desktop.autostart",
        format!("Doorkey cannot be started with the desktop: {why}."),
        "Add it to the programs that start with your desktop in the desktop's own settings.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_one_argument_whatever_is_in_it() {
        for (path, exec) in [
            ("/usr/bin/doorkey-desktop", r#""/usr/bin/doorkey-desktop""#),
            ("/home/a b/doorkey", r#""/home/a b/doorkey""#),
            ("/opt/100%/doorkey", r#""/opt/100%%/doorkey""#),
            ("/opt/$HOME`x`/\"d\"", r#""/opt/\\$HOME\\`x\\`/\\"d\\"""#),
            (r"/opt/back\slash", r#""/opt/back\\\\slash""#),
        ] {
            let entry = entry(Path::new(path)).expect("it can be written");
            assert!(entry.contains(&format!("\nExec={exec} --hidden\n")), "{path}: {entry}");
        }
        assert_eq!(entry(Path::new("/opt/a\nExec=evil")), None);
    }

    #[test]
    fn an_entry_that_the_person_has_switched_off_elsewhere_is_off() {
        let on = entry(Path::new("/usr/bin/doorkey-desktop")).expect("it can be written");
        assert!(!is_off(&on));
        assert!(is_off(&format!("{on}Hidden=true\n")));
        assert!(is_off(&on.replace("enabled=true", "enabled=false")));
    }
}
