use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;
use sha2::{Digest, Sha256, Sha384, Sha512};

use super::oracle::{self, Token};
use super::{CLIENT, ISSUER, METADATA, NONCE, NOW, Outcome, lenient, parts, shown_safely};
use crate::{AccessToken, CheckOutcome, Claims, Expected, IdTokenText, KeySet, Nonce, Response, parse_key_set, verify};

const ACCESS_TOKEN: &str = "CANARY_ACCESS";
const LEEWAY: i64 = 60;

/// A key set document, an empty line, and a token; or, after the empty line, a header and claims in a line each,
/// which are signed well here, since no mutation finds a signature.
pub fn jwt_jwks(bytes: &[u8]) -> Outcome {
    let Some((document, token)) = parts(bytes) else { return Outcome::Refused };
    let keys = key_set(document);
    let token = token.trim_ascii_end();
    match token.iter().position(|byte| *byte == b'\n') {
        Some(end) => {
            let (header, claims) = token.split_at(end);
            let ours = oracle::our_keys();
            let keys = parse_key_set(&Response::new(ours.to_string().into_bytes())).expect("a good key");
            judged(&oracle::signed(header, claims.trim_ascii_start()), &keys, &ours)
        }
        None => match std::str::from_utf8(token) {
            Ok(token) => judged(token, &keys, &serde_json::from_str(document).unwrap_or_default()),
            Err(_) => Outcome::Refused,
        },
    }
}

/// Every member of `keys` is used, or left out with the reason.
fn key_set(document: &str) -> KeySet {
    match parse_key_set(&Response::new(document.as_bytes().to_vec())) {
        Ok(set) => {
            let document = lenient(document.as_bytes());
            let all = document["keys"].as_array().map_or(0, Vec::len);
            assert!(all <= 200);
            assert!(set.kids().len() + set.skipped().len() <= all);
            assert_eq!(set.is_empty(), set.skipped().len() == all, "a key is lost");
            for skipped in set.skipped() {
                assert!(skipped.index < all && !skipped.reason.is_empty());
                assert!(!skipped.reason.chars().any(char::is_control), "{}", skipped.reason);
            }
            set
        }
        Err(error) => {
            shown_safely(&error);
            KeySet::default()
        }
    }
}

fn judged(text: &str, keys: &KeySet, document: &Value) -> Outcome {
    let (nonce, access_token) = (Nonce::new(NONCE.to_owned()), AccessToken::new(ACCESS_TOKEN.to_owned()));
    let mut expected = Expected::new(&METADATA, CLIENT, NOW);
    expected.nonce = Some(&nonce);
    expected.access_token = Some(&access_token);
    let report = verify(&IdTokenText::new(text.to_owned()), keys, &expected);

    assert_eq!(report.checks.len(), 17, "every rule is told");
    let failed = report.checks.iter().filter(|check| check.outcome == CheckOutcome::Failed).count();
    for check in &report.checks {
        assert!(!check.expected.chars().chain(check.got.chars()).any(char::is_control), "{check:?}");
        assert!(check.expected.chars().count() <= 201 && check.got.chars().count() <= 201, "{check:?}");
        // Until the attempt is over it is a secret: its rule tells fingerprints.
        assert!(check.name != "idtoken.nonce" || !format!("{check:?}").contains(NONCE), "{check:?}");
    }
    match report.outcome {
        Ok(claims) => {
            assert_eq!(failed, 0);
            believed(
                &Token::read(text),
                &claims,
                document,
                &METADATA.id_token_algs().iter().map(|alg| alg.name()).collect::<Vec<_>>(),
            );
            Outcome::Taken
        }
        Err(error) => {
            assert!(failed > 0, "{error}");
            shown_safely(&error)
        }
    }
}

/// OpenID Connect Core 3.1.3.7, read a second time.
fn believed(token: &Token<'_>, claims: &Claims, keys: &Value, algs: &[&str]) {
    let alg = token.header["alg"].as_str().expect("text");
    assert!(algs.contains(&alg), "{alg}");
    assert!(token.is_signed_by_one_of(keys), "signed by nobody who is published");
    assert!(token.header.get("crit").is_none());
    let told = &token.claims;
    assert_eq!(told["iss"], ISSUER);
    assert_eq!(told["nonce"], NONCE);
    assert!(
        told["aud"] == CLIENT
            || told["aud"].as_array().is_some_and(|all| all.iter().all(|aud| aud == CLIENT) && !all.is_empty())
    );
    assert!(told["azp"].is_null() || told["azp"] == CLIENT);
    let seconds = |name: &str| told[name].as_f64().expect("a number");
    #[expect(clippy::cast_precision_loss, reason = "dates fit exactly")]
    let (earliest, latest) = ((NOW - LEEWAY) as f64, (NOW + LEEWAY + 1) as f64);
    assert!(seconds("exp") > earliest && seconds("iat") < latest);
    assert!(told["nbf"].is_null() || seconds("nbf") < latest);
    let sub = told["sub"].as_str().expect("text");
    assert!(!sub.is_empty() && sub.chars().count() <= 255 && claims.sub == sub && claims.iss == ISSUER);
    if !told["at_hash"].is_null() {
        let hash = match alg.get(2..) {
            Some("256") => Sha256::digest(ACCESS_TOKEN).to_vec(),
            Some("384") => Sha384::digest(ACCESS_TOKEN).to_vec(),
            _ => Sha512::digest(ACCESS_TOKEN).to_vec(),
        };
        assert_eq!(told["at_hash"], URL_SAFE_NO_PAD.encode(&hash[..hash.len() / 2]));
    }
    assert_eq!(claims.raw, *told);
}
