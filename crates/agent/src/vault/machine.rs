//! Which machine this is, so that a vault that was restored on another one is noticed: two machines that share a
//! refresh token sign each other out (S-34).

use std::fs;

use sha2::{Digest as _, Sha256};

use super::key::KeyId;

/// machine-id(5), and where it was before systemd.
const FILES: [&str; 2] = ["/etc/machine-id", "/var/lib/dbus/machine-id"];

/// This machine as one vault sees it; nothing where the system does not say. The identifier itself is confidential
/// (machine-id(5)), so only a digest of it is written down, another one for each key.
pub(super) fn this(key: KeyId) -> Option<String> {
    FILES.iter().find_map(|file| fs::read_to_string(file).ok()).and_then(|text| digest(&text, key))
}

fn digest(text: &str, key: KeyId) -> Option<String> {
    let id = text.trim();
    // Containers have an empty one, and images that are being made the word `uninitialized`.
    let plausible = id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit());
    plausible.then(|| {
        let digest = Sha256::new_with_prefix(b"doorkey machine").chain_update(id).chain_update(key.0).finalize();
        digest[..8].iter().map(|byte| format!("{byte:02x}")).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_machine_has_one_digest_for_each_key_and_none_without_an_identifier() {
        let id = "0123456789abcdef0123456789abcdef\n";
        let (one, other) = (KeyId([1; 8]), KeyId([2; 8]));
        let digested = digest(id, one).expect("an identifier");
        assert_eq!(digest(id.trim(), one).as_ref(), Some(&digested));
        assert_ne!(digest(id, other).as_ref(), Some(&digested));
        assert!(!digested.contains(&id[..8]));
        for nothing in ["", "\n", "uninitialized\n"] {
            assert_eq!(digest(nothing, one), None, "{nothing}");
        }
    }
}
