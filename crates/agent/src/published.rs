//! Files in `docs/` that are made from the code: compared by tests, written by `make gen`.

use std::path::Path;
use std::{env, fs};

/// Compares; or writes, into the folder that `DOORKEY_PUBLISH` names.
///
/// # Panics
/// When the file says something else.
pub(crate) fn assert_current(name: &str, text: &str) {
    if let Some(folder) = env::var_os("DOORKEY_PUBLISH") {
        return fs::write(Path::new(&folder).join(name), text).expect("the folder can be written");
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs").join(name);
    let published = fs::read_to_string(&path).unwrap_or_default();
    assert!(published == text, "docs/{name} is not what the code says: `make gen` writes it");
}
