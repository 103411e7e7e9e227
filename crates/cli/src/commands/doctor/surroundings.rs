//! The machine around: loopback, browser, display, clock.

use std::env;
use std::net::{Ipv4Addr, Ipv6Addr, TcpListener};
use std::path::{Path, PathBuf};

use doorkey_client::Paths;
use jiff::{SignedDuration, Timestamp};
use rustix::fs::{Access, access};

use super::finding::{Finding, Part};
use crate::time;
use crate::whereabouts::Whereabouts;

/// The wall clock against this program's age and against files that were written earlier.
pub(super) fn clock(paths: &Paths, now: Timestamp) -> Finding {
    let next = "Set the clock (`timedatectl set-ntp true`): sign-ins are refused when it is wrong.";
    if !time::is_plausible(now) {
        return Finding::problem(
            Part::Settings,
            "clock",
            format!("it says {now}, which is before this program was made"),
            next,
        );
    }
    let written = |path: &PathBuf| Timestamp::try_from(path.metadata().ok()?.modified().ok()?).ok();
    let newest = [&paths.config, &paths.data, &paths.state, &paths.runtime].into_iter().filter_map(written).max();
    match newest {
        Some(newest) if newest.duration_since(now) > SignedDuration::from_mins(5) => {
            Finding::warning("clock", format!("it says {now}, but there are files of {newest}: it went back"), next)
        }
        _ => Finding::fine("clock", format!("{now:.0}")),
    }
}

/// The same port on both families, as a sign-in does.
pub(super) fn loopback() -> Finding {
    let bound = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|v4| Ok((v4.local_addr()?.port(), v4)));
    match bound {
        Err(error) => Finding::problem(
            Part::Settings,
            "loopback",
            format!("127.0.0.1 cannot be listened on: {error}"),
            "Sign-in needs it: check the firewall, the sandbox and `ip addr show lo`.",
        ),
        Ok((port, _v4)) => match TcpListener::bind((Ipv6Addr::LOCALHOST, port)) {
            Ok(_v6) => Finding::fine("loopback", "127.0.0.1 and [::1] can be listened on".to_owned()),
            Err(_) => Finding::fine(
                "loopback",
                "127.0.0.1 can be listened on; there is no [::1], which is all right".to_owned(),
            ),
        },
    }
}

/// What would open the sign-in page.
pub(super) fn browser() -> Vec<Finding> {
    let by_hand = "`doorkey login` prints the address to open; or set $BROWSER.";
    if let Some(command) = env::var("BROWSER").ok().filter(|command| !command.trim().is_empty()) {
        let program = command.split([':', ' ']).find(|word| !word.is_empty()).unwrap_or_default().to_owned();
        return vec![match found_in_path(&program) {
            Some(path) => Finding::fine("browser", format!("$BROWSER is {}", path.display())),
            None => Finding::warning("browser", format!("$BROWSER is `{program}`, which is not there"), by_hand),
        }];
    }
    let opener = found_in_path("xdg-open");
    let display = display();
    vec![match (display, opener) {
        (Some(display), Some(opener)) => Finding::fine("browser", format!("{} on {display}", opener.display())),
        (None, _) => Finding::warning("browser", "there is no display to open one on".to_owned(), by_hand),
        (Some(_), None) => {
            Finding::warning("browser", "there is no `xdg-open`".to_owned(), "Install xdg-utils, or set $BROWSER.")
        }
    }]
}

fn display() -> Option<String> {
    ["WAYLAND_DISPLAY", "DISPLAY"]
        .into_iter()
        .find_map(|name| Some(format!("{name} {}", env::var(name).ok().filter(|value| !value.is_empty())?)))
}

fn found_in_path(program: &str) -> Option<PathBuf> {
    let runs = |path: &Path| path.is_file() && access(path, Access::EXEC_OK).is_ok();
    if program.contains('/') {
        return Some(PathBuf::from(program)).filter(|path| runs(path));
    }
    env::split_paths(&env::var_os("PATH")?).map(|folder| folder.join(program)).find(|path| runs(path))
}

/// Where this runs: facts that explain much of what goes wrong.
pub(super) fn session() -> Finding {
    let set = |name: &str| env::var_os(name).is_some_and(|value| !value.is_empty());
    let here = Whereabouts::of_this_process();
    let facts = [
        (here.ssh.is_some(), "over SSH"),
        (here.wsl, "in WSL"),
        (here.container, "in a container"),
        (set("FLATPAK_ID"), "in a Flatpak"),
        (set("SNAP"), "in a snap"),
        (set("CI"), "in continuous integration"),
        (!set("DBUS_SESSION_BUS_ADDRESS") && !user_bus(), "without a D-Bus session"),
    ];
    let there: Vec<&str> = facts.into_iter().filter(|(is, _)| *is).map(|(_, what)| what).collect();
    Finding::fine("session", if there.is_empty() { "a desktop session".to_owned() } else { there.join(", ") })
}

fn user_bus() -> bool {
    env::var_os("XDG_RUNTIME_DIR").is_some_and(|folder| Path::new(&folder).join("bus").exists())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_program_is_found_by_path_and_by_name() {
        assert!(found_in_path("sh").is_some());
        assert!(found_in_path("/bin/sh").is_some());
        assert!(found_in_path("/bin").is_none());
        assert!(found_in_path("no-such-browser").is_none());
    }

    #[test]
    fn a_clock_that_went_back_is_worth_a_look() {
        use super::super::finding::Outcome;
        let folder = tempfile::tempdir().expect("a temporary folder");
        let paths = Paths::below(folder.path());
        fs::create_dir_all(&paths.config).expect("ours");
        let now = time::now();
        assert_eq!(clock(&paths, now).outcome, Outcome::Fine);
        assert_eq!(clock(&paths, now - SignedDuration::from_hours(2)).outcome, Outcome::Warning);
        assert_eq!(clock(&paths, Timestamp::UNIX_EPOCH).outcome, Outcome::Problem);
    }
}
