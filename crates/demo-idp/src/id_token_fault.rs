//! Faults inside ID tokens: each breaks one rule of OpenID Connect Core 3.1.3.7 and leaves the others good.

use jsonwebtoken::EncodingKey;
use serde_json::{Value, json};

use crate::Alg;
use crate::desk::Desk;
use crate::keys::{SigningKey, signing_input};
use crate::random;

/// What is wrong with ID tokens. The token is signed after the change, so only the signature faults have a
/// bad signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IdTokenFault {
    /// `iss` with a `1` at its end.
    WrongIssuer,
    /// No `iss`.
    MissingIssuer,
    /// `aud` names another client.
    WrongAudience,
    /// No `aud`.
    MissingAudience,
    /// `aud` names the client and a stranger.
    ForeignSecondAudience,
    /// `aud` is an array of the client alone: allowed, and no reason to refuse.
    AudienceAsArray,
    /// `azp` names another client.
    WrongAuthorizedParty,
    /// `exp` an hour ago.
    Expired,
    /// No `exp`.
    MissingExpiry,
    /// `iat` in an hour.
    IssuedInFuture,
    /// No `iat`.
    MissingIssuedAt,
    /// `nbf` in an hour.
    NotYetValid,
    /// Another `nonce`.
    WrongNonce,
    /// No `nonce`.
    MissingNonce,
    /// No `sub`.
    MissingSubject,
    /// `sub` names somebody else.
    OtherSubject,
    /// Another `at_hash`.
    WrongAtHash,
    /// No `at_hash`: allowed in the code flow.
    MissingAtHash,
    /// One bit of the signature is turned.
    BadSignature,
    /// `alg: none` without a signature.
    AlgNone,
    /// `alg: HS256` with the public key as its secret.
    Hs256WithPublicKey,
    /// A good signature by the other published key.
    OtherAlgorithm,
    /// A good signature by a key that was never published, under a `kid` of its own.
    UnknownKey,
    /// No `kid`: allowed where the algorithm tells which key it is.
    MissingKeyId,
    /// `crit` with an extension nobody knows.
    CriticalHeader,
    /// Signed by a key that comes along in the header as `jwk`.
    KeyInHeader,
    /// No `id_token` in the answer.
    Absent,
    /// A text that is no JWT.
    NotAJwt,
}

/// The ID token with that fault; nothing for [`IdTokenFault::Absent`].
pub(crate) fn sign(fault: IdTokenFault, desk: &Desk<'_>, mut header: Value, mut claims: Value) -> Option<String> {
    let key = desk.state.keys.key(desk.facts.settings.sign_with);
    let hour = 3600;
    let now = desk.now.as_secs();
    let client = claims["aud"].clone();
    let stranger = Value::from("somebody-else");
    match fault {
        IdTokenFault::WrongIssuer => claims["iss"] = format!("{}1", desk.facts.issuer).into(),
        IdTokenFault::MissingIssuer => drop_member(&mut claims, "iss"),
        IdTokenFault::WrongAudience => claims["aud"] = stranger,
        IdTokenFault::MissingAudience => drop_member(&mut claims, "aud"),
        IdTokenFault::ForeignSecondAudience => claims["aud"] = json!([client, stranger]),
        IdTokenFault::AudienceAsArray => claims["aud"] = json!([client]),
        IdTokenFault::WrongAuthorizedParty => claims["azp"] = stranger,
        IdTokenFault::Expired => {
            claims["iat"] = now.saturating_sub(2 * hour).into();
            claims["exp"] = now.saturating_sub(hour).into();
        }
        IdTokenFault::MissingExpiry => drop_member(&mut claims, "exp"),
        IdTokenFault::IssuedInFuture => {
            claims["iat"] = (now + hour).into();
            claims["exp"] = (now + 2 * hour).into();
        }
        IdTokenFault::MissingIssuedAt => drop_member(&mut claims, "iat"),
        IdTokenFault::NotYetValid => claims["nbf"] = (now + hour).into(),
        IdTokenFault::WrongNonce => claims["nonce"] = random::token().into(),
        IdTokenFault::MissingNonce => drop_member(&mut claims, "nonce"),
        IdTokenFault::MissingSubject => drop_member(&mut claims, "sub"),
        IdTokenFault::OtherSubject => claims["sub"] = stranger,
        IdTokenFault::WrongAtHash => claims["at_hash"] = random::base64url(&[7; 16]).into(),
        IdTokenFault::MissingAtHash => drop_member(&mut claims, "at_hash"),
        IdTokenFault::BadSignature => return Some(with_a_bit_turned(&key.sign(&header, &claims))),
        IdTokenFault::AlgNone => {
            header["alg"] = "none".into();
            return Some(format!("{}.", signing_input(&header, &claims)));
        }
        IdTokenFault::Hs256WithPublicKey => return Some(with_hs256(key, header, &claims)),
        IdTokenFault::OtherAlgorithm => {
            let other = desk.state.keys.key(match desk.facts.settings.sign_with {
                Alg::Rs256 => Alg::Es256,
                Alg::Es256 => Alg::Rs256,
            });
            header["alg"] = json!(other.alg);
            header["kid"] = other.kid.as_str().into();
            return Some(other.sign(&header, &claims));
        }
        IdTokenFault::UnknownKey => {
            let unpublished = SigningKey::like(key);
            header["kid"] = unpublished.kid.as_str().into();
            return Some(unpublished.sign(&header, &claims));
        }
        IdTokenFault::MissingKeyId => drop_member(&mut header, "kid"),
        IdTokenFault::CriticalHeader => {
            header["crit"] = json!(["urn:example:unknown"]);
            header["urn:example:unknown"] = true.into();
        }
        IdTokenFault::KeyInHeader => {
            let brought_along = SigningKey::like(key);
            drop_member(&mut header, "kid");
            header["jwk"] = brought_along.jwk();
            return Some(brought_along.sign(&header, &claims));
        }
        IdTokenFault::Absent => return None,
        IdTokenFault::NotAJwt => return Some("this is no JWT".into()),
    }
    Some(key.sign(&header, &claims))
}

fn drop_member(object: &mut Value, name: &str) {
    if let Some(object) = object.as_object_mut() {
        object.remove(name);
    }
}

fn with_a_bit_turned(token: &str) -> String {
    let (message, signature) = token.rsplit_once('.').unwrap_or_default();
    // The first character: all of its six bits are part of the signature.
    let first = if signature.starts_with('A') { 'B' } else { 'A' };
    format!("{message}.{first}{}", &signature[1..])
}

fn with_hs256(key: &SigningKey, mut header: Value, claims: &Value) -> String {
    header["alg"] = "HS256".into();
    let message = signing_input(&header, claims);
    let secret = EncodingKey::from_secret(key.jwk().to_string().as_bytes());
    let mac = jsonwebtoken::crypto::sign(message.as_bytes(), &secret, jsonwebtoken::Algorithm::HS256);
    format!("{message}.{}", mac.expect("any bytes are an HMAC key"))
}
