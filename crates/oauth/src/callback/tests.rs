use proptest::prelude::*;
use serde_json::json;
use url::Url;

use super::*;
use crate::test_provider::{self, ISSUER, STATE, client, metadata};
use crate::{Ask, Entropy, Exchange, Fault, Request, SignIn};

fn sign_in(iss_is_promised: bool) -> SignIn {
    let promised = json!(iss_is_promised);
    let metadata = metadata(|d| drop(d.insert("authorization_response_iss_parameter_supported".into(), promised)));
    test_provider::sign_in(&metadata, client())
}

fn not_ours(query: &str) -> (NotOurs, Option<String>) {
    match sign_in(false).judge(query) {
        Callback::NotOurs { why, hint } => (why, hint),
        Callback::Ours(answer) => panic!("{query}: {answer:?}"),
    }
}

fn accept(sign_in: SignIn, query: &str) -> Result<(Request, Exchange), CallbackError> {
    match sign_in.judge(query) {
        Callback::Ours(answer) => sign_in.accept(answer),
        Callback::NotOurs { why, .. } => panic!("{query}: {why:?}"),
    }
}

/// What comes of `rest` with the right state.
fn refused(rest: &str) -> CallbackError {
    accept(sign_in(false), &format!("state={STATE}&{rest}")).expect_err(rest)
}

#[test]
fn the_good_answer_is_ours() {
    let query = format!("code=c0de&state={STATE}");
    let (request, _) = accept(sign_in(false), &query).expect("good");
    assert!(String::from_utf8_lossy(request.body()).contains("code=c0de"));
}

#[test]
fn an_answer_without_our_state_leaves_the_sign_in_waiting() {
    // C-07, HP-63, HP-64, L-20
    for (query, why) in [
        ("".to_owned(), NotOurs::Empty),
        ("code=x".to_owned(), NotOurs::NoState),
        ("code=x&state=".to_owned(), NotOurs::NoState),
        (format!("code=x&state={STATE}1"), NotOurs::WrongState),
        (format!("code=x&state={}", STATE.to_lowercase()), NotOurs::WrongState),
        (format!("code=x&state={}", &STATE[1..]), NotOurs::WrongState),
        (format!("code=x&state={STATE}&state={STATE}"), NotOurs::StateTwice),
        (format!("code=x&state={STATE}&state="), NotOurs::StateTwice),
        (format!("code=x&State={STATE}"), NotOurs::NoState),
        (format!("code=x&state={}", "x".repeat(8200)), NotOurs::TooLong),
        (format!("code=%zz&state={STATE}"), NotOurs::BadEncoding),
        (format!("code=a%00b&state={STATE}"), NotOurs::BadCode),
        (format!("code=a%0d%0ab&state={STATE}"), NotOurs::BadCode),
        (format!("code=x&state={STATE}{}", "&a=1".repeat(31)), NotOurs::TooManyParameters),
    ] {
        assert_eq!(not_ours(&query).0, why, "{query}");
    }
}

#[test]
fn a_good_answer_after_stray_ones_still_counts() {
    // design 2.3: judging changes nothing.
    let sign_in = sign_in(false);
    for query in ["error=access_denied", "code=x&state=wrong", "%"] {
        assert!(matches!(sign_in.judge(query), Callback::NotOurs { .. }));
    }
    assert!(accept(sign_in, &format!("code=x&state={STATE}")).is_ok());
}

#[test]
fn an_error_without_our_state_is_a_hint_only() {
    // C-08, L-21
    let (why, hint) = not_ours("error=access_denied&error_description=No%1b%5B31m&state=wrong");
    assert_eq!((why, hint.as_deref()), (NotOurs::WrongState, Some("access_denied: No\u{fffd}[31m")));
    assert_eq!(not_ours("error=x").1.as_deref(), Some("x"));
    assert_eq!(not_ours("code=x").1, None);
    let long = format!("error=x&error_description={}", "y".repeat(5000));
    assert!(not_ours(&long).1.expect("a hint").chars().count() <= 301);
}

#[test]
fn the_code_arrives_byte_for_byte() {
    // C-14, L-19, HP-AZ-05
    for (raw, sent) in
        [("a%3D%3D", "a%3D%3D"), ("a==", "a%3D%3D"), ("a%2Bb", "a%2Bb"), ("4%2F0A", "4%2F0A"), ("a+b", "a+b")]
    {
        let (request, _) = accept(sign_in(false), &format!("code={raw}&state={STATE}")).expect("good");
        let body = String::from_utf8(request.into_body()).expect("text");
        assert!(body.contains(&format!("code={sent}&")), "{raw}: {body}");
    }
    let huge = "x".repeat(7 * 1024);
    assert!(accept(sign_in(false), &format!("code={huge}&state={STATE}")).is_ok());
}

