use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::test_provider::{VERIFIER, answer, client, exchange as exchange_with, json_answer, metadata};
use crate::{ClientSecret, ClientSettings, Exchange, Fault};

fn exchange() -> Exchange {
    exchange_with(&metadata(|_| {}), client(), "CANARY_CODE").1
}

fn good() -> Value {
    json!({"access_token": "at", "token_type": "Bearer", "expires_in": 3600, "id_token": "a.b.c",
        "refresh_token": "rt", "scope": "openid profile"})
}

/// The answer of a good provider after one change; a member set to nothing is removed.
fn with(member: &str, value: Option<Value>) -> Result<Tokens, TokenError> {
    let mut body = good();
    let members = body.as_object_mut().expect("an object");
    match value {
        Some(value) => members.insert(member.into(), value),
        None => members.remove(member),
    };
    exchange().finish(&json_answer(200, &body))
}

fn refused(response: &Response) -> TokenError {
    exchange().finish(response).expect_err("refused")
}

#[test]
fn a_good_answer_gives_the_tokens() {
    let tokens = exchange().finish(&json_answer(200, &good())).expect("good");
    assert!(tokens.access_token.matches(b"at"));
    assert!(tokens.refresh_token.as_ref().is_some_and(|token| token.matches(b"rt")));
    assert!(tokens.id_token.as_ref().is_some_and(|token| token.matches(b"a.b.c")));
    assert_eq!((tokens.token_type, tokens.expires_in), (TokenType::Bearer, Some(3600)));
    assert_eq!(tokens.scope.as_deref(), Some(&["openid".to_owned(), "profile".to_owned()][..]));
    let debug = format!("{tokens:?}");
    assert!(!debug.contains("\"at\"") && !debug.contains("a.b.c"), "{debug}");
}

#[test]
fn what_may_be_absent_may_be_absent() {
    // CORE-04, CORE-09, CORE-10, HP-75, HP-82, HP-TK-08, T-12
    for (member, value) in [
        ("expires_in", None),
        ("expires_in", Some(Value::Null)),
        ("scope", None),
        ("refresh_token", None),
        ("refresh_token", Some(json!(""))),
        ("refresh_token", Some(Value::Null)),
        ("error", Some(Value::Null)),
        ("error", Some(json!(""))),
        ("foo", Some(json!({"bar": [1]}))),
    ] {
        let tokens = with(member, value).expect(member);
        match member {
            "expires_in" => assert_eq!(tokens.expires_in, None),
            "scope" => assert_eq!(tokens.scope, None),
            "refresh_token" => assert!(tokens.refresh_token.is_none()),
            _ => {}
        }
    }
}

#[test]
fn an_empty_scope_means_nothing_was_granted() {
    assert_eq!(with("scope", Some(json!(""))).expect("good").scope, Some(Vec::new()));
    let odd = with("scope", Some(json!("  a\tb  c "))).expect("T-13").scope;
    assert_eq!(odd, Some(vec!["a".to_owned(), "b".to_owned(), "c".to_owned()]));
}

#[test]
fn the_token_type_is_compared_without_case_and_nothing_else_is_used() {
    // CORE-08, HP-74, T-09, T-10
    for name in ["Bearer", "bearer", "bEARER", "BEARER"] {
        assert!(with("token_type", Some(json!(name))).is_ok(), "{name}");
    }
    for value in [Some(json!("mac")), Some(json!("DPoP")), Some(json!("N_A")), Some(json!("")), None, Some(Value::Null)]
    {
        assert_eq!(with("token_type", value).expect_err("refused").code(), "token.unsupported_type");
    }
}

#[test]
fn members_have_their_type() {
    // HP-TK-03, T-08
    for (member, value, sentence) in [
        ("access_token", Some(json!(123)), "`access_token` must be text, got a number."),
        ("access_token", Some(Value::Null), "`access_token` must be text, got null."),
        ("access_token", Some(json!("")), "`access_token` must be text, got empty text."),
        ("access_token", Some(json!({})), "`access_token` must be text, got an object."),
        ("access_token", None, "`access_token` must be text, got nothing."),
        ("access_token", Some(json!("a\nb")), "`access_token` must be printable ASCII text, got other characters."),
        ("refresh_token", Some(json!([])), "`refresh_token` must be text, got a list."),
        ("id_token", Some(json!(true)), "`id_token` must be text, got true or false."),
        ("scope", Some(json!([])), "`scope` must be text, got a list."),
        ("token_type", Some(json!(1)), "`token_type` must be text, got a number."),
        ("error", Some(json!({"code": 1})), "`error` must be text, got an object."),
        ("expires_in", Some(json!(-1)), "`expires_in` must be a number of seconds from 0 on, got a negative number."),
        ("expires_in", Some(json!("soon")), "`expires_in` must be a number of seconds from 0 on, got text."),
        ("expires_in", Some(json!("-1")), "`expires_in` must be a number of seconds from 0 on, got text."),
        ("expires_in", Some(json!([])), "`expires_in` must be a number of seconds from 0 on, got a list."),
    ] {
        let error = with(member, value).expect_err(sentence);
        assert_eq!((error.code(), error.to_string().as_str()), ("token.bad_field", sentence));
    }
    let huge = r#"{"access_token":"CANARY_AT","token_type":"Bearer","expires_in":1e309}"#;
    let error = refused(&answer(200, "application/json", huge));
    assert_eq!(error.to_string(), "`expires_in` must be a number in range, got a number out of range.");
}

