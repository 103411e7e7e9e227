//! `docs/errors.md`: the dictionary of refusals.

use std::collections::BTreeMap;

use doorkey_client::words::{self, Family};

use super::{code, table};

/// Which family ends with which exit code.
pub(super) fn families() -> String {
    let rows = words::families().iter().map(|family| {
        let name = format!("[`{0}.*`](#{0})", family.name);
        vec![name, family.about.to_owned(), exits(family)]
    });
    table(&["family", "what failed", "exit code"], rows)
}

/// Most of the family's first, then who differs.
fn exits(family: &Family) -> String {
    let mut by_exit = BTreeMap::<u8, Vec<String>>::new();
    for entry in family.codes {
        by_exit.entry(entry.exit_code()).or_default().push(code(entry.code));
    }
    let mut exits: Vec<(u8, Vec<String>)> = by_exit.into_iter().collect();
    exits.sort_by_key(|(_, codes)| std::cmp::Reverse(codes.len()));
    let told = exits.iter().enumerate().map(|(number, (exit, codes))| match number {
        0 => exit.to_string(),
        _ => format!("{exit} for {}", codes.join(", ")),
    });
    told.collect::<Vec<_>>().join("; ")
}

/// Every code, family by family.
pub(super) fn codes() -> String {
    let family = |family: &Family| {
        let rows = family.codes.iter().map(|entry| {
            let exit = entry.exit_code().to_string();
            let (who, retryable) = (entry.who.to_string(), entry.retryable.to_string());
            vec![code(entry.code), entry.meaning.to_owned(), who, entry.next.to_owned(), exit, retryable]
        });
        let head = ["code", "what it means", "who must act", "the next step", "exit", "retryable"];
        format!("### {}\n\nWhat failed: {}.\n\n{}", family.name, family.about, table(&head, rows))
    };
    words::families().iter().map(family).collect::<Vec<_>>().join("\n")
}
