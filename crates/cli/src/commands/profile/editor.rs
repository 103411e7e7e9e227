//! A profile in the person's own editor: judged before anything is saved, and the text kept until it is.

use std::env;
use std::fs;
use std::io::{self, Write};
use std::path::Path;
use std::process::Command;

use doorkey_agent::{read_profiles, write_profiles};
use doorkey_client::words::{Profile, Refusal};
use tempfile::NamedTempFile;

use crate::failure::Failure;
use crate::output::Output;
use crate::prompt;
use crate::signals::interruptible;

/// What `save` makes of the profile as the person leaves it.
///
/// # Errors
/// `user.cancelled` when the editor fails; why the text is wrong or was not saved, and where it is then.
pub(super) fn edited<T>(
    old: &Profile,
    save: impl Fn(Profile) -> Result<T, Failure>,
    out: &Output,
) -> Result<T, Failure> {
    let again = |refusal: &Refusal| {
        out.warn(&format!("{} {}", refusal.message, refusal.hint));
        interruptible("The change", prompt::goes_on("Edit it again?", out))
    };
    rounds(old, open, save, again)
}

fn rounds<T>(
    old: &Profile,
    open: impl Fn(&Path) -> io::Result<bool>,
    save: impl Fn(Profile) -> Result<T, Failure>,
    again: impl Fn(&Refusal) -> Result<bool, Failure>,
) -> Result<T, Failure> {
    let before = write_profiles(std::slice::from_ref(old));
    let mut file = tempfile::Builder::new().prefix("doorkey-").suffix(".toml").tempfile()?;
    file.write_all(before.as_bytes())?;
    file.flush()?;
    loop {
        if !open(file.path())? {
            return Err(kept(file, &before, not_edited()));
        }
        let refusal = match read(file.path()).and_then(|text| judged(&text, old)).map_err(Failure::from).and_then(&save)
        {
            Err(Failure::Refused(refusal)) if refusal.code.starts_with("config.") => refusal,
            Err(failure) => return Err(kept(file, &before, failure)),
            saved => return saved,
        };
        match again(&refusal) {
            Ok(true) => {}
            Ok(false) => return Err(kept(file, &before, Failure::Refused(refusal))),
            Err(failure) => return Err(kept(file, &before, failure)),
        }
    }
}

fn read(path: &Path) -> Result<String, Refusal> {
    fs::read_to_string(path).map_err(|error| {
        Refusal::new(
            "config.unreadable",
            format!("{} cannot be read: {error}.", path.display()),
            "Write the profile to that file.",
        )
    })
}

fn not_edited() -> Failure {
    Refusal::new(
        "user.cancelled",
        "The editor did not end well, so nothing was changed.",
        "If it did not start, set VISUAL or EDITOR.",
    )
    .into()
}

/// The failure, with where the text is from now on; a text that nobody has changed goes.
fn kept(file: NamedTempFile, before: &str, failure: Failure) -> Failure {
    let is_changed = fs::read_to_string(file.path()).is_ok_and(|text| text != before);
    let Some(refusal) = failure.refusal().filter(|_| is_changed) else { return failure };
    match file.keep() {
        Ok((_, path)) => {
            let path = path.display();
            let hint =
                format!("{} Your text is in {path}: `doorkey profile import {path}` takes it over.", refusal.hint);
            Refusal { hint: hint.trim_start().to_owned(), ..refusal }.into()
        }
        Err(_) => failure,
    }
}

/// One profile, of the old name.
fn judged(text: &str, old: &Profile) -> Result<Profile, Refusal> {
    let (mut profiles, mut wrong) = read_profiles(text, "your text");
    if !wrong.is_empty() {
        return Err(wrong.remove(0));
    }
    match (profiles.len(), profiles.pop()) {
        (1, Some(profile)) if profile.name == old.name => Ok(profile),
        _ => Err(Refusal::new(
            "config.bad_name",
            format!("The text must hold the profile `{}` and no other.", old.name),
            format!("Leave its header as it was: [profiles.{}].", old.name),
        )),
    }
}

