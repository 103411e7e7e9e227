/// Rows without a test, and why.
pub const LEFT_OUT: &[(&str, &str)] = &[
    ("L-07", "a prompt that one provider shows in its own pages; no silent sign-in is built on there being none"),
    ("L-14", "a program of the same user can read the browser's profile as well: out of reach of any listener"),
    ("L-43", "WSL and Windows are not where these tests run"),
    ("L-45", "the redirect is loopback only: a custom scheme can be claimed by any program"),
    ("L-T12", "no command of Doorkey is a `curl`: none sends a token to an API, so none follows a redirect with one"),
    (
        "S-T14",
        "no command removes everything: what is where is in the documentation, and each sign-out removes its own",
    ),
    (
        "S-07",
        "not done: Windows is not where these tests run, and its credential manager in a network logon is not met",
    ),
    ("S-08", "Windows is not where these tests run; what a keyring keeps from other programs is told by S-01"),
    ("S-09", "not done: builds are not signed for macOS, and what its keychain asks after an update is not known"),
    ("S-11", "not done: macOS is not where these tests run; what is in the keyring on Linux is told by S-02"),
    ("S-44", "pages are not locked against swapping, and the documentation says why and what to do"),
    ("S-47", "the window shows no token, so there is nothing on the screen to hide"),
    ("S-49", "there is no crash reporter"),
    ("S-53", "a matter of Tauri's version: 2.12 or later is required, and `cargo deny` reads the advisories"),
    ("S-54", "the plugin is not there, and `deny.toml` refuses it"),
    ("S-57", "the pattern needs a frame, and the window's policy lets none in"),
    ("S-59", "Doorkey does not update itself: packages do"),
    ("S-61", "the plugin is not there, and `deny.toml` refuses it"),
    ("B-03", "not done: Windows is not where these tests run, and there is no pipe yet in the place of the socket"),
    (
        "B-17",
        "not done: nobody asks the desktop whether its screen is locked; a question ends after a minute without a token",
    ),
];
