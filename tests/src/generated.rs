//! The pages that are made of the code, in part or whole. `make gen` writes them, and `tests/tests/dictionary.rs`
//! fails when one of them is not what the code says.
//!
//! A page is written by hand around its generated parts: each stands between `<!-- generated: NAME -->` and
//! `<!-- end of NAME -->`.

mod conformance;
mod errors;
mod misbehaviours;

use std::fmt::Write;
use std::fs;
use std::path::Path;

use doorkey_demo_idp::MustEnd;

use crate::sources::{read, root};

/// A page with its generated parts.
#[derive(Clone, Debug)]
pub struct Page {
    /// From the repository's root.
    pub path: &'static str,
    parts: Vec<(&'static str, String)>,
}

/// All of them.
#[must_use]
pub fn pages() -> Vec<Page> {
    vec![
        Page { path: "docs/errors.md", parts: vec![("families", errors::families()), ("codes", errors::codes())] },
        Page { path: "docs/conformance.md", parts: vec![("rows", conformance::rows())] },
        Page {
            path: "docs/misbehaviours.md",
            parts: vec![("misbehaviours", misbehaviours::all()), ("left out", misbehaviours::left_out())],
        },
    ]
}

impl Page {
    /// As it is in the repository.
    #[must_use]
    pub fn committed(&self) -> String {
        read(&root().join(self.path))
    }

    /// As the code says that it must be; what is written by hand stays.
    ///
    /// # Panics
    /// When the page lacks the place of a generated part.
    #[must_use]
    pub fn made(&self) -> String {
        self.parts.iter().fold(self.committed(), |page, (name, part)| {
            let (begin, end) = (format!("<!-- generated: {name} -->\n"), format!("<!-- end of {name} -->"));
            let missing = || panic!("{}: there is no {begin}…{end}", self.path);
            let (before, rest) = page.split_once(&begin).unwrap_or_else(missing);
            let (_, after) = rest.split_once(&end).unwrap_or_else(missing);
            format!("{before}{begin}\n{part}\n{end}{after}")
        })
    }

    /// Writes it below a folder.
    ///
    /// # Errors
    /// Those of the disk.
    pub fn write(&self, folder: &Path) -> std::io::Result<()> {
        let path = folder.join(self.path);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::write(path, self.made())
    }
}

/// Rows of a table, with its head.
fn table(head: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let mut text = format!("| {} |\n|{}\n", head.join(" | "), "---|".repeat(head.len()));
    for row in rows {
        let cells: Vec<String> = row.iter().map(|cell| cell.replace('|', "\\|")).collect();
        writeln!(text, "| {} |", cells.join(" | ")).expect("a String takes everything");
    }
    text
}

fn code(text: &str) -> String {
    if text.is_empty() { String::new() } else { format!("`{text}`") }
}

/// What a client does that ends as it must.
fn told(must: MustEnd) -> String {
    match must {
        MustEnd::Accepted => "signs in: it is allowed, or nothing that is used".to_owned(),
        MustEnd::WithoutDetails(code) => format!("signs in, and uses nothing of userinfo: `{code}`"),
        MustEnd::Refused(code) => format!("refuses, and keeps the old session: `{code}`"),
        MustEnd::Waiting => "takes no notice, and waits for the right answer".to_owned(),
        MustEnd::NotRenewed(code) => format!("refuses the renewal, and keeps the session: `{code}`"),
        MustEnd::Unconfirmed => {
            "signs out on this computer, and tells that the provider's confirmation could not be verified".to_owned()
        }
    }
}
