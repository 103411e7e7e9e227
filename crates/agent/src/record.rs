//! One session as the vault holds it. The only place where tokens are written down, and only into sealed bytes.

#[cfg(test)]
mod ada;

use doorkey_client::words::{Checked, Endpoints, Identified};
use doorkey_oauth::{AccessToken, DpopKeyText, IdTokenText, Nonce, OldIdentity, RefreshToken};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use zeroize::Zeroizing;

#[cfg(test)]
pub(crate) use self::ada::ada;
use crate::arrangement::Arrangement;
use crate::time::Uptime;

/// The newest layout. A newer one is refused by older programs, never rewritten.
const LAYOUT: u32 = 2;
/// Without a key that tokens are bound to: programs that know no such key may go on with the record.
const WITHOUT_KEY: u32 = 1;

/// What a record of the vault is.
#[derive(Serialize, Deserialize)]
#[serde(tag = "record", rename_all = "snake_case")]
pub(crate) enum Record {
    /// Somebody is signed in.
    Session(Box<SessionRecord>),
    /// A provider's secret for a client.
    ClientSecret(ClientSecretRecord),
    /// A client's own private key.
    ClientKey(ClientKeyRecord),
    /// A client that registered itself, and how it is forgotten.
    Registration(RegistrationRecord),
    /// How the person sees the sessions. Programs that know no such record leave it as it is.
    Arrangement(Arrangement),
}

/// Somebody is signed in.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct SessionRecord {
    layout: u32,
    pub(crate) profile: String,
    pub(crate) issuer: String,
    pub(crate) client_id: String,
    /// Those the profile gave at the sign-in: what it gives later may be anybody's, and never sees these tokens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) endpoints: Option<Endpoints>,
    pub(crate) identity: Identity,
    pub(crate) asked: Vec<String>,
    pub(crate) granted: Vec<String>,
    pub(crate) audience: Option<String>,
    #[serde(default)]
    pub(crate) resources: Vec<String>,
    /// Auth0's organization that an application's tokens are for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) organization: Option<String>,
    pub(crate) token_type: String,
    /// What the tokens are bound to (RFC 9449); without it they are of no use.
    #[serde(with = "exposed_option", default, skip_serializing_if = "Option::is_none")]
    pub(crate) dpop_key: Option<DpopKeyText>,
    #[serde(with = "exposed")]
    pub(crate) access_token: AccessToken,
    #[serde(with = "exposed_option", default)]
    pub(crate) refresh_token: Option<RefreshToken>,
    #[serde(with = "exposed_option", default)]
    pub(crate) id_token: Option<IdTokenText>,
    #[serde(with = "exposed_option", default)]
    pub(crate) nonce: Option<Nonce>,
    pub(crate) signed_in_at: Timestamp,
    pub(crate) issued_at: Timestamp,
    pub(crate) expires_at: Option<Timestamp>,
    pub(crate) renews_at: Option<Timestamp>,
    pub(crate) renewals: u32,
    /// The refresh token's end, where the provider tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) refresh_ends_at: Option<Timestamp>,
    /// Whether the last renewal left that end where it was.
    #[serde(default)]
    pub(crate) refresh_end_stays: bool,
    /// What the profile says of it, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) refresh_idle: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) refresh_absolute: Option<u32>,
    /// What userinfo said, within bounds; for people to look at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) userinfo: Option<Map<String, Value>>,
    /// How what is here was judged when it came, by what was judged.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) checked: Vec<Checked>,
    /// When the request for the access token went out, on the clock that nobody sets; nothing for a record out of the
    /// vault.
    #[serde(skip)]
    pub(crate) asked_at: Option<Uptime>,
}

/// Who it is, as the ID token says; where there is none, as the provider's account page or the profile says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Identity {
    pub(crate) sub: String,
    pub(crate) name: Option<String>,
    pub(crate) email: Option<String>,
    pub(crate) auth_time: Option<i64>,
    pub(crate) azp: Option<String>,
    #[serde(default)]
    pub(crate) identified: Identified,
}

/// Whom a credential is shown to, and as whom: nobody else ever sees it, whatever the profile of that name says later.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ClientAt {
    pub(crate) issuer: String,
    pub(crate) client_id: String,
    /// Those the profile gives, which may be anybody's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) endpoints: Option<Endpoints>,
}

/// A provider's secret for a client.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct ClientSecretRecord {
    pub(crate) profile: String,
    /// Records of before did not say it.
    #[serde(flatten, default)]
    pub(crate) at: Option<ClientAt>,
    #[serde(with = "exposed")]
    pub(crate) secret: doorkey_oauth::ClientSecret,
}

/// A client's own private key.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct ClientKeyRecord {
    pub(crate) profile: String,
    #[serde(flatten, default)]
    pub(crate) at: Option<ClientAt>,
    #[serde(with = "exposed")]
    pub(crate) key: doorkey_oauth::PrivateKeyText,
}

