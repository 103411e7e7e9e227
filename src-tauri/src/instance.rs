//! One window for each user: a second start brings the first window forward and ends.
//!
//! Who holds the lock is the window. The lock is the kernel's and ends with the process; the socket beside it is how the
//! second start says so. Neither needs a session bus, so it is the same in a container and over a forwarded display.

use std::collections::HashSet;
use std::ffi::OsStr;
use std::fs::{File, Permissions, TryLockError, set_permissions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use std::{fs, thread};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::disk;
use crate::scenarios::MOST_PLACES;

/// What a second start can say.
const SHOW: &[u8; 5] = b"show\n";
/// The same, and which scenarios: the length of what follows as four bytes, the greatest first; then paths, with a NUL
/// between them.
const TEST: &[u8; 5] = b"test\n";
/// Of all paths.
const LONGEST_PATHS: usize = 64 * 1024;
const SHOWN: &[u8; 6] = b"shown\n";
/// A window that is being opened or closed answers or is gone within this.
const PATIENCE: Duration = Duration::from_secs(8);
/// A window that is there answers at once.
const ANSWERS_WITHIN: Duration = Duration::from_secs(2);
const LOOK_AGAIN: Duration = Duration::from_millis(40);

/// What a start asks the window for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Asked {
    /// To be seen.
    Show,
    /// These files and folders of scenarios, by absolute paths.
    Scenarios(Vec<PathBuf>),
}

impl Asked {
    /// Each place once; to be seen, where there are none.
    ///
    /// # Errors
    /// They are more than an open window takes: a sentence about it.
    pub(crate) fn scenarios(places: Vec<PathBuf>) -> Result<Self, String> {
        let mut known = HashSet::new();
        let places: Vec<PathBuf> = places.into_iter().filter(|place| known.insert(place.clone())).collect();
        let length: usize = places.iter().map(|place| place.as_os_str().len() + 1).sum();
        if places.is_empty() {
            return Ok(Self::Show);
        }
        if places.len() > MOST_PLACES || length > LONGEST_PATHS {
            let most = LONGEST_PATHS / 1024;
            return Err(format!(
                "more than {MOST_PLACES} paths, or {most} KiB of them, are not watched at once: name their folder."
            ));
        }
        Ok(Self::Scenarios(places))
    }

    fn said(&self) -> Vec<u8> {
        match self {
            Self::Show => SHOW.to_vec(),
            Self::Scenarios(places) => {
                let paths: Vec<&[u8]> = places.iter().map(|place| place.as_os_str().as_bytes()).collect();
                let paths = paths.join(&0);
                let length = u32::try_from(paths.len()).unwrap_or(u32::MAX);
                [TEST.as_slice(), &length.to_be_bytes(), &paths].concat()
            }
        }
    }

    /// Nothing where one of them is none.
    fn of_paths(paths: &[u8]) -> Option<Self> {
        let places: Vec<PathBuf> = paths.split(|byte| *byte == 0).map(|path| OsStr::from_bytes(path).into()).collect();
        let fits = places.len() <= MOST_PLACES && places.iter().all(|place| place.is_absolute());
        fits.then_some(Self::Scenarios(places))
    }
}

/// What this start is.
#[derive(Debug)]
pub(crate) enum Start {
    /// The first: it is the window until this value is gone.
    First(Instance),
    /// Another one is the window, and has come forward.
    Second,
}

/// The right to be the window, and the place where further starts are heard.
#[derive(Debug)]
pub(crate) struct Instance {
    pub(crate) lock: Lock,
    pub(crate) calls: Calls,
}

