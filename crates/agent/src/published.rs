//! Files in `docs/` that are made from the code: compared by tests, written by `make gen`.

use std::path::Path;
use std::{env, fs};

/// Compares, or writes where `DOORKEY_PUBLISH` is set.
///
/// # Panics
/// When the file says something else.
pub(crate) fn assert_current(name: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs").join(name);
    if env::var_os("DOORKEY_PUBLISH").is_some() {
        fs::write(&path, text).expect("docs/ can be written");
    }
    let published = fs::read_to_string(&path).unwrap_or_default();
    assert!(published == text, "docs/{name} is not what the code says: `make gen` writes it");
}
