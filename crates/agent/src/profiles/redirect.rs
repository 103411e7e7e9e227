//! The redirect path: one of its own for each profile (RFC 8252 section 8.10, NAT-08).

use doorkey_client::words::Profile;
use sha2::{Digest, Sha256};

/// As the profile says, or derived from name, issuer and client: the same every time, different for each.
pub(crate) fn redirect_path(profile: &Profile) -> String {
    if let Some(path) = &profile.redirect_path {
        return path.clone();
    }
    let mut hash = Sha256::new();
    for part in [&profile.name, &profile.issuer, &profile.client_id] {
        hash.update(part.as_bytes());
        hash.update([0]);
    }
    let letters = b"abcdefghijkmnpqrstuvwxyz23456789";
    let tail: String = hash.finalize().iter().take(8).map(|byte| char::from(letters[usize::from(byte % 32)])).collect();
    format!("/cb/{tail}")
}

/// What to register at the provider, one for each port; `PORT` stands for any.
pub(crate) fn redirect_uris(profile: &Profile) -> Vec<String> {
    let host = profile.redirect_host.as_str();
    let path = redirect_path(profile);
    match profile.ports.as_slice() {
        [] => vec![format!("http://{host}:PORT{path}")],
        ports => ports.iter().map(|port| format!("http://{host}:{port}{path}")).collect(),
    }
}
