//! One process, by what the kernel says of it in `/proc`.

use std::fs::{self, File, Metadata};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use doorkey_oauth::clean;

/// What runs scripts, by the name of its file, versions aside. For words and for how long a consent may stand; nothing is
/// refused by it.
const INTERPRETERS: [&str; 27] = [
    "ash",
    "awk",
    "bash",
    "bun",
    "busybox",
    "csh",
    "dash",
    "deno",
    "elvish",
    "fish",
    "gawk",
    "java",
    "ksh",
    "lua",
    "mawk",
    "node",
    "nodejs",
    "nu",
    "osascript",
    "perl",
    "php",
    "pwsh",
    "python",
    "ruby",
    "sh",
    "tclsh",
    "zsh",
];
const LONGEST_SAYING: usize = 64;
/// A program of Linux has no longer path.
const LONGEST_PATH: usize = 4096;
/// What the kernel puts behind the path of a file that is gone.
const DELETED: &[u8] = b" (deleted)";

/// A process and its executable, at one moment.
#[derive(Debug)]
pub(crate) struct Process {
    pub(crate) pid: u32,
    /// The executable's path, in the process's own view of the files.
    pub(crate) path: PathBuf,
    pub(crate) file: FileFacts,
    /// When it started, in ticks since the system did; once it was asked for.
    started: OnceLock<Option<u64>>,
}

/// Which file, and which contents: writing to a file, or putting another in its place, changes one of these.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct FileFacts {
    pub(crate) device: u64,
    pub(crate) inode: u64,
    pub(crate) size: u64,
    modified: (i64, i64),
    changed: (i64, i64),
}

impl FileFacts {
    pub(crate) fn of(about: &Metadata) -> Self {
        Self {
            device: about.dev(),
            inode: about.ino(),
            size: about.size(),
            modified: (about.mtime(), about.mtime_nsec()),
            changed: (about.ctime(), about.ctime_nsec()),
        }
    }

    /// The same contents of the same file; a name that was taken from it meanwhile, as by an update, changes nothing.
    fn is_still(&self, about: &Metadata) -> bool {
        Self { changed: self.changed, ..Self::of(about) } == *self
    }

    /// Whether it is that file, whatever became of its contents.
    pub(crate) fn is_file(&self, about: &Metadata) -> bool {
        (self.device, self.inode) == (about.dev(), about.ino())
    }
}

/// The facts of a file that is not running.
#[cfg(test)]
pub(super) fn facts_of_path(path: &Path) -> io::Result<FileFacts> {
    Ok(FileFacts::of(&fs::metadata(path)?))
}

impl Process {
    /// Nothing where there is none of that number, or the system does not tell.
    pub(crate) fn of(pid: u32) -> Option<Self> {
        if pid == 0 {
            return None;
        }
        let link = format!("/proc/{pid}/exe");
        let about = fs::metadata(&link).ok()?;
        let path = fs::read_link(&link).ok()?;
        let path = if about.nlink() == 0 { without_mark(path) } else { path };
        // Not a file of any file system: an executable in memory, a file out of another view of the files.
        if !path.is_absolute() || path.as_os_str().len() > LONGEST_PATH {
            return None;
        }
        Some(Self { pid, path, file: FileFacts::of(&about), started: OnceLock::new() })
    }

    /// The same process, for another thread.
    pub(crate) fn copy(&self) -> Self {
        Self { pid: self.pid, path: self.path.clone(), file: self.file.clone(), started: self.started.clone() }
    }

    /// The executable, whatever its path leads to now.
    pub(crate) fn open(&self) -> io::Result<File> {
        File::open(format!("/proc/{}/exe", self.pid))
    }

    pub(crate) fn shown(&self) -> String {
        shown_path(&self.path)
    }

    /// From here on it is known by its start too.
    pub(crate) fn pin(&self) {
        self.started.get_or_init(|| Stat::of(self.pid).map(|stat| stat.started));
    }

    /// Whether the process of that number still runs that executable.
    pub(crate) fn is_still(&self) -> bool {
        let same = fs::metadata(format!("/proc/{}/exe", self.pid)).is_ok_and(|about| self.file.is_still(&about));
        same && match self.started.get() {
            Some(started) => started.is_some() && *started == Stat::of(self.pid).map(|stat| stat.started),
            None => true,
        }
    }

    pub(crate) fn is_interpreter(&self) -> bool {
        is_interpreter(&self.path)
    }

    /// What its command line says it runs, for an interpreter: the first word that is no option. Its own words, so cut
    /// and cleaned (B-12).
    pub(crate) fn says(&self) -> Option<String> {
        if !self.is_interpreter() {
            return None;
        }
        let words = fs::read(format!("/proc/{}/cmdline", self.pid)).ok()?;
        let mut words = words.split(|byte| *byte == 0).skip(1);
        let script = words.find(|word| !word.is_empty() && !word.starts_with(b"-"))?;
        Some(clean(&String::from_utf8_lossy(script), LONGEST_SAYING))
    }
}

/// Whether a file is known to run scripts.
pub(crate) fn is_interpreter(path: &Path) -> bool {
    let name = path.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
    INTERPRETERS.contains(&name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.' || c == '-'))
}

/// A path as people and files have it: what no line can show, or would show as something else, is written as `\u{…}`.
pub(crate) fn shown_path(path: &Path) -> String {
    let text = path.to_string_lossy();
    // As nearly every path is.
    if text.bytes().all(|byte| matches!(byte, b'!'..=b'~') && byte != b'\\') {
        return text.into_owned();
    }
    let mut shown = String::new();
    let mut before = '/';
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        if c == '\\' || !is_seen(before, c, rest.peek().copied().unwrap_or('/')) {
            shown.extend(c.escape_unicode());
        } else {
            shown.push(c);
        }
        before = c;
    }
    shown
}

