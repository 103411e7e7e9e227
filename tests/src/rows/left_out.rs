/// Rows without a test, and why.
pub const LEFT_OUT: &[(&str, &str)] = &[
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
