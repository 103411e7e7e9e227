//! Lies in the header, the signature and the shape of an ID token.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use jsonwebtoken::Algorithm;
use serde_json::{Value, json};

use super::Misbehaviour as M;
use super::canary::here;
use super::claims::drop;
use super::odd_keys;
use crate::Alg;
use crate::desk::Desk;
use crate::keys::{SigningKey, signing_input};
use crate::random;

const HUGE: usize = 512 * 1024;

/// The ID token for these claims, signed and lied about.
pub(crate) fn sign(chosen: M, desk: &Desk<'_>, mut header: Value, claims: &Value) -> String {
    let keys = &desk.state.keys;
    let key = keys.key(desk.facts.settings.sign_with);
    let (rsa, ec) = (keys.key(Alg::Rs256), keys.key(Alg::Es256));
    let client = claims["aud"].as_str().and_then(|id| desk.client(id));
    let secret = client.and_then(|client| client.secret.as_deref()).unwrap_or("this client has no secret");
    let good = |header: &Value| key.sign(header, claims);
    match chosen {
        M::SignatureXored => with_signature(&by(rsa, claims), xored),
        M::SignatureSorted => with_signature(&by(rsa, claims), sorted),
        M::SignatureXoredEs256 => with_signature(&by(ec, claims), xored),
        M::SignatureSortedEs256 => with_signature(&by(ec, claims), sorted),
        M::SignatureXoredHs256 => with_signature(&hs256(secret.as_bytes(), "HS256", header, claims), xored),
        M::Hs256Only | M::Hs256WithSecret => hs256(secret.as_bytes(), "HS256", header, claims),
        M::Hs256WithPem => hs256(odd_keys::pem(rsa).as_bytes(), "HS256", header, claims),
        M::Hs256WithJwk => hs256(rsa.jwk().to_string().as_bytes(), "HS256", header, claims),
        M::Hs256WithModulus => hs256(&odd_keys::modulus(rsa), "HS256", header, claims),
        M::Rs256HeaderHs256Code => {
            header["kid"] = rsa.kid.as_str().into();
            hs256(odd_keys::pem(rsa).as_bytes(), "RS256", header, claims)
        }
        M::Rs256Only => by(rsa, claims),
        M::Es256Only => by(ec, claims),
        M::Es256Zero => with_signature(&by(ec, claims), |signature| vec![0; signature.len()]),
        M::Ps256 => {
            let header = json!({ "alg": "PS256", "typ": "JWT", "kid": rsa.kid });
            rsa.sign_with(Algorithm::PS256, &header, claims)
        }
        M::EddsaSmallOrder => {
            let header = json!({ "alg": "EdDSA", "typ": "JWT", "kid": odd_keys::SMALL_ORDER_KID });
            format!("{}.{}", signing_input(&header, claims), random::base64url(&odd_keys::fits_small_order()))
        }
        M::AlternateAlg => {
            header["kid"] = odd_keys::ALTERNATE_KID.into();
            good(&header)
        }
        M::AlgNone => unsigned("none", header, claims),
        M::AlgNoneTitle => unsigned("None", header, claims),
        M::AlgNoneMixed => unsigned("nOnE", header, claims),
        M::AlgNoneUpper => unsigned("NONE", header, claims),
        M::AlgMissing => {
            drop(&mut header, "alg");
            good(&header)
        }
        M::KidAbsentSingle | M::KidAbsentMultiple => {
            drop(&mut header, "kid");
            good(&header)
        }
        M::UnknownKid => unpublished(key, header, claims, |_, _| {}),
        M::HeaderJwk => unpublished(key, header, claims, |header, own| {
            drop(header, "kid");
            header["jwk"] = own.jwk();
        }),
        M::HeaderJku => unpublished(key, header, claims, |header, _| header["jku"] = here(desk.facts, "jwks").into()),
        M::HeaderX5u => unpublished(key, header, claims, |header, _| header["x5u"] = here(desk.facts, "x5u").into()),
        M::HeaderX5c => unpublished(rsa, header, claims, |header, own| {
            header["alg"] = json!(own.alg);
            header["x5c"] = json!([odd_keys::certificate(own)]);
        }),
        M::KidTraversal => with_header(good, header, "kid", "../../etc/passwd"),
        M::KidSql => with_header(good, header, "kid", "x' UNION SELECT 'key' --"),
        M::KidLong => with_header(good, header, "kid", "k".repeat(10 * 1024)),
        M::KidNumber => with_header(good, header, "kid", 7),
        M::CritExp => with_header(good, header, "crit", json!(["exp"])),
        M::CritEmpty => with_header(good, header, "crit", json!([])),
        M::CritB64 => {
            header["b64"] = false.into();
            with_header(good, header, "crit", json!(["b64"]))
        }
        M::TypAtJwt => with_header(good, header, "typ", "at+jwt"),
        M::TypLogoutJwt => with_header(good, header, "typ", "logout+jwt"),
        M::TypJoseJson => with_header(good, header, "typ", "JOSE+JSON"),
        M::TypLowerCase => with_header(good, header, "typ", "jwt"),
        M::TypFull => with_header(good, header, "typ", "application/jwt"),
        M::TypAbsent => {
            drop(&mut header, "typ");
            good(&header)
        }
        M::Encrypted => five_parts(&json!({ "alg": "RSA1_5", "enc": "A128CBC-HS256" })),
        M::EncryptedZip => five_parts(&json!({ "alg": "RSA-OAEP", "enc": "A256GCM", "zip": "DEF" })),
        M::EncryptedIterations => five_parts(&json!({
            "alg": "PBES2-HS256+A128KW", "enc": "A256GCM", "p2s": random::name(), "p2c": 1_000_000_000,
        })),
        M::TwoParts => good(&header).rsplit_once('.').unwrap_or_default().0.to_owned(),
        M::FourParts => format!("{}.AAAA", good(&header)),
        M::JsonSerialization => {
            let token = good(&header);
            let parts: Vec<&str> = token.split('.').collect();
            json!({ "protected": parts[0], "payload": parts[1], "signature": parts[2] }).to_string()
        }
        M::Padding => format!("{}==", good(&header)),
        M::StandardBase64 => standard_base64(key, &header, claims),
        M::Whitespace => {
            good(&header).rsplit_once('.').map(|(signed, it)| format!("{signed}. {it}")).unwrap_or_default()
        }
        M::StrayBits => stray_bits(&good(&header)),
        M::OnlyDots => "..".into(),
        M::PayloadArray => key.sign_raw(&header, json!([claims]).to_string().as_bytes()),
        M::PayloadText => key.sign_raw(&header, br#""claims""#),
        M::PayloadNull => key.sign_raw(&header, b"null"),
        M::PayloadClaimTwice => {
            let doubled = format!(r#"{{"sub":"somebody",{}"#, &claims.to_string()[1..]);
            key.sign_raw(&header, doubled.as_bytes())
        }
        M::PayloadHuge => {
            let mut huge = claims.clone();
            huge["filling"] = "f".repeat(HUGE).into();
            key.sign(&header, &huge)
        }
        M::PayloadByteOrderMark => key.sign_raw(&header, format!("\u{feff}{claims}").as_bytes()),
        _ => good(&header),
    }
}

/// As it should be, by that key.
fn by(key: &SigningKey, claims: &Value) -> String {
    key.sign(&json!({ "alg": key.alg, "typ": "JWT", "kid": key.kid }), claims)
}

fn with_header(good: impl Fn(&Value) -> String, mut header: Value, name: &str, value: impl Into<Value>) -> String {
    header[name] = value.into();
    good(&header)
}

/// By a key of the same kind that was never published, under its own name unless `change` says otherwise.
fn unpublished(
    like: &SigningKey,
    mut header: Value,
    claims: &Value,
    change: impl Fn(&mut Value, &SigningKey),
) -> String {
    let own = SigningKey::like(like);
    header["kid"] = own.kid.as_str().into();
    change(&mut header, &own);
    own.sign(&header, claims)
}

fn unsigned(alg: &str, mut header: Value, claims: &Value) -> String {
    header["alg"] = alg.into();
    format!("{}.", signing_input(&header, claims))
}

fn hs256(secret: &[u8], alg: &str, mut header: Value, claims: &Value) -> String {
    header["alg"] = alg.into();
    let message = signing_input(&header, claims);
    let secret = jsonwebtoken::EncodingKey::from_secret(secret);
    let code = jsonwebtoken::crypto::sign(message.as_bytes(), &secret, Algorithm::HS256);
    format!("{message}.{}", code.expect("any bytes are an HMAC key"))
}

/// The five parts of an encrypted token (RFC 7516 3.1), of random bytes.
pub(super) fn five_parts(header: &Value) -> String {
    let [key, iv, content, tag] = std::array::from_fn(|_| random::token());
    format!("{}.{key}.{iv}.{content}.{tag}", random::base64url(header.to_string().as_bytes()))
}

pub(super) fn with_signature(token: &str, change: impl FnOnce(Vec<u8>) -> Vec<u8>) -> String {
    let (signed, signature) = token.rsplit_once('.').unwrap_or_default();
    format!("{signed}.{}", random::base64url(&change(URL_SAFE_NO_PAD.decode(signature).unwrap_or_default())))
}

pub(super) fn xored(mut signature: Vec<u8>) -> Vec<u8> {
    signature.iter_mut().for_each(|byte| *byte ^= 0x5A);
    signature
}

fn sorted(mut signature: Vec<u8>) -> Vec<u8> {
    signature.sort_unstable();
    signature
}

/// Signs until a character turns up in which the two alphabets differ.
fn standard_base64(key: &SigningKey, header: &Value, claims: &Value) -> String {
    let mut claims = claims.clone();
    loop {
        let token = key.sign(header, &claims);
        let (signed, signature) = token.rsplit_once('.').unwrap_or_default();
        if signature.contains(['-', '_']) {
            let bytes = URL_SAFE_NO_PAD.decode(signature).unwrap_or_default();
            return format!("{signed}.{}", STANDARD_NO_PAD.encode(bytes));
        }
        claims["jti"] = random::name().into();
    }
}

/// RS256 and ES256 signatures end in a character of which four bits are padding.
fn stray_bits(token: &str) -> String {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let (begin, last) = token.split_at(token.len() - 1);
    let at = ALPHABET.iter().position(|letter| last.as_bytes() == [*letter]).unwrap_or_default();
    format!("{begin}{}", char::from(ALPHABET[at + 1]))
}
