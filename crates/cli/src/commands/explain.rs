//! `doorkey explain`: the dictionary of refusals, on a terminal. Asks nobody.

use std::collections::BTreeSet;

use comfy_table::{CellAlignment, ContentArrangement, Table, presets};
use doorkey_client::words::{Code, Family, Refusal, Retryable, VERSION, Who, codes, families};
use serde::Serialize;

use crate::args::Explain;
use crate::failure::Failure;
use crate::line::Line;
use crate::output::Output;
use crate::text::{closest, count};

/// A code for machines.
#[derive(Debug, Serialize)]
struct Explained {
    code: &'static str,
    meaning: &'static str,
    who: Who,
    next: &'static str,
    exit_code: u8,
    retryable: Retryable,
}

#[derive(Debug, Serialize)]
struct OneCode {
    version: u32,
    code: Explained,
}

#[derive(Debug, Serialize)]
struct ExplainedFamily {
    family: &'static str,
    about: &'static str,
    codes: Vec<Explained>,
}

#[derive(Debug, Serialize)]
struct Families {
    version: u32,
    families: Vec<ExplainedFamily>,
}

pub(super) fn run(args: &Explain, out: &Output) -> Result<(), Failure> {
    let Some(wanted) = &args.code else { return all(out) };
    if let Some(code) = Code::find(wanted) {
        return one(code, out);
    }
    match families().iter().find(|family| family.name == wanted) {
        Some(family) => of_family(family, out),
        None => Err(unknown(wanted).into()),
    }
}

fn one(code: &'static Code, out: &Output) -> Result<(), Failure> {
    if out.is_json() {
        return out.answer_json(&OneCode { version: VERSION, code: explained(code) });
    }
    let retryable = match code.retryable {
        Retryable::No => "the same call fails again until something is changed",
        Retryable::Yes => "the same call may succeed later",
        Retryable::Sometimes => "the same call may succeed later when the refusal says `retryable`",
    };
    out.answer(Line::new().strong(code.code))?;
    for (name, text) in [("means", code.meaning), ("who", &code.who.to_string()), ("next", code.next)] {
        out.answer_hanging(&Line::new().dim(format!("  {name:<6} ")), text)?;
    }
    out.answer_hanging(&Line::new().dim(format!("  {:<6} ", "exit")), &format!("{}; {retryable}", code.exit_code()))
}

fn all(out: &Output) -> Result<(), Failure> {
    if out.is_json() {
        let families = families().iter().map(explained_family).collect();
        return out.answer_json(&Families { version: VERSION, families });
    }
    let mut table = table(["FAMILY", "WHAT FAILED", "EXIT", "CODES"], out);
    for family in families() {
        let exits: BTreeSet<u8> = family.codes.iter().map(Code::exit_code).collect();
        let exits = exits.iter().map(u8::to_string).collect::<Vec<_>>().join(", ");
        let number = family.codes.len();
        table.add_row([family.name.to_owned(), family.about.to_owned(), exits, number.to_string()]);
    }
    if let Some(column) = table.column_mut(3) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    answered(&table, out)?;
    out.note(
        Line::from("  One of them: ")
            .strong("doorkey explain FAMILY")
            .plain(", one code: ")
            .strong("doorkey explain CODE"),
    );
    Ok(())
}

fn of_family(family: &'static Family, out: &Output) -> Result<(), Failure> {
    if out.is_json() {
        return out.answer_json(&Families { version: VERSION, families: vec![explained_family(family)] });
    }
    let number = count(family.codes.len(), "code");
    out.answer(Line::new().strong(family.name).dim(format!("  {}: {number}", family.about)))?;
    let mut table = table(["CODE", "WHAT IT MEANS", "EXIT"], out);
    for code in family.codes {
        table.add_row([code.code.to_owned(), code.meaning.to_owned(), code.exit_code().to_string()]);
    }
    answered(&table, out)
}

fn table<const N: usize>(head: [&str; N], out: &Output) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
    table.set_width(u16::try_from(out.answers().width).unwrap_or(u16::MAX));
    table.set_header(head);
    table
}

fn answered(table: &Table, out: &Output) -> Result<(), Failure> {
    out.answer_block(&table.lines().map(|line| line.trim_end().to_owned() + "\n").collect::<String>())
}

fn explained(code: &'static Code) -> Explained {
    let Code { code: name, meaning, who, next, retryable } = *code;
    Explained { code: name, meaning, who, next, exit_code: code.exit_code(), retryable }
}

fn explained_family(family: &'static Family) -> ExplainedFamily {
    let codes = family.codes.iter().map(explained).collect();
    ExplainedFamily { family: family.name, about: family.about, codes }
}

fn unknown(typed: &str) -> Refusal {
    // Who types a dot means a code and not a family.
    let families = families().iter().map(|family| family.name).filter(|_| !typed.contains('.'));
    let names = codes().map(|code| code.code).chain(families);
    let hint = match closest(typed, names) {
        Some(meant) => format!("Did you mean `{meant}`? `doorkey explain` lists the families."),
        None => "`doorkey explain` lists the families.".to_owned(),
    };
    Refusal::new("usage.unknown_code", format!("There is no code `{typed}`."), hint)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mistyped_code_is_told_what_was_meant() {
        assert!(unknown("idtoken.nonc").hint.contains("`idtoken.nonce_m"), "{:?}", unknown("idtoken.nonc"));
        let refusal = unknown("idtoken.nonce_missmatch");
        assert_eq!((refusal.code.as_str(), refusal.exit_code()), ("usage.unknown_code", 64));
        assert!(refusal.hint.starts_with("Did you mean `idtoken.nonce_mismatch`?"), "{refusal:?}");
        assert_eq!(unknown("zzz").hint, "`doorkey explain` lists the families.");
    }

    #[test]
    fn machines_are_told_all_that_people_are() {
        let code = Code::find("refresh.later").expect("it is there");
        let told = serde_json::to_value(explained(code)).expect("it is JSON");
        assert_eq!(
            (&told["who"], &told["retryable"], &told["exit_code"]),
            (&"nobody".into(), &"yes".into(), &75.into())
        );
    }
}
