//! Text that came from outside, made harmless for a terminal; and lines that fit it.

/// The same text without anything a terminal obeys: escape sequences, control characters, and marks that turn
/// the direction of writing (CVE-2024-52005). White space becomes one space, so that one line stays one line.
pub(crate) fn plain(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '\u{1b}' => match rest.next_if(|c| matches!(c, '[' | ']' | 'P' | 'X' | '^' | '_')) {
                Some('[') => skip_control_sequence(&mut rest),
                Some(_) => skip_string(&mut rest),
                None => drop(rest.next_if(|c| !c.is_control())),
            },
            '\u{9b}' => skip_control_sequence(&mut rest),
            '\u{90}' | '\u{98}' | '\u{9d}' | '\u{9e}' | '\u{9f}' => skip_string(&mut rest),
            '\n' | '\t' | '\u{2028}' | '\u{2029}' => shown.push(' '),
            c if c.is_control() || turns_direction(c) => {}
            c => shown.push(c),
        }
    }
    shown
}

type Rest<'a> = std::iter::Peekable<std::str::Chars<'a>>;

/// `ESC [ … final`: up to and with a byte of `@` to `~` (ECMA-48, 5.4).
fn skip_control_sequence(rest: &mut Rest<'_>) {
    while let Some(c) = rest.next_if(|c| !c.is_control()) {
        if matches!(c, '@'..='~') {
            return;
        }
    }
}

/// `ESC ] … BEL` or `ESC ] … ESC \`: titles, clipboards, links.
fn skip_string(rest: &mut Rest<'_>) {
    while let Some(c) = rest.next() {
        match c {
            '\u{7}' | '\u{9c}' => return,
            '\u{1b}' => {
                rest.next_if_eq(&'\\');
                return;
            }
            _ => {}
        }
    }
}

fn turns_direction(c: char) -> bool {
    matches!(c, '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// Words in lines of at most `width` characters; a longer word has a line of its own.
pub(crate) fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

/// The name that was probably meant.
pub(crate) fn closest<'a>(typed: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    names
        .into_iter()
        .map(|name| (strsim::jaro_winkler(typed, name), name))
        .filter(|(likeness, _)| *likeness > 0.75)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, name)| name)
}

/// `1 check`, `14 checks`.
pub(crate) fn count(number: usize, thing: &str) -> String {
    if number == 1 { format!("1 {thing}") } else { format!("{number} {thing}s") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_a_terminal_obeys_is_left() {
        for (sent, shown) in [
            ("Ada Lovelace", "Ada Lovelace"),
            ("\u{1b}[31mred\u{1b}[0m", "red"),
            ("\u{1b}[2J\u{1b}[Hgone", "gone"),
            ("\u{1b}]0;title\u{7}text", "text"),
            ("\u{1b}]52;c;Y2xpcA==\u{1b}\\text", "text"),
            ("\u{1b}]8;;https://evil.example\u{1b}\\link\u{1b}]8;;\u{1b}\\", "link"),
            ("\u{1b}Pq#0;2\u{1b}\\x", "x"),
            ("\u{9b}31mred", "red"),
            ("\u{9d}0;title\u{9c}text", "text"),
            ("\u{1b}cfull reset", "full reset"),
            ("two\nlines\r\nand\ta tab", "two lines and a tab"),
            ("bell\u{7} back\u{8}\u{7f}", "bell back"),
            ("\u{202e}gnp.exe\u{202c}", "gnp.exe"),
            ("Zo\u{eb} \u{65e5}\u{672c} \u{1f511}", "Zo\u{eb} \u{65e5}\u{672c} \u{1f511}"),
            ("\u{1b}", ""),
            ("\u{1b}[", ""),
            ("\u{1b}[31", ""),
        ] {
            assert_eq!(plain(sent), shown, "{sent:?}");
        }
    }

    #[test]
    fn an_escape_inside_an_escape_does_not_come_back() {
        assert_eq!(plain("\u{1b}\u{1b}[31mred"), "red");
        assert!(!plain("\u{1b}[\u{1b}[31mx").contains('\u{1b}'));
    }

    #[test]
    fn words_are_wrapped_and_long_ones_stand_alone() {
        assert_eq!(wrapped("one two three four", 9), ["one two", "three", "four"]);
        assert_eq!(
            wrapped("see https://op.example/a/long/address now", 10),
            ["see", "https://op.example/a/long/address", "now"]
        );
        assert!(wrapped("", 9).is_empty());
    }

    #[test]
    fn a_typing_error_finds_its_name() {
        let names = ["work", "private", "staging"];
        assert_eq!(closest("wrok", names), Some("work"));
        assert_eq!(closest("stagin", names), Some("staging"));
        assert_eq!(closest("zebra", names), None);
    }
}
