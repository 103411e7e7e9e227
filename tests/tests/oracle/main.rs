//! ID tokens judged twice: by the rules of this workspace and by `oauth4webapi`, a library nobody here wrote. Hundreds
//! of tokens, good ones and changed ones, with the same keys, expectations and time; every disagreement has its reason
//! from a standard (`reasons.rs`), or the test fails. docs/conformance-oracle.md is made from the outcome.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use changes::{Change, Part};
use dice::Dice;
use draft::{ALGS, Case, Draft};
use judges::Theirs;
use reasons::{Ours, REASONS, reason_for};

mod changes;
mod dice;
mod draft;
mod judges;
mod keys;
mod page;
mod reasons;

/// Another seed makes other tokens, and must come to the same disagreements.
const SEED: u64 = 0x1d70_c0de;
const GOOD_OF_EACH_ALG: usize = 6;
const PAIRS: usize = 200;

/// A token after both have judged it.
struct Judged {
    name: String,
    /// The changes that were made to it, by name.
    changes: Vec<String>,
    /// Nothing, or the code of the refusal.
    ours: Result<(), &'static str>,
    theirs: Theirs,
}

impl Judged {
    fn is_agreed(&self) -> bool {
        self.ours.is_ok() == self.theirs.believed
    }
}

/// One process of Node for all the tests; nothing where it is not installed.
static JUDGED: LazyLock<Option<Vec<Judged>>> = LazyLock::new(|| {
    let (cases, changes): (Vec<Case>, Vec<Vec<String>>) = cases().into_iter().unzip();
    let theirs = judges::theirs(&cases)?;
    let judged = cases.iter().zip(changes).zip(theirs).map(|((case, changes), theirs)| Judged {
        name: case.name.clone(),
        changes,
        ours: judges::ours(case),
        theirs,
    });
    Some(judged.collect())
});

#[test]
fn good_tokens_of_every_algorithm_are_believed_by_both() {
    let Some(judged) = &*JUDGED else { return };
    let good: Vec<&Judged> = judged.iter().filter(|it| it.changes.is_empty()).collect();
    assert_eq!(good.len(), ALGS.len() * GOOD_OF_EACH_ALG);
    for it in good {
        assert_eq!((it.ours, it.theirs.believed), (Ok(()), true), "{}: {}", it.name, it.theirs.why);
    }
}

#[test]
fn every_disagreement_has_its_reason_and_every_reason_its_disagreement() {
    let Some(judged) = &*JUDGED else { return };
    let mut wrong = Vec::new();
    for it in judged.iter().filter(|it| it.changes.len() == 1) {
        let told = format!("{}: ours {:?}, theirs `{}`", it.name, it.ours, it.theirs.why);
        match (reason_for(&it.name), it.is_agreed()) {
            (None, true) => {}
            (None, false) => wrong.push(format!("no reason is given: {told}")),
            (Some(_), true) => wrong.push(format!("there is nothing to explain any more: {told}")),
            (Some(reason), false) => match (reason.ours, it.ours) {
                (Ours::Milder, Ok(())) => {}
                (Ours::Stricter(codes), Err(code)) if codes.contains(&code) => {}
                (expected, _) => wrong.push(format!("{expected:?} was expected: {told}")),
            },
        }
    }
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
}

#[test]
fn a_reason_names_changes_that_are_made_and_each_of_them_once() {
    let made: Vec<String> = changes::all().into_iter().map(|change| change.name).collect();
    let mut times: BTreeMap<&str, usize> = made.iter().map(|name| (name.as_str(), 0)).collect();
    assert_eq!(times.len(), made.len(), "no two changes have one name");
    for name in REASONS.iter().flat_map(|reason| reason.changes) {
        *times.get_mut(name).unwrap_or_else(|| panic!("there is no change `{name}`")) += 1;
    }
    let twice: Vec<_> = times.iter().filter(|(_, times)| **times > 1).collect();
    assert!(twice.is_empty(), "{twice:?}");
}

#[test]
fn a_token_with_two_changes_is_believed_only_where_each_of_them_is() {
    let Some(judged) = &*JUDGED else { return };
    let alone: BTreeMap<&str, &Judged> =
        judged.iter().filter(|it| it.changes.len() == 1).map(|it| (it.name.as_str(), it)).collect();
    let pairs: Vec<&Judged> = judged.iter().filter(|it| it.changes.len() == 2).collect();
    assert_eq!(pairs.len(), PAIRS);
    for it in pairs {
        let each: Vec<&Judged> = it.changes.iter().map(|change| alone[change.as_str()]).collect();
        let expected = (each.iter().all(|one| one.ours.is_ok()), each.iter().all(|one| one.theirs.believed));
        let got = (it.ours.is_ok(), it.theirs.believed);
        assert_eq!(got, expected, "{} {:?}: ours {:?}, theirs `{}`", it.name, it.changes, it.ours, it.theirs.why);
    }
}

#[test]
fn the_page_tells_what_the_judges_said() {
    let Some(judged) = &*JUDGED else { return };
    page::assert_current(judged);
}

/// Every case with the names of its changes.
fn cases() -> Vec<(Case, Vec<String>)> {
    let changes = changes::all();
    let good = ALGS.into_iter().flat_map(|alg| {
        (0..GOOD_OF_EACH_ALG).map(move |number| made(format!("good, {alg}, {number}"), Some(alg), &[]))
    });
    let single = changes.iter().map(|change| made(change.name.clone(), change.alg, &[change]));
    let pairs = (0..PAIRS).map(|number| {
        let name = format!("pair {number}");
        let (one, other) = pair(&changes, Dice::named(SEED, &name));
        made(name, one.alg.or(other.alg), &[one, other])
    });
    good.chain(single).chain(pairs).collect()
}

fn made(name: String, alg: Option<&'static str>, changes: &[&Change]) -> (Case, Vec<String>) {
    let mut draft = Draft::good(Dice::named(SEED, &name), alg);
    for change in changes {
        (change.apply)(&mut draft);
    }
    (draft.finish(name), changes.iter().map(|change| change.name.clone()).collect())
}

/// Two changes that leave each other alone.
fn pair(changes: &[Change], mut dice: Dice) -> (&Change, &Change) {
    loop {
        let (one, other) = (&changes[dice.below(changes.len())], &changes[dice.below(changes.len())]);
        let apart = one.part != other.part && one.part != Part::Whole && other.part != Part::Whole;
        let one_alg = one.alg.is_none() || other.alg.is_none() || one.alg == other.alg;
        if apart && one_alg {
            return (one, other);
        }
    }
}
