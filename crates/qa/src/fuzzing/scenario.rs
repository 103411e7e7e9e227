//! The function of the fuzz target `scenario`: a file that somebody committed.

use std::collections::BTreeSet;

use super::Outcome;
use crate::scenario::{Hands, LONGEST_TIMEOUT, MOST_RETRIES, MOST_RUNS, Run, Then, read};

/// A longer sentence is none that is read.
const LONGEST_MISTAKE: usize = 600;

/// What is taken can be played as it is, and is bounded; what is not has a place in the text and a sentence.
pub fn scenario(bytes: &[u8]) -> Outcome {
    let Ok(text) = std::str::from_utf8(bytes) else { return Outcome::Refused };
    let environment = |name: &str| (name != "UNSET").then(|| format!("https://{}.example", name.to_lowercase()));
    let again = format!("{:?}", read(text, environment));
    let read = read(text, environment);
    assert_eq!(format!("{read:?}"), again, "the same text means the same");
    match read {
        Ok(scenarios) => {
            assert!((1..=MOST_RUNS).contains(&scenarios.runs.len()));
            let names: BTreeSet<&str> = scenarios.runs.iter().map(|run| run.name.as_str()).collect();
            assert_eq!(names.len(), scenarios.runs.len(), "no two runs have one name");
            for run in &scenarios.runs {
                assert!(run.secrets().iter().all(|name| scenarios.secrets.contains_key(*name)), "{run:?}");
                playable(run);
            }
            Outcome::Taken
        }
        Err(mistake) => {
            let told = mistake.to_string();
            assert!(told.len() <= LONGEST_MISTAKE && !told.contains(char::is_control), "{told:?}");
            if let Some((line, column)) = mistake.place {
                let text = text.strip_prefix('\u{feff}').unwrap_or(text);
                let there = text.split('\n').nth(line - 1).expect("the line is there");
                assert!((1..=there.chars().count() + 1).contains(&column), "{told:?}");
            }
            Outcome::Refused
        }
    }
}

fn playable(run: &Run) {
    assert!(!run.name.is_empty() && !run.name.contains(char::is_control), "{:?}", run.name);
    assert!(run.retries <= MOST_RETRIES && !run.timeout.is_zero() && run.timeout <= LONGEST_TIMEOUT);
    let left = run.then.iter().filter_map(|then| match then {
        Then::Renew(_) => None,
        Then::SignOut(_, hands, _) => Some(hands),
    });
    for hands in left.chain([&run.hands]) {
        match hands {
            Hands::Person => {}
            Hands::Command(words) => assert!(words.first().is_some_and(|program| !program.is_empty())),
            Hands::Chromium(steps) => {
                assert!(steps.iter().all(|step| !step.selector.trim().is_empty() && step.within <= LONGEST_TIMEOUT));
            }
        }
    }
}
