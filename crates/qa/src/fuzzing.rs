//! What must hold whatever the bytes are: the functions of the fuzz targets `evidence` and `scenario`, which the tests here
//! replay over the committed corpus (docs/fuzzing.md).

#[cfg(feature = "scenarios")]
mod scenario;

use doorkey_client::words::Event;

use crate::evidence::{OpenError, Opened, open};
use crate::flow::Flow;
use crate::{compare, har, report};

#[cfg(feature = "scenarios")]
pub use self::scenario::scenario;

/// What became of the bytes: a name in the corpus begins with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// They were opened, whole or in part.
    Taken,
    /// They were not.
    Refused,
}

/// An archive that somebody sent; anything else as the entries in one, since no mutation of an archive finds the
/// checksums of its members. What is opened can be shown, and its words mean nothing in a ticket.
pub fn evidence(bytes: &[u8]) -> Outcome {
    if !bytes.starts_with(b"PK") {
        let Ok(events) = serde_json::from_slice::<Vec<Event>>(bytes) else { return Outcome::Refused };
        let Ok(flow) = Flow::of(events) else { return Outcome::Refused };
        shown(&flow);
        return Outcome::Taken;
    }
    match open(bytes) {
        Ok(opened) => {
            known(&opened);
            Outcome::Taken
        }
        Err(error) => {
            refused(&error);
            Outcome::Refused
        }
    }
}

fn known(opened: &Opened) {
    assert!(opened.manifest.version <= crate::evidence::FORMAT);
    let is_listed = |name: &str| opened.manifest.members.iter().any(|member| member.name == name);
    assert!(opened.claims.is_none() || is_listed("claims.json"), "nothing is shown that is not listed");
    assert!(opened.flow.is_none() || is_listed("journal.json"));
    for damage in &opened.damages {
        assert!(!damage.to_string().is_empty());
    }
    harmless(&opened.report.to_markdown());
    if let Some(flow) = &opened.flow {
        shown(flow);
    }
}

/// Everything that is made of a flow.
fn shown(flow: &Flow) {
    let report = report::of(flow);
    harmless(&report.to_markdown());
    let counted = report.answers.iter().map(|answer| answer.checks.len()).sum::<usize>();
    assert_eq!(counted, flow.judged().map(|judged| judged.checks.len()).sum::<usize>(), "no check is lost");
    let archive: serde_json::Value =
        serde_json::from_str(&har::of(std::slice::from_ref(flow)).to_text()).expect("it is JSON");
    let entries = archive["log"]["entries"].as_array().map(Vec::len);
    let answers = flow.visits().iter().filter(|visit| visit.answer.is_some()).count();
    assert_eq!(entries, Some(flow.asked().count() + flow.visits().len() + answers), "no request is lost");
    assert!(compare::flows(flow, flow).is_same(), "nothing differs from itself");
}

/// No word of others shows a picture, calls somebody or commands a terminal.
fn harmless(markdown: &str) {
    assert!(!markdown.chars().any(|c| c.is_control() && c != '\n'), "{markdown:?}");
    for line in markdown.lines() {
        let outside = outside(line);
        assert!(!outside.contains('<') && !outside.contains("!["), "{line:?}");
    }
}

/// What does not stand between backticks, as CommonMark has it: as many at the end as at the beginning.
fn outside(line: &str) -> String {
    let mut outside = String::new();
    let mut rest = line;
    while let Some(place) = rest.find(['`', '\\']) {
        outside.push_str(&rest[..place]);
        rest = &rest[place..];
        if let Some(escaped) = rest.strip_prefix('\\') {
            let length = escaped.chars().next().map_or(0, char::len_utf8);
            // A sign that was escaped means nothing.
            rest = &escaped[length..];
            continue;
        }
        let fence = rest.len() - rest.trim_start_matches('`').len();
        let inside = &rest[fence..];
        let mut from = 0;
        rest = loop {
            let Some(begin) = inside[from..].find('`').map(|at| at + from) else { break inside };
            let end = begin + inside[begin..].len() - inside[begin..].trim_start_matches('`').len();
            if end - begin == fence {
                break &inside[end..];
            }
            from = end;
        };
    }
    outside + rest
}

fn refused(error: &OpenError) {
    let code = error.code();
    assert!(doorkey_client::words::Code::find(code).is_some(), "{code}");
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::*;

    #[test]
    fn the_corpus_of_evidence_holds() {
        let (taken, refused) = replayed("evidence", evidence);
        assert!(taken > 4 && refused > 6, "{taken} taken, {refused} refused");
    }

    #[cfg(feature = "scenarios")]
    #[test]
    fn the_corpus_of_scenario_holds() {
        let (taken, refused) = replayed("scenario", scenario);
        assert!(taken > 3 && refused > 8, "{taken} taken, {refused} refused");
    }

    /// How many were taken and refused; each as its name says.
    fn replayed(target: &str, tried: fn(&[u8]) -> Outcome) -> (u32, u32) {
        let fuzz = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz");
        // The fuzzer does not begin without one.
        let dictionary = fs::read_to_string(fuzz.join(format!("dictionaries/{target}.dict")));
        assert!(dictionary.is_ok_and(|words| words.lines().count() > 4));
        let (mut taken, mut refused) = (0, 0);
        for file in fs::read_dir(fuzz.join("corpus").join(target)).expect("the corpus") {
            let path = file.expect("readable").path();
            let name = path.file_name().and_then(|name| name.to_str()).expect("a name");
            println!("{name}");
            let outcome = tried(&fs::read(&path).expect("readable"));
            match name.split_once('-').map(|(word, _)| word) {
                Some("taken") => (taken += 1, assert_eq!(outcome, Outcome::Taken, "{name}")).1,
                Some("refused") => (refused += 1, assert_eq!(outcome, Outcome::Refused, "{name}")).1,
                _ => panic!("{name} tells neither taken nor refused"),
            }
        }
        (taken, refused)
    }
}