#[test]
fn doubled_parameters_end_the_attempt_without_a_request() {
    // HP-AZ-01, C-13
    for rest in ["code=a&code=b", "code=a&code=a", "error=x&error=y", "iss=a&iss=a&code=x", "code=a&code="] {
        assert!(matches!(refused(rest), CallbackError::DuplicateParameter { .. }), "{rest}");
    }
    assert!(
        accept(sign_in(false), &format!("code=x&state={STATE}&foo=1&foo=2")).is_ok(),
        "CORE-04: unknown ones are ignored"
    );
}

#[test]
fn an_error_wins_over_a_code() {
    // HP-AZ-02, C-11
    assert_eq!(refused("code=x&error=access_denied").code(), "callback.access_denied");
}

#[test]
fn an_answer_with_nothing_in_it_is_told() {
    // HP-AZ-03, HP-AZ-04, C-12
    for rest in ["", "code=", "code", "error=&code="] {
        assert_eq!(refused(rest), CallbackError::NoCode, "{rest}");
    }
}

#[test]
fn tokens_in_the_address_are_refused_and_not_repeated() {
    // HP-AZ-08, NAT-10, HP-51, C-16
    for name in ["access_token", "id_token", "response", "refresh_token"] {
        let error = refused(&format!("code=x&{name}=CANARY_AT"));
        assert_eq!(
            error,
            CallbackError::TokenInUrl { name: FORBIDDEN.into_iter().find(|n| *n == name).expect("known") }
        );
        assert!(!format!("{error} {error:?}").contains("CANARY"));
    }
}

#[test]
fn iss_is_compared_byte_for_byte() {
    // ISS-01, ISS-03, HP-65, HP-AZ-06, HP-AZ-10, C-15
    for iss in ["https://op.example1", "https://op.example/", "https://OP.example", "https://evil.example"] {
        for promised in [false, true] {
            let query = format!("code=x&state={STATE}&iss={iss}");
            match accept(sign_in(promised), &query).expect_err(iss) {
                CallbackError::IssMismatch { expected, got } => {
                    assert_eq!((expected.as_str(), got.as_str()), (ISSUER, iss));
                }
                other => panic!("{iss}: {other}"),
            }
        }
    }
    for iss in [ISSUER, "https%3A%2F%2Fop.example"] {
        assert!(accept(sign_in(false), &format!("code=x&state={STATE}&iss={iss}")).is_ok(), "ISS-03: {iss}");
    }
}

#[test]
fn a_promised_iss_must_be_there() {
    // ISS-02, HP-66
    for rest in ["code=x", "code=x&iss=", "error=access_denied"] {
        let error = accept(sign_in(true), &format!("state={STATE}&{rest}")).expect_err(rest);
        assert_eq!(error.code(), "callback.iss_missing", "{rest}");
    }
}

#[test]
fn another_providers_error_is_not_shown_as_ours() {
    // ISS-04
    let error = refused("error=access_denied&error_description=EVIL&iss=https://evil.example");
    assert_eq!(error.code(), "callback.iss_mismatch");
    assert!(!error.to_string().contains("EVIL"));
}

#[test]
fn each_error_has_its_own_sentence() {
    // HP-AZ-16, C-09, C-10
    let codes = [
        "access_denied",
        "invalid_request",
        "unauthorized_client",
        "unsupported_response_type",
        "invalid_scope",
        "invalid_target",
        "server_error",
        "temporarily_unavailable",
        "login_required",
        "consent_required",
        "interaction_required",
        "account_selection_required",
    ];
    let mut sentences = std::collections::HashSet::new();
    for code in codes {
        let error = refused(&format!("error={code}"));
        assert_eq!(error.code(), format!("callback.{code}"));
        assert_eq!(error.retryable(), matches!(code, "server_error" | "temporarily_unavailable"));
        assert!(!error.hint().is_empty());
        assert!(sentences.insert(error.to_string()), "{code}");
    }
    assert_eq!(refused("error=access_denied").to_string(), "You (or your administrator) declined.");
    assert_eq!(refused("error=quota_exceeded").to_string(), "The provider refused the sign-in (`quota_exceeded`).");
    assert_eq!(refused("error=quota_exceeded").code(), "callback.provider_error");
}

#[test]
fn the_providers_words_are_defused() {
    // HP-AZ-11, C-17
    let error = refused(&format!("error=access_denied&error_description=%1b[31m%E2%80%AE%00<b>{}", "x".repeat(5000)));
    let text = error.to_string();
    assert!(text.chars().count() < 400, "{text}");
    assert!(text.contains("\u{fffd}[31m\u{fffd}\u{fffd}<b>"), "{text}");
}