#[test]
fn a_life_is_read_leniently_and_capped() {
    // HP-TK-03, T-11
    const TEN_YEARS: u64 = 315_360_000;
    for (value, seconds) in [
        (json!(0), 0),
        (json!("3600"), 3600),
        (json!(3600.9), 3600),
        (json!(99_999_999_999_u64), TEN_YEARS),
        (json!(1e300), TEN_YEARS),
        (json!("99999999999999999999999"), TEN_YEARS),
    ] {
        assert_eq!(with("expires_in", Some(value.clone())).expect("good").expires_in, Some(seconds), "{value}");
    }
}

#[test]
fn a_missing_id_token_is_refused_only_where_it_was_asked_for() {
    // HP-TK-07, T-14, IDT-23
    for value in [None, Some(Value::Null), Some(json!(""))] {
        assert_eq!(with("id_token", value).expect_err("refused").code(), "idtoken.missing");
    }
    let plain = ClientSettings { scopes: vec!["repo".into()], ..client() };
    let (_, exchange) = exchange_with(&metadata(|_| {}), plain, "c");
    let body = json!({"access_token": "at", "token_type": "bearer"});
    assert!(exchange.finish(&json_answer(200, &body)).expect("good").id_token.is_none());
}

#[test]
fn each_refusal_has_its_code() {
    // T-01, T-02, T-03, HP-TK-02, T-16: whatever the status, 200 included.
    for (error, code) in [
        ("invalid_grant", "token.code_rejected"),
        ("invalid_client", "token.client_rejected"),
        ("unauthorized_client", "token.client_rejected"),
        ("invalid_scope", "token.invalid_scope"),
        ("invalid_target", "token.invalid_target"),
        ("unsupported_grant_type", "token.unsupported_grant_type"),
        ("invalid_request", "token.refused"),
        ("made_up", "token.refused"),
        ("temporarily_unavailable", "token.server_error"),
    ] {
        for status in [200, 400, 401, 403] {
            let mut body = good();
            body["error"] = error.into();
            body["error_description"] = "Because.".into();
            let refusal = refused(&json_answer(status, &body));
            assert_eq!(refusal.code(), code, "{status} {error}");
            assert!(refusal.to_string().ends_with("The provider says: “Because.”."), "{refusal}");
            assert!(!refusal.hint().is_empty());
        }
    }
}

#[test]
fn a_busy_provider_is_told_apart() {
    // T-04
    for response in [
        answer(503, "text/html", "<h1>down"),
        answer(500, "application/json", "{}"),
        answer(502, "text/plain", "bad gateway"),
        json_answer(500, &json!({"error": {"message": "oops"}})),
        json_answer(429, &json!({"error": "too_many_requests"})),
    ] {
        let error = refused(&response);
        assert_eq!((error.code(), error.retryable()), ("token.server_error", true), "{error}");
    }
    let mut busy = answer(429, "application/json", "{}");
    busy.headers_mut().insert("retry-after", "17".parse().expect("a header"));
    assert!(matches!(refused(&busy), TokenError::ServerError { status: 429, retry_after: Some(17), .. }));
}

#[test]
fn tokens_with_an_error_status_are_refused() {
    // HP-TK-02, T-16
    for status in [400, 403, 404] {
        assert_eq!(refused(&json_answer(status, &good())).code(), "token.bad_response", "{status}");
    }
    assert_eq!(refused(&json_answer(401, &json!({}))).code(), "token.bad_response");
    assert_eq!(refused(&answer(401, "text/plain", "")).code(), "token.client_rejected", "T-02");
    assert_eq!(refused(&answer(204, "application/json", "")).code(), "token.bad_response");
    assert!(exchange().finish(&json_answer(201, &good())).is_ok());
}

