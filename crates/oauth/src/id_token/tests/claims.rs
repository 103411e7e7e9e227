//! What it says.

use super::*;

#[test]
fn the_issuer_is_compared_byte_for_byte() {
    // HP-02, HP-67, HP-68, HP-ID-03, CVE-2025-30144, CVE-2024-53861
    for iss in [
        "https://op.example1",
        "https://op.exampl",
        "https://op.example/",
        "https://OP.example",
        "https://ор.example",
        "",
    ] {
        assert_eq!(with("iss", Some(iss.into())).expect_err(iss), "idtoken.iss_mismatch");
    }
    assert_eq!(with("iss", None).expect_err("missing"), "idtoken.iss_mismatch");
    for iss in [json!([ISSUER, "https://evil.example"]), json!([ISSUER]), json!({}), json!(1)] {
        assert_eq!(with("iss", Some(iss)).expect_err("refused"), "idtoken.claim_type");
    }
}

#[test]
fn the_token_must_be_for_us_alone() {
    // HP-03, HP-04, HP-72, HP-73, HP-ID-04
    let many: Vec<String> = (0..1000).map(|n| format!("client-{n}")).collect();
    for (aud, code) in [
        (json!("client-11"), "idtoken.aud_mismatch"),
        (json!("client-"), "idtoken.aud_mismatch"),
        (json!("https://example.com/"), "idtoken.aud_mismatch"),
        (json!(""), "idtoken.aud_mismatch"),
        (json!([]), "idtoken.aud_mismatch"),
        (Value::Null, "idtoken.aud_mismatch"),
        (json!([CLIENT, "client-11"]), "idtoken.aud_untrusted"),
        (json!(many), "idtoken.aud_untrusted"),
        (json!(7), "idtoken.claim_type"),
        (json!([[CLIENT]]), "idtoken.claim_type"),
        (json!([CLIENT, 7]), "idtoken.claim_type"),
        (json!({"aud": CLIENT}), "idtoken.claim_type"),
    ] {
        assert_eq!(with("aud", Some(aud.clone())).expect_err("refused"), code, "{aud}");
    }
    assert_eq!(with("aud", None).expect_err("missing"), "idtoken.aud_mismatch");
    assert!(with("aud", Some(json!([CLIENT]))).is_ok());
}

#[test]
fn a_second_audience_passes_only_when_it_is_trusted() {
    // HP-ID-05
    static TRUSTED: LazyLock<Vec<String>> = LazyLock::new(|| vec!["https://api.example".to_owned()]);
    let claims = claims_after(|c| c["aud"] = json!([CLIENT, "https://api.example"]));
    let token = SigningKey::rsa().token(&header(), &claims);
    let report = verify_with(token.clone(), &provider_keys(), |expected| expected.trusted_audiences = &TRUSTED);
    assert_eq!(check(&report, "idtoken.azp").outcome, CheckOutcome::Warned);
    assert!(report.outcome.is_ok());
    let claims = claims_after(|c| {
        c["aud"] = json!([CLIENT, "https://api.example"]);
        c["azp"] = CLIENT.into();
    });
    assert_eq!(
        outcome(SigningKey::rsa().token(&header(), &claims)).expect_err("refused").code(),
        "idtoken.aud_untrusted"
    );
}

#[test]
fn a_token_issued_to_another_client_is_refused() {
    // IDT-04, HP-ID-05
    assert_eq!(with("azp", Some("client-11".into())).expect_err("refused"), "idtoken.azp_mismatch");
    assert_eq!(with("azp", Some(json!([CLIENT]))).expect_err("refused"), "idtoken.claim_type");
    assert!(with("azp", Some(CLIENT.into())).is_ok());
}

#[test]
fn the_nonce_must_be_the_one_that_was_sent() {
    // HP-07, HP-67, HP-68, HP-ID-15, BCP-04
    for (nonce, code) in [
        (Some(json!(format!("{NONCE}1"))), "idtoken.nonce_mismatch"),
        (Some(json!("012345678")), "idtoken.nonce_mismatch"),
        (Some(json!("")), "idtoken.nonce_mismatch"),
        (Some(json!([NONCE])), "idtoken.claim_type"),
        (Some(Value::Null), "idtoken.nonce_missing"),
        (None, "idtoken.nonce_missing"),
    ] {
        assert_eq!(with("nonce", nonce).expect_err("refused"), code);
    }
}

#[test]
fn a_nonce_is_shown_as_a_fingerprint_only() {
    let token = SigningKey::rsa().token(&header(), &claims_after(|c| c["nonce"] = "CANARY_NONCE".into()));
    let report = verify_with(token, &provider_keys(), |_| {});
    let text = format!("{report:?}");
    assert!(!text.contains("CANARY") && !text.contains(NONCE), "{text}");
}

#[test]
fn a_renewal_has_no_nonce_of_its_own() {
    // Core 12.2
    let token = SigningKey::rsa().token(&header(), &good());
    let report = verify_with(token, &provider_keys(), |expected| expected.nonce = None);
    assert_eq!(check(&report, "idtoken.nonce").outcome, CheckOutcome::NotApplicable);
    assert!(report.outcome.is_ok());
}

