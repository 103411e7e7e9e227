//! Bad answers of a provider: each is refused with a code, one sentence and the next step; nothing is saved, the old
//! session stays as it was, and the next try works from the same place.

use doorkey_demo_idp::{Alg, Endpoint, Fault, IdTokenFault, Settings, Times};
use doorkey_tests::Stage;
use doorkey_tests::stage::{LONG, assert_told_well};

// The token answer.

/// T-01: `invalid_grant`, also with HTTP 200 | `token.code_rejected`
/// T-02: `invalid_client` with 401 | `token.client_rejected`
/// T-04: 500 and 429 | `token.server_error`, to be tried again by a new sign-in: the code is sent once
/// T-05: cut, closed, reset | `net.no_answer`; one request
#[tokio::test]
async fn a_token_answer_that_is_none_is_refused_and_the_code_is_sent_once() {
    let stage = Stage::signed_in().await;
    for (fault, code) in [
        (Fault::Html, "token.not_json"),
        (Fault::InvalidJson, "token.bad_response"),
        (Fault::Huge, "net.too_large"),
        (Fault::Cut, "net.no_answer"),
        (Fault::Drop, "net.no_answer"),
        (Fault::Reset, "net.no_answer"),
        (Fault::Status(500), "token.server_error"),
        (Fault::Status(429), "token.server_error"),
        (Fault::OauthError { status: 400, error: "invalid_grant".to_owned() }, "token.code_rejected"),
        (Fault::OauthError { status: 401, error: "invalid_client".to_owned() }, "token.client_rejected"),
        (Fault::OauthError { status: 200, error: "invalid_grant".to_owned() }, "token.code_rejected"),
    ] {
        let before = stage.snapshot().await;
        let exchanges = stage.log().count(Endpoint::Token);
        stage.provider.knobs().spoil(Endpoint::Token, fault.clone(), Times::Next(1));
        let (attempt, refused) = stage.sign_in_refused().await;
        assert_eq!(refused.code, code, "{fault:?}: {refused:?}");
        assert_eq!(stage.log().count(Endpoint::Token), exchanges + 1, "{fault:?}: the code is sent once");
        assert_eq!(stage.snapshot().await, before, "{fault:?}");
        drop(attempt);
        stage.assert_next_sign_in_works().await;
    }
}

/// Takes the product's own half minute.
#[tokio::test]
async fn a_token_answer_that_never_ends_is_given_up() {
    let stage = Stage::signed_in().await;
    let before = stage.snapshot().await;
    stage.provider.knobs().spoil(Endpoint::Token, Fault::SlowBody, Times::Next(1));
    let (attempt, refused) = stage.sign_in_refused().await;
    assert_eq!((refused.code.as_str(), refused.retryable), ("net.timeout", true));
    stage.assert_unharmed(&before, &attempt.expect("it had waited for the browser")).await;
}

// The ID token.

#[tokio::test]
async fn an_id_token_that_breaks_a_rule_is_refused_and_nothing_is_saved() {
    let stage = Stage::signed_in().await;
    let before = stage.snapshot().await;
    for (fault, code) in [
        (IdTokenFault::WrongIssuer, "idtoken.iss_mismatch"),
        (IdTokenFault::MissingIssuer, "idtoken.iss_mismatch"),
        (IdTokenFault::WrongAudience, "idtoken.aud_mismatch"),
        (IdTokenFault::MissingAudience, "idtoken.aud_mismatch"),
        (IdTokenFault::ForeignSecondAudience, "idtoken.aud_untrusted"),
        (IdTokenFault::WrongAuthorizedParty, "idtoken.azp_mismatch"),
        (IdTokenFault::Expired, "idtoken.expired"),
        (IdTokenFault::MissingExpiry, "idtoken.claim_type"),
        (IdTokenFault::IssuedInFuture, "idtoken.issued_in_future"),
        (IdTokenFault::MissingIssuedAt, "idtoken.iat_missing"),
        (IdTokenFault::NotYetValid, "idtoken.not_yet_valid"),
        (IdTokenFault::WrongNonce, "idtoken.nonce_mismatch"),
        (IdTokenFault::MissingNonce, "idtoken.nonce_missing"),
        (IdTokenFault::MissingSubject, "idtoken.sub_missing"),
        (IdTokenFault::WrongAtHash, "idtoken.at_hash_mismatch"),
        (IdTokenFault::BadSignature, "idtoken.bad_signature"),
        (IdTokenFault::AlgNone, "idtoken.alg_not_allowed"),
        (IdTokenFault::Hs256WithPublicKey, "idtoken.alg_not_allowed"),
        (IdTokenFault::UnknownKey, "jwks.no_matching_key"),
        (IdTokenFault::CriticalHeader, "idtoken.crit_unsupported"),
        (IdTokenFault::KeyInHeader, "idtoken.bad_signature"),
        (IdTokenFault::Absent, "idtoken.missing"),
        (IdTokenFault::NotAJwt, "idtoken.malformed"),
    ] {
        let (userinfo, exchanges) = (stage.log().count(Endpoint::Userinfo), stage.log().count(Endpoint::Token));
        stage.provider.knobs().corrupt_id_tokens(Some(fault));
        let (_, refused) = stage.sign_in_refused().await;
        assert_eq!(refused.code, code, "{fault:?}: {refused:?}");
        assert_eq!(stage.log().count(Endpoint::Userinfo), userinfo, "{fault:?}: the access token is not used");
        assert_eq!(stage.log().count(Endpoint::Token), exchanges + 1, "{fault:?}");
        assert_eq!(stage.snapshot().await, before, "{fault:?}");
    }
    stage.provider.knobs().corrupt_id_tokens(None);
    stage.assert_next_sign_in_works().await;
}

