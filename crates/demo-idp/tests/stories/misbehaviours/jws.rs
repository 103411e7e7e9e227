use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use doorkey_demo_idp::{Endpoint, Misbehaviour as M};
use serde_json::{Value, json};

use crate::support::{Scene, part, text};

/// The token, and the published keys.
type Check = fn(&str, &Value) -> bool;

fn header(token: &str) -> Value {
    part(token, 0)
}

fn signature(token: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(token.rsplit('.').next().expect("a last part")).expect("base64url")
}

fn payload(token: &str) -> String {
    let bytes = URL_SAFE_NO_PAD.decode(token.split('.').nth(1).expect("a payload")).expect("base64url");
    String::from_utf8(bytes).expect("text")
}

fn is(token: &str, member: &str, value: impl Into<Value>) -> bool {
    header(token)[member] == value.into() && !fails(token)
}

fn lacks(token: &str, member: &str) -> bool {
    header(token).get(member).is_none() && !fails(token)
}

fn fails(token: &str) -> bool {
    signature(token).len() != 256
}

fn published(token: &str, keys: &Value) -> bool {
    keys["keys"].as_array().expect("keys").iter().any(|key| key["kid"] == header(token)["kid"])
}

/// Whether one of the published keys verifies the token with the algorithm of its header.
fn verifies(token: &str, keys: &Value) -> bool {
    let Ok(alg) = serde_json::from_value::<jsonwebtoken::Algorithm>(header(token)["alg"].clone()) else { return false };
    let (message, signature) = token.rsplit_once('.').expect("parts");
    keys["keys"].as_array().expect("keys").iter().any(|key| {
        let Ok(jwk) = serde_json::from_value(key.clone()) else { return false };
        let Ok(key) = jsonwebtoken::DecodingKey::from_jwk(&jwk) else { return false };
        jsonwebtoken::crypto::verify(signature, message.as_bytes(), &key, alg).unwrap_or(false)
    })
}

fn by_stranger(token: &str, keys: &Value) -> bool {
    !published(token, keys) && !verifies(token, keys) && signature(token).len() == 256
}

fn hs256(token: &str) -> bool {
    header(token)["alg"] == "HS256" && signature(token).len() == 32
}

