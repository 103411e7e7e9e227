//! One test per rule; tokens are signed here with real keys.

use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::test_provider::{CLIENT, ISSUER, NOW, SigningKey, keys, metadata};
use crate::{Check, CheckOutcome, Fault};

mod claims;
mod header;
mod keys;
mod times;

const NONCE: &str = "AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI";
const ACCESS_TOKEN: &str = "CANARY_AT";

fn good() -> Value {
    json!({"iss": ISSUER, "sub": "user-1", "aud": CLIENT, "exp": NOW + 600, "iat": NOW - 1, "nonce": NONCE,
        "name": "Ada", "email": "ada@op.example", "email_verified": true})
}

fn header() -> Value {
    json!({"alg": "RS256", "kid": "k"})
}

fn provider_keys() -> KeySet {
    keys(&[SigningKey::rsa().named("k"), SigningKey::p256().named("e")])
}

fn verify_with(text: String, keys: &KeySet, change: impl FnOnce(&mut Expected<'_>)) -> Report<Claims, IdTokenError> {
    let (metadata, nonce, access_token) =
        (metadata(|_| {}), Nonce::new(NONCE.into()), AccessToken::new(ACCESS_TOKEN.into()));
    let mut expected = Expected::new(&metadata, CLIENT, NOW);
    expected.nonce = Some(&nonce);
    expected.access_token = Some(&access_token);
    change(&mut expected);
    let report = verify(&IdTokenText::new(text), keys, &expected);
    let mut names = vec!["idtoken.format"];
    names.extend(RULES.iter().map(|named| named.rule.name));
    assert_eq!(report.checks.iter().map(|check| check.name).collect::<Vec<_>>(), names, "every rule, in order");
    report
}

fn outcome(text: String) -> Result<Claims, IdTokenError> {
    verify_with(text, &provider_keys(), |_| {}).outcome
}

/// The code after the header was changed.
fn with_header(change: impl FnOnce(&mut Value)) -> Result<Claims, &'static str> {
    let mut header = header();
    change(&mut header);
    outcome(SigningKey::rsa().token(&header, &good())).map_err(|error| error.code())
}

fn claims_after(change: impl FnOnce(&mut Value)) -> Value {
    let mut claims = good();
    change(&mut claims);
    claims
}

/// The code after the claims were changed.
fn with_claims(change: impl FnOnce(&mut Value)) -> Result<Claims, &'static str> {
    outcome(SigningKey::rsa().token(&header(), &claims_after(change))).map_err(|error| error.code())
}

/// The code after one claim was set, or removed.
fn with(claim: &str, value: Option<Value>) -> Result<Claims, &'static str> {
    with_claims(|claims| match value {
        Some(value) => claims[claim] = value,
        None => drop(claims.as_object_mut().expect("an object").remove(claim)),
    })
}

fn check<T, E>(report: &Report<T, E>, name: &str) -> Check {
    report.checks.iter().find(|check| check.name == name).expect(name).clone()
}

#[test]
fn a_good_token_passes_and_says_who_it_is() {
    // HP-01, HP-12, IDT-21
    let report = verify_with(SigningKey::rsa().token(&header(), &good()), &provider_keys(), |_| {});
    for check in &report.checks {
        assert!(matches!(check.outcome, CheckOutcome::Passed | CheckOutcome::NotApplicable), "{check:?}");
        assert!(!check.source.is_empty());
    }
    let claims = report.outcome.expect("good");
    assert_eq!(
        (claims.iss.as_str(), claims.sub.as_str(), claims.aud.as_slice()),
        (ISSUER, "user-1", &[CLIENT.to_owned()][..])
    );
    assert_eq!((claims.exp, claims.iat), (NOW + 600, NOW - 1));
    assert_eq!(claims.standard.email.as_deref(), Some("ada@op.example"));
    assert!(claims.nonce.as_ref().is_some_and(|nonce| nonce.matches(NONCE.as_bytes())));
    assert!(!format!("{claims:?}").contains("ada@"), "personal data stays out of logs");
}

/// I-22: 10,000 characters of hostile claim in a mismatch | cut at 200 characters and cleaned
#[test]
fn hostile_claims_are_cut_and_cleaned() {
    // I-22
    let hostile = format!("\u{1b}]52;{}", "x".repeat(10_000));
    let token = SigningKey::rsa().token(&header(), &claims_after(|c| c["iss"] = hostile.clone().into()));
    let report = verify_with(token, &provider_keys(), |_| {});
    let check = check(&report, "idtoken.iss");
    assert!(check.got.chars().count() <= 202 && !check.got.contains('\u{1b}'), "{}", check.got);
    let error = report.outcome.expect_err("refused");
    assert!(error.to_string().chars().count() < 400 && !error.to_string().contains('\u{1b}'));
}

#[test]
fn claims_for_display_of_the_wrong_type_are_left_out() {
    // HP-ID-17: display never decides.
    let claims = with_claims(|c| {
        c["name"] = json!(7);
        c["email_verified"] = json!("yes");
    });
    let claims = claims.expect("good");
    assert_eq!((claims.standard.name, claims.standard.email_verified), (None, None));
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in "[ -~]{0,120}") {
        let _ = outcome(text);
    }

    #[test]
    fn no_parts_make_it_panic(
        header in "(\\{\"alg\":\"(RS256|ES256|none|x)\"(,\"(kid|typ|crit)\":[ -~]{0,12})?\\}|[ -~]{0,40})",
        claims in prop::collection::vec(any::<u8>(), 0..80),
        signature in prop::collection::vec(any::<u8>(), 0..70),
    ) {
        let parts = [header.into_bytes(), claims, signature].map(|part| URL_SAFE_NO_PAD.encode(part));
        let _ = outcome(parts.join("."));
    }

    #[test]
    fn no_claim_makes_it_panic(
        claim in prop::sample::select(vec!["iss", "sub", "aud", "exp", "iat", "nbf", "nonce", "azp", "at_hash", "auth_time", "acr"]),
        number in any::<f64>(),
        text in ".{0,40}",
    ) {
        let _ = with(claim, Some(json!(number)));
        let _ = with(claim, Some(json!(text)));
        let _ = with(claim, Some(json!([text])));
    }
}
