//! A profile in the person's own editor: judged before anything is saved, and the text kept when it is wrong.

use std::env;
use std::io::{self, BufRead, Write};
use std::path::Path;
use std::process::Command;

use doorkey_agent::{read_profiles, write_profiles};
use doorkey_client::words::{Profile, Refusal};

use crate::failure::Failure;
use crate::line::Line;
use crate::output::Output;

/// The profile as the person leaves it.
///
/// # Errors
/// `user.cancelled` when the editor fails or the person gives up; the refusal of the text, which then is kept.
pub(super) fn edited(old: &Profile, out: &Output) -> Result<Profile, Failure> {
    let again = |refusal: &Refusal| {
        out.warn(&format!("{} {}", refusal.message, refusal.hint));
        out.ask(Line::from("Edit it again? [Y/n] "));
        let mut answer = String::new();
        io::stdin().lock().read_line(&mut answer)?;
        Ok(!answer.is_empty() && !answer.trim().eq_ignore_ascii_case("n"))
    };
    rounds(old, open, again)
}

fn rounds(
    old: &Profile,
    open: impl Fn(&Path) -> io::Result<bool>,
    again: impl Fn(&Refusal) -> io::Result<bool>,
) -> Result<Profile, Failure> {
    let mut file = tempfile::Builder::new().prefix("doorkey-").suffix(".toml").tempfile()?;
    file.write_all(write_profiles(std::slice::from_ref(old)).as_bytes())?;
    file.flush()?;
    loop {
        if !open(file.path())? {
            return Err(Failure::cancelled("The change"));
        }
        let text = std::fs::read_to_string(file.path())?;
        let refusal = match judged(&text, old) {
            Ok(profile) => return Ok(profile),
            Err(refusal) => refusal,
        };
        if !again(&refusal)? {
            let (_, path) = file.keep().map_err(|error| error.error)?;
            let hint = format!("Nothing was changed. Your text is in {}.", path.display());
            return Err(Refusal { hint, ..refusal }.into());
        }
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
    use std::fs;

    use super::*;

    fn old() -> Profile {
        Profile { audience: Some("api".into()), ..Profile::new("work", "https://op.example", "app") }
    }

    #[test]
    fn what_was_typed_is_the_new_profile() {
        let open = |path: &Path| {
            let text = fs::read_to_string(path)?;
            fs::write(path, text.replace("\"api\"", "\"https://api.example\""))?;
            Ok(true)
        };
        let new = rounds(&old(), open, |_| panic!("nothing is wrong")).expect("edited");
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
        assert_eq!(rounds(&old(), open, again).expect("edited"), old());
        assert_eq!(round.get(), 2);
    }

    #[test]
    fn who_gives_up_finds_the_text_where_the_refusal_says() {
        let open = |path: &Path| fs::write(path, "[profiles.work]\nissuer = 7\n").map(|()| true);
        let Err(Failure::Refused(refusal)) = rounds(&old(), open, |_| Ok(false)) else { panic!("not refused") };
        let path = refusal.hint.split("is in ").nth(1).expect("a path").trim_end_matches('.');
        assert_eq!(fs::read_to_string(path).expect("kept"), "[profiles.work]\nissuer = 7\n");
        fs::remove_file(path).expect("tidied up");
    }

    #[test]
    fn another_name_or_a_second_profile_is_no_change_of_this_one() {
        for text in ["[profiles.other]\nissuer = \"https://op.example\"\nclient_id = \"app\"\n", ""] {
            assert_eq!(judged(text, &old()).expect_err(text).code, "config.bad_name");
        }
    }

    #[test]
    fn an_editor_that_fails_is_a_change_of_mind() {
        let result = rounds(&old(), |_| Ok(false), |_| Ok(true));
        assert_eq!(result.expect_err("cancelled").exit_code(), 130);
    }
}
