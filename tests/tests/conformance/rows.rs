//! That no row is forgotten: each has a test that says so above itself, a misbehaviour of the catalogue, or a reason here.
//!
//! In this target a test is named by its rows. In the others, and beside the code, the line above it is enough:
//! `/// ROW: what the other side does | what we do`.

use doorkey_demo_idp::Misbehaviour;

/// Rows without a test.
const LEFT_OUT: [(&str, &str); 9] = [
    ("L-07", "a prompt that one provider shows in its own pages; no silent sign-in is built on there being none"),
    ("L-14", "a program of the same user can read the browser's profile as well: out of reach of any listener"),
    (
        "L-38",
        "the clock of a running machine cannot be moved for a test; host.rs tests the wait with one that stands still",
    ),
    ("L-43", "WSL and Windows are not where these tests run"),
    ("L-45", "the redirect is loopback only: a custom scheme can be claimed by any program"),
    ("A-16", "no system here refuses loopback; the words for it are tested beside them (loopback/refusals.rs)"),
    ("A-18", "as L-38"),
    ("L-T12", "no command of Doorkey sends a token anywhere: it is printed, and never follows a redirect"),
    ("L-T14", "as L-38; each hand-out counts from the clock of its own moment, and nothing is kept of the one before"),
];

/// Rows that the hostile provider plays: each of its misbehaviours is run by the target `conformance_provider`, which
/// asks of every refusal what these tests ask (N1 to N7).
const PLAYED: [(&str, &[&str]); 41] = [
    ("T-06", &["HP-TK-04"]),
    ("T-07", &["HP-TK-01"]),
    ("T-08", &["HP-TK-03"]),
    ("T-09", &["HP-TK-03"]),
    ("T-10", &["HP-74", "HP-76"]),
    ("T-14", &["HP-TK-07"]),
    ("T-16", &["HP-TK-02"]),
    ("T-17", &["HP-TK-09"]),
    ("T-18", &["HP-TK-06"]),
    ("T-19", &["HP-TK-10"]),
    ("T-20", &["T-20", "HP-86", "HP-87", "HP-88", "HP-89"]),
    ("I-01", &["HP-ID-01"]),
    ("I-02", &["HP-ID-02"]),
    ("I-03", &["HP-ID-03"]),
    ("I-04", &["HP-ID-04"]),
    ("I-05", &["HP-ID-05"]),
    ("I-06", &["HP-ID-06"]),
    ("I-07", &["HP-ID-07"]),
    ("I-08", &["HP-ID-08"]),
    ("I-09", &["HP-ID-09"]),
    ("I-10", &["HP-ID-10"]),
    ("I-11", &["HP-ID-11"]),
    ("I-12", &["HP-ID-12"]),
    ("I-13", &["HP-ID-13"]),
    ("I-14", &["HP-ID-14"]),
    ("I-15", &["HP-ID-15"]),
    ("I-16", &["HP-ID-16"]),
    ("I-17", &["HP-ID-17"]),
    ("I-18", &["HP-ID-18"]),
    ("J-01", &["HP-JW-01"]),
    ("J-03", &["HP-JW-05"]),
    ("J-05", &["HP-78"]),
    ("J-06", &["HP-JW-02"]),
    ("J-07", &["HP-15", "HP-16"]),
    ("J-08", &["HP-JW-02", "HP-ID-07"]),
    ("J-09", &["HP-JW-04"]),
    ("J-10", &["HP-21"]),
    ("U-01", &["HP-23", "HP-UI-02"]),
    ("U-02", &["HP-UI-01"]),
    ("U-04", &["HP-UI-04", "HP-UI-05"]),
    ("R-11", &["HP-39", "HP-40"]),
];

/// Rows that still want a test.
const OPEN: &[&str] = &["L-T10", "L-T11"];

macro_rules! sources {
    ($($path:literal),* $(,)?) => { [$(($path, include_str!($path))),*] };
}

const HERE: [(&str, &str); 14] = sources!(
    "attempts.rs",
    "authorize.rs",
    "browsers.rs",
    "callback.rs",
    "cli.rs",
    "discovery.rs",
    "form_post.rs",
    "keys.rs",
    "listener.rs",
    "pages.rs",
    "provider_answers.rs",
    "refresh.rs",
    "requests.rs",
    "tokens.rs",
);

