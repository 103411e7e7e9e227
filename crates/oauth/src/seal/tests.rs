use serde_json::Value;

use super::*;
use crate::test_provider::{NOW, answer, client, exchange, json_answer, metadata};
use crate::{ClientAuthMethod, Fault, PrivateKeyText};

fn key() -> PrivateKey {
    let jwk = r#"{"kty":"EC","crv":"P-256","kid":"k1","d":"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"}"#;
    PrivateKey::read(&PrivateKeyText::new(jwk.into()), None).expect("a key")
}

fn with_key() -> ClientSettings {
    ClientSettings { client_key: Some(key()), client_auth: Some(ClientAuthMethod::PrivateKeyJwt), ..client() }
}

fn bound() -> ClientSettings {
    ClientSettings { dpop: DpopKey::of_random([7; 32]), ..client() }
}

fn fresh(byte: u8) -> Fresh {
    Fresh { now: NOW, random: [byte; 32] }
}

fn request(settings: ClientSettings) -> Request {
    exchange(&metadata(|_| {}), settings, "c0de").0
}

fn form(request: &Request) -> Vec<(String, String)> {
    url::form_urlencoded::parse(request.body()).into_owned().collect()
}

fn field(request: &Request, name: &str) -> Option<String> {
    form(request).into_iter().find(|(key, _)| key == name).map(|(_, value)| value)
}

fn claims(token: &str) -> Value {
    let part = token.split('.').nth(1).expect("claims");
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).expect("base64url")).expect("JSON")
}

fn proof_of(request: &Request) -> Value {
    claims(request.headers()["dpop"].to_str().expect("text"))
}

fn nonce_answer(nonce: &str) -> Response {
    let mut answer = json_answer(400, &json!({"error": "use_dpop_nonce"}));
    answer.headers_mut().insert("dpop-nonce", nonce.parse().expect("a header"));
    answer
}

#[test]
fn an_assertion_is_made_for_each_sending() {
    // HP-30, BCP-12, RFC 7523 section 3
    let sending = Sending::of(request(with_key()));
    let sealed = sending.seal(fresh(1), &DpopNonces::default());
    assert_eq!(field(&sealed, "client_id").as_deref(), Some("client-1"));
    assert_eq!(field(&sealed, "code").as_deref(), Some("c0de"));
    assert_eq!(
        field(&sealed, "client_assertion_type").as_deref(),
        Some("urn:ietf:params:oauth:client-assertion-type:jwt-bearer")
    );
    let first = claims(&field(&sealed, "client_assertion").expect("there"));
    assert_eq!(
        first,
        json!({"iss": "client-1", "sub": "client-1", "aud": "https://op.example", "iat": NOW, "exp": NOW + 60,
            "jti": "AQEBAQEBAQEBAQEBAQEBAQ"})
    );
    let again = sending.seal(fresh(2), &DpopNonces::default());
    assert_ne!(claims(&field(&again, "client_assertion").expect("there"))["jti"], first["jti"]);
    assert!(!sealed.headers().contains_key("authorization"), "CORE-07: one way only");
    assert!(sealed.extensions().get::<Unsealed>().is_none(), "the key does not leave with the request");
}

#[test]
fn a_request_that_needs_nothing_goes_out_as_it_is() {
    let request = request(client());
    let sealed = Sending::of(request.clone()).seal(fresh(1), &DpopNonces::default());
    assert_eq!((sealed.body(), sealed.headers()), (request.body(), request.headers()));
    let sent = Sending::of(request).judge(&nonce_answer("n"), &mut DpopNonces::default());
    assert!(matches!(sent, Ok(Sent::Answered)), "no proof was sent: nothing to prove anew");
}

#[test]
fn a_nonce_is_met_once_with_a_fresh_proof() {
    // DPOP-02, DPOP-08, A-12, T-17
    let mut nonces = DpopNonces::default();
    let sending = Sending::of(request(bound()));
    let first = proof_of(&sending.seal(fresh(1), &nonces));
    assert_eq!((&first["htm"], &first["htu"]), (&json!("POST"), &json!("https://op.example/token")));
    assert_eq!(first.get("nonce"), None);
    let Ok(Sent::Again(sending)) = sending.judge(&nonce_answer("n1"), &mut nonces) else { panic!("again") };
    let second = proof_of(&sending.seal(fresh(2), &nonces));
    assert_eq!(second["nonce"], "n1");
    assert_ne!(second["jti"], first["jti"]);
    let error = sending.judge(&nonce_answer("n2"), &mut nonces).expect_err("no third");
    assert_eq!(error.code(), "dpop.nonce_loop");
}

#[test]
fn the_newest_nonce_is_used_next_also_from_a_good_answer() {
    // DPOP-03, HP-60
    let mut nonces = DpopNonces::default();
    let mut good = json_answer(200, &json!({}));
    good.headers_mut().insert("dpop-nonce", "n9".parse().expect("a header"));
    assert!(matches!(Sending::of(request(bound())).judge(&good, &mut nonces), Ok(Sent::Answered)));
    let next = Sending::of(request(bound())).seal(fresh(1), &nonces);
    assert_eq!(proof_of(&next)["nonce"], "n9");
    let url = Url::parse("https://op.example/userinfo").expect("a URL");
    assert_eq!(nonces.of_resource(&url), None, "the resource server has its own, also on the same host");
}

#[test]
fn a_nonce_that_cannot_be_used_is_told() {
    // DPOP-03, HP-TK-09
    let judge = |change: &dyn Fn(&mut Response)| {
        let mut answer = json_answer(400, &json!({"error": "use_dpop_nonce"}));
        change(&mut answer);
        Sending::of(request(bound())).judge(&answer, &mut DpopNonces::default())
    };
    let put = |answer: &mut Response, value: &str| {
        answer.headers_mut().append("dpop-nonce", value.parse().expect("a header"));
    };
    for outcome in [
        judge(&|_| {}),
        judge(&|answer| put(answer, "")),
        judge(&|answer| put(answer, "a\"b")),
        judge(&|answer| put(answer, &"n".repeat(2000))),
        judge(&|answer| {
            put(answer, "a");
            put(answer, "b");
        }),
    ] {
        assert_eq!(outcome.expect_err("refused").code(), "dpop.bad_nonce");
    }
}

#[test]
fn a_good_answer_is_not_lost_for_a_nonce_nobody_can_use() {
    // DPOP-03: a new refresh token may stand in it.
    let mut good = json_answer(200, &json!({}));
    for nonce in ["a", "b"] {
        good.headers_mut().append("dpop-nonce", nonce.parse().expect("a header"));
    }
    let mut nonces = DpopNonces::default();
    assert!(matches!(Sending::of(request(bound())).judge(&good, &mut nonces), Ok(Sent::Answered)));
    assert_eq!(nonces.newest("https://op.example", Role::Authorization), None, "neither is used");
}

#[test]
fn other_refusals_are_answers() {
    for response in [json_answer(400, &json!({"error": "invalid_grant"})), answer(500, "text/html", "<h1>")] {
        let sent = Sending::of(request(bound())).judge(&response, &mut DpopNonces::default());
        assert!(matches!(sent, Ok(Sent::Answered)));
    }
}

#[test]
fn nothing_secret_is_in_its_debug() {
    let settings = ClientSettings { dpop: DpopKey::of_random([7; 32]), ..with_key() };
    let debug =
        format!("{settings:?} {:?} {:?}", Sending::of(request(settings.clone())).request.extensions(), fresh(3));
    assert!(!debug.contains("jpsQ") && !debug.contains(&URL_SAFE_NO_PAD.encode([7; 32])), "{debug}");
}