/// What RFC 7592 needs of a registration.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct RegistrationRecord {
    pub(crate) profile: String,
    pub(crate) issuer: String,
    pub(crate) client_id: String,
    /// `registration_client_uri`
    pub(crate) uri: String,
    /// `registration_access_token`
    #[serde(with = "exposed")]
    pub(crate) token: AccessToken,
}

/// Why sealed bytes that opened are still no record of ours.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RecordError {
    #[error("a saved sign-in was written by a newer version of Doorkey")]
    Newer,
    #[error("a saved sign-in cannot be understood")]
    Foreign,
}

impl SessionRecord {
    #[expect(clippy::too_many_arguments, reason = "a flat list of what a sign-in knows, called once")]
    pub(crate) fn new(
        profile: String,
        issuer: String,
        client_id: String,
        identity: Identity,
        asked: Vec<String>,
        audience: Option<String>,
        access_token: AccessToken,
        signed_in_at: Timestamp,
    ) -> Self {
        Self {
            layout: WITHOUT_KEY,
            profile,
            issuer,
            client_id,
            endpoints: None,
            identity,
            granted: asked.clone(),
            asked,
            audience,
            resources: Vec::new(),
            organization: None,
            token_type: "Bearer".to_owned(),
            dpop_key: None,
            access_token,
            refresh_token: None,
            id_token: None,
            nonce: None,
            signed_in_at,
            issued_at: signed_in_at,
            expires_at: None,
            renews_at: None,
            renewals: 0,
            refresh_ends_at: None,
            refresh_end_stays: false,
            refresh_idle: None,
            refresh_absolute: None,
            userinfo: None,
            checked: Vec::new(),
            asked_at: None,
        }
    }

    /// The same with tokens that are bound to this key.
    pub(crate) fn bound_to(mut self, key: DpopKeyText) -> Self {
        self.layout = LAYOUT;
        self.dpop_key = Some(key);
        self
    }

    /// Answers that were judged just now: each in the place of the one of its kind before.
    pub(crate) fn note_checked(&mut self, newer: Vec<Checked>) {
        self.checked.retain(|old| newer.iter().all(|new| new.subject != old.subject));
        self.checked.extend(newer);
    }

    /// Whether nobody signed in, and the tokens are the application's own.
    pub(crate) fn is_application(&self) -> bool {
        self.identity.identified == Identified::Application
    }

    /// Whether the tokens are of use with a proof only (RFC 9449).
    pub(crate) fn is_bound(&self) -> bool {
        self.token_type == doorkey_oauth::TokenType::Dpop.name()
    }

    /// What a renewed ID token is compared with.
    pub(crate) fn old_identity(&self) -> OldIdentity {
        OldIdentity {
            iss: self.issuer.clone(),
            sub: self.identity.sub.clone(),
            auth_time: self.identity.auth_time,
            azp: self.identity.azp.clone(),
            nonce: self.nonce.clone(),
        }
    }
}

impl Record {
    pub(crate) fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(serde_json::to_vec(self).expect("text, numbers and times are always JSON"))
    }

    pub(crate) fn from_bytes(bytes: &[u8]) -> Result<Self, RecordError> {
        let record: Self = serde_json::from_slice(bytes).map_err(|_| RecordError::Foreign)?;
        match &record {
            Self::Session(session) if session.layout > LAYOUT => Err(RecordError::Newer),
            Self::Arrangement(arrangement) if arrangement.is_newer() => Err(RecordError::Newer),
            Self::Session(_)
            | Self::ClientSecret(_)
            | Self::ClientKey(_)
            | Self::Registration(_)
            | Self::Arrangement(_) => Ok(record),
        }
    }
}

mod exposed {
    use doorkey_oauth::Secret;
    use serde::{Deserialize, Deserializer, Serializer};

    #[expect(clippy::disallowed_methods, reason = "into bytes that are sealed before they are stored")]
    pub(super) fn serialize<K, S: Serializer>(secret: &Secret<K>, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(secret.expose())
    }

    pub(super) fn deserialize<'de, K, D: Deserializer<'de>>(deserializer: D) -> Result<Secret<K>, D::Error> {
        String::deserialize(deserializer).map(Secret::new)
    }
}

mod exposed_option {
    use doorkey_oauth::Secret;
    use serde::{Deserialize, Deserializer, Serializer};

    #[expect(clippy::disallowed_methods, reason = "into bytes that are sealed before they are stored")]
    #[expect(clippy::ref_option, reason = "the shape serde calls")]
    pub(super) fn serialize<K, S: Serializer>(secret: &Option<Secret<K>>, serializer: S) -> Result<S::Ok, S::Error> {
        match secret {
            Some(secret) => serializer.serialize_some(secret.expose()),
            None => serializer.serialize_none(),
        }
    }

    pub(super) fn deserialize<'de, K, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Secret<K>>, D::Error> {
        Option::<String>::deserialize(deserializer).map(|text| text.map(Secret::new))
    }
}