/// Nobody else is the window while this is there.
#[derive(Debug)]
pub(crate) struct Lock(#[expect(dead_code, reason = "what counts is that it is open")] File);

/// Where further starts are heard. It ends before the lock does: whoever comes in between waits for the lock.
#[derive(Debug)]
pub(crate) struct Calls {
    listener: UnixListener,
    socket: Socket,
}

/// Removed with this value.
#[derive(Debug)]
struct Socket(PathBuf);

impl Drop for Socket {
    fn drop(&mut self) {
        // The next window does it, too.
        let _ = fs::remove_file(&self.0);
    }
}

/// Finds out. Waits for a window that is being opened or closed.
///
/// # Errors
/// When the folder cannot be used, or the other window does not answer: nothing is known then.
pub(crate) fn claim(folder: &Path, asked: &Asked) -> io::Result<Start> {
    disk::folder(folder)?;
    let lock = File::options().write(true).create(true).truncate(false).open(folder.join("window.lock"))?;
    let socket = folder.join("window.sock");
    let until = Instant::now() + PATIENCE;
    loop {
        match lock.try_lock() {
            Ok(()) => return first(socket, lock),
            Err(TryLockError::Error(error)) => return Err(error),
            Err(TryLockError::WouldBlock) => {}
        }
        match ask(&socket, asked) {
            Ok(()) => return Ok(Start::Second),
            Err(error) if Instant::now() > until => return Err(error),
            // It does not listen yet, or no longer.
            Err(_) => thread::sleep(LOOK_AGAIN),
        }
    }
}

fn first(socket: PathBuf, lock: File) -> io::Result<Start> {
    match fs::remove_file(&socket) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let listener = UnixListener::bind(&socket)?;
    set_permissions(&socket, Permissions::from_mode(0o600))?;
    listener.set_nonblocking(true)?;
    Ok(Start::First(Instance { lock: Lock(lock), calls: Calls { listener, socket: Socket(socket) } }))
}

fn ask(socket: &Path, asked: &Asked) -> io::Result<()> {
    if socket.symlink_metadata()?.uid() != own_uid() {
        return Err(io::Error::other("it is another user's"));
    }
    let mut window = UnixStream::connect(socket)?;
    window.set_read_timeout(Some(ANSWERS_WITHIN))?;
    window.set_write_timeout(Some(ANSWERS_WITHIN))?;
    window.write_all(&asked.said())?;
    let mut answer = [0; SHOWN.len()];
    window.read_exact(&mut answer)?;
    if answer == *SHOWN { Ok(()) } else { Err(io::Error::other("it is no window of Doorkey")) }
}

impl Calls {
    /// Hands on what each further start asks for.
    pub(crate) async fn serve(self, answer: impl Fn(Asked)) {
        let Self { listener, socket: _socket } = self;
        let Ok(listener) = tokio::net::UnixListener::from_std(listener) else { return };
        // An error is one caller's, or passes.
        loop {
            let Ok((caller, _)) = listener.accept().await else {
                tokio::time::sleep(LOOK_AGAIN).await;
                continue;
            };
            if caller.peer_cred().is_ok_and(|peer| peer.uid() == own_uid()) {
                // One after the other: a caller says a few bytes, or is sent away.
                let _ = tokio::time::timeout(ANSWERS_WITHIN, hear(caller, &answer)).await;
            }
        }
    }
}

async fn hear(mut caller: tokio::net::UnixStream, answer: &impl Fn(Asked)) -> io::Result<()> {
    let mut word = [0; SHOW.len()];
    caller.read_exact(&mut word).await?;
    let asked = match &word {
        SHOW => Some(Asked::Show),
        TEST => {
            let length = usize::try_from(caller.read_u32().await?).unwrap_or(usize::MAX);
            if length > LONGEST_PATHS {
                return Ok(());
            }
            let mut paths = vec![0; length];
            caller.read_exact(&mut paths).await?;
            Asked::of_paths(&paths)
        }
        _ => None,
    };
    if let Some(asked) = asked {
        answer(asked);
        caller.write_all(SHOWN).await?;
    }
    Ok(())
}

fn own_uid() -> u32 {
    rustix::process::geteuid().as_raw()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    fn first_at(folder: &Path) -> Instance {
        match claim(folder, &Asked::Show).expect("the folder is good") {
            Start::First(instance) => instance,
            Start::Second => panic!("somebody else is the window"),
        }
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn further_starts_bring_the_first_forward_until_it_has_ended() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("run");
        let (Instance { lock, calls }, shown) = (first_at(&path), Arc::new(AtomicU32::new(0)));
        let mode = |name: &str| fs::metadata(path.join(name)).expect("it is there").permissions().mode() & 0o777;
        assert_eq!((mode(""), mode("window.sock")), (0o700, 0o600));
        let count = Arc::clone(&shown);
        let serving = tokio::spawn(calls.serve(move |asked| {
            assert_eq!(asked, Asked::Show);
            count.fetch_add(1, Ordering::SeqCst);
        }));
        for times in 1..=3 {
            let path = path.clone();
            let again = tokio::task::spawn_blocking(move || claim(&path, &Asked::Show)).await.expect("no panic");
            assert!(matches!(again, Ok(Start::Second)), "{again:?}");
            assert_eq!(shown.load(Ordering::SeqCst), times);
        }
        serving.abort();
        assert!(serving.await.is_err_and(|error| error.is_cancelled()));
        assert!(!path.join("window.sock").exists());
        // One that comes while the first still ends waits for it.
        let next = tokio::task::spawn_blocking({
            let path = path.clone();
            move || claim(&path, &Asked::Show)
        });
        drop(lock);
        assert!(matches!(next.await.expect("no panic"), Ok(Start::First(_))));
    }

    /// One that was killed leaves its socket behind and no lock.
    #[test]
    fn a_socket_without_a_window_is_in_nobodys_way() {
        let folder = tempfile::tempdir().expect("a folder");
        drop(UnixListener::bind(folder.path().join("window.sock")).expect("a socket"));
        first_at(folder.path());
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn who_says_something_else_is_not_heard_and_keeps_nobody_away() {
        let folder = tempfile::tempdir().expect("a folder");
        let (Instance { lock: _lock, calls }, shown) = (first_at(folder.path()), Arc::new(AtomicU32::new(0)));
        let count = Arc::clone(&shown);
        tokio::spawn(calls.serve(move |asked| {
            assert_eq!(asked, Asked::Show);
            count.fetch_add(1, Ordering::SeqCst);
        }));
        let mut stranger = UnixStream::connect(folder.path().join("window.sock")).expect("it listens");
        stranger.write_all(b"GET / HTTP/1.1\r\n\r\n").expect("it can be said");
        let path = folder.path().to_owned();
        let again = tokio::task::spawn_blocking(move || claim(&path, &Asked::Show)).await.expect("no panic");
        assert!(matches!(again, Ok(Start::Second)), "{again:?}");
        assert_eq!(shown.load(Ordering::SeqCst), 1);
    }

    /// A person started it again with files of scenarios: they come to the window that is open, whole or not at all.
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn scenarios_of_a_further_start_come_to_the_first() {
        let folder = tempfile::tempdir().expect("a folder");
        let Instance { lock: _lock, calls } = first_at(folder.path());
        let (tell, mut told) = tokio::sync::mpsc::unbounded_channel();
        tokio::spawn(calls.serve(move |asked| tell.send(asked).expect("somebody hears")));
        let asked = Asked::Scenarios(vec!["/tests/a b.toml".into(), OsStr::from_bytes(b"/tests/\xff").into()]);
        for bad in [
            b"test\n\xff\xff\xff\xff/tests".as_slice(),
            b"test\n\0\0\0\x08relative",
            b"test\n\0\0\0\x03/a\0",
            b"test\n\0\0\0\0",
        ] {
            let mut caller = UnixStream::connect(folder.path().join("window.sock")).expect("it listens");
            caller.write_all(bad).expect("it can be said");
            // It answers nothing, and closes.
            let mut answer = Vec::new();
            let read = tokio::task::spawn_blocking(move || caller.read_to_end(&mut answer)).await.expect("no panic");
            assert!(!matches!(read, Ok(1..)), "{read:?}");
        }
        let (path, further) = (folder.path().to_owned(), asked.clone());
        let again = tokio::task::spawn_blocking(move || claim(&path, &further)).await.expect("no panic");
        assert!(matches!(again, Ok(Start::Second)), "{again:?}");
        assert_eq!(told.recv().await, Some(asked));
        assert!(told.try_recv().is_err(), "nothing else was asked for");
    }
}
