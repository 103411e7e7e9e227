//! That no row is forgotten: each has a test that tells of it, here, elsewhere or beside the code, or is played by the
//! hostile provider ([`doorkey_tests::rows::PLAYED`]), or has a reason ([`doorkey_tests::rows::LEFT_OUT`]).

use std::ops::RangeInclusive;

use doorkey_demo_idp::Misbehaviour;
use doorkey_tests::rows::{LEFT_OUT, OPEN, PLAYED, told};

/// Families of rows, and the numbers that each has.
const ROWS: [(&str, &[RangeInclusive<u32>]); 15] = [
    ("D-", &[1..=19]),
    ("A-", &[1..=18]),
    ("C-", &[1..=27]),
    ("T-", &[1..=20]),
    ("I-", &[1..=22]),
    ("J-", &[1..=11]),
    ("U-", &[1..=4]),
    ("R-", &[1..=27]),
    ("S-", &[1..=15, 20..=35, 40..=61]),
    ("S-T", &[1..=16]),
    ("B-", &[1..=7, 10..=17, 20..=23, 30..=39]),
    ("B-T", &[1..=19]),
    ("L-T", &[1..=15]),
    ("F-", &[1..=15]),
    ("L-", &[1..=46]),
];

#[test]
fn every_row_has_a_test_or_a_reason() {
    let told = told();
    for row in rows() {
        let tested = told.iter().any(|told| told.row == row) || PLAYED.iter().any(|(played, _)| *played == row);
        let left_out = LEFT_OUT.iter().any(|(left_out, reason)| *left_out == row && !reason.is_empty());
        let open = OPEN.contains(&row.as_str());
        let ways = [tested, left_out, open].into_iter().filter(|way| *way).count();
        assert_eq!(ways, 1, "{row}: tested {tested}, left out {left_out}, open {open}");
    }
}

#[test]
fn whatever_is_listed_is_a_row() {
    let rows: Vec<String> = rows().collect();
    let listed = LEFT_OUT.iter().map(|(row, _)| row).chain(PLAYED.iter().map(|(row, _)| row)).chain(OPEN);
    for row in listed {
        assert!(rows.iter().any(|known| known == row), "{row} is no row");
    }
    for (row, misbehaviours) in PLAYED {
        for played in *misbehaviours {
            let there = Misbehaviour::ALL.iter().any(|how| how.rows().contains(played));
            assert!(there && played != row, "{row}: the catalogue has no {played}, or it is the row itself");
        }
    }
}

#[test]
fn every_test_says_what_the_other_side_does_and_what_we_do() {
    for told in told() {
        assert!(told.is_test, "{} stands above {}, which is no test", told.row, told.test);
        assert!(told.sides().is_some(), "{}: {}", told.row, told.text);
        let named = told.names_its_test() || told.target != "conformance";
        assert!(named, "{} stands above {}", told.row, told.test);
    }
}

#[test]
fn no_row_is_open() {
    assert!(OPEN.is_empty(), "rows without a test: {OPEN:?}");
}

fn rows() -> impl Iterator<Item = String> {
    ROWS.into_iter().flat_map(|(family, numbers)| {
        numbers.iter().cloned().flatten().map(move |number| format!("{family}{number:02}"))
    })
}