#[test]
fn the_person_must_be_named() {
    // HP-05, HP-ID-06
    for (sub, code) in [
        (None, "idtoken.sub_missing"),
        (Some(json!("")), "idtoken.sub_missing"),
        (Some(Value::Null), "idtoken.sub_missing"),
        (Some(json!(7)), "idtoken.claim_type"),
        (Some(json!("x".repeat(256))), "idtoken.claim_type"),
        (Some(json!("a\nb")), "idtoken.claim_type"),
    ] {
        assert_eq!(with("sub", sub).expect_err("refused"), code);
    }
    assert!(with("sub", Some(json!("x".repeat(255)))).is_ok());
}

#[test]
fn the_hash_of_the_access_token_is_compared_when_it_is_there() {
    // HP-31, HP-32, HP-ID-14
    let hash = |alg: SigningAlg| {
        let hash = alg.digest(ACCESS_TOKEN.as_bytes());
        URL_SAFE_NO_PAD.encode(&hash[..hash.len() / 2])
    };
    let right = hash(SigningAlg::Rs256);
    assert!(with("at_hash", Some(right.clone().into())).is_ok());
    let mut sorted: Vec<char> = right.chars().collect();
    sorted.sort_unstable();
    for wrong in [
        format!("{right}1"),
        sorted.into_iter().collect(),
        hash(SigningAlg::Es384),
        hash(SigningAlg::Ps512),
        String::new(),
    ] {
        assert_eq!(with("at_hash", Some(wrong.into())).expect_err("refused"), "idtoken.at_hash_mismatch");
    }
    assert_eq!(with("at_hash", Some(json!(1))).expect_err("refused"), "idtoken.claim_type");
    assert!(with("at_hash", None).is_ok(), "HP-32");
}

#[test]
fn the_hash_agrees_with_the_standards_example() {
    // OpenID Connect Core appendix A.3: the access token and its at_hash for RS256.
    let hash = SigningAlg::Rs256.digest(b"jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y");
    assert_eq!(URL_SAFE_NO_PAD.encode(&hash[..16]), "77QmUPtjPfzWtF2AnpK9RQ");
}

#[test]
fn the_class_of_the_log_in_warns_when_it_is_another() {
    // IDT-12
    static WANTED: LazyLock<Vec<String>> = LazyLock::new(|| vec!["urn:mfa".to_owned()]);
    let judge = |claims: Value| {
        let token = SigningKey::rsa().token(&header(), &claims);
        let report = verify_with(token, &provider_keys(), |expected| expected.acr_values = &WANTED);
        assert!(report.outcome.is_ok());
        check(&report, "idtoken.acr").outcome
    };
    assert_eq!(judge(claims_after(|c| c["acr"] = "urn:mfa".into())), CheckOutcome::Passed);
    assert_eq!(judge(claims_after(|c| c["acr"] = "0".into())), CheckOutcome::Warned);
    assert_eq!(judge(good()), CheckOutcome::Warned);
}

#[test]
fn many_factors_are_told_by_amr_where_they_were_asked_for_so() {
    // IDT-12
    static WANTED: LazyLock<Vec<String>> =
        LazyLock::new(|| vec!["http://schemas.openid.net/pape/policies/2007/06/multi-factor".to_owned()]);
    let judge = |amr: Value| {
        let token = SigningKey::rsa().token(&header(), &claims_after(|c| c["amr"] = amr));
        check(&verify_with(token, &provider_keys(), |e| e.acr_values = &WANTED), "idtoken.acr").outcome
    };
    assert_eq!(judge(json!(["mfa"])), CheckOutcome::Passed);
    assert_eq!(judge(json!(["pwd"])), CheckOutcome::Warned);
}

#[test]
fn the_organization_that_was_asked_for_must_come() {
    let judge = |asked: &str, claim: &str, value: Option<Value>| {
        let claims = claims_after(|c| {
            if let Some(value) = value {
                c[claim] = value;
            }
        });
        let asked = crate::Asked { organization: Some(asked.to_owned()), ..Default::default() };
        let (metadata, nonce) = (metadata(|_| {}), Nonce::new(NONCE.into()));
        let mut expected = Expected::new(&metadata, CLIENT, NOW).satisfying(&asked);
        expected.nonce = Some(&nonce);
        let report =
            verify(&IdTokenText::new(SigningKey::rsa().token(&header(), &claims)), &provider_keys(), &expected);
        report.outcome.map(drop).map_err(|error| error.code())
    };
    const OTHER: Result<(), &str> = Err("idtoken.organization_mismatch");
    assert_eq!(judge("org_Ab", "org_id", Some("org_Ab".into())), Ok(()));
    assert_eq!(judge("org_Ab", "org_id", Some("org_ab".into())), OTHER);
    assert_eq!(judge("org_Ab", "org_name", Some("org_Ab".into())), OTHER, "the id, and nothing else");
    assert_eq!(judge("Acme", "org_name", Some("acme".into())), Ok(()));
    assert_eq!(judge("acme", "org_id", Some("acme".into())), OTHER);
    assert_eq!(judge("acme", "org_name", None), OTHER);
    assert_eq!(judge("acme", "org_name", Some(json!(1))), Err("idtoken.claim_type"));
    assert!(with("org_id", Some("org_1".into())).is_ok(), "nobody asked");
}