#[test]
fn redirects_are_not_followed() {
    // HP-TK-04, T-06, CORE-16
    for status in [301, 302, 303, 307, 308] {
        let mut response = json_answer(status, &good());
        response.headers_mut().insert("location", "https://evil.example/?x=CANARY".parse().expect("a header"));
        let error = refused(&response);
        assert_eq!(error.code(), "net.unexpected_redirect");
        assert!(!error.to_string().contains("CANARY"));
    }
}

#[test]
fn the_content_type_must_be_json() {
    // HP-TK-01, T-07
    for media in
        ["application/json", "application/json; charset=utf-16", "application/vnd.op+json", "APPLICATION/JSON", ""]
    {
        assert!(exchange().finish(&answer(200, media, good().to_string())).is_ok(), "{media}");
    }
    for media in ["text/html", "text/plain", "application/jwt", "application/x-www-form-urlencoded"] {
        assert_eq!(refused(&answer(200, media, good().to_string())).code(), "token.not_json", "{media}");
    }
    let page = refused(&answer(200, "text/html", "<html><body>Please log in to the wifi"));
    assert!(page.to_string().contains("“<html><body>Please log in to the wifi”"), "{page}");
}

#[test]
fn a_body_that_may_hold_secrets_is_never_repeated() {
    // HP-TK-05, T-18, N5
    for (media, body) in [
        ("text/html", good().to_string().replace("\"at\"", "\"CANARY_AT\"")),
        ("text/plain", "access_token=CANARY_AT&token_type=bearer".to_owned()),
        ("text/html", "<p>access_token: CANARY_AT".to_owned()),
        ("text/html", "<p>CANARY_CODE".to_owned()),
        ("text/plain", "CANARY_AT".to_owned()),
        ("application/json", "{\"access_token\":\"CANARY_AT\",".to_owned()),
        ("application/json", "{\"a\":\"CANARY_AT\",\"a\":1}".to_owned()),
        ("application/json", "[\"CANARY_AT\"]".to_owned()),
    ] {
        for status in [200, 400, 500] {
            let error = refused(&answer(status, media, body.clone()));
            assert!(!format!("{error} {error:?} {}", error.hint()).contains("CANARY"), "{error:?}");
        }
    }
}

#[test]
fn what_was_sent_is_cut_out_of_the_providers_words() {
    // HP-TK-06, T-18
    let secret = ClientSettings { client_secret: Some(ClientSecret::new("CANARY SECRET".into())), ..client() };
    let (_, exchange) = exchange_with(&metadata(|_| {}), secret, "CANARY_CODE");
    let words = format!("code CANARY_CODE, verifier {VERIFIER}, secret CANARY SECRET or CANARY+SECRET\u{1b}[0m");
    let body = json!({"error": "invalid_grant", "error_description": words});
    let error = exchange.finish(&json_answer(400, &body)).expect_err("refused");
    let text = format!("{error} {error:?}");
    assert!(!text.contains("CANARY") && !text.contains(VERIFIER) && !text.contains('\u{1b}'), "{text}");
    assert!(text.contains("code [removed], verifier [removed]"), "{text}");
}

#[test]
fn sizes_are_limited() {
    // CORE-11, T-15
    let token = "x".repeat(64 * 1024);
    assert!(with("access_token", Some(json!(token))).is_ok());
    for member in ["access_token", "refresh_token", "id_token"] {
        let error = with(member, Some(json!(format!("{token}x")))).expect_err("too large");
        assert_eq!(error.code(), "token.too_large");
        assert!(error.to_string().contains(member));
    }
    assert_eq!(refused(&answer(200, "application/json", vec![b' '; 1024 * 1024 + 1])).code(), "token.too_large");
}

#[test]
fn what_was_sent_is_not_told_by_an_address_a_name_or_a_kind() {
    // HP-TK-06
    let redirect = http::Response::builder().status(307).header("location", "https://op.example/CANARY_CODE");
    let mut typed = good();
    typed["token_type"] = "CANARY_CODE".into();
    for response in [
        redirect.body(Vec::new()).expect("an answer"),
        answer(200, "application/json", "{\"CANARY_CODE\":1,\"CANARY_CODE\":1}"),
        answer(200, "application/json", "{\"CANARY_CODE\":1e999}"),
        json_answer(200, &typed),
    ] {
        let error = refused(&response);
        let told = format!("{error} {error:?}");
        assert!(told.contains("[removed]") && !told.contains("CANARY"), "{told}");
    }
}

