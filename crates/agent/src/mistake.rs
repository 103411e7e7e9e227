//! What is wrong with a TOML text that people write, and where in it they find that.

use std::fmt;
use std::ops::Range;

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Mistake {
    /// A sentence in one line, without its end.
    pub(crate) what: String,
    /// Line and column, from one; a column is a character.
    pub(crate) place: Option<(usize, usize)>,
}

impl Mistake {
    /// With the bytes of the text that are meant, as the parser has them.
    pub(crate) fn new(text: &str, what: &str, span: Option<Range<usize>>) -> Self {
        let place = span.map(|span| {
            let before = text.get(..span.start).unwrap_or(text);
            let line = before.matches('\n').count() + 1;
            let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
            (line, column)
        });
        let what = what.lines().map(str::trim).collect::<Vec<_>>().join(", ");
        Self { what: what.trim_end_matches('.').to_owned(), place }
    }

    /// As editors find it: `profiles.toml:3:1: what is wrong.`
    pub(crate) fn told(&self, file: impl fmt::Display) -> String {
        match self.place {
            Some((line, column)) => format!("{file}:{line}:{column}: {}.", self.what),
            None => format!("{file}: {}.", self.what),
        }
    }
}
