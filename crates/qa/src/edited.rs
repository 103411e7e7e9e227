//! What a person changed of a request before it was sent, in a few words.

use doorkey_client::words::{EditPlace, Edited};

/// Such as `scope changed, the header accept removed`; never a value.
#[must_use]
pub fn told(changes: &[Edited]) -> String {
    changes.iter().map(one).collect::<Vec<_>>().join(", ")
}

fn one(change: &Edited) -> String {
    let what = match change.place {
        EditPlace::Form | EditPlace::Query => change.name.clone(),
        EditPlace::Header => format!("the header {}", change.name),
        EditPlace::Address => "the address".to_owned(),
    };
    let how = match (change.before.as_slice(), change.after.as_slice()) {
        ([], _) => "added",
        (_, []) => "removed",
        (_, _) => "changed",
    };
    format!("{what} {how}")
}