#[test]
fn documents_that_cannot_be_read_are_refused() {
    // HP-TK-05
    let deep = format!("{{\"a\":{}", "[".repeat(10_000));
    for body in ["", "{\"access_token\":\"at\"", "[]", "null", &deep, "{\"scope\":\"a\",\"scope\":\"b\"}"] {
        assert_eq!(refused(&answer(200, "application/json", body)).code(), "token.bad_response");
    }
    assert_eq!(refused(&answer(200, "application/json", *b"{\"a\":\"\xff\"}")).code(), "token.bad_response");
}

proptest! {
    #[test]
    fn no_answer_makes_it_panic(
        body in prop::collection::vec(any::<u8>(), 0..300),
        status in 100_u16..600,
        media in prop::sample::select(vec!["application/json", "text/html", "x", ""]),
    ) {
        let _ = exchange().finish(&answer(status, media, body));
    }

    #[test]
    fn no_member_makes_it_panic(
        field in prop::sample::select(vec!["access_token", "token_type", "expires_in", "scope", "error", "id_token"]),
        text in ".{0,40}",
        number in any::<f64>(),
    ) {
        let _ = with(field, Some(json!(text)));
        let _ = with(field, Some(json!(number)));
    }
}

#[test]
fn a_bound_token_is_taken_where_a_proof_was_sent_and_no_other_is() {
    // DPOP-05, HP-74, HP-TK-09, T-10, T-17
    let judge = |settings: ClientSettings, token_type: &str| {
        let mut body = good();
        body["token_type"] = token_type.into();
        let tokens = exchange_with(&metadata(|_| {}), settings, "c").1.finish(&json_answer(200, &body));
        tokens.map(|tokens| tokens.token_type).map_err(|error| error.code())
    };
    let bound = ClientSettings { dpop: crate::DpopKey::of_random([7; 32]), ..client() };
    assert_eq!(judge(bound.clone(), "dPOP"), Ok(TokenType::Dpop));
    assert_eq!(judge(bound, "Bearer"), Err("token.dpop_downgrade"));
    assert_eq!(judge(client(), "DPoP"), Err("token.unsupported_type"));
}

#[test]
fn a_refused_proof_is_told_with_the_clock() {
    let body = json!({"error": "invalid_dpop_proof", "error_description": "iat"});
    let error = refused(&json_answer(400, &body));
    assert_eq!(error.code(), "dpop.proof_rejected");
    assert!(error.hint().contains("clock"), "{}", error.hint());
    assert_eq!(error.clone().knowing(Some(crate::ClockSkew::between(9, 0))), error, "too little to be why");
    let error = error.knowing(Some(crate::ClockSkew::between(0, 3_480)));
    assert_eq!(error.code(), "dpop.clock");
    assert!(error.hint().contains("clock is 58 minutes slow"), "{}", error.hint());
}

#[test]
fn a_form_is_read_where_the_profile_allows_it() {
    // HP-TK-01, IDT-23, T-13
    const FORM: &str = "application/x-www-form-urlencoded; charset=utf-8";
    let plain = ClientSettings { scopes: vec!["repo".into()], form_answers: true, ..ClientSettings::new("client") };
    let finish = |settings: &ClientSettings, body: &str| {
        exchange_with(&metadata(|_| {}), settings.clone(), "c").1.finish(&answer(200, FORM, body))
    };
    let tokens = finish(&plain, "access_token=gho_1%2B&scope=repo%2Cgist&token_type=bearer").expect("good");
    assert!(tokens.access_token.matches(b"gho_1+"));
    assert_eq!(tokens.scope.as_deref(), Some(&["repo".to_owned(), "gist".to_owned()][..]));
    assert!(tokens.id_token.is_none(), "nobody asked for one");
    let error = finish(&plain, "error=bad_verification_code&error_description=expired").expect_err("refused");
    assert_eq!(error.code(), "token.refused");
    let twice = finish(&plain, "access_token=a&access_token=b&token_type=bearer").expect_err("refused");
    assert_eq!(twice.code(), "token.bad_response");
    assert_eq!(finish(&plain, "").expect_err("refused").code(), "token.unsupported_type");
    let strict = ClientSettings { form_answers: false, ..plain };
    assert_eq!(finish(&strict, "access_token=a&token_type=bearer").expect_err("refused").code(), "token.not_json");
}

proptest! {
    #[test]
    fn no_form_makes_it_panic(body in prop::collection::vec(any::<u8>(), 0..120)) {
        let settings = ClientSettings { form_answers: true, ..client() };
        let response = answer(200, "application/x-www-form-urlencoded", body);
        let _ = exchange_with(&metadata(|_| {}), settings, "c").1.finish(&response);
    }
}
