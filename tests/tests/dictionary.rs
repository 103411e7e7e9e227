//! The dictionary of refusals has every code that the product says, and no other; and the pages that are made of the
//! code are what the code says.

use std::fmt::Write;

use doorkey_client::words::{Code, codes};
use doorkey_qa::report;
use doorkey_tests::generated;
use doorkey_tests::sources::{read, root, rust_files, shown};
use doorkey_tests::spoken::spoken;

const DICTIONARY: &str = "crates/client/src/words/codes";

#[test]
fn every_code_that_is_said_is_in_the_dictionary() {
    let mut to_do = String::new();
    for (code, places) in spoken().iter().filter(|(code, _)| Code::find(code).is_none()) {
        write!(
            to_do,
            "\n`{code}` is said at {}. Add to {}:\n\n    \"{code}\" You No\n        \"What it means, in one sentence without names and numbers.\"\n        \"The next step, in one sentence.\";\n",
            places.join(", "),
            home_of(code),
        )
        .expect("a String takes everything");
    }
    assert!(
        to_do.is_empty(),
        "{to_do}\nThe first word says who must act (You, Provider, Computer, Nobody, Us), the second whether it is \
         retryable (No, Yes, Sometimes). Its exit code comes from `Refusal::exit_code`. Then: make gen\n"
    );
}

#[test]
fn every_code_of_the_dictionary_is_said_somewhere() {
    let spoken = spoken();
    let silent: Vec<&str> = codes().map(|entry| entry.code).filter(|code| !spoken.contains_key(*code)).collect();
    assert!(silent.is_empty(), "nothing says {silent:?}: take them out of {DICTIONARY}, then: make gen");
}

#[test]
fn pages_made_of_the_code_are_current() {
    for page in generated::pages() {
        let (committed, made) = (page.committed(), page.made());
        let differs = committed.lines().zip(made.lines()).position(|(a, b)| a != b).map(|line| line + 1);
        assert!(committed == made, "{} is not what the code says, from line {differs:?} on. Run: make gen", page.path);
    }
}

#[test]
fn every_rule_that_answers_are_held_against_is_told_with_what_it_is_for() {
    let mut files = rust_files(&root().join("crates/oauth/src"));
    files.retain(|path| !shown(path).contains("/tests"));
    let mut named: Vec<String> = files.iter().flat_map(|path| rules_named_in(&read(path))).collect();
    named.sort();
    named.dedup();
    let mut told: Vec<&str> = report::rules().iter().map(|rule| rule.name).collect();
    told.sort_unstable();
    assert_eq!(named, told, "crates/qa/src/report/rules.rs has each rule of crates/oauth once, and no other");
    assert!(named.len() > 60, "they were found");
}

/// What stands between the quotes after `Rule { name: ` or `named(`, which is how all of them are written.
fn rules_named_in(source: &str) -> Vec<String> {
    let source = source.split("#[cfg(test)]").next().unwrap_or_default();
    let pieces = source.split("Rule { name: \"").skip(1).chain(source.split("named(\"").skip(1));
    let names = pieces.filter_map(|piece| Some(piece.split_once('"')?.0.to_owned()));
    names.filter(|name| name.contains('.')).collect()
}

/// The file and the constant of the code's family.
fn home_of(code: &str) -> String {
    let family = code.split('.').next().unwrap_or(code);
    let head = format!("    \"{family}\" \"");
    let file = rust_files(&root().join(DICTIONARY)).into_iter().find(|path| read(path).contains(&head));
    match file {
        Some(path) => format!("{}, in `{}`", shown(&path), family.to_uppercase()),
        None => format!(
            "a family of its own: a constant `{}` in a file of {DICTIONARY}, and its name in `FAMILIES` of {DICTIONARY}.rs",
            family.to_uppercase()
        ),
    }
}
