//! The names of the tests of the hostile provider, for the tests themselves and for the table of them.

use doorkey_demo_idp::Misbehaviour;

/// Such as `HP-02 oidcc-client-test-invalid-iss: iss-suffix`.
#[must_use]
pub fn test_name(how: Misbehaviour) -> String {
    match how.suite() {
        Some(suite) => format!("{} {suite}: {how}", how.row()),
        None => format!("{}: {how}", how.row()),
    }
}
