use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};

use super::*;

fn key() -> DpopKey {
    DpopKey::of_random([7; 32]).expect("a number of the curve")
}

/// Header and claims of a proof whose signature fits the key in its header.
fn opened(proof: &str) -> (Value, Value) {
    let parts: Vec<Vec<u8>> = proof.split('.').map(|part| URL_SAFE_NO_PAD.decode(part).expect("base64url")).collect();
    let [header, claims] = [0, 1].map(|n| serde_json::from_slice::<Value>(&parts[n]).expect("JSON"));
    let coordinate =
        |name: &str| URL_SAFE_NO_PAD.decode(header["jwk"][name].as_str().expect("text")).expect("base64url");
    let point = [vec![4], coordinate("x"), coordinate("y")].concat();
    let signed = proof.rsplit_once('.').expect("three parts").0;
    UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).verify(signed.as_bytes(), &parts[2]).expect("fits");
    (header, claims)
}

#[test]
fn a_proof_carries_what_the_standard_asks() {
    // DPOP-01
    let url = Url::parse("https://OP.example:443/token?a=1#x").expect("a URL");
    let proof = Proof { method: "POST", url: &url, iat: 1_767_323_045, jti: [1; 16], access_token: None, nonce: None };
    let (header, claims) = opened(&key().proof(&proof));
    assert_eq!(header, json!({"typ": "dpop+jwt", "alg": "ES256", "jwk": key().public_jwk()}));
    assert_eq!(header["jwk"].as_object().expect("an object").len(), 4, "nothing private");
    assert_eq!(
        claims,
        json!({"htm": "POST", "htu": "https://op.example/token", "iat": 1_767_323_045, "jti": "AQEBAQEBAQEBAQEBAQEBAQ"})
    );
}

#[test]
fn a_proof_at_a_resource_names_the_token_and_the_nonce() {
    // DPOP-01: the hash is that of RFC 9449 section 7.1.
    let url = Url::parse("https://api.example/").expect("a URL");
    let token = AccessToken::new("Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU".into());
    let proof =
        Proof { method: "GET", url: &url, iat: 1, jti: [0; 16], access_token: Some(&token), nonce: Some("n-1") };
    let (_, claims) = opened(&key().proof(&proof));
    assert_eq!(claims["ath"], "fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo");
    assert_eq!(claims["nonce"], "n-1");
}

#[test]
fn the_thumbprint_is_that_of_the_standard() {
    // DPOP-06: the key of RFC 9449 section 6.1.
    let (x, y) = ("l8tFrhx-34tV3hRICRDY9zCkDlpBhF42UQUfWVAWBFs", "9VE4jf_Ok_o64zbTTlcuNJajHmt6v9TDVrU0CdvGRDA");
    assert_eq!(thumbprint(x, y), "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I");
}

#[test]
fn a_key_survives_the_vault_and_shows_nothing() {
    // DPOP-07
    let text = key().to_text();
    let again = DpopKey::of_text(&text).expect("a key");
    assert_eq!(again.thumbprint(), key().thumbprint());
    assert!(!format!("{:?}{text:?}", key()).contains(&URL_SAFE_NO_PAD.encode([7; 32])));
    for text in ["", "AAAA", "!", &URL_SAFE_NO_PAD.encode([0; 32])] {
        assert!(DpopKey::of_text(&DpopKeyText::new(text.to_owned())).is_none(), "{text}");
    }
    assert!(DpopKey::of_random([255; 32]).is_none(), "past the order of the curve");
}
