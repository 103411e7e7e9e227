//! A session for tests, made up: Ada's, of a provider that nobody runs.

use doorkey_client::words::Identified;
use doorkey_oauth::AccessToken;
use jiff::Timestamp;

use super::{Identity, SessionRecord};

/// Signed in at the epoch, with an access token alone; a test says what else it needs.
pub(crate) fn ada() -> SessionRecord {
    let identity = Identity {
        sub: "ada".to_owned(),
        name: None,
        email: None,
        auth_time: None,
        azp: None,
        identified: Identified::Person,
    };
    let [profile, issuer, client_id] = ["work", "https://op.example", "app"].map(str::to_owned);
    let token = AccessToken::new("token".to_owned());
    SessionRecord::new(profile, issuer, client_id, identity, Vec::new(), None, token, Timestamp::UNIX_EPOCH)
}
