//! `doorkey token` for a token that a running agent has, in a program of its own: without the agent, an async runtime
//! and the parser of all arguments a process starts in half the time.

use std::env;
use std::ffi::OsString;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use doorkey_client::ClientError;
use doorkey_client::words::Refusal;

use crate::args::Token;
use crate::commands::{standing, token};
use crate::ended;
use crate::failure::Failure;
use crate::output::Output;
use crate::prompt;
use crate::time::parse_seconds;

/// The whole, as a file.
const FULL: &str = "doorkey-full";
/// The agent alone.
const AGENT: &str = "doorkey-agent";
/// Where it may be, seen from the folder of this program.
const FOLDERS: [&str; 3] = [".", "../libexec/doorkey", "../lib/doorkey"];

/// Does what the arguments of this process say if that is to print a token, and an agent runs. Nothing has been done or
/// printed when there is no exit code.
#[must_use]
pub fn in_short() -> Option<ExitCode> {
    if env::var_os("DOORKEY_LOG").is_some() {
        return None;
    }
    let (json, args) = understood(env::args_os().skip(1))?;
    let out = Output::new(json);
    let warning = match standing() {
        Ok(warning) => warning,
        Err(refusal) => return Some(ended(Err(refusal.into()), &out)),
    };
    let asked = token::ask(&args, json);
    match &asked {
        Err(Failure::Agent(ClientError::NotRunning)) => return None,
        // Where somebody can type a passphrase, or say yes, the whole asks for it; where nobody can, it says the same.
        Err(Failure::Refused(refusal)) if prompt::helps(refusal) => return None,
        _ => {}
    }
    if let Some(warning) = warning {
        out.warn(&warning);
    }
    Some(ended(asked.and_then(|answer| token::show(answer, args.header, &out)), &out))
}

/// Becomes the agent alone. Comes back where that is not there: the whole can serve too.
pub(crate) fn become_the_agent(out: &Output) {
    let here = env::current_exe().ok();
    if let Some(program) = here.as_deref().and_then(Path::parent).and_then(|here| found(here, AGENT)) {
        let _ = Command::new(program).arg0("doorkey").arg("agent").args(out.is_json().then_some("--json")).exec();
    }
}

/// Becomes the agent where nothing else is asked for, and the whole program otherwise, with the same arguments.
#[must_use]
pub fn the_rest() -> ExitCode {
    let mut words = env::args_os();
    let name = words.next().unwrap_or_else(|| "doorkey".into());
    let arguments: Vec<OsString> = words.collect();
    let failed = match env::current_exe() {
        Ok(this) => {
            let here = this.parent().unwrap_or(Path::new("/"));
            let alone = only_serves(&arguments).then(|| found(here, AGENT)).flatten();
            // The whole can serve too; where both are missing it is named.
            let program = alone.or_else(|| found(here, FULL)).unwrap_or_else(|| here.join(FULL));
            let error = Command::new(&program).arg0(name).args(&arguments).exec();
            format!("{} does not start: {error}", program.display())
        }
        Err(error) => format!("The system does not tell where this program is: {error}"),
    };
    let refusal = Refusal::new(
        "config.incomplete",
        format!("{failed}."),
        "The programs `doorkey`, `doorkey-full` and `doorkey-agent` belong beside each other: install them again.",
    );
    let out =
        Output::new(arguments.iter().take_while(|argument| *argument != "--").any(|argument| argument == "--json"));
    ended(Err(refusal.into()), &out)
}

fn found(here: &Path, program: &str) -> Option<PathBuf> {
    FOLDERS.into_iter().map(|folder| here.join(folder).join(program)).find(|program| program.is_file())
}

/// Whether the words of this process are none, or those.
pub(crate) fn may_serve() -> bool {
    let words: Vec<OsString> = env::args_os().skip(1).collect();
    words.is_empty() || only_serves(&words)
}

/// Whether that is all that is asked for; what an error or help is about is for the whole to say.
fn only_serves(words: &[OsString]) -> bool {
    [&["agent"] as &[&str], &["agent", "--json"], &["--json", "agent"]].iter().any(|it| words.iter().eq(it.iter()))
}

