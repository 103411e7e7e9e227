//! Words of others in Markdown, where they must mean nothing: no picture, no link, no name that is called, no table's end.

/// Between backticks, more of them than are in it. Always one line.
pub(crate) fn code(text: &str) -> String {
    let text = plain(text);
    if text.is_empty() {
        return "(nothing)".to_owned();
    }
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or_default();
    let fence = "`".repeat(longest + 1);
    // A space is taken off each end again where both are there.
    let space = if text.starts_with(['`', ' ']) || text.ends_with(['`', ' ']) { " " } else { "" };
    format!("{fence}{space}{text}{space}{fence}")
}

/// As a sentence, with what Markdown or a ticket's page would read into it taken away.
pub(crate) fn sentence(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in plain(text).chars() {
        match c {
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            // A character nobody sees, so that it calls nobody and names no ticket.
            '@' | '#' => escaped.extend([c, '\u{2060}']),
            '\\' | '`' | '*' | '_' | '[' | ']' | '!' | '|' | '~' => escaped.extend(['\\', c]),
            other => escaped.push(other),
        }
    }
    // Nor is an address in it one to be followed.
    escaped.replace("://", ":\u{2060}//").replace("www.", "www\u{2060}.")
}

/// In a cell of a table: there a bar ends it, between backticks too.
pub(crate) fn cell(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    // Of two backslashes the first takes the meaning from the second, and none is left for the bar.
    let mut is_escaped = false;
    for c in text.chars() {
        if c == '|' && !is_escaped {
            escaped.push('\\');
        }
        is_escaped = c == '\\' && !is_escaped;
        escaped.push(c);
    }
    escaped
}

/// One line without characters that command a terminal or turn the direction of writing.
fn plain(text: &str) -> String {
    let is_turn = |c: char| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}');
    text.chars().filter(|c| !is_turn(*c)).map(|c| if c.is_control() { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_others_end_neither_their_backticks_nor_their_cell() {
        assert_eq!(code("plain"), "`plain`");
        assert_eq!(code("a`b``c"), "```a`b``c```");
        assert_eq!(code("`"), "`` ` ``");
        assert_eq!(code(""), "(nothing)");
        assert_eq!(code("a\nb\u{1b}[2J\u{202e}"), "`a b [2J`");
        assert_eq!(cell(&code("a|b")), "`a\\|b`");
        assert_eq!(cell(&sentence("a|b")), "a\\|b");
        for slashes in 0..6 {
            let shown = cell(&code(&format!("{}|![x](https://evil.example)", "\\".repeat(slashes))));
            let before = shown.split_once('|').expect("a bar").0;
            let count = before.len() - before.trim_end_matches('\\').len();
            assert!(count % 2 == 1, "the cell ends at the bar: {shown}");
        }
    }

    #[test]
    fn a_sentence_calls_nobody_and_shows_nothing() {
        // One backtick too many would let what stands between the next two out.
        assert_eq!(sentence("a ` b"), "a \\` b");
        let shown = sentence("see ![x](https://evil.example/?q) <img src=x> @admin #1 *bold* `x`");
        assert!(
            !shown.contains("![") && !shown.contains('<') && !shown.contains("@a") && !shown.contains("#1"),
            "{shown}"
        );
        let bare = sentence("sign in again at https://evil.example/login or www.evil.example");
        assert!(!bare.contains("https://") && !bare.contains("www.e"), "{bare}");
    }
}
