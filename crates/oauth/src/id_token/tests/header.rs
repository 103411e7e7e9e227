//! What the token is, before anybody asks what it says.

use super::*;

#[test]
fn only_agreed_algorithms_are_believed() {
    // HP-14, HP-70, HP-ID-07, HP-ID-18
    let unsigned = |alg: &str| {
        let header = URL_SAFE_NO_PAD.encode(json!({ "alg": alg, "kid": "k" }).to_string());
        format!("{header}.{}.", URL_SAFE_NO_PAD.encode(good().to_string()))
    };
    for alg in ["none", "None", "nOnE", "NONE", "HS256", "HS512", "RS1", "ES256K", "rs256", ""] {
        assert_eq!(outcome(unsigned(alg)).expect_err(alg).code(), "idtoken.alg_not_allowed", "{alg}");
    }
    assert_eq!(
        with_header(|h| drop(h.as_object_mut().expect("an object").remove("alg"))).expect_err("no alg"),
        "idtoken.alg_not_allowed"
    );
    assert_eq!(with_header(|h| h["alg"] = json!(256)).expect_err("a number"), "idtoken.alg_not_allowed");
    assert_eq!(with_header(|h| h["alg"] = json!(["RS256"])).expect_err("a list"), "idtoken.alg_not_allowed");
}

#[test]
fn a_mac_made_with_the_public_key_is_refused() {
    // HP-ID-07, CVE-2016-10555 and its kin: the header says HS256, or RS256 over an HMAC.
    let jwk = SigningKey::rsa().named("k");
    let modulus = URL_SAFE_NO_PAD.decode(jwk["n"].as_str().expect("text")).expect("base64url");
    for key in [modulus, jwk.to_string().into_bytes(), jwk["n"].to_string().into_bytes()] {
        for alg in ["HS256", "RS256"] {
            let signed = format!(
                "{}.{}",
                URL_SAFE_NO_PAD.encode(json!({"alg": alg, "kid": "k"}).to_string()),
                URL_SAFE_NO_PAD.encode(good().to_string())
            );
            let secret = jsonwebtoken::EncodingKey::from_secret(&key);
            let mac =
                jsonwebtoken::crypto::sign(signed.as_bytes(), &secret, jsonwebtoken::Algorithm::HS256).expect("signs");
            let code = outcome(format!("{signed}.{mac}")).expect_err("refused").code();
            assert_eq!(code, if alg == "HS256" { "idtoken.alg_not_allowed" } else { "idtoken.bad_signature" });
        }
    }
}

#[test]
fn a_good_signature_with_an_algorithm_not_agreed_is_refused() {
    // HP-71
    let token = SigningKey::rsa().token(&header(), &good());
    let report = verify_with(token, &provider_keys(), |expected| expected.allowed_algs = vec![SigningAlg::Ps256]);
    assert_eq!(check(&report, "idtoken.signature").outcome, CheckOutcome::NotApplicable);
    let error = report.outcome.expect_err("refused");
    assert_eq!(error.to_string(), "The ID token is signed with RS256; PS256 is expected.");
}

#[test]
fn extensions_that_must_be_understood_are_refused() {
    // HP-ID-09, CVE-2026-32597
    for crit in [json!(["exp"]), json!([]), json!(["b64"]), Value::Null] {
        assert_eq!(with_header(|h| h["crit"] = crit).expect_err("refused"), "idtoken.crit_unsupported");
    }
}

#[test]
fn other_kinds_of_tokens_are_refused() {
    // HP-ID-10, AT-03
    for typ in ["at+jwt", "logout+jwt", "JOSE+JSON", "dpop+jwt", ""] {
        assert_eq!(with_header(|h| h["typ"] = typ.into()).expect_err(typ), "idtoken.wrong_type");
    }
    assert_eq!(with_header(|h| h["typ"] = json!(1)).expect_err("a number"), "idtoken.wrong_type");
    for typ in ["JWT", "jwt", "application/jwt"] {
        assert!(with_header(|h| h["typ"] = typ.into()).is_ok(), "{typ}");
    }
}

#[test]
fn texts_that_are_no_token_are_refused() {
    // HP-ID-11, HP-ID-12
    let token = SigningKey::rsa().token(&header(), &good());
    let parts: Vec<&str> = token.split('.').collect();
    let (head, body, signature) = (parts[0], parts[1], parts[2]);
    for text in [
        String::new(),
        ".".into(),
        "..".into(),
        "...".into(),
        "a.b".into(),
        format!("{head}.{body}"),
        format!("{head}.{body}.{signature}.x"),
        format!("{head}.{body}.{signature}="),
        format!("{head}=.{body}.{signature}"),
        format!(" {token}"),
        format!("{token}\n"),
        format!("{}.{}.{}", STANDARD.encode("{\"alg\":\"RS256\",\"?\":\"?>?>\"}"), body, signature),
        format!("{head}.{body}.{signature}!"),
        format!("{head}.{body}.é"),
        json!({"payload": body, "protected": head, "signature": signature}).to_string(),
        // One stray bit in the last character: a second spelling of the same bytes.
        format!("e30B.{body}.{signature}").replace("e30B", "e31"),
    ] {
        assert_eq!(outcome(text.clone()).expect_err("refused").code(), "idtoken.malformed", "{text}");
    }
    let key = SigningKey::rsa();
    for claims in [
        "[]",
        "\"x\"",
        "null",
        "",
        "{",
        "{\"sub\":\"a\",\"sub\":\"b\"}",
        "{\"x\":1,\"x\":2}",
        "\u{feff}{}",
        "{\"exp\":1e999}",
    ] {
        let token = key.token_of(header().to_string(), claims, "RS256");
        assert_eq!(outcome(token).expect_err("refused").code(), "idtoken.malformed", "{claims}");
    }
    let doubled = key.token_of("{\"alg\":\"none\",\"alg\":\"RS256\",\"kid\":\"k\"}", good().to_string(), "RS256");
    assert_eq!(outcome(doubled).expect_err("refused").code(), "idtoken.malformed");
    let deep = key.token_of(header().to_string(), format!("{}{}", "[".repeat(5000), "]".repeat(5000)), "RS256");
    assert_eq!(outcome(deep).expect_err("refused").code(), "idtoken.malformed");
    let large = key.token(&header(), &claims_after(|c| c["x"] = "x".repeat(1024 * 1024).into()));
    assert_eq!(outcome(large).expect_err("refused").code(), "idtoken.malformed");
}

#[test]
fn encrypted_tokens_are_told_apart() {
    // HP-27, HP-ID-13
    let head = URL_SAFE_NO_PAD
        .encode("{\"alg\":\"PBES2-HS256+A128KW\",\"p2c\":1000000000,\"enc\":\"A128GCM\",\"zip\":\"DEF\"}");
    let error = outcome(format!("{head}.a.b.c.d")).expect_err("refused");
    assert_eq!(error.code(), "idtoken.encrypted_unsupported");
}

#[test]
fn nothing_is_left_unsaid_about_a_token_that_cannot_be_read() {
    let report = verify_with("x".into(), &provider_keys(), |_| {});
    assert_eq!(check(&report, "idtoken.format").outcome, CheckOutcome::Failed);
    assert!(report.checks[1..].iter().all(|check| check.outcome == CheckOutcome::NotApplicable));
}
