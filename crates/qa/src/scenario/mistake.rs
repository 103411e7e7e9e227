//! What is wrong with a scenario, and where in the file people find that.

use std::fmt;

use toml_edit::{Document, Item, TableLike, Value};

/// A longer sentence is none that is read, in bytes.
const LONGEST: usize = 500;

/// One thing that is wrong with a file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct Mistake {
    /// A sentence in one line, without its end.
    pub what: String,
    /// Line and column, from one; a column is a character.
    pub place: Option<(usize, usize)>,
}

impl fmt::Display for Mistake {
    /// As editors find it, behind the name of the file: `3:1: what is wrong.`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.place {
            Some((line, column)) => write!(f, "{line}:{column}: {}.", self.what),
            None => write!(f, " {}.", self.what),
        }
    }
}

/// A step of the way to a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Key(String),
    Index(usize),
}

/// The way to a value from the root of the file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Way(pub(super) Vec<Step>);

impl Way {
    pub(super) fn key(mut self, key: &str) -> Self {
        self.0.push(Step::Key(key.to_owned()));
        self
    }

    pub(super) fn index(mut self, index: usize) -> Self {
        self.0.push(Step::Index(index));
        self
    }
}

impl Mistake {
    /// About the bytes of the text that the parser means.
    pub(super) fn at(text: &str, what: &str, span: Option<std::ops::Range<usize>>) -> Self {
        let place = span.map(|span| {
            let before = text.get(..span.start).unwrap_or(text);
            let line = before.matches('\n').count() + 1;
            let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
            (line, column)
        });
        let what = what.lines().map(str::trim).collect::<Vec<_>>().join(", ");
        // Words of the file are in it.
        let plain: String = what.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        let mut what = plain.trim_end_matches('.').to_owned();
        if what.len() > LONGEST {
            what.truncate(what.floor_char_boundary(LONGEST));
            what.push('…');
        }
        Self { what, place }
    }

    /// About the value at the end of the way, or as far along as there is something.
    pub(super) fn on(text: &str, document: &Document<String>, way: &Way, what: &str) -> Self {
        Self::at(text, what, span(document, way))
    }
}

/// Where the last thing on the way stands: its key, where it has one.
fn span(document: &Document<String>, way: &Way) -> Option<std::ops::Range<usize>> {
    let mut here = Here::Table(document.as_table());
    let mut found = None;
    for step in &way.0 {
        let Some((span, next)) = here.go(step) else { break };
        found = span.or(found);
        here = next;
    }
    found
}

/// A place in the file.
enum Here<'a> {
    Table(&'a dyn TableLike),
    Tables(&'a toml_edit::ArrayOfTables),
    Array(&'a toml_edit::Array),
    End,
}

impl<'a> Here<'a> {
    fn go(&self, step: &Step) -> Option<(Option<std::ops::Range<usize>>, Here<'a>)> {
        match (self, step) {
            (Here::Table(table), Step::Key(key)) => {
                let item = table.get(key)?;
                let span = table.key(key).and_then(toml_edit::Key::span).or(item.span());
                Some((span, Self::item(item)))
            }
            (Here::Tables(tables), Step::Index(index)) => {
                let table = tables.get(*index)?;
                Some((table.span(), Here::Table(table)))
            }
            (Here::Array(array), Step::Index(index)) => {
                let value = array.get(*index)?;
                Some((value.span(), Self::value(value)))
            }
            (Here::Table(_) | Here::Tables(_) | Here::Array(_) | Here::End, _) => None,
        }
    }

    fn item(item: &'a Item) -> Self {
        match item {
            Item::Table(table) => Here::Table(table),
            Item::ArrayOfTables(tables) => Here::Tables(tables),
            Item::Value(value) => Self::value(value),
            Item::None => Here::End,
        }
    }

    fn value(value: &'a Value) -> Self {
        match value {
            Value::InlineTable(table) => Here::Table(table),
            Value::Array(array) => Here::Array(array),
            _ => Here::End,
        }
    }
}
