use std::fs;
use std::os::unix::fs::PermissionsExt;

use super::*;
use crate::peer::hash_of_file;

const HERE: &str = "/proc/self/exe";

fn policy(text: &str) -> Policy {
    file::parse(text).unwrap_or_else(|wrong| panic!("{wrong:?}"))
}

fn reach(audience: Option<&str>, scope: &[&str]) -> Reach {
    let scope = Some(scope.iter().map(|one| (*one).to_owned()).collect());
    Reach { audience: audience.map(str::to_owned), scope, ..Reach::default() }
}

fn verdict(text: &str, profile: &str, reach: &Reach) -> Verdict {
    let me = Process::of(std::process::id()).expect("this one");
    policy(text).verdict(&Asked { program: Some(&me), hash: None, profile, reach })
}

#[test]
fn the_first_rule_that_fits_decides() {
    let text = "default = \"deny\"\n[[rule]]\nprofile = \"work\"\nscope = [\"admin\"]\ndecision = \"ask\"\n\
                [[rule]]\nprofile = \"work\"\ndecision = \"allow\"\n";
    assert_eq!(verdict(text, "work", &reach(None, &["read"])), Verdict::Allow);
    assert_eq!(verdict(text, "work", &reach(None, &["admin", "read"])), Verdict::Ask);
    assert_eq!(verdict(text, "home", &reach(None, &["read"])), Verdict::Deny(None));
    assert_eq!(verdict("[[rule]]\ndecision = \"deny\"\n", "work", &Reach::default()), Verdict::Deny(Some(1)));
    assert_eq!(verdict("", "work", &Reach::default()), Verdict::Ask);
}

#[test]
fn what_is_allowed_reaches_nothing_that_is_not_named() {
    let text = "default = \"deny\"\n[[rule]]\naudience = \"https://api\"\nscope = [\"read\"]\ndecision = \"allow\"\n";
    let allowed = |reach: &Reach| verdict(text, "work", reach) == Verdict::Allow;
    assert!(allowed(&reach(Some("https://api"), &["read"])));
    assert!(!allowed(&reach(Some("https://api"), &["read", "admin"])));
    assert!(!allowed(&reach(Some("https://other"), &["read"])));
    assert!(!allowed(&reach(None, &["read"])), "the session's own API was not named");
    let unknown = Reach { scope: None, ..reach(Some("https://api"), &[]) };
    assert!(!allowed(&unknown), "whatever the provider gives");
    let both = Reach { resource: vec!["https://other".to_owned()], ..reach(Some("https://api"), &["read"]) };
    assert!(!allowed(&both));
    let upstream = Reach { connection: Some("google".to_owned()), ..reach(Some("https://api"), &["read"]) };
    assert!(!allowed(&upstream));
}

#[test]
fn what_is_denied_is_denied_when_anything_of_it_is_named() {
    let text = "default = \"allow\"\n[[rule]]\nscope = [\"admin\"]\ndecision = \"deny\"\n";
    assert_eq!(verdict(text, "work", &reach(None, &["read", "admin"])), Verdict::Deny(Some(1)));
    assert_eq!(verdict(text, "work", &Reach { scope: None, ..Reach::default() }), Verdict::Deny(Some(1)));
    assert_eq!(verdict(text, "work", &reach(None, &["read"])), Verdict::Allow);
}

#[test]
fn a_program_is_the_file_that_runs_whatever_leads_to_it() {
    let me = std::env::current_exe().expect("it is told");
    let rule = |path: &str| format!("default = \"deny\"\n[[rule]]\nprogram = \"{path}\"\ndecision = \"allow\"\n");
    assert_eq!(verdict(&rule(HERE), "work", &Reach::default()), Verdict::Allow);
    assert_eq!(verdict(&rule(&me.display().to_string()), "work", &Reach::default()), Verdict::Allow);
    assert_eq!(verdict(&rule("/bin/sh"), "work", &Reach::default()), Verdict::Deny(None));
    let unknown = Asked { program: None, hash: None, profile: "work", reach: &Reach::default() };
    assert_eq!(policy(&rule(HERE)).verdict(&unknown), Verdict::Deny(None));
}

