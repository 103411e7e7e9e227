//! That no row is forgotten: each has a test of its name, or a reason ([`doorkey_tests::rows::LEFT_OUT`]).

use doorkey_tests::rows::{LEFT_OUT, Told, told};

fn told_here() -> Vec<Told> {
    let mut told = told();
    told.retain(|told| told.target == "conformance");
    told
}

#[test]
fn every_row_of_listener_and_callback_has_a_test_or_a_reason() {
    let told = told_here();
    let rows = (1..=46).map(|n| format!("L-{n:02}")).chain((1..=27).map(|n| format!("C-{n:02}")));
    for row in rows.chain((14..=18).map(|n| format!("A-{n}"))) {
        let here = told.iter().any(|told| told.row == row);
        let left_out = LEFT_OUT.iter().any(|(left_out, reason)| *left_out == row && !reason.is_empty());
        assert!(here != left_out, "{row}: here {here}, left out {left_out}");
    }
}

#[test]
fn every_test_says_what_the_other_side_does_and_what_we_do() {
    for told in told_here() {
        assert!(told.sides().is_some(), "{}: {}", told.row, told.text);
        assert!(told.names_its_test(), "{} stands above {}", told.row, told.test);
    }
}
