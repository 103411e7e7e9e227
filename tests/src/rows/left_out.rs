/// Rows of listener and callback without a test, and why.
pub const LEFT_OUT: &[(&str, &str)] = &[
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
