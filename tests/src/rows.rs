//! The rows that tests tell of themselves: `/// ROW: what the other side does | what we do` above a test.

use std::path::Path;

use crate::sources::{read, root, rust_files, shown};

mod left_out;
mod played;

pub use left_out::LEFT_OUT;
pub use played::PLAYED;

/// Rows that still want a test.
pub const OPEN: &[&str] = &[];

/// One row as a test tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// Such as `C-07`.
    pub row: String,
    /// All that is told.
    pub text: String,
    /// The function it stands above.
    pub test: String,
    /// Whether that is a test.
    pub is_test: bool,
    /// The test program, as `cargo test --test` takes it; the package, for a test beside its code.
    pub target: String,
}

impl Told {
    /// What the other side does, and what we do.
    #[must_use]
    pub fn sides(&self) -> Option<(&str, &str)> {
        self.text.split_once(" | ").filter(|(_, we)| !we.contains(" | "))
    }

    /// `C-07` for a test whose name has `c_07` in it.
    #[must_use]
    pub fn names_its_test(&self) -> bool {
        self.test.contains(&format!("{}_", self.row.to_lowercase().replace('-', "_")))
    }
}

/// All that the tests of this package tell, and those beside the code.
#[must_use]
pub fn told() -> Vec<Told> {
    let told_below = |folder: &str| {
        let files = rust_files(&root().join(folder));
        files.into_iter().flat_map(|path| told_in(&read(&path), &target(&path)))
    };
    // In the code a comment may begin with the row it is about: whoever tells of it is a test.
    let beside_the_code = ["crates", "src-tauri/src"].into_iter().flat_map(told_below).filter(|told| told.is_test);
    told_below("tests/tests").chain(beside_the_code).collect()
}

/// The same of one source.
#[must_use]
pub fn told_in(source: &str, target: &str) -> Vec<Told> {
    let mut found: Vec<Told> = Vec::new();
    let mut waiting = Vec::new();
    let (mut is_test, mut in_attribute) = (false, false);
    for line in source.lines().map(str::trim) {
        if let Some((row, text)) = line.strip_prefix("/// ").and_then(row) {
            waiting.push((row.to_owned(), text.to_owned()));
        } else if in_attribute || line.starts_with("#[") {
            is_test |= ["#[test]", "#[tokio::test]", "#[tokio::test("].iter().any(|test| line.starts_with(test));
            // What follows on the same line is a comment.
            in_attribute = !line.split(" //").next().is_some_and(|attribute| attribute.ends_with(']'));
        } else if line.is_empty() || line.starts_with("//") {
        } else {
            if let Some((_, name)) = line.split_once("fn ") {
                let test = name.split('(').next().unwrap_or(name).to_owned();
                let target = target.to_owned();
                let told = |(row, text)| Told { row, text, test: test.clone(), is_test, target: target.clone() };
                found.extend(waiting.drain(..).map(told));
            }
            // A comment is about what stands directly below it, and no further.
            waiting.clear();
            is_test = false;
        }
    }
    found
}

fn row(line: &str) -> Option<(&str, &str)> {
    let is_row = |row: &str| {
        let capitals = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '-';
        row.contains('-') && row.chars().all(capitals)
    };
    line.split_once(": ").filter(|(row, _)| is_row(row))
}

/// `tests/tests/a.rs` and everything in `tests/tests/a/` belong to `a`, everything in `crates/a/` to `doorkey-a`, and the
/// window's code to `doorkey-desktop`.
fn target(path: &Path) -> String {
    let shown = shown(path);
    if let Some(inside) = shown.strip_prefix("crates/") {
        return format!("doorkey-{}", inside.split('/').next().unwrap_or_default());
    }
    if shown.starts_with("src-tauri/") {
        return "doorkey-desktop".to_owned();
    }
    let name = shown.trim_start_matches("tests/tests/").split('/').next().unwrap_or_default();
    name.trim_end_matches(".rs").to_owned()
}

/// In which order rows stand: by their letters, then by their number.
#[must_use]
pub fn order(row: &str) -> (String, u32) {
    let (letters, number) = row.rsplit_once('-').unwrap_or((row, ""));
    let digits = number.trim_start_matches(|c: char| !c.is_ascii_digit());
    let prefix = &number[..number.len() - digits.len()];
    (format!("{letters}-{prefix}"), digits.parse().unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_read_with_the_test_below_them() {
        let source = "/// C-07: a stranger | waits\n/// L-20: the same | waits\n#[test]\nasync fn c_07_l_20_waits() {\n}\n/// Plain: words\nfn helper() {}\n";
        let told = told_in(source, "conformance");
        assert_eq!(told.iter().map(|told| told.row.as_str()).collect::<Vec<_>>(), ["C-07", "L-20"]);
        assert!(told.iter().all(|told| told.test == "c_07_l_20_waits" && told.names_its_test() && told.is_test));
        assert_eq!(told[0].sides(), Some(("a stranger", "waits")));
    }

    #[test]
    fn a_row_above_a_test_is_told_of_whatever_its_shape() {
        let source = "/// J-03: about a variant\nKeysMissing,\n/// R-01: one side only\n#[tokio::test(\n    flavor = \"x\"\n)]\nasync fn a() {}\n                      /// R-02: two | sides\n#[test] // R-02\nfn b() {}\n/// R-03: the code\npub(crate) fn c() {}\n";
        let told = told_in(source, "doorkey-agent");
        let seen: Vec<_> = told.iter().map(|told| (&*told.row, &*told.test, told.is_test, told.sides())).collect();
        let expected =
            [("R-01", "a", true, None), ("R-02", "b", true, Some(("two", "sides"))), ("R-03", "c", false, None)];
        assert_eq!(seen, expected);
    }

    #[test]
    fn rows_are_in_the_order_of_their_numbers() {
        let mut rows = ["L-10", "HP-AZ-01", "L-T01", "L-9", "HP-79"];
        rows.sort_by_key(|row| order(row));
        assert_eq!(rows, ["HP-79", "HP-AZ-01", "L-9", "L-10", "L-T01"]);
    }
}