#[test]
fn a_hash_is_asked_for_only_where_it_decides() {
    let me = Process::of(std::process::id()).expect("this one");
    let hash = hash_of_file(&me.path).expect("it can be read");
    let text = |hash: &str| {
        format!("[[rule]]\nprogram = \"{HERE}\"\nsha256 = \"{hash}\"\nprofile = \"work\"\ndecision = \"allow\"\n")
    };
    let verdict = |text: &str, known: Option<&str>, profile: &str| {
        policy(text).verdict(&Asked { program: Some(&me), hash: known, profile, reach: &Reach::default() })
    };
    assert_eq!(verdict(&text(&hash), None, "work"), Verdict::Hash);
    assert_eq!(verdict(&text(&hash), None, "home"), Verdict::Ask);
    assert_eq!(verdict(&text(&hash.to_uppercase()), Some(&hash), "work"), Verdict::Allow);
    assert_eq!(verdict(&text(&"0".repeat(64)), Some(&hash), "work"), Verdict::Ask);
}

fn at(folder: &tempfile::TempDir, text: &str) -> PolicyFile {
    let path = folder.path().join("policy.toml");
    fs::write(&path, text).expect("written");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("ours");
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o700)).expect("ours");
    PolicyFile::at(path)
}

fn says(file: &PolicyFile) -> Result<Verdict, String> {
    let asked = Asked { program: None, hash: None, profile: "work", reach: &Reach::default() };
    file.verdict(&asked).map_err(|refusal| refusal.code)
}

#[test]
fn a_broken_file_lets_nothing_through_until_it_is_mended() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = at(&folder, "default = \"allow\"\n");
    assert_eq!(says(&file), Ok(Verdict::Allow));
    fs::write(file.path(), "default = \"allow\"\nrules = []\n").expect("written");
    assert_eq!(says(&file), Err("config.bad_policy".to_owned()));
    let problem = file.problem().expect("told");
    assert!(problem.message.contains("policy.toml:2:1"), "{}", problem.message);
    fs::write(file.path(), "default = \"deny\"\n").expect("written");
    assert_eq!((says(&file), file.problem()), (Ok(Verdict::Deny(None)), None));
    fs::remove_file(file.path()).expect("removed");
    assert_eq!(says(&file), Ok(Verdict::Ask));
}

#[test]
fn a_file_that_others_may_write_is_not_used() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = at(&folder, "default = \"allow\"\n");
    assert_eq!(says(&file), Ok(Verdict::Allow));
    let mode = |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("ours");
    mode(file.path(), 0o620);
    assert_eq!(says(&file), Err("config.bad_policy".to_owned()));
    mode(file.path(), 0o644);
    assert_eq!(says(&file), Ok(Verdict::Allow));
    mode(folder.path(), 0o777);
    fs::write(file.path(), "default = \"allow\" # as somebody else has it\n").expect("written");
    assert_eq!(says(&file), Err("config.bad_policy".to_owned()));
    mode(folder.path(), 0o700);
    assert_eq!(says(&file), Ok(Verdict::Allow));
}

#[test]
fn what_is_no_plain_text_is_not_used() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = at(&folder, &format!("# {}\ndefault = \"allow\"\n", "x".repeat(256 * 1024)));
    assert_eq!(says(&file), Err("config.bad_policy".to_owned()));
    fs::write(file.path(), b"default = \"allow\"\n# \xff\n").expect("written");
    assert_eq!(says(&file), Err("config.bad_policy".to_owned()));
    fs::remove_file(file.path()).expect("removed");
    std::os::unix::fs::symlink("/nonexistent/policy.toml", file.path()).expect("a link");
    assert_eq!(says(&file), Err("config.bad_policy".to_owned()));
    fs::remove_file(file.path()).expect("removed");
    fs::create_dir(file.path()).expect("a folder");
    assert_eq!(says(&file), Err("config.bad_policy".to_owned()));
}