/// As other programs do: the variable is a command for the shell.
fn open(path: &Path) -> io::Result<bool> {
    let set = |name| env::var(name).ok().filter(|value| !value.trim().is_empty());
    let editor = set("VISUAL").or_else(|| set("EDITOR")).unwrap_or_else(|| "vi".to_owned());
    let status = Command::new("sh").arg("-c").arg(format!("{editor} \"$1\"")).arg("sh").arg(path).status()?;
    Ok(status.success())
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use doorkey_client::ClientError;

    use super::*;

    fn old() -> Profile {
        Profile { audience: Some("api".into()), ..Profile::new("work", "https://op.example", "app") }
    }

    /// What a profile is saved as.
    fn saved(profile: Profile) -> Result<Profile, Failure> {
        Ok(profile)
    }

    #[test]
    fn what_was_typed_is_the_new_profile() {
        let open = |path: &Path| {
            let text = fs::read_to_string(path)?;
            fs::write(path, text.replace("\"api\"", "\"https://api.example\""))?;
            Ok(true)
        };
        let new = rounds(&old(), open, saved, |_| panic!("nothing is wrong")).expect("edited");
        assert_eq!(new, Profile { audience: Some("https://api.example".into()), ..old() });
    }

    #[test]
    fn what_is_wrong_is_told_and_the_text_is_there_again() {
        let round = Cell::new(0);
        let open = |path: &Path| {
            round.set(round.get() + 1);
            let text = fs::read_to_string(path)?;
            let text = if round.get() == 1 {
                format!("{text}colour = \"red\"\n")
            } else {
                text.replace("colour = \"red\"\n", "")
            };
            assert!(round.get() == 1 || text.contains("audience"), "the text of the first round");
            fs::write(path, text)?;
            Ok(true)
        };
        let again = |refusal: &Refusal| {
            assert!(refusal.code == "config.parse" && refusal.message.contains("colour"), "{refusal:?}");
            Ok(true)
        };
        assert_eq!(rounds(&old(), open, saved, again).expect("edited"), old());
        assert_eq!(round.get(), 2);
    }

    const TYPED: &str = "[profiles.work]\nissuer = \"https://op.example\"\nclient_id = \"other\"\n";

    fn typed(path: &Path) -> io::Result<bool> {
        fs::write(path, TYPED).map(|()| true)
    }

    /// The text that is kept where the refusal says, which goes then.
    fn taken(failure: Failure) -> (String, String) {
        let Failure::Refused(refusal) = failure else { panic!("{failure:?}") };
        let path = refusal.hint.split("Your text is in ").nth(1).and_then(|rest| rest.split(':').next());
        let path = path.unwrap_or_else(|| panic!("no path: {refusal:?}"));
        let text = fs::read_to_string(path).expect("kept");
        fs::remove_file(path).expect("tidied up");
        (refusal.code, text)
    }

    #[test]
    fn who_gives_up_finds_the_text_where_the_refusal_says() {
        let wrong = "[profiles.work]\nissuer = 7\n";
        let open = |path: &Path| fs::write(path, wrong).map(|()| true);
        let stopped = |_: &Refusal| Err(Failure::cancelled("The change"));
        for (again, code) in
            [(&(|_: &Refusal| Ok(false)) as &dyn Fn(&Refusal) -> _, "config.parse"), (&stopped, "user.cancelled")]
        {
            let failure = rounds(&old(), open, saved, again).expect_err("given up");
            assert_eq!(taken(failure), (code.to_owned(), wrong.to_owned()));
        }
    }

    #[test]
    fn what_is_not_saved_is_asked_about_where_another_text_could_be_and_is_kept() {
        let asked = Cell::new(0);
        let again = |_: &Refusal| {
            asked.set(asked.get() + 1);
            Ok(asked.get() < 2)
        };
        let refused = |_: Profile| Err::<(), _>(Refusal::new("config.newer_version", "No.", "Update.").into());
        let failure = rounds(&old(), typed, refused, again).expect_err("refused");
        assert_eq!((taken(failure), asked.get()), (("config.newer_version".to_owned(), TYPED.to_owned()), 2));

        let gone = |_: Profile| Err::<(), _>(Failure::Agent(ClientError::Broken("it is gone".into())));
        let failure = rounds(&old(), typed, gone, |_| panic!("no text helps")).expect_err("gone");
        assert_eq!(taken(failure), ("broker.unavailable".to_owned(), TYPED.to_owned()));
    }

    #[test]
    fn another_name_or_a_second_profile_is_no_change_of_this_one() {
        for text in ["[profiles.other]\nissuer = \"https://op.example\"\nclient_id = \"app\"\n", ""] {
            assert_eq!(judged(text, &old()).expect_err(text).code, "config.bad_name");
        }
    }

    #[test]
    fn an_editor_that_fails_is_a_change_of_mind_and_what_was_typed_is_kept() {
        let untouched = rounds(&old(), |_| Ok(false), saved, |_| Ok(true)).expect_err("cancelled");
        assert_eq!(untouched.exit_code(), 130);
        assert!(untouched.refusal().is_some_and(|refusal| !refusal.hint.contains("Your text")), "{untouched:?}");
        let failed = rounds(&old(), |path| typed(path).map(|_| false), saved, |_| Ok(true)).expect_err("cancelled");
        assert_eq!(taken(failed), ("user.cancelled".to_owned(), TYPED.to_owned()));
    }
}
