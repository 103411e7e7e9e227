//! How the program is started.

use std::ffi::OsString;
use std::path;
use std::process::ExitCode;

use crate::instance::Asked;
use crate::window::Opening;

const HELP: &str = "\
Doorkey's window: sign in once through your own browser, stay signed in.

Usage: doorkey-desktop [--hidden]
       doorkey-desktop --scenarios PATH...

      --hidden     without showing the window, until it is started again or something needs you
      --scenarios  show these files or folders of scenarios; nothing of them is run before you say so
  -h, --help       this text
  -V, --version    the version

A second start brings the window forward that is open. Without a display, use the `doorkey` command.
";

/// What the person wants.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Wish {
    Open(Opening, Asked),
    Say(String),
    /// It cannot be done: why.
    Refuse(String),
}

impl Wish {
    /// What is not known opens the window: whoever clicks on something wants to see something.
    pub(crate) fn of(arguments: impl Iterator<Item = OsString>) -> Self {
        let mut opening = Opening::Shown;
        let mut arguments = arguments;
        while let Some(argument) = arguments.next() {
            match argument.to_str() {
                Some("--hidden") => opening = Opening::Hidden,
                // All that follows: a path may look like an option.
                Some("--scenarios") => {
                    let places = arguments.filter_map(|place| path::absolute(place).ok());
                    return match Asked::scenarios(places.collect()) {
                        Ok(asked) => Self::Open(Opening::Shown, asked),
                        Err(why) => Self::Refuse(why),
                    };
                }
                Some("--help" | "-h") => return Self::Say(HELP.to_owned()),
                Some("--version" | "-V") => {
                    return Self::Say(format!("doorkey-desktop {}\n", env!("CARGO_PKG_VERSION")));
                }
                _ => {}
            }
        }
        Self::Open(opening, Asked::Show)
    }
}

/// Says it to whoever started the program.
pub(crate) fn say(text: &str) -> ExitCode {
    use std::io::Write as _;
    // Nobody may be listening; that is no failure.
    let _ = std::io::stdout().write_all(text.as_bytes());
    ExitCode::SUCCESS
}

/// What was asked for is not done.
#[expect(clippy::print_stderr, reason = "a person has typed it, or a program")]
pub(crate) fn refused(why: &str) -> ExitCode {
    eprintln!("doorkey: {why}");
    ExitCode::from(64)
}

#[expect(clippy::print_stderr, reason = "there is no window to say it in")]
pub(crate) fn failed(why: &str) -> ExitCode {
    eprintln!("doorkey: the window cannot be opened: {why}");
    eprintln!("Without a display, use the `doorkey` command.");
    ExitCode::from(69)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_hidden_when_told_so_and_an_address_is_no_order() {
        let wish = |arguments: &[&str]| Wish::of(arguments.iter().map(OsString::from));
        assert_eq!(wish(&[]), Wish::Open(Opening::Shown, Asked::Show));
        assert_eq!(wish(&["--hidden"]), Wish::Open(Opening::Hidden, Asked::Show));
        assert_eq!(wish(&["doorkey://sign-in?profile=work"]), Wish::Open(Opening::Shown, Asked::Show));
        assert_eq!(wish(&["--scenarios"]), Wish::Open(Opening::Shown, Asked::Show), "there are none to show");
        for many in [vec!["/tests/a.toml"; 101].join("\0"), format!("/{}", "a".repeat(65_536))] {
            let places = many.split('\0').enumerate().map(|(at, place)| OsString::from(format!("{place}{at}")));
            let wish = Wish::of(std::iter::once("--scenarios".into()).chain(places));
            assert!(matches!(&wish, Wish::Refuse(why) if why.contains("folder")), "{wish:?}");
        }
        assert_eq!(wish(&["--scenarios", "/a", "/a"]), Wish::Open(Opening::Shown, Asked::Scenarios(vec!["/a".into()])));
        let here = std::env::current_dir().expect("a folder");
        let places = vec![here.join("login.toml"), "/tests".into(), here.join("--hidden")];
        let asked = Wish::Open(Opening::Shown, Asked::Scenarios(places));
        assert_eq!(wish(&["--scenarios", "login.toml", "/tests", "--hidden"]), asked);
        assert!(matches!(wish(&["--hidden", "--help"]), Wish::Say(text) if text.contains("--hidden")));
        assert!(matches!(wish(&["-V"]), Wish::Say(text) if text.starts_with("doorkey-desktop 0.")));
    }
}
