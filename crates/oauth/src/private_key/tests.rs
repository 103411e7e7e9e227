use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
use base64::engine::general_purpose::STANDARD;
use proptest::prelude::*;
use serde_json::json;

use super::*;

/// RFC 7515 appendix A.3: the number of its example key, and the point.
const D: &str = "jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI";
const X: &str = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU";

fn read_key(text: &str) -> Result<PrivateKey, PrivateKeyError> {
    PrivateKey::read(&PrivateKeyText::new(text.to_owned()), None)
}

fn pem(label: &str, der: &[u8]) -> String {
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", STANDARD.encode(der))
}

fn ec_jwk() -> Value {
    json!({"kty": "EC", "crv": "P-256", "d": D, "kid": "k1"})
}

#[test]
fn a_p256_key_signs_and_its_point_is_computed() {
    let d = URL_SAFE_NO_PAD.decode(D).expect("base64url");
    let (_, point) = p256(&d).expect("a key");
    assert_eq!(URL_SAFE_NO_PAD.encode(&point[1..33]), X);
    let token = read_key(&ec_jwk().to_string()).expect("good").sign(&json!({"a": 1}));
    let (signed, signature) = token.rsplit_once('.').expect("three parts");
    let signature = URL_SAFE_NO_PAD.decode(signature).expect("base64url");
    UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, &point).verify(signed.as_bytes(), &signature).expect("fits");
    let header = URL_SAFE_NO_PAD.decode(signed.split('.').next().expect("a header")).expect("base64url");
    let header: Value = serde_json::from_slice(&header).expect("JSON");
    assert_eq!(header, json!({"typ": "JWT", "alg": "ES256", "kid": "k1"}));
}

#[test]
fn both_forms_of_both_kinds_are_read() {
    let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).expect("a key");
    let ec = pem("PRIVATE KEY", pair.to_pkcs8v1().expect("PKCS#8").as_ref());
    assert_eq!(read_key(&ec).expect("good").alg(), SigningAlg::Es256);
    let rsa = KeyPair::generate(KeySize::Rsa2048).expect("a key");
    let rsa = pem("PRIVATE KEY", rsa.as_der().expect("PKCS#8").as_ref());
    let key = PrivateKey::read(&PrivateKeyText::new(rsa), Some("mine")).expect("good");
    assert_eq!((key.alg(), key.kid.as_deref()), (SigningAlg::Rs256, Some("mine")));
    assert_eq!(key.sign(&json!({})).split('.').count(), 3);
}

#[test]
fn an_rsa_json_web_key_is_read() {
    let jwk = rsa_jwk();
    let key = read_key(&jwk.to_string()).expect("good");
    assert_eq!(key.alg(), SigningAlg::Rs256);
    for member in ["n", "e", "d", "p", "q", "dp", "dq", "qi"] {
        let mut without = jwk.clone();
        without.as_object_mut().expect("an object").remove(member);
        assert_eq!(read_key(&without.to_string()).expect_err(member), PrivateKeyError::Incomplete { member });
    }
    let mut wrong = jwk.clone();
    wrong["d"] = jwk["dp"].clone();
    assert_eq!(read_key(&wrong.to_string()).expect_err("not sound"), PrivateKeyError::Unsound { alg: "RS256" });
}

#[test]
fn what_is_no_key_is_told_without_a_word_of_it() {
    let of = |change: &dyn Fn(&mut Value)| {
        let mut jwk = ec_jwk();
        change(&mut jwk);
        jwk.to_string()
    };
    for (text, wanted) in [
        (String::new(), PrivateKeyError::NotAKey),
        ("CANARY".into(), PrivateKeyError::NotAKey),
        (pem("PRIVATE KEY", b"CANARY"), PrivateKeyError::NotAKey),
        (pem("ENCRYPTED PRIVATE KEY", b"CANARY"), PrivateKeyError::Encrypted),
        (pem("EC PRIVATE KEY", b"CANARY"), PrivateKeyError::Sec1),
        ("{".into(), PrivateKeyError::NotAKey),
        (of(&|jwk| jwk["crv"] = "P-521".into()), PrivateKeyError::Unsupported { got: "EC P-521".into() }),
        (of(&|jwk| jwk["kty"] = "oct".into()), PrivateKeyError::Unsupported { got: "oct P-256".into() }),
        (of(&|jwk| jwk["alg"] = "ES384".into()), PrivateKeyError::Unsupported { got: "ES384".into() }),
        (of(&|jwk| jwk["d"] = "!".into()), PrivateKeyError::Incomplete { member: "d" }),
        (of(&|jwk| jwk["d"] = URL_SAFE_NO_PAD.encode([0; 32]).into()), PrivateKeyError::Unsound { alg: "ES256" }),
        (of(&|jwk| jwk["d"] = URL_SAFE_NO_PAD.encode([255; 32]).into()), PrivateKeyError::Unsound { alg: "ES256" }),
        (of(&|jwk| jwk["d"] = URL_SAFE_NO_PAD.encode([1; 31]).into()), PrivateKeyError::Unsound { alg: "ES256" }),
    ] {
        let error = read_key(&text).expect_err(&text);
        assert_eq!(error, wanted, "{text}");
        assert!(!format!("{error} {}", error.hint()).contains("CANARY"));
    }
    let debug = format!("{:?}", read_key(&ec_jwk().to_string()));
    assert!(!debug.contains(D), "{debug}");
}

/// A fresh RSA key as a JSON Web Key: the integers of its PKCS#8 form, without the versions.
fn rsa_jwk() -> Value {
    let pair = KeyPair::generate(KeySize::Rsa2048).expect("a key");
    let mut numbers = Vec::new();
    integers(pair.as_der().expect("PKCS#8").as_ref(), &mut numbers);
    let mut jwk = json!({"kty": "RSA", "alg": "RS256"});
    for (name, number) in ["n", "e", "d", "p", "q", "dp", "dq", "qi"].into_iter().zip(numbers.split_off(2)) {
        jwk[name] = URL_SAFE_NO_PAD.encode(number).into();
    }
    jwk
}

/// The integers in a DER document, in order, those within sequences and octet strings too.
fn integers(mut der: &[u8], out: &mut Vec<Vec<u8>>) {
    while let [tag, length, rest @ ..] = der {
        let long = usize::from(if *length > 0x80 { length & 0x7f } else { 0 });
        let size = match long {
            0 => usize::from(*length),
            _ => rest[..long].iter().fold(0, |size, byte| size << 8 | usize::from(*byte)),
        };
        let (content, next) = rest[long..].split_at(size);
        match tag {
            0x02 => out.push(content.iter().copied().skip_while(|byte| *byte == 0).collect()),
            0x30 | 0x04 => integers(content, out),
            _ => {}
        }
        der = next;
    }
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in "(\\{\"kty\":\"(RSA|EC)\",\"crv\":\"P-256\",\"[dnepq]\":\"[A-Za-z0-9_-]{0,44}\"\\}|[ -~]{0,80})") {
        let _ = read_key(&text);
    }
}
