use std::fs;

use tempfile::TempDir;

use super::*;

fn file(text: Option<&str>) -> (TempDir, PathBuf, Kept) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("doorkey/window.toml");
    if let Some(text) = text {
        fs::create_dir(path.parent().expect("a folder")).expect("a folder");
        fs::write(&path, text).expect("there is room");
    }
    let kept = Kept::read(Ok(path.clone()));
    (folder, path, kept)
}

fn in_the_tray(kept: &Kept) -> Result<Settings, Refusal> {
    kept.change(&Settings { tray: true, ..kept.now() }, |_, _| Ok(()))
}

#[test]
fn without_a_file_everything_is_as_usual_and_the_first_change_writes_one() {
    let (_folder, path, kept) = file(None);
    assert_eq!(kept.now(), Settings::default());
    assert!(!path.exists(), "a look writes nothing");
    let written = in_the_tray(&kept).expect("it is written");
    assert_eq!(written, Settings { tray: true, ..Settings::default() });
    assert_eq!(Kept::read(Ok(path.clone())).now(), written);
    assert_eq!(fs::read_to_string(path).expect("a file"), format!("{HEAD}tray = true\n"));
}

#[test]
fn what_people_wrote_around_it_stays_and_what_they_changed_meanwhile_counts() {
    let text = "# mine\nlanguage = \"de\" # Deutsch\ntray = false # not on this desktop\n";
    let (_folder, path, kept) = file(Some(text));
    assert_eq!(kept.now().language, "de");
    fs::write(&path, text.replace("\"de\"", "\"en\"")).expect("edited while the window is open");
    let written = in_the_tray(&kept).expect("it is written");
    assert_eq!((written.language.as_str(), written.tray), ("en", true));
    let now = fs::read_to_string(path).expect("a file");
    assert_eq!(now, "# mine\nlanguage = \"en\" # Deutsch\ntray = true # not on this desktop\n");
}

#[test]
fn a_file_that_is_not_understood_is_told_with_its_line_and_kept() {
    for (text, why) in [
        ("tray = true\ntrey = true\n", "line 2: unknown field `trey`"),
        ("appearance = \"purple\"\n", "line 1: unknown variant `purple`"),
        ("tray = \"yes\"\n", "line 1: invalid type"),
        ("tray = \n", "line 1: "),
        ("language = \"../../etc\"\n", "no language tag"),
    ] {
        let (_folder, path, kept) = file(Some(text));
        let in_force = kept.subscribe().borrow().clone();
        let problem = in_force.problem.expect("it is told");
        assert!(problem.message.contains(why) && problem.message.contains("window.toml"), "{problem:?}");
        assert_eq!(in_force.settings, Settings::default(), "{text}");
        assert_eq!(fs::read_to_string(&path).expect("a file"), text, "it is left as it is");

        in_the_tray(&kept).expect("a change is written all the same");
        assert_eq!(kept.subscribe().borrow().problem, None);
        let aside = path.with_file_name("window.toml.kept-1");
        assert_eq!(fs::read_to_string(aside).expect("it is beside the new one"), text);
        assert!(Kept::read(Ok(path)).now().tray);
    }
}

#[test]
fn two_files_that_were_not_understood_are_both_kept() {
    let (_folder, path, kept) = file(Some("one"));
    in_the_tray(&kept).expect("written");
    fs::write(&path, "two").expect("there is room");
    kept.change(&Settings::default(), |_, _| Ok(())).expect("written");
    for (number, text) in [(1, "one"), (2, "two")] {
        let aside = path.with_file_name(format!("window.toml.kept-{number}"));
        assert_eq!(fs::read_to_string(aside).expect("kept"), text);
    }
}

#[test]
fn what_cannot_be_made_true_changes_nothing() {
    let (_folder, path, kept) = file(None);
    let wanted = Settings { autostart: true, ..Settings::default() };
    let refused = kept.change(&wanted, |_, _| Err(Refusal::new("desktop.autostart", "It cannot.", "")));
    assert_eq!(refused.expect_err("it cannot").code, "desktop.autostart");
    let wrong = Settings { language: "no such language".to_owned(), ..Settings::default() };
    assert_eq!(kept.change(&wrong, |_, _| Ok(())).expect_err("a blank").code, "desktop.settings");
    assert_eq!(kept.now(), Settings::default());
    assert!(!path.exists());
}

#[test]
fn where_it_cannot_be_written_what_was_made_true_is_taken_back() {
    let (folder, path, kept) = file(None);
    // A file where the folder should be.
    fs::write(path.parent().expect("a folder"), "").expect("there is room");
    let steps = std::cell::RefCell::new(Vec::new());
    let refused = kept.change(&Settings { tray: true, ..Settings::default() }, |old, new| {
        steps.borrow_mut().push((old.tray, new.tray));
        Ok(())
    });
    assert_eq!(refused.expect_err("nowhere").code, "desktop.settings");
    assert_eq!(*steps.borrow(), [(false, true), (true, false)]);
    assert_eq!(kept.now(), Settings::default());
    drop(folder);
}