#[tokio::test]
async fn id_tokens_that_are_only_unusual_are_accepted() {
    let stage = Stage::new().await;
    for fault in [
        IdTokenFault::AudienceAsArray,
        IdTokenFault::MissingAtHash,
        IdTokenFault::MissingKeyId,
        IdTokenFault::OtherAlgorithm,
    ] {
        stage.provider.knobs().corrupt_id_tokens(Some(fault));
        stage.sign_in().await;
    }
    let stage = Stage::with(Settings { sign_with: Alg::Es256, ..Settings::default() }).await;
    stage.sign_in().await;
}

/// I-19: the clocks are 20 minutes apart | `idtoken.expired` or `idtoken.issued_in_future`, and by how much
#[tokio::test]
async fn a_clock_that_is_off_is_named_as_the_cause_and_a_minute_is_forgiven() {
    let stage = Stage::with_life(LONG).await;
    let clock = stage.provider.knobs();
    for (seconds, code) in [(-1_200, "idtoken.expired"), (1_200, "idtoken.issued_in_future")] {
        clock.move_clock(seconds);
        let (_, refused) = stage.sign_in_refused().await;
        clock.move_clock(-seconds);
        assert_eq!(refused.code, code, "{refused:?}");
        let told = format!("{} {}", refused.message, refused.hint).to_lowercase();
        assert!(told.contains("clock") && told.contains("20 min"), "{refused:?}");
    }
    for seconds in [-50, 50] {
        clock.move_clock(seconds);
        stage.sign_in().await;
        clock.move_clock(-seconds);
    }
}

#[tokio::test] // IDT-08
async fn a_profile_may_tolerate_clocks_that_differ_by_minutes() {
    let stage = Stage::with_life(LONG).await;
    stage.provider.knobs().move_clock(150);
    let (_, refused) = stage.sign_in_refused().await;
    assert_eq!(refused.code, "idtoken.issued_in_future", "{refused:?}");
    stage.put(|profile| profile.clock_tolerance = Some(200)).await;
    stage.sign_in().await;
    stage.renew().await.expect("for renewals too");
}

#[tokio::test] // T-17
async fn a_proof_that_is_refused_for_the_clock_says_so() {
    let stage = Stage::with_life(LONG).await;
    stage.put(|profile| profile.dpop = true).await;
    stage.provider.knobs().move_clock(3_480);
    let (_, refused) = stage.sign_in_refused().await;
    assert_eq!((refused.code.as_str(), refused.retryable), ("dpop.clock", false), "{refused:?}");
    assert_told_well(&refused);
    assert!(refused.hint.contains("this computer's clock is 58 minutes slow"), "{refused:?}");
    stage.provider.knobs().move_clock(-3_480);
    stage.sign_in().await;
}

/// J-01: no keys, a web page, half a document, 64 MiB | `jwks.unavailable`, `jwks.bad_document`, `net.too_large`; the next try works
#[tokio::test]
async fn keys_that_cannot_be_read_are_a_refusal_of_their_own() {
    for (fault, code) in [
        (Fault::Status(500), "jwks.unavailable"),
        (Fault::Html, "jwks.bad_document"),
        (Fault::InvalidJson, "jwks.bad_document"),
        (Fault::Huge, "net.too_large"),
    ] {
        let stage = Stage::new().await;
        stage.provider.knobs().fail(Endpoint::Jwks, fault.clone(), Times::Always);
        let (_, refused) = stage.sign_in_refused().await;
        assert_eq!(refused.code, code, "{fault:?}: {refused:?}");
        assert!(stage.client.sessions().await.expect("the sessions").sessions.is_empty());
        stage.provider.knobs().heal(Endpoint::Jwks);
        stage.assert_next_sign_in_works().await;
    }
}