fn table() -> Vec<(M, Check)> {
    vec![
        (M::SignatureXored, |it, keys| is(it, "alg", "RS256") && published(it, keys) && !verifies(it, keys)),
        (M::SignatureSorted, |it, keys| signature(it).is_sorted() && !verifies(it, keys)),
        (M::SignatureXoredEs256, |it, keys| header(it)["alg"] == "ES256" && published(it, keys) && !verifies(it, keys)),
        (M::SignatureSortedEs256, |it, _| header(it)["alg"] == "ES256" && signature(it).is_sorted()),
        (M::SignatureXoredHs256, |it, _| hs256(it)),
        (M::Hs256WithSecret, |it, _| hs256(it)),
        (M::Hs256WithPem, |it, _| hs256(it)),
        (M::Hs256WithJwk, |it, _| hs256(it)),
        (M::Hs256WithModulus, |it, _| hs256(it)),
        (M::Rs256HeaderHs256Code, |it, keys| {
            header(it)["alg"] == "RS256" && signature(it).len() == 32 && published(it, keys)
        }),
        (M::Es256Zero, |it, keys| signature(it) == [0; 64] && published(it, keys)),
        (M::Ps256, |it, keys| is(it, "alg", "PS256") && published(it, keys) && !fails(it)),
        (M::AlternateAlg, |it, keys| is(it, "kid", "rsa-none-alt-arg") && published(it, keys) && verifies(it, keys)),
        (M::AlgNone, |it, _| header(it)["alg"] == "none" && it.ends_with('.')),
        (M::AlgNoneTitle, |it, _| header(it)["alg"] == "None" && it.ends_with('.')),
        (M::AlgNoneMixed, |it, _| header(it)["alg"] == "nOnE" && it.ends_with('.')),
        (M::AlgNoneUpper, |it, _| header(it)["alg"] == "NONE" && it.ends_with('.')),
        (M::AlgMissing, |it, _| lacks(it, "alg")),
        (M::KidAbsentSingle, |it, keys| {
            let count =
                |kty: &str| keys["keys"].as_array().expect("keys").iter().filter(|key| key["kty"] == kty).count();
            lacks(it, "kid") && verifies(it, keys) && (count("RSA"), count("EC"), count("OKP")) == (1, 2, 1)
        }),
        (M::KidAbsentMultiple, |it, keys| {
            let all = keys["keys"].as_array().expect("keys");
            lacks(it, "kid") && verifies(it, keys) && all.len() == 12 && all.iter().all(|key| key.get("kid").is_none())
        }),
        (M::EddsaSmallOrder, |it, keys| {
            header(it)["alg"] == "EdDSA" && published(it, keys) && signature(it)[1..] == [0; 63]
        }),
        (M::HeaderJwk, |it, keys| header(it)["jwk"]["kty"] == "RSA" && by_stranger(it, keys)),
        (M::HeaderJku, |it, keys| text(&header(it)["jku"]).starts_with("http://127.0.0.1:") && by_stranger(it, keys)),
        (M::HeaderX5u, |it, keys| text(&header(it)["x5u"]).starts_with("http://127.0.0.1:") && by_stranger(it, keys)),
        (M::HeaderX5c, |it, keys| text(&header(it)["x5c"][0]).starts_with("MII") && by_stranger(it, keys)),
        (M::UnknownKid, |it, keys| by_stranger(it, keys)),
        (M::KidTraversal, |it, _| is(it, "kid", "../../etc/passwd")),
        (M::KidSql, |it, _| text(&header(it)["kid"]).contains("UNION SELECT")),
        (M::KidLong, |it, _| text(&header(it)["kid"]).len() == 10 * 1024),
        (M::KidNumber, |it, _| is(it, "kid", 7)),
        (M::CritExp, |it, keys| is(it, "crit", json!(["exp"])) && verifies(it, keys)),
        (M::CritEmpty, |it, _| is(it, "crit", json!([]))),
        (M::CritB64, |it, _| is(it, "crit", json!(["b64"])) && is(it, "b64", false)),
        (M::TypAtJwt, |it, keys| is(it, "typ", "at+jwt") && verifies(it, keys)),
        (M::TypLogoutJwt, |it, _| is(it, "typ", "logout+jwt")),
        (M::TypJoseJson, |it, _| is(it, "typ", "JOSE+JSON")),
        (M::TypAbsent, |it, keys| lacks(it, "typ") && verifies(it, keys)),
        (M::TypLowerCase, |it, _| is(it, "typ", "jwt")),
        (M::TypFull, |it, _| is(it, "typ", "application/jwt")),
        (M::Encrypted, |it, _| it.split('.').count() == 5 && header(it)["alg"] == "RSA1_5"),
        (M::EncryptedZip, |it, _| it.split('.').count() == 5 && header(it)["zip"] == "DEF"),
        (M::EncryptedIterations, |it, _| it.split('.').count() == 5 && header(it)["p2c"] == 1_000_000_000),
        (M::TwoParts, |it, _| it.split('.').count() == 2),
        (M::FourParts, |it, _| it.split('.').count() == 4),
        (M::JsonSerialization, |it, _| {
            serde_json::from_str::<Value>(it)
                .is_ok_and(|jws| jws["protected"].is_string() && jws["signature"].is_string())
        }),
        (M::Padding, |it, keys| verifies(it.strip_suffix("==").expect("padding"), keys)),
        (M::StandardBase64, |it, keys| {
            it.rsplit('.').next().is_some_and(|it| it.contains(['+', '/']))
                && verifies(&it.replace('+', "-").replace('/', "_"), keys)
        }),
        (M::Whitespace, |it, keys| it.contains(". ") && verifies(&it.replace(' ', ""), keys)),
        (M::StrayBits, |it, _| {
            URL_SAFE_NO_PAD.decode(it.rsplit('.').next().expect("a part"))
                == Err(base64::DecodeError::InvalidLastSymbol(341, it.as_bytes()[it.len() - 1]))
        }),
        (M::OnlyDots, |it, _| it == ".."),
        (M::EmptyIdToken, |it, _| it.is_empty()),
        (M::PayloadArray, |it, keys| part(it, 1).is_array() && verifies(it, keys)),
        (M::PayloadText, |it, _| part(it, 1).is_string()),
        (M::PayloadNull, |it, _| part(it, 1).is_null()),
        (M::PayloadClaimTwice, |it, keys| payload(it).matches("\"sub\":").count() == 2 && verifies(it, keys)),
        (M::PayloadHuge, |it, keys| payload(it).len() > 512 * 1024 && verifies(it, keys)),
        (M::PayloadByteOrderMark, |it, keys| payload(it).starts_with('\u{feff}') && verifies(it, keys)),
    ]
}

pub(super) fn shown() -> Vec<M> {
    table().into_iter().map(|(one, _)| one).collect()
}

#[tokio::test]
async fn the_token_is_as_bad_as_was_said() {
    let mut scene = Scene::new().await;
    for (one, as_said) in table() {
        scene.misbehave(one);
        let answer = scene.tokens(&[]).await;
        let token = text(&answer["id_token"]);
        let keys = scene.fetch(Endpoint::Jwks).await;
        assert!(as_said(token, &keys), "{one}: {}", &token[..token.len().min(2000)]);
    }
}

#[tokio::test]
async fn the_metadata_go_with_the_lie() {
    let scene = Scene::new().await;
    for (one, algorithms) in [
        (M::AlternateAlg, json!(["ES256"])),
        (M::AlgNone, json!(["none", "RS256", "ES256"])),
        (M::EddsaSmallOrder, json!(["RS256", "ES256", "EdDSA"])),
    ] {
        scene.misbehave(one);
        assert_eq!(scene.fetch(Endpoint::Discovery).await["id_token_signing_alg_values_supported"], algorithms);
    }
}
