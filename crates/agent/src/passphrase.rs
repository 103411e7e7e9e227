//! A passphrase without a person: from a file or a descriptor that the environment names. Never from the environment
//! itself or from arguments, which other programs can read (S-45).

use std::env;
use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::Path;

use doorkey_client::Secret;
use doorkey_client::words::Refusal;
use rustix::fs::OFlags;
use zeroize::Zeroizing;

/// Longer than any the vault takes.
const LONGEST: usize = 4096;

/// Which passphrase.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// `DOORKEY_PASSPHRASE_FD` or `DOORKEY_PASSPHRASE_FILE`: what the vault is sealed with.
    InForce,
    /// `DOORKEY_NEW_PASSPHRASE_FD` or `DOORKEY_NEW_PASSPHRASE_FILE`: what it is to be sealed with from now on.
    New,
}

/// What the environment names; nothing where it names nothing.
///
/// # Errors
/// `config.bad_passphrase_source`: both are set, it cannot be read, or others could read it too.
pub fn from_env(which: Which) -> Result<Option<Secret>, Refusal> {
    let (descriptor, file) = match which {
        Which::InForce => ("DOORKEY_PASSPHRASE_FD", "DOORKEY_PASSPHRASE_FILE"),
        Which::New => ("DOORKEY_NEW_PASSPHRASE_FD", "DOORKEY_NEW_PASSPHRASE_FILE"),
    };
    let set = |name: &str| env::var_os(name).filter(|value| !value.is_empty());
    match (set(descriptor), set(file)) {
        (None, None) => Ok(None),
        (Some(_), Some(_)) => Err(refused(descriptor, &format!("it and {file} are both set"))),
        (Some(number), None) => {
            let number = number.to_str().and_then(|number| number.parse::<u16>().ok());
            let number = number.ok_or_else(|| refused(descriptor, "it is not the number of a descriptor"))?;
            from_descriptor(number).map(Some).map_err(|why| refused(descriptor, &why))
        }
        (None, Some(path)) => from_file(Path::new(&path)).map(Some).map_err(|why| refused(file, &why)),
    }
}

fn from_descriptor(number: u16) -> Result<Secret, String> {
    if number == 0 {
        return first_line(io::stdin().lock());
    }
    // The one way to a number that needs no promise about who else has it.
    let open = File::open(format!("/dev/fd/{number}"));
    first_line(open.map_err(|error| format!("descriptor {number} cannot be read: {error}"))?)
}

fn from_file(path: &Path) -> Result<Secret, String> {
    let shown = path.display();
    let told = |error: io::Error| format!("{shown} cannot be read: {error}");
    // Without NONBLOCK a pipe somebody put there would hold us for ever.
    let flags = OFlags::NONBLOCK.bits().cast_signed();
    let file = OpenOptions::new().read(true).custom_flags(flags).open(path).map_err(told)?;
    let about = file.metadata().map_err(told)?;
    if !about.is_file() {
        return Err(format!("{shown} is not a plain file"));
    }
    if about.uid() != rustix::process::geteuid().as_raw() {
        return Err(format!("{shown} belongs to another user"));
    }
    if about.mode() & 0o077 != 0 {
        return Err(format!("others may read {shown} (mode {:03o}, it takes 600)", about.mode() & 0o777));
    }
    first_line(file)
}

/// Without its end. What stands below it is not read.
fn first_line(mut from: impl io::Read) -> Result<Secret, String> {
    let mut line = Zeroizing::new(Vec::with_capacity(LONGEST));
    let mut byte = Zeroizing::new([0]);
    while line.len() < LONGEST {
        match from.read(&mut *byte) {
            Ok(0) => break,
            Ok(_) if byte[0] == b'\n' => break,
            Ok(_) => line.push(byte[0]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(format!("it cannot be read: {error}")),
        }
    }
    if line.last() == Some(&b'\r') {
        line.pop();
    }
    match std::str::from_utf8(&line) {
        Ok("") => Err("it is empty".to_owned()),
        Ok(text) => Ok(Secret::new(text.to_owned())),
        Err(_) => Err("it is not text".to_owned()),
    }
}

fn refused(variable: &str, why: &str) -> Refusal {
    Refusal::new(
        "config.bad_passphrase_source",
        format!("The passphrase could not be taken from {variable}: {why}."),
        "Name a file of your own with mode 0600, or a descriptor that holds the passphrase on its first line.",
    )
}

#[cfg(test)]
mod tests {
    use std::fs::{self, Permissions};
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[expect(clippy::disallowed_methods, reason = "the test compares")]
    fn text(secret: &Secret) -> &str {
        secret.expose()
    }

    #[test]
    fn a_file_of_our_own_gives_its_first_line() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("passphrase");
        for (content, expected) in [("correct horse", "correct horse"), ("a b \r\nmore\n", "a b "), ("é\n", "é")] {
            fs::write(&path, content).expect("there is room");
            fs::set_permissions(&path, Permissions::from_mode(0o600)).expect("ours");
            assert_eq!(text(&from_file(&path).expect("it is ours alone")), expected);
        }
        fs::set_permissions(&path, Permissions::from_mode(0o400)).expect("ours");
        from_file(&path).expect("only we may read it");
    }

    #[test]
    fn a_file_that_others_may_read_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("passphrase");
        fs::write(&path, "CANARY").expect("there is room");
        for mode in [0o640, 0o604, 0o666] {
            fs::set_permissions(&path, Permissions::from_mode(mode)).expect("ours");
            let why = from_file(&path).expect_err("others may read it");
            assert!(why.contains("600") && !why.contains("CANARY"), "{why}");
        }
        if rustix::process::geteuid().is_root() {
            fs::set_permissions(&path, Permissions::from_mode(0o600)).expect("ours");
            std::os::unix::fs::chown(&path, Some(12345), None).expect("root may");
            assert!(from_file(&path).expect_err("not ours").contains("another user"));
        }
    }

    #[test]
    fn what_is_no_passphrase_is_refused_without_waiting() {
        let folder = tempfile::tempdir().expect("a folder");
        assert!(from_file(&folder.path().join("none")).is_err());
        assert!(from_file(folder.path()).expect_err("a folder").contains("plain file"));
        let pipe = folder.path().join("pipe");
        rustix::fs::mkfifoat(rustix::fs::CWD, &pipe, rustix::fs::Mode::RUSR).expect("pipes work here");
        assert!(from_file(&pipe).expect_err("a pipe").contains("plain file"));
        assert!(first_line(&b""[..]).is_err() && first_line(&b"\nsecond"[..]).is_err());
        assert!(first_line(&b"\xff\xfe"[..]).is_err());
    }

    #[test]
    fn a_descriptor_is_read_by_its_number() {
        use std::io::Write as _;
        use std::os::fd::AsRawFd as _;
        let (reader, mut writer) = io::pipe().expect("pipes work here");
        writer.write_all(b"correct horse\nnot this").expect("there is room");
        drop(writer);
        let number = u16::try_from(reader.as_raw_fd()).expect("a small number");
        assert_eq!(text(&from_descriptor(number).expect("it is open")), "correct horse");
        assert!(from_descriptor(u16::MAX).expect_err("not open").contains("cannot be read"));
    }
}