const ELSEWHERE: [(&str, &str); 25] = sources!(
    "../bad_input/answers.rs",
    "../bad_input/main.rs",
    "../cli.rs",
    "../faults.rs",
    "../flows/asked.rs",
    "../flows/paste.rs",
    "../power_cut.rs",
    "../renewal/faults.rs",
    "../renewal/main.rs",
    "../restart.rs",
    "../sign_in.rs",
    "../sign_out.rs",
    "../socket.rs",
    "../tokens/details.rs",
    "../tokens/leaving.rs",
    "../vault/faults.rs",
    "../../../crates/agent/src/browser/tests.rs",
    "../../../crates/agent/src/http/tests.rs",
    "../../../crates/agent/src/http/tests/tls.rs",
    "../../../crates/agent/src/refreshing.rs",
    "../../../crates/agent/src/vault/lock.rs",
    "../../../crates/oauth/src/discovery/tests.rs",
    "../../../crates/oauth/src/id_token/tests.rs",
    "../../../crates/oauth/src/id_token/tests/times.rs",
    "../../../crates/oauth/src/renewal/tests.rs",
);

#[test]
fn every_row_has_a_test_or_a_reason() {
    let told: Vec<Told> = HERE.iter().chain(&ELSEWHERE).flat_map(told_in).collect();
    for row in rows() {
        let tested = told.iter().any(|told| told.row == row) || PLAYED.iter().any(|(played, _)| *played == row);
        let left_out = LEFT_OUT.iter().any(|(left_out, reason)| *left_out == row && !reason.is_empty());
        let open = OPEN.contains(&row.as_str());
        let ways = usize::from(tested) + usize::from(left_out) + usize::from(open);
        assert_eq!(ways, 1, "{row}: tested {tested}, left out {left_out}, open {open}");
    }
}

#[test]
fn whatever_is_listed_is_a_row() {
    let rows: Vec<String> = rows().collect();
    let listed =
        LEFT_OUT.iter().map(|(row, _)| *row).chain(PLAYED.iter().map(|(row, _)| *row)).chain(OPEN.iter().copied());
    for row in listed {
        assert!(rows.iter().any(|known| known == row), "{row} is no row");
    }
    for (row, misbehaviours) in PLAYED {
        for played in misbehaviours {
            let there = Misbehaviour::ALL.iter().any(|how| how.rows().contains(played));
            assert!(there, "{row}: the catalogue has no {played}");
        }
    }
}

#[test]
fn every_test_says_what_the_other_side_does_and_what_we_do() {
    for source in HERE.iter().chain(&ELSEWHERE) {
        for told in told_in(source) {
            let Told { file, row, sentence, test } = told;
            assert_eq!(sentence.split(" | ").count(), 2, "{file}: {row}: {sentence}");
            let test = test.unwrap_or_else(|| panic!("{file}: {row} stands above no test"));
            let named = test.contains(&format!("{}_", row.to_lowercase().replace('-', "_")));
            assert!(named || file.starts_with("../"), "{file}: {test} is not named by {row}");
        }
    }
}

#[test]
#[ignore = "to be switched on when no row is open any more"]
fn no_row_is_open() {
    assert!(OPEN.is_empty(), "rows without a test: {OPEN:?}");
}

fn rows() -> impl Iterator<Item = String> {
    let families =
        [("D", 19), ("A", 18), ("C", 27), ("T", 20), ("I", 22), ("J", 11), ("U", 4), ("R", 27), ("L-T", 15), ("L", 46)];
    families.into_iter().flat_map(|(family, last)| {
        (1..=last).map(move |n| format!("{family}{}{n:02}", if family == "L-T" { "" } else { "-" }))
    })
}

/// What a test says above itself.
struct Told {
    file: &'static str,
    row: &'static str,
    sentence: &'static str,
    /// Its name, where the next lines are a test's.
    test: Option<&'static str>,
}

fn told_in((file, source): &'static (&'static str, &'static str)) -> Vec<Told> {
    let lines: Vec<&str> = source.lines().map(str::trim).collect();
    let is_row =
        |row: &str| row.contains('-') && row.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '-');
    let told = |(at, line): (usize, &&'static str)| {
        let (row, sentence) = line.strip_prefix("/// ")?.split_once(": ").filter(|(row, _)| is_row(row))?;
        let mut below = lines[at + 1..].iter().skip_while(|line| line.starts_with("///"));
        let mut is_test = false;
        let function = below.find(|line| {
            is_test |= line.starts_with("#[test]") || line.starts_with("#[tokio::test");
            !line.starts_with("#[")
        })?;
        let test = function.trim_start_matches("async ").strip_prefix("fn ").filter(|_| is_test);
        let test = test.and_then(|rest| rest.split('(').next());
        Some(Told { file, row, sentence, test })
    };
    lines.iter().enumerate().filter_map(told).collect()
}
