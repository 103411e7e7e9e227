//! That no row is forgotten: each has a test of its name, or a reason here.

/// Rows without a test in this target.
const LEFT_OUT: [(&str, &str); 9] = [
    ("L-07", "a prompt that one provider shows in its own pages; no silent sign-in is built on there being none"),
    ("L-14", "a program of the same user can read the browser's profile as well: out of reach of any listener"),
    (
        "L-38",
        "the clock of a running machine cannot be moved for a test; host.rs tests the wait with one that stands still",
    ),
    ("L-43", "WSL and Windows are not where these tests run"),
    ("L-44", "there is no call yet that takes a pasted redirect URL"),
    ("L-45", "the redirect is loopback only: a custom scheme can be claimed by any program"),
    ("C-26", "as L-44"),
    ("A-16", "no system here refuses loopback; the words for it are tested beside them (loopback/refusals.rs)"),
    ("A-18", "as L-38"),
];

const SOURCES: [&str; 8] = [
    include_str!("attempts.rs"),
    include_str!("browsers.rs"),
    include_str!("callback.rs"),
    include_str!("form_post.rs"),
    include_str!("listener.rs"),
    include_str!("pages.rs"),
    include_str!("provider_answers.rs"),
    include_str!("requests.rs"),
];

#[test]
fn every_row_of_listener_and_callback_has_a_test_or_a_reason() {
    let rows = (1..=46).map(|n| format!("L-{n:02}")).chain((1..=27).map(|n| format!("C-{n:02}")));
    for row in rows.chain((14..=18).map(|n| format!("A-{n}"))) {
        let told = format!("/// {row}: ");
        let here = SOURCES.iter().any(|source| source.contains(&told));
        let left_out = LEFT_OUT.iter().any(|(left_out, reason)| *left_out == row && !reason.is_empty());
        assert!(here != left_out, "{row}: here {here}, left out {left_out}");
    }
}

#[test]
fn every_test_says_what_the_other_side_does_and_what_we_do() {
    for source in SOURCES {
        for line in source.lines().filter_map(|line| line.trim().strip_prefix("/// ")) {
            let row = line.split_once(": ").filter(|(row, _)| {
                row.contains('-') && row.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '-')
            });
            if let Some((row, told)) = row {
                assert!(told.split(" | ").count() == 2, "{row}: {told}");
                let name = format!("{}_", row.to_lowercase().replace('-', "_"));
                let named = |line: &str| line.contains("async fn ") && line.contains(&name);
                assert!(source.lines().any(named), "no test is named by {row}");
            }
        }
    }
}
