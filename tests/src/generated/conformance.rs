//! `docs/conformance.md`: what the other side does, what we do, and the test that holds us to it.

use doorkey_demo_idp::{LEFT_OUT, Misbehaviour};

use super::{code, table};
use crate::conformance::test_name;
use crate::rows;

/// A row of the page.
struct Row {
    row: String,
    suite: String,
    other_side: String,
    we: String,
    test: String,
}

/// All rows, by their letters and numbers.
pub(super) fn rows() -> String {
    let mut all: Vec<Row> = Misbehaviour::ALL.iter().flat_map(|how| of_misbehaviour(*how)).collect();
    all.extend(rows::told().into_iter().filter_map(|told| of_test(&told)));
    all.extend(LEFT_OUT.iter().map(|row| left_out(row.row, row.suite, row.reason)));
    all.extend(rows::LEFT_OUT.iter().map(|(row, reason)| left_out(row, "", reason)));
    all.extend(rows::PLAYED.iter().map(|(row, played)| as_there(row, played)));
    // Stable: rows that several tests share stay in the order of the catalogue.
    all.sort_by_key(|row| rows::order(&row.row));
    let cells = all.into_iter().map(|row| vec![row.row, row.suite, row.other_side, row.we, row.test]);
    table(&["row", "suite's module", "what the other side does", "what we do", "test"], cells)
}

fn of_misbehaviour(how: Misbehaviour) -> impl Iterator<Item = Row> {
    how.rows().iter().map(move |row| Row {
        row: (*row).to_owned(),
        suite: code(how.suite().unwrap_or_default()),
        other_side: how.what().to_owned(),
        we: super::told(how.must_end()),
        test: format!("`conformance_provider` `{}`", test_name(how)),
    })
}

fn of_test(told: &rows::Told) -> Option<Row> {
    let (other_side, we) = told.sides()?;
    Some(Row {
        row: told.row.clone(),
        suite: String::new(),
        other_side: other_side.to_owned(),
        we: we.to_owned(),
        test: format!("`{}` `{}`", told.target, told.test),
    })
}

fn as_there(row: &str, played: &[&str]) -> Row {
    Row {
        row: row.to_owned(),
        suite: String::new(),
        other_side: format!("as {}", played.join(", ")),
        we: "as there".to_owned(),
        test: "`conformance_provider`".to_owned(),
    }
}

fn left_out(row: &str, suite: &str, reason: &str) -> Row {
    Row {
        row: row.to_owned(),
        suite: code(suite),
        other_side: "*left out*".to_owned(),
        we: reason.to_owned(),
        test: String::new(),
    }
}