/// Whether a line shows every character of it, so that no other text looks the same.
pub(crate) fn is_seen_whole(text: &str) -> bool {
    let after = text.chars().skip(1).chain(['/']);
    let before = ['/'].into_iter().chain(text.chars());
    before.zip(text.chars()).zip(after).all(|((before, c), after)| is_seen(before, c, after))
}

/// Whether a line shows that character. A blank is lost beside another, as a page shows them, and at either end of a name.
fn is_seen(before: char, c: char, after: char) -> bool {
    match c {
        ' ' => !matches!(before, ' ' | '/') && after != '/',
        _ => leaves_a_mark(c),
    }
}

/// Whether a character can be seen at all, and turns nothing around it about. No blank of any kind does.
pub(crate) fn leaves_a_mark(c: char) -> bool {
    // Unicode's default ignorable code points, beyond what no text of others may have anywhere.
    let is_invisible = matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}' | '\u{180b}'..='\u{180f}' | '\u{2800}'
        | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{ffa0}' | '\u{fff0}'..='\u{fff8}' | '\u{1bca0}'..='\u{1bca3}'
        | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}');
    !c.is_whitespace() && !is_invisible && clean(c.encode_utf8(&mut [0; 4]), 1).starts_with(c)
}

/// The process that started another, or has taken it over: nothing where it is gone, or younger than its child.
pub(crate) fn parent_of(pid: u32) -> Option<u32> {
    let child = Stat::of(pid)?;
    let parent = Stat::of(child.parent)?;
    (parent.started <= child.started).then_some(child.parent)
}

/// Of `/proc/PID/stat`.
struct Stat {
    parent: u32,
    /// In ticks since the system started.
    started: u64,
}

impl Stat {
    fn of(pid: u32) -> Option<Self> {
        Self::read(&fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)
    }

    /// The name stands in parentheses and may have some itself, so that all else is counted from the last.
    fn read(text: &str) -> Option<Self> {
        let (_, rest) = text.rsplit_once(')')?;
        let mut fields = rest.split_ascii_whitespace();
        // Fields 4 and 22 of proc_pid_stat(5); the rest begins with the third.
        let parent = fields.nth(1)?.parse().ok()?;
        let started = fields.nth(17)?.parse().ok()?;
        Some(Self { parent, started })
    }
}

fn without_mark(path: PathBuf) -> PathBuf {
    match path.as_os_str().as_bytes().strip_suffix(DELETED) {
        Some(path) => PathBuf::from(std::ffi::OsStr::from_bytes(path)),
        None => path,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_parentheses_and_spaces_hides_nothing() {
        let text = "7 (a) R 1 (b) S 42 7 7 0 -1 4194304 1 0 0 0 0 0 0 0 20 0 1 0 9876 100 1\n";
        let stat = Stat::read(text).expect("it is one");
        assert_eq!((stat.parent, stat.started), (42, 9876));
        assert!(Stat::read("7 (a) S 42").is_none() && Stat::read("").is_none());
    }

    #[test]
    fn interpreters_are_known_whatever_their_version() {
        for path in
            ["/usr/bin/python3.11", "/bin/sh", "/opt/node", "/usr/bin/lua5.4", "/usr/bin/zsh-5.9", "/usr/bin/perl5"]
        {
            assert!(is_interpreter(Path::new(path)), "{path}");
        }
        for path in ["/usr/bin/curl", "/usr/bin/gh", "/opt/shell", "/usr/bin/pythonic"] {
            assert!(!is_interpreter(Path::new(path)), "{path}");
        }
    }

    #[test]
    fn a_path_cannot_show_itself_as_another() {
        assert_eq!(shown_path(Path::new("/usr/bin/käse 1")), "/usr/bin/käse 1");
        assert_eq!(shown_path(Path::new("/a\u{202e}b\nc\\d")), r"/a\u{202e}b\u{a}c\u{5c}d");
    }

    /// Blanks that a page makes one of, or that stand at the end of a line, and what has no width at all.
    #[test]
    fn what_cannot_be_seen_in_a_path_is_spelled_out() {
        for (path, shown) in [
            ("/usr/bin/gh ", r"/usr/bin/gh\u{20}"),
            ("/usr/bin /gh", r"/usr/bin\u{20}/gh"),
            ("/usr/bin/ gh", r"/usr/bin/\u{20}gh"),
            ("/opt/My  App", r"/opt/My \u{20}App"),
            ("/opt/My\u{a0}App", r"/opt/My\u{a0}App"),
            ("/usr/bin/g\u{ad}h", r"/usr/bin/g\u{ad}h"),
            ("/usr/bin/gh\u{fe0f}\u{e0041}\u{3164}", r"/usr/bin/gh\u{fe0f}\u{e0041}\u{3164}"),
        ] {
            assert_eq!(shown_path(Path::new(path)), shown);
        }
        assert!(is_seen_whole("https://käse.example/a b") && is_seen_whole(r"a\b") && is_seen_whole(""));
        for hidden in [" a", "a ", "a  b", "a\u{a0}b", "g\u{ad}h", "a\nb"] {
            assert!(!is_seen_whole(hidden), "{hidden:?}");
        }
    }

    #[test]
    fn this_process_is_what_it_is() {
        let me = Process::of(std::process::id()).expect("it runs");
        assert_eq!(me.path, std::env::current_exe().expect("it is told"));
        assert!(me.is_still());
        me.pin();
        assert!(me.is_still());
        assert!(parent_of(me.pid).is_some());
        assert!(Process::of(0).is_none());
    }
}
