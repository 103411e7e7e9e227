//! Which codes the sources say: every literal that is given as the code of a refusal.
//!
//! Names of checks (`idtoken.nonce`) and of files look the same, and a comparison says nothing: all of them are told
//! apart by what stands around the literal. `tests/tests/dictionary.rs` holds the dictionary against the outcome.

use std::collections::BTreeMap;
use std::path::Path;

use doorkey_client::words::families;

use crate::sources::{read, root, rust_files, shown};

/// The codes, each with where it is said, as `file:line`.
#[must_use]
pub fn spoken() -> BTreeMap<String, Vec<String>> {
    let mut found = BTreeMap::<String, Vec<String>>::new();
    for path in spoken_files() {
        for (code, line) in said_in(&read(&path)) {
            found.entry(code).or_default().push(format!("{}:{line}", shown(&path)));
        }
    }
    found
}

/// Everything that is shipped and can refuse; neither tests nor the dictionary itself, nor the demo provider, whose
/// codes are those that a client must end in.
fn spoken_files() -> Vec<std::path::PathBuf> {
    let mut files = rust_files(&root().join("crates"));
    files.extend(rust_files(&root().join("src-tauri/src")));
    files.retain(|path| {
        let path = shown(path);
        let sources = path.contains("/src/") && !path.starts_with("crates/demo-idp/");
        let tests = path.contains("/tests/") || path.ends_with("/tests.rs") || path.contains("/test_");
        sources && !tests && !path.contains("/words/codes")
    });
    files
}

/// The codes that one source says, with their lines.
#[must_use]
pub fn said_in(source: &str) -> Vec<(String, usize)> {
    let source = without_tests(source);
    let has_faults = source.contains("fn code(");
    let mut said = Vec::new();
    for literal in literals(source) {
        let line = source[..literal.start].matches('\n').count() + 1;
        let text = &source[literal.start + 1..literal.end - 1];
        if looks_like_a_code(text) {
            let before = source[..literal.start].trim_end();
            let after = source[literal.end..].trim_start();
            if is_said(text, before, after, has_faults) {
                said.push((text.to_owned(), line));
            }
        }
        // An answer that is written as JSON.
        for piece in text.split("\"code\":\"").skip(1) {
            let code = piece.split('"').next().unwrap_or_default();
            if looks_like_a_code(code) {
                said.push((code.to_owned(), line));
            }
        }
    }
    said
}

fn is_said(text: &str, before: &str, after: &str, has_faults: bool) -> bool {
    let names_a_check = before.ends_with("name:") || before.ends_with("named(");
    let is_compared = ["==", "!=", "starts_with(", "ends_with("].iter().any(|sign| before.ends_with(sign))
        || after.starts_with("=>")
        || after.starts_with("| \"");
    if names_a_check || is_compared {
        return false;
    }
    let (family, rest) = text.split_once('.').unwrap_or((text, ""));
    let is_file = Path::new(text).extension().is_some() && ["toml", "json", "lock", "sock", "css"].contains(&rest);
    let known = families().iter().any(|known| known.name == family) && !is_file;
    known || before.ends_with("Refusal::new(") || (has_faults && before.ends_with("=>"))
}

/// `family.what_is_wrong`, and nothing else.
fn looks_like_a_code(text: &str) -> bool {
    let part = |part: &str| {
        part.starts_with(|c: char| c.is_ascii_lowercase())
            && part.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
    };
    text.split_once('.').is_some_and(|(family, rest)| part(family) && part(rest))
}

/// Tests stand last in a file.
fn without_tests(source: &str) -> &str {
    let tests = source.match_indices("#[cfg(test)]\n").map(|(at, _)| at);
    let inline = |at: &usize| source[*at..].lines().nth(1).is_some_and(|line| line.trim_end().ends_with('{'));
    tests.into_iter().find(inline).map_or(source, |at| &source[..at])
}

/// The string literals of a source, quotes and all.
fn literals(source: &str) -> Vec<std::ops::Range<usize>> {
    let bytes = source.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'/' if bytes.get(at + 1) == Some(&b'/') => {
                at = source[at..].find('\n').map_or(bytes.len(), |line| at + line);
            }
            b'\'' if bytes.get(at + 1..at + 3) == Some(b"\"'") => at += 3,
            b'"' => {
                let hashes = bytes[..at].iter().rev().take_while(|byte| **byte == b'#').count();
                let is_raw = bytes[..at - hashes].ends_with(b"r");
                let end = if is_raw { end_of_raw(source, at, hashes) } else { end_of_plain(bytes, at) };
                found.push(at..end);
                at = end;
            }
            _ => at += 1,
        }
    }
    found
}

fn end_of_raw(source: &str, at: usize, hashes: usize) -> usize {
    let end = format!("\"{}", "#".repeat(hashes));
    source[at + 1..].find(&end).map_or(source.len(), |length| at + length + 2)
}

fn end_of_plain(bytes: &[u8], at: usize) -> usize {
    let mut at = at + 1;
    while at < bytes.len() && bytes[at] != b'"' {
        at += if bytes[at] == b'\\' { 2 } else { 1 };
    }
    (at + 1).min(bytes.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(source: &str) -> Vec<String> {
        said_in(source).into_iter().map(|(code, _)| code).collect()
    }

    #[test]
    fn what_is_given_as_a_code_is_found() {
        assert_eq!(codes("Refusal::new(\n    \"net.dns\",\n    text)"), ["net.dns"]);
        assert_eq!(codes("Self::A => (\"store.io\", hint),"), ["store.io"]);
        assert_eq!(codes("fn code(&self) -> &str { match self { A => \"brandnew.thing\" } }"), ["brandnew.thing"]);
        assert_eq!(codes("Refusal::new(\"brandnew.thing\", \"\", \"\")"), ["brandnew.thing"]);
        assert_eq!(codes("r#\"{\"error\":{\"code\":\"broker.busy\"}}\"#"), ["broker.busy"]);
        assert_eq!(said_in("\n\nlet c = \"net.dns\";"), [("net.dns".to_owned(), 3)]);
    }

    #[test]
    fn what_only_looks_like_one_is_not() {
        for source in [
            "Rule { name: \"idtoken.nonce\", source: S }",
            "named(\"idtoken.alg\", \"\", alg)",
            "if code == \"net.dns\" {}",
            "\"config.no_profile\" | \"login.unknown\" => 404",
            "// \"net.dns\"\n/// \"net.dns\"",
            "format!(\"see net.dns\")",
            "\"profiles.toml\"",
            "\"config.toml\"",
            "fits: host == \"gitlab.com\"",
            "let c = '\"'; other(\"no code\"); let d = '\"';",
            "fn a() {}\n#[cfg(test)]\nmod tests {\n \"net.dns\" }",
        ] {
            assert!(codes(source).is_empty(), "{source}: {:?}", codes(source));
        }
        assert_eq!(codes("#[cfg(test)]\nmod tests;\nlet c = \"net.dns\";"), ["net.dns"]);
    }
}
