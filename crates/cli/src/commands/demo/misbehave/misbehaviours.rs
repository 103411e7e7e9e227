//! The names, for people and for machines; and what is said about a name that is none.

use comfy_table::{ContentArrangement, Table, presets};
use doorkey_client::words::{Refusal, VERSION};
use doorkey_demo_idp::{LEFT_OUT, Misbehaviour};
use serde::Serialize;

use super::verdict::{End, as_text};
use crate::failure::Failure;
use crate::line::Line;
use crate::output::Output;
use crate::text::{closest, count};

/// Narrower than this there is no room for how it must end.
const WIDE: usize = 140;

#[derive(Debug, Serialize)]
struct All {
    version: u32,
    misbehaviours: Vec<One>,
}

/// A misbehaviour for machines.
#[derive(Debug, Serialize)]
struct One {
    name: &'static str,
    rows: &'static [&'static str],
    suite: Option<&'static str>,
    what: &'static str,
    must_end: End,
}

/// All whose row begins like that; `see` is the command that shows one.
pub(in crate::commands) fn all(see: &str, row: Option<&str>, out: &Output) -> Result<(), Failure> {
    let wanted = row.unwrap_or_default().to_ascii_uppercase();
    let fits = |how: &&Misbehaviour| how.rows().iter().any(|row| row.starts_with(&wanted));
    let found: Vec<Misbehaviour> = Misbehaviour::ALL.iter().filter(fits).copied().collect();
    if out.is_json() {
        let one = |how: &Misbehaviour| One {
            name: how.name(),
            rows: how.rows(),
            suite: how.suite(),
            what: how.what(),
            must_end: End::from(how.must_end()),
        };
        return out.answer_json(&All { version: VERSION, misbehaviours: found.iter().map(one).collect() });
    }
    if found.is_empty() {
        return nothing(&wanted, out);
    }
    let look = out.answers();
    let is_wide = look.width >= WIDE;
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
    table.set_width(u16::try_from(look.width).unwrap_or(u16::MAX));
    let end = is_wide.then_some("HOW IT MUST END");
    table.set_header(["NAME", "ROW", "WHAT THE PROVIDER DOES"].into_iter().chain(end));
    for how in &found {
        let end = is_wide.then(|| as_text(&End::from(how.must_end())));
        table.add_row([how.name().to_owned(), how.row().to_owned(), how.what().to_owned()].into_iter().chain(end));
    }
    out.answer_block(&table.lines().map(|line| line.trim_end().to_owned() + "\n").collect::<String>())?;
    let told = count(found.len(), "misbehaviour");
    out.note(Line::from(format!("  {told}. See one: ")).strong(see));
    Ok(())
}

fn nothing(row: &str, out: &Output) -> Result<(), Failure> {
    out.answer(format!("No misbehaviour stands for a row that begins with `{row}`."))?;
    if let Some(left_out) = LEFT_OUT.iter().find(|left_out| left_out.row == row) {
        out.answer(format!("{} is left out: {}.", left_out.row, left_out.reason))?;
    }
    Ok(())
}

pub(in crate::commands) fn unknown(typed: &str) -> Refusal {
    let is_row = |row: &str| row.eq_ignore_ascii_case(typed);
    let hint = if Misbehaviour::ALL.iter().any(|how| how.rows().iter().any(|row| is_row(row))) {
        format!(
            "That is a row: `doorkey demo --misbehave list --row {}` names its misbehaviours.",
            typed.to_uppercase()
        )
    } else {
        let meant = closest(typed, Misbehaviour::ALL.iter().map(|how| how.name()));
        let meant = meant.map(|name| format!("Did you mean `{name}`? ")).unwrap_or_default();
        format!("{meant}`doorkey demo --misbehave list` names them all.")
    };
    Refusal::new("usage.unknown_misbehaviour", format!("The provider knows no misbehaviour `{typed}`."), hint)
}

pub(in crate::commands) fn row_and_name() -> Refusal {
    Refusal::new(
        "usage.conflict",
        "--row chooses among the names, and one name was given already.",
        "Leave one of them out: `doorkey demo --misbehave list --row HP-ID`.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mistyped_name_is_told_what_was_meant() {
        let refusal = unknown("nonce-sufix");
        assert_eq!((refusal.code.as_str(), refusal.exit_code()), ("usage.unknown_misbehaviour", 64));
        assert!(refusal.hint.starts_with("Did you mean `nonce-suffix`?"), "{refusal:?}");
        assert!(unknown("hp-02").hint.contains("--row HP-02"));
    }
}
