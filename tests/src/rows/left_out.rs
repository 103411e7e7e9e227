/// Rows without a test, and why.
pub const LEFT_OUT: &[(&str, &str)] = &[
    ("L-07", "a prompt that one provider shows in its own pages; no silent sign-in is built on there being none"),
    ("L-14", "a program of the same user can read the browser's profile as well: out of reach of any listener"),
    ("L-43", "WSL and Windows are not where these tests run"),
    ("L-45", "the redirect is loopback only: a custom scheme can be claimed by any program"),
    ("L-T12", "no command of Doorkey is a `curl`: none sends a token to an API, so none follows a redirect with one"),
];