#[test]
fn an_answer_is_good_for_the_sign_in_that_judged_it_only() {
    let other = {
        let redirect = Url::parse("http://127.0.0.1:4567/cb").expect("a URL");
        let entropy = Entropy { state: [9; 32], nonce: [2; 32], verifier: [3; 32] };
        SignIn::begin(&metadata(|_| {}), client(), redirect, entropy, &Ask::default()).expect("begins").0
    };
    match sign_in(false).judge(&format!("code=x&state={STATE}")) {
        Callback::Ours(answer) => assert_eq!(other.accept(answer).expect_err("refused"), CallbackError::OtherSignIn),
        Callback::NotOurs { why, .. } => panic!("{why:?}"),
    }
}

#[test]
fn an_answers_debug_has_no_code() {
    match sign_in(false).judge(&format!("code=CANARY_CODE&state={STATE}")) {
        Callback::Ours(answer) => assert!(!format!("{answer:?}").contains("CANARY")),
        Callback::NotOurs { why, .. } => panic!("{why:?}"),
    }
}

proptest! {
    #[test]
    fn no_query_makes_it_panic(query in ".{0,200}") {
        let _ = sign_in(true).judge(&query);
    }

    #[test]
    fn no_answer_with_our_state_makes_it_panic(rest in "((code|error|iss|error_description|id_token)=[ -~é]{0,20}&?){0,6}") {
        let sign_in = sign_in(true);
        if let Callback::Ours(answer) = sign_in.judge(&format!("state={STATE}&{rest}")) {
            let _ = sign_in.accept(answer);
        }
    }
}

/// A sign-in that waits for a form.
fn form_sign_in() -> SignIn {
    let metadata = metadata(|d| drop(d.insert("response_modes_supported".into(), json!(["form_post"]))));
    let client = crate::ClientSettings { response_mode: crate::ResponseMode::FormPost, ..client() };
    test_provider::sign_in(&metadata, client)
}

fn accept_form(body: &[u8]) -> Result<(Request, Exchange), CallbackError> {
    let sign_in = form_sign_in();
    match sign_in.judge_form(body) {
        Callback::Ours(answer) => sign_in.accept(answer),
        Callback::NotOurs { why, .. } => panic!("{why:?}"),
    }
}

#[test]
fn a_form_is_judged_like_an_address() {
    // HP-34, HP-35, C-21
    let (request, _) = accept_form(format!("code=c0de&state={STATE}").as_bytes()).expect("good");
    assert!(String::from_utf8_lossy(request.body()).contains("code=c0de"));
    let error = accept_form(format!("state={STATE}&error=login_required").as_bytes()).expect_err("refused");
    assert_eq!(error.code(), "callback.login_required");
    let long = format!("state={STATE}&code={}", "x".repeat(20_000));
    assert!(accept_form(long.as_bytes()).is_ok(), "no address limits it");
    for (body, why) in [
        (b"".to_vec(), NotOurs::Empty),
        (b"code=x".to_vec(), NotOurs::NoState),
        (b"state=x&code=\xff".to_vec(), NotOurs::BadEncoding),
        (format!("state={STATE}&state={STATE}&code=x").into_bytes(), NotOurs::StateTwice),
        (vec![b'a'; 70_000], NotOurs::TooLong),
    ] {
        match form_sign_in().judge_form(&body) {
            Callback::NotOurs { why: got, .. } => assert_eq!(got, why),
            Callback::Ours(answer) => panic!("{why:?}: {answer:?}"),
        }
    }
}

#[test]
fn an_answer_in_the_other_mode_leaves_the_sign_in_waiting() {
    // HP-AZ-15, C-22: a redirect that keeps the method would bring a log-in form here.
    let body = format!("code=x&state={STATE}&password=CANARY_PW");
    for callback in [sign_in(false).judge_form(body.as_bytes()), form_sign_in().judge(&body)] {
        assert!(matches!(&callback, Callback::NotOurs { why: NotOurs::WrongMode, hint: None }), "{callback:?}");
    }
}

#[test]
fn what_only_needs_the_person_is_told_apart() {
    //
    let refused = |error: &str| accept_form(format!("state={STATE}&error={error}").as_bytes()).expect_err("refused");
    for error in ["login_required", "consent_required", "interaction_required", "account_selection_required"] {
        assert!(refused(error).needs_interaction(), "{error}");
    }
    for error in ["access_denied", "server_error", "invalid_request", "made_up"] {
        assert!(!refused(error).needs_interaction(), "{error}");
    }
}

proptest! {
    #[test]
    fn no_form_makes_it_panic(body in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = form_sign_in().judge_form(&body);
    }
}
