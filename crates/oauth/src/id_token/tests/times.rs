//! When it counts.

use super::*;

/// I-20: an ID token that ended 59 seconds ago | accepted
#[test]
fn the_end_of_life_is_a_number_and_ahead() {
    // HP-68, HP-69, HP-ID-01, CVE-2026-25537
    for (exp, code) in [
        (json!(NOW - 360), "idtoken.expired"),
        (json!(NOW - 60), "idtoken.expired"),
        (json!(0), "idtoken.expired"),
        (json!(-1), "idtoken.claim_type"),
        (json!(9_007_199_254_740_992_i64), "idtoken.claim_type"),
        (json!(u64::MAX), "idtoken.claim_type"),
        (json!(1e300), "idtoken.claim_type"),
        (json!((NOW + 600).to_string()), "idtoken.claim_type"),
        (json!([NOW + 600]), "idtoken.claim_type"),
        (Value::Null, "idtoken.claim_type"),
    ] {
        assert_eq!(with("exp", Some(exp.clone())).expect_err("refused"), code, "{exp}");
    }
    assert_eq!(with("exp", None).expect_err("missing"), "idtoken.claim_type");
    // I-20: a skew of 59 s; a fraction is floored.
    assert!(with("exp", Some(json!(NOW - 59))).is_ok());
    #[expect(clippy::cast_precision_loss, reason = "seconds of this century")]
    let fraction = json!((NOW + 1) as f64 + 0.9);
    assert_eq!(with("exp", Some(fraction)).expect("a legal NumericDate").exp, NOW + 1);
}

#[test]
fn the_leeway_has_an_end() {
    // IDT-08: five minutes at most, however much is asked.
    let token = SigningKey::rsa().token(&header(), &claims_after(|c| c["exp"] = json!(NOW - 360)));
    let report = verify_with(token, &provider_keys(), |expected| expected.leeway_secs = 86_400);
    assert_eq!(report.outcome.expect_err("refused").code(), "idtoken.expired");
}

#[test]
fn a_token_from_the_future_is_refused() {
    // HP-ID-02, IDT-09, IDT-16
    assert_eq!(with("iat", Some(json!(NOW + 600))).expect_err("refused"), "idtoken.issued_in_future");
    assert_eq!(with("nbf", Some(json!(NOW + 600))).expect_err("refused"), "idtoken.not_yet_valid");
    assert_eq!(with("nbf", Some(json!("0"))).expect_err("refused"), "idtoken.claim_type");
    // RFC 7519 sections 4.1.5 and 4.1.6: a number, and `null` is none.
    assert_eq!(with("nbf", Some(Value::Null)).expect_err("refused"), "idtoken.claim_type");
    assert_eq!(with("iat", Some(Value::Null)).expect_err("refused"), "idtoken.claim_type");
    assert!(with("iat", Some(json!(NOW + 59))).is_ok(), "I-20");
    assert!(with("nbf", Some(json!(NOW + 59))).is_ok(), "I-20");
}

#[test]
fn the_time_of_issue_must_be_there() {
    // HP-06
    assert_eq!(with("iat", None).expect_err("missing"), "idtoken.iat_missing");
    assert_eq!(with("iat", Some(json!("1"))).expect_err("text"), "idtoken.claim_type");
}

#[test]
fn an_old_token_is_odd_and_legal() {
    // HP-81, IDT-09
    let claims = claims_after(|c| c["iat"] = json!(NOW - 7 * 24 * 3600));
    let report = verify_with(SigningKey::rsa().token(&header(), &claims), &provider_keys(), |_| {});
    assert_eq!(check(&report, "idtoken.iat").outcome, CheckOutcome::Warned);
    assert!(report.outcome.is_ok());
}

#[test]
fn a_wrong_clock_is_told_from_a_bad_token() {
    // I-19
    let token = SigningKey::rsa().token(&header(), &claims_after(|c| c["exp"] = json!(NOW - 300)));
    let report = verify_with(token.clone(), &provider_keys(), |expected| expected.provider_clock = Some(NOW - 600));
    let hint = report.outcome.expect_err("expired").hint();
    assert!(
        hint.starts_with("Compared with the provider's, this computer's clock is 10 minutes fast. Set it"),
        "{hint}"
    );
    assert_eq!(hint.contains("timedatectl"), cfg!(target_os = "linux"));
    let report = verify_with(token, &provider_keys(), |expected| expected.provider_clock = Some(NOW - 5));
    let error = report.outcome.expect_err("expired");
    assert!(error.hint().starts_with("Check that this computer's clock"));
    assert_eq!(
        error.to_string(),
        "The ID token expired at 2026-01-02 02:59:05 UTC, it is now 2026-01-02 03:04:05 UTC."
    );
}

#[test]
fn the_age_of_the_log_in_is_checked_when_it_was_asked_for() {
    // IDT-12, HP-ID-16
    let judge = |auth_time: Option<Value>| {
        let claims = claims_after(|c| {
            if let Some(auth_time) = auth_time {
                c["auth_time"] = auth_time;
            }
        });
        let report =
            verify_with(SigningKey::rsa().token(&header(), &claims), &provider_keys(), |e| e.max_age = Some(0));
        (check(&report, "idtoken.auth_time").outcome, report.outcome.map_err(|error| error.code()).err())
    };
    assert_eq!(judge(Some(json!(NOW - 59))), (CheckOutcome::Passed, None));
    assert_eq!(judge(Some(json!(NOW - 61))), (CheckOutcome::Failed, Some("idtoken.auth_time_too_old")));
    assert_eq!(judge(None), (CheckOutcome::Failed, Some("idtoken.auth_time_missing")));
    assert_eq!(judge(Some(Value::Null)), (CheckOutcome::Failed, Some("idtoken.claim_type")));
    assert_eq!(judge(Some(json!("now"))), (CheckOutcome::Failed, Some("idtoken.claim_type")));
    assert!(with("auth_time", Some(json!("now"))).expect("odd, and nobody asked").auth_time.is_none());
    assert_eq!(with("auth_time", Some(json!(12.7))).expect("a float").auth_time, Some(12));
}

#[test]
fn the_age_counts_from_when_the_person_was_sent_to_log_in() {
    // Ten minutes on a consent page do not make a fresh log-in an old one.
    let judge = |auth_time: i64| {
        let token = SigningKey::rsa().token(&header(), &claims_after(|c| c["auth_time"] = json!(auth_time)));
        let report = verify_with(token, &provider_keys(), |expected| {
            (expected.max_age, expected.asked_at) = (Some(0), Some(NOW - 600));
        });
        report.outcome.map(drop).map_err(|error| error.code())
    };
    assert_eq!(judge(NOW - 590), Ok(()));
    assert_eq!(judge(NOW - 700), Err("idtoken.auth_time_too_old"));
}
