//! What this desktop can do: show a tray, show notifications, start programs.

use std::path::{Path, PathBuf};
use std::{env, fs};

use futures_util::StreamExt as _;
use serde::Serialize;
use tokio::sync::watch;
use zbus::fdo::DBusProxy;
use zbus::names::BusName;

/// The library that shows a tray; the runtime loads it by one of these names, and panics where there is none.
const TRAY_LIBRARIES: [&str; 2] = ["libayatana-appindicator3.so.1", "libappindicator3.so.1"];
/// Where the dynamic linker looks without having been told (ld.so(8)), and where Flatpak has it.
const LIBRARY_FOLDERS: [&str; 6] = ["/lib", "/usr/lib", "/lib64", "/usr/lib64", "/usr/local/lib", "/app/lib"];
const LINKER_CACHE: &str = "/etc/ld.so.cache";

/// The place in the panel that items go to (StatusNotifierItem).
const WATCHER: &str = "org.kde.StatusNotifierWatcher";
/// The Desktop Notifications Specification.
pub(crate) const NOTIFICATIONS: &str = "org.freedesktop.Notifications";

/// The same words as `Able` in `ui/src/lib/host-words.ts`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Able {
    /// Whether an icon would be seen: the library is installed, and a panel takes items.
    pub(crate) tray: bool,
    pub(crate) notifications: bool,
    pub(crate) autostart: bool,
}

/// Keeps it true: panels and notification services come and go.
pub(crate) async fn keep(able: watch::Sender<Able>) {
    let library = has_tray_library();
    able.send_modify(|able| able.autostart = crate::autostart::path().is_some());
    // Without a session bus nobody shows either.
    let Ok(session) = zbus::Connection::session().await else { return };
    let Ok(bus) = DBusProxy::new(&session).await else { return };
    let Ok(mut owners) = bus.receive_name_owner_changed().await else { return };
    loop {
        let tray = library && has(&bus, WATCHER).await;
        let notifications = has(&bus, NOTIFICATIONS).await || starts(&bus, NOTIFICATIONS).await;
        able.send_if_modified(|now| {
            let next = Able { tray, notifications, ..*now };
            std::mem::replace(now, next) != next
        });
        loop {
            let Some(change) = owners.next().await else { return };
            let ours = |name: &BusName<'_>| [WATCHER, NOTIFICATIONS].contains(&name.as_str());
            if change.args().is_ok_and(|args| ours(args.name())) {
                break;
            }
        }
    }
}

async fn has(bus: &DBusProxy<'_>, name: &str) -> bool {
    let Ok(name) = BusName::try_from(name) else { return false };
    bus.name_has_owner(name).await.unwrap_or_default()
}

/// Whether the bus starts it when it is asked for something.
async fn starts(bus: &DBusProxy<'_>, name: &str) -> bool {
    bus.list_activatable_names().await.is_ok_and(|names| names.iter().any(|one| one.as_str() == name))
}

/// Whether an icon can be made without a panic.
pub(crate) fn has_tray_library() -> bool {
    let told = env::var_os("LD_LIBRARY_PATH").unwrap_or_default();
    let cache = fs::read(LINKER_CACHE).unwrap_or_default();
    let folders = LIBRARY_FOLDERS.iter().map(PathBuf::from).chain(env::split_paths(&told));
    found(folders, &cache)
}

fn found(folders: impl Iterator<Item = PathBuf>, cache: &[u8]) -> bool {
    let there = |path: &Path| TRAY_LIBRARIES.iter().any(|name| path.join(name).is_file());
    folders.into_iter().any(|folder| there(&folder)) || TRAY_LIBRARIES.iter().any(|name| cached(cache, name))
}

/// The cache holds paths of libraries as texts that end with NUL (ld.so.cache, glibc `dl-cache.h`).
fn cached(cache: &[u8], name: &str) -> bool {
    let texts = cache.split(|byte| *byte == 0).filter(|text| text.ends_with(name.as_bytes()));
    texts
        .filter_map(|text| std::str::from_utf8(&text[text.iter().position(|byte| *byte == b'/')?..]).ok())
        .any(|path| Path::new(path).is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_library_is_found_where_the_linker_finds_it_and_nowhere_else() {
        let folder = tempfile::tempdir().expect("a folder");
        let folders = || std::iter::once(folder.path().to_owned());
        let path = folder.path().join(TRAY_LIBRARIES[0]);
        let cache = format!("glibc-ld.so.cache1.1\0{}\0{}\0/lib/other.so\0", TRAY_LIBRARIES[0], path.display());
        assert!(!found(folders(), &[]));
        assert!(!found(std::iter::empty(), cache.as_bytes()), "the cache is older than the removal");
        fs::write(&path, "").expect("there is room");
        assert!(found(folders(), &[]));
        assert!(found(std::iter::empty(), cache.as_bytes()));
        assert!(!found(std::iter::empty(), b"/lib/other.so\0"));
    }
}