/// What [`Arguments`](crate::args::Arguments) would make of the same words, for the plain ones; everything else is for
/// the whole to understand or to refuse.
fn understood(words: impl IntoIterator<Item = OsString>) -> Option<(bool, Token)> {
    let mut words = words.into_iter().map(OsString::into_string);
    if words.next()?.ok()? != "token" {
        return None;
    }
    let mut json = false;
    let mut token = Token::default();
    while let Some(word) = words.next() {
        let word = word.ok()?;
        let mut value = || words.next()?.ok().filter(|value| !value.starts_with('-'));
        match word.as_str() {
            "--json" if !json => json = true,
            "--header" if !token.header => token.header = true,
            "--account" if token.account.is_none() => token.account = Some(value()?),
            "--audience" if token.audience.is_none() => token.audience = Some(value()?),
            "--scope" => token.scopes.push(value()?),
            "--min-ttl" if token.min_ttl.is_none() => token.min_ttl = Some(parse_seconds(&value()?).ok()?),
            word if word.starts_with('-') => return None,
            _ if token.profile.is_none() => token.profile = Some(word),
            _ => return None,
        }
    }
    Some((json, token))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::{Arguments, Command};

    const WORDS: [&str; 17] = [
        "work",
        "",
        "-",
        "--",
        "--json",
        "--header",
        "--account",
        "--account=ada",
        "--audience",
        "--scope",
        "read write",
        "--min-ttl",
        "5m",
        "soon",
        "--help",
        "-h",
        "--acc",
    ];

    /// Every line of up to four of the words: what is understood here is understood in the same way there.
    #[test]
    fn a_line_means_the_same_in_short_and_in_full() {
        let mut in_short = 0;
        let choices = WORDS.len() + 1;
        for number in 0..choices.pow(4) {
            let line = (0..4).filter_map(|place| WORDS.get(number / choices.pow(place) % choices).copied());
            let line: Vec<OsString> = ["token"].into_iter().chain(line).map(OsString::from).collect();
            let Some((json, token)) = understood(line.clone()) else { continue };
            in_short += 1;
            let full = Arguments::of([OsString::from("doorkey")].into_iter().chain(line.clone()).collect());
            match full {
                Ok(Arguments { json: also, command: Command::Token(full) }) => {
                    assert_eq!((json, &token), (also, &full), "{line:?}");
                }
                other => panic!("{line:?}: {other:?}"),
            }
        }
        assert!(in_short > 500, "hardly anything is understood: {in_short}");
    }

    #[test]
    fn only_tokens_are_handed_out_in_short() {
        for line in ["", "status", "login work", "--json token work", "token work other", "token --json --json"] {
            assert_eq!(understood(line.split(' ').map(OsString::from)), None, "{line}");
        }
    }

    #[test]
    fn packages_put_the_others_where_this_finds_them() {
        let config = include_str!("../../../tauri.conf.json");
        let config: serde_json::Value = serde_json::from_str(config).expect("it is JSON");
        for kind in ["deb", "rpm"] {
            let files = config["bundle"]["linux"][kind]["files"].as_object().expect("further files");
            let place = |name: &str| {
                let place = files.keys().map(Path::new).find(|place| place.ends_with(name)).expect("it is packed");
                place.parent().expect("a folder")
            };
            let prefix = place("doorkey").parent().expect("a prefix");
            let folders = FOLDERS.into_iter().filter_map(|folder| folder.strip_prefix("../"));
            let found: Vec<PathBuf> = folders.map(|folder| prefix.join(folder)).collect();
            for program in [FULL, AGENT] {
                assert!(found.iter().any(|folder| folder == place(program)), "{kind}: {program} in {found:?}");
            }
        }
    }

    #[test]
    fn the_whole_is_beside_this_or_in_a_folder_for_programs_nobody_calls() {
        let prefix = tempfile::tempdir().expect("a folder");
        let bin = prefix.path().join("bin");
        let libexec = prefix.path().join("libexec/doorkey");
        for folder in [&bin, &libexec] {
            std::fs::create_dir_all(folder).expect("a folder");
        }
        let is = |program: &Path| Some(program.canonicalize().expect("it is there"));
        let whole = || found(&bin, FULL).map(|program| program.canonicalize().expect("it is there"));
        assert_eq!(whole(), None);
        std::fs::write(libexec.join(FULL), "").expect("a file");
        assert_eq!(whole(), is(&libexec.join(FULL)));
        std::fs::write(bin.join(FULL), "").expect("a file");
        assert_eq!(whole(), is(&bin.join(FULL)));
    }

    #[test]
    fn the_agent_alone_does_what_the_whole_would_understand_as_that() {
        let only = |line: &str| only_serves(&line.split(' ').map(OsString::from).collect::<Vec<_>>());
        for line in ["agent", "agent --json", "--json agent"] {
            assert!(only(line), "{line}");
            let words = ["doorkey"].into_iter().chain(line.split(' '));
            let arguments = <Arguments as clap::Parser>::try_parse_from(words).expect("the whole takes it");
            assert!(matches!(arguments.command, Command::Agent(args) if args.command.is_none()), "{line}");
        }
        for line in ["agent stop", "agent --help", "agent --json --json", "token agent", "status", ""] {
            assert!(!only(line), "{line}");
        }
    }
}
