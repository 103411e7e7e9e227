//! Lies in the claims of an ID token, before it is signed.

use serde_json::{Value, json};
use sha2::{Digest as _, Sha384, Sha512};

use super::Misbehaviour as M;
use crate::random;

const MINUTE: u64 = 60;

/// What an ID token is about.
#[derive(Clone, Copy)]
pub(crate) struct About<'a> {
    /// In an answer to a refresh token.
    pub(crate) renewal: bool,
    pub(crate) access_token: &'a str,
    /// Of the sign-in before.
    pub(crate) last_nonce: Option<&'a str>,
    /// Seconds since the Unix epoch.
    pub(crate) now: u64,
}

pub(crate) fn change(chosen: M, claims: &mut Value, about: About<'_>) {
    let client = claims["aud"].clone();
    let now = about.now;
    match chosen {
        M::IssSuffix => suffix(claims, "iss", "1"),
        M::IssForeign => claims["iss"] = "https://example.org/".into(),
        M::IssMissing => drop(claims, "iss"),
        M::IssArray => claims["iss"] = json!([claims["iss"], "https://example.org/"]),
        M::IssObject => claims["iss"] = json!({ "iss": claims["iss"] }),
        M::IssPrefix => change_text(claims, "iss", |iss| iss[..iss.len() - 1].to_owned()),
        M::IssOtherCase => change_text(claims, "iss", str::to_uppercase),
        // A Cyrillic letter in the scheme.
        M::IssLookAlike => change_text(claims, "iss", |iss| iss.replacen('p', "\u{440}", 1)),
        M::AudSuffix => suffix(claims, "aud", "1"),
        M::AudForeign => claims["aud"] = "https://example.com/".into(),
        M::AudMissing => drop(claims, "aud"),
        M::SecondAud => claims["aud"] = json!([client, format!("{}1", client.as_str().unwrap_or_default())]),
        M::AudAsArray => claims["aud"] = json!([client]),
        M::AudEmpty => claims["aud"] = json!([]),
        M::AudNumber => claims["aud"] = 1.into(),
        M::AudNested => claims["aud"] = json!([[client]]),
        M::AudThousand => {
            let others = (1..1000).map(|n| Value::from(format!("client-{n}")));
            claims["aud"] = std::iter::once(client).chain(others).collect();
        }
        M::AudPrefix => change_text(claims, "aud", |aud| aud[..aud.len() - 1].to_owned()),
        M::AzpForeign => claims["azp"] = "another-client".into(),
        M::AzpRightSecondAud => {
            claims["azp"] = client.clone();
            claims["aud"] = json!([client, "another-client"]);
        }
        M::SubMissing => drop(claims, "sub"),
        M::SubEmpty => claims["sub"] = "".into(),
        M::SubNumber => claims["sub"] = 7.into(),
        M::SubNull => claims["sub"] = Value::Null,
        M::SubLong => claims["sub"] = "s".repeat(256).into(),
        M::SubNewline => suffix(claims, "sub", "\nadmin"),
        M::IatMissing => drop(claims, "iat"),
        M::IatWeekAgo => claims["iat"] = (now - 7 * 24 * 60 * MINUTE).into(),
        M::IatInFuture => claims["iat"] = (now + 10 * MINUTE).into(),
        M::NbfInFuture => claims["nbf"] = (now + 10 * MINUTE).into(),
        M::ExpMissing => drop(claims, "exp"),
        M::Expired => claims["exp"] = (now - 6 * MINUTE).into(),
        M::ExpText => claims["exp"] = claims["exp"].to_string().into(),
        M::ExpFraction => claims["exp"] = json!(claims["exp"].as_f64().unwrap_or_default() + 0.5),
        M::ExpZero => claims["exp"] = 0.into(),
        M::ExpNegative => claims["exp"] = (-1).into(),
        M::ExpOutOfRange => claims["exp"] = (1_u64 << 53).into(),
        M::NonceSuffix => suffix(claims, "nonce", "1"),
        M::NonceForeign => claims["nonce"] = "012345678".into(),
        M::NonceMissing => drop(claims, "nonce"),
        M::NonceArray => claims["nonce"] = json!([claims["nonce"]]),
        M::NonceOfAnotherSignIn => {
            claims["nonce"] = about.last_nonce.map_or_else(random::token, str::to_owned).into();
        }
        M::AtHashSuffix => suffix(claims, "at_hash", "1"),
        M::AtHashSorted => change_text(claims, "at_hash", |hash| {
            let mut letters: Vec<char> = hash.chars().collect();
            letters.sort_unstable();
            letters.into_iter().collect()
        }),
        M::AtHashMissing | M::AccessTokenIsIdToken => drop(claims, "at_hash"),
        M::AtHashSha384 => {
            claims["at_hash"] = random::base64url(&Sha384::digest(about.access_token)[..24]).into();
        }
        M::AtHashSha512 => {
            claims["at_hash"] = random::base64url(&Sha512::digest(about.access_token)[..32]).into();
        }
        M::AcrMissing => drop(claims, "acr"),
        M::AuthTimeMissing => drop(claims, "auth_time"),
        M::AuthTimeText => claims["auth_time"] = claims["auth_time"].to_string().into(),
        M::AuthTimeOld => claims["auth_time"] = (now - 24 * 60 * MINUTE).into(),
        M::EmailChanged => claims["email"] = "somebody.new@example.test".into(),
        M::EmailUnverified => claims["email_verified"] = false.into(),
        M::SameEmailOtherSub => suffix(claims, "sub", "-another"),
        M::RefreshedIssSuffix if about.renewal => suffix(claims, "iss", "1"),
        M::RefreshedSubSuffix if about.renewal => suffix(claims, "sub", "1"),
        _ => {}
    }
}

pub(super) fn suffix(claims: &mut Value, claim: &str, end: &str) {
    change_text(claims, claim, |text| format!("{text}{end}"));
}

fn change_text(claims: &mut Value, claim: &str, change: impl FnOnce(&str) -> String) {
    claims[claim] = change(claims[claim].as_str().unwrap_or_default()).into();
}

pub(super) fn drop(claims: &mut Value, claim: &str) {
    if let Some(claims) = claims.as_object_mut() {
        claims.remove(claim);
    }
}
