//! One line for people: text with its meaning, not yet with colours. What is put in is made harmless here, so
//! nothing reaches a terminal that could command it.

use crate::text::plain;

/// What a piece of text means; [`Look`](crate::output::Look) decides how that is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    Plain,
    Strong,
    Dim,
    Good,
    Warning,
    Bad,
    /// Black on white, whatever the terminal's colours are.
    Paper,
}

/// The sign at the beginning of a step. Its words never depend on colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mark {
    Done,
    Warned,
    Failed,
    Waiting,
}

impl Mark {
    pub(crate) fn sign(self, unicode: bool) -> &'static str {
        match (self, unicode) {
            (Self::Done, true) => "✓",
            (Self::Done, false) => "ok",
            (Self::Warned, _) => "!",
            (Self::Failed, true) => "✗",
            (Self::Failed, false) => "x",
            (Self::Waiting, true) => "…",
            (Self::Waiting, false) => "..",
        }
    }

    pub(crate) fn style(self) -> Style {
        match self {
            Self::Done => Style::Good,
            Self::Warned => Style::Warning,
            Self::Failed => Style::Bad,
            Self::Waiting => Style::Dim,
        }
    }
}

/// A line of pieces.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Line(Vec<(Style, String)>);

impl Line {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    pub(crate) fn plain(self, text: impl AsRef<str>) -> Self {
        self.with(Style::Plain, text)
    }

    pub(crate) fn strong(self, text: impl AsRef<str>) -> Self {
        self.with(Style::Strong, text)
    }

    pub(crate) fn dim(self, text: impl AsRef<str>) -> Self {
        self.with(Style::Dim, text)
    }

    pub(crate) fn with(mut self, style: Style, text: impl AsRef<str>) -> Self {
        self.0.push((style, plain(text.as_ref())));
        self
    }

    /// The pieces of `other` behind these.
    pub(crate) fn then(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }

    pub(crate) fn pieces(&self) -> impl Iterator<Item = (Style, &str)> {
        self.0.iter().map(|(style, text)| (*style, text.as_str()))
    }

    /// At most this many characters of it.
    pub(crate) fn cut(mut self, width: usize) -> Self {
        let mut room = width;
        for (_, text) in &mut self.0 {
            let end = text.char_indices().nth(room).map_or(text.len(), |(end, _)| end);
            text.truncate(end);
            room -= text.chars().count();
        }
        self
    }

    pub(crate) fn width(&self) -> usize {
        self.0.iter().map(|(_, text)| text.chars().count()).sum()
    }
}

impl From<&str> for Line {
    fn from(text: &str) -> Self {
        Self::new().plain(text)
    }
}

impl From<String> for Line {
    fn from(text: String) -> Self {
        Self::new().plain(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_put_in_is_harmless() {
        let line = Line::from("a\u{1b}[31mb\n").strong("\u{9b}2Jc").dim("\u{1b}]0;t\u{7}d");
        let text: String = line.pieces().map(|(_, text)| text).collect();
        assert_eq!(text, "ab cd");
        assert_eq!(line.width(), 5);
    }

    #[test]
    fn a_line_is_cut_between_characters() {
        let line = Line::from("käse").dim(" und brot").cut(6);
        assert_eq!(line.pieces().map(|(_, text)| text).collect::<String>(), "käse u");
        assert_eq!(Line::from("käse").dim(" und").cut(2).width(), 2);
    }
}
