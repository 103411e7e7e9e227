//! The dictionary of refusals has every code that the product says, and no other; and the pages that are made of the
//! code are what the code says.

use std::fmt::Write;

use doorkey_client::words::{Code, codes};
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
