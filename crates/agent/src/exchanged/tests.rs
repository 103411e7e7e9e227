use std::sync::Arc;

use doorkey_client::words::{JournalRequest, Pair, ReceivedAnswer, SentRequest};
use http::{Request, Response};

use super::request::Sent;
use super::secrets::fingerprint;
use super::*;
use crate::browser::BrowserChoice;
use crate::http::{Http, HttpSettings};
use crate::journal::Journal;
use crate::time::Clock;

const CODE: &str = "SplxlOBeZQQYbYS6WxSbIA-code";
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const REFRESH: &str = "8xLOxBtZp8:refresh/with+odd&characters";

fn posted(form: &[(&str, &str)]) -> Request<Vec<u8>> {
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
    Request::post("https://as.example/token")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(body.into_bytes())
        .expect("a request")
}

fn answered(kind: &str, body: impl Into<Vec<u8>>) -> Response<Vec<u8>> {
    Response::builder().header("content-type", kind).body(body.into()).expect("an answer")
}

fn told(request: &Request<Vec<u8>>, response: &Response<Vec<u8>>, purpose: Purpose) -> (SentRequest, ReceivedAnswer) {
    let Sent { request, mut secrets } = Sent::of(request, purpose);
    let answer = answer::told(response, purpose, &mut secrets);
    (request, answer)
}

fn code_exchange() -> Request<Vec<u8>> {
    posted(&[
        ("grant_type", "authorization_code"),
        ("client_id", "app"),
        ("code", CODE),
        ("code_verifier", VERIFIER),
        ("redirect_uri", "http://127.0.0.1:5000/cb"),
        ("audience", "https://api.example"),
        ("custom", "nobody has listed this"),
    ])
}

/// Everything that is told, as the journal writes it.
fn text(told: &(SentRequest, ReceivedAnswer)) -> String {
    serde_json::to_string(told).expect("JSON")
}

fn pair<'a>(pairs: &'a [Pair], name: &str) -> &'a Pair {
    pairs.iter().find(|pair| pair.name == name).unwrap_or_else(|| panic!("no {name} in {pairs:?}"))
}

#[test]
fn what_is_listed_is_shown_and_all_else_is_a_fingerprint() {
    let (request, _) = told(&code_exchange(), &answered("application/json", "{}"), Purpose::Token);
    assert_eq!((request.method.as_str(), request.url.as_str()), ("POST", "https://as.example/token"));
    for (name, value) in [
        ("grant_type", "authorization_code"),
        ("client_id", "app"),
        ("redirect_uri", "http://127.0.0.1:5000/cb"),
        ("audience", "https://api.example"),
    ] {
        assert_eq!(
            *pair(&request.form, name),
            Pair { name: name.into(), value: value.into(), secret: false, altered: false }
        );
    }
    for (name, value) in [("code", CODE), ("code_verifier", VERIFIER), ("custom", "nobody has listed this")] {
        let value = fingerprint(value.as_bytes());
        assert_eq!(*pair(&request.form, name), Pair { name: name.into(), value, secret: true, altered: false });
    }
}

/// Whoever edits a request must not send what is told of it for what it was.
#[test]
fn what_is_told_otherwise_than_it_is_sent_says_so() {
    let long = "x".repeat(5_000);
    let opaque = "https://api.example/0123456789abcdefghij0123456789";
    let odd_name = "field_0123456789abcdefghij";
    let mut request = posted(&[
        ("scope", &format!("openid {opaque}")),
        ("audience", &long),
        ("client_id", "app"),
        ("code", CODE),
        ("resource", &format!("https://api.example/{CODE}")),
        (odd_name, "v"),
    ]);
    request.headers_mut().insert("accept", CODE.parse().expect("a value"));
    let (told, _) = super::shown(&request, Purpose::Token);
    let altered = |pairs: &[Pair]| pairs.iter().map(|pair| (pair.secret, pair.altered)).collect::<Vec<_>>();
    let (plain, other) = ((false, false), (false, true));
    assert_eq!(altered(&told.form), [other, other, plain, (true, false), other, (true, true)], "{told:?}");
    assert!(pair(&told.headers, "accept").altered && !pair(&told.headers, "content-type").altered, "{told:?}");

    let mut json = request.clone();
    json.headers_mut().insert("content-type", http::HeaderValue::from_static("application/json"));
    *json.body_mut() = br#"{"client_name":"app","client_secret":"CANARY-secret","grant_types":["a"]}"#.to_vec();
    let (told, _) = super::shown(&json, Purpose::Registration);
    let names = ["client_name", "client_secret", "grant_types"].map(|name| pair(&told.form, name).altered);
    assert_eq!(names, [false, true, false], "{told:?}");
}

#[test]
fn tokens_are_fingerprints_and_what_is_said_of_them_is_shown() {
    let body = r#"{"access_token":"at-0123456789","refresh_token":"rt-0123456789","id_token":"eyJh.eyJz.sig",
        "expires_in":300,"token_type":"Bearer","scope":"openid email","x":{"scope":"hidden below"},"y":7,"z":true}"#;
    let (_, answer) = told(&code_exchange(), &answered("application/json", body), Purpose::Token);
    let json: serde_json::Value = serde_json::from_str(&answer.body).expect("JSON");
    assert_eq!(json["expires_in"], 300);
    assert_eq!((&json["token_type"], &json["scope"]), (&"Bearer".into(), &"openid email".into()));
    let print = |value: &str| serde_json::Value::from(format!("[fingerprint {}]", fingerprint(value.as_bytes())));
    assert_eq!(json["access_token"], print("at-0123456789"));
    assert_eq!(json["id_token"], print("eyJh.eyJz.sig"));
    assert_eq!(json["x"]["scope"], print("hidden below"));
    assert_eq!((&json["y"], &json["z"]), (&print("7"), &true.into()));
}

#[test]
fn a_form_that_is_called_json_has_secrets_too() {
    let mut request = posted(&[("grant_type", "refresh_token"), ("client_secret", "short one")]);
    request.headers_mut().insert("content-type", http::HeaderValue::from_static("application/json"));
    let body = r#"{"error":"invalid_request","error_description":"what is short one"}"#;
    let (request, answer) = told(&request, &answered("application/json", body), Purpose::Token);
    assert!(pair(&request.form, "client_secret").secret);
    assert!(!answer.body.contains("short one"), "{}", answer.body);
}

#[test]
fn a_secret_is_found_wherever_it_is_repeated() {
    let request = posted(&[("grant_type", "refresh_token"), ("refresh_token", REFRESH), ("scope", "openid")]);
    let in_url: String = url::form_urlencoded::byte_serialize(REFRESH.as_bytes()).collect();
    let json = serde_json::json!({
        "error": REFRESH,
        "error_description": format!("the token {REFRESH} is not good; see x?t={in_url}, twice {REFRESH}"),
        "error_uri": format!("https://as.example/why?refresh_token={in_url}&client_id={in_url}#{in_url}"),
        "scope": format!("openid {REFRESH}"),
        REFRESH: REFRESH,
        "trace": {"deep": [REFRESH, {"client_id": REFRESH}]},
    });
    let pages = [
        answered("application/json", json.to_string()),
        answered("text/html", format!("<p>{}</p><a href='?{in_url}'>", REFRESH.replace('&', "&amp;"))),
        answered("text/plain", format!("refresh_token={in_url}&error_description={in_url}&x={in_url}")),
        answered("application/x-www-form-urlencoded", format!("{in_url}={in_url}")),
        answered("text/plain", format!("{{\"error\": \"{REFRESH}\", oops")),
    ];
    for response in pages {
        let response = {
            let mut response = response;
            let headers = response.headers_mut();
            let words = format!("Bearer error_description=\"{REFRESH}\"");
            headers.insert("www-authenticate", words.parse().expect("a header"));
            headers.insert("location", format!("https://x.example/?a={in_url}#{in_url}").parse().expect("a header"));
            headers.insert("x-request-id", REFRESH.parse().expect("a header"));
            headers.insert("x-unknown", REFRESH.parse().expect("a header"));
            response
        };
        let all = text(&told(&request, &response, Purpose::Renewal));
        for spelled in [REFRESH, &in_url, &REFRESH.replace('&', "&amp;")] {
            assert!(!all.contains(spelled), "{spelled} in {all}");
        }
        assert!(all.contains(&fingerprint(REFRESH.as_bytes())), "{all}");
    }
}

#[test]
fn what_is_secret_in_an_answer_is_found_in_the_rest_of_it() {
    let body = r#"{"access_token":"short7","error_description":"you got short7 and opaque 4f9a8b7c6d5e4f3a2b1c0d9e here",
        "scope":"short7","token_type":"4f9a8b7c6d5e4f3a2b1c0d9e","correlation_id":"6b1c2d3e-0000-4000-8000-abcdefabcdef"}"#;
    let all = text(&told(&code_exchange(), &answered("application/json", body), Purpose::Token));
    assert!(!all.contains("short7") && !all.contains("4f9a8b7c6d5e4f3a2b1c0d9e"), "{all}");
    assert!(all.contains("you got [fingerprint"), "{all}");
    assert!(all.contains("6b1c2d3e-0000-4000-8000-abcdefabcdef"), "for whoever runs the provider: {all}");
}

#[test]
fn credentials_in_headers_are_fingerprints_and_found_without_their_scheme() {
    // RFC 6749 section 2.3.1: form-encoded, then Base64.
    let basic = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, "app:s%3Acr+t-of-the-app");
    let mut request = code_exchange();
    let headers = request.headers_mut();
    headers.insert("authorization", format!("Basic {basic}").parse().expect("a header"));
    headers.insert("dpop", "eyJ0eXAi.eyJqdGki.c2ln".parse().expect("a header"));
    let mut response = answered(
        "application/json",
        serde_json::json!({"error": "s:cr t-of-the-app", "error_description": format!("{basic} s%3Acr+t-of-the-app eyJ0eXAi.eyJqdGki.c2ln")})
            .to_string(),
    );
    let headers = response.headers_mut();
    headers.insert("dpop-nonce", "a-nonce-of-the-server".parse().expect("a header"));
    headers.insert("set-cookie", "session=0123456789".parse().expect("a header"));
    headers.insert("retry-after", "30".parse().expect("a header"));
    let told = told(&request, &response, Purpose::Token);
    let all = text(&told);
    for secret in ["s:cr t", "s%3Acr", &basic, "eyJqdGki", "0123456789"] {
        assert!(!all.contains(secret), "{secret} in {all}");
    }
    let (request, answer) = told;
    let print = fingerprint(basic.as_bytes());
    assert_eq!(pair(&request.headers, "authorization").value, format!("Basic {print}"));
    assert!(pair(&request.headers, "dpop").secret && pair(&answer.headers, "set-cookie").secret);
    assert_eq!(pair(&answer.headers, "dpop-nonce").value, "a-nonce-of-the-server");
    assert_eq!(pair(&answer.headers, "retry-after").value, "30");
}

#[test]
fn hostile_bodies_cost_little_and_show_nothing() {
    let secret = "0123456789abcdef-secret";
    let deep = format!("{}\"{secret}\"{}", "[".repeat(5_000), "]".repeat(5_000));
    let hundred_deep = format!("{}\"{secret}\"{}", "{\"scope\":[".repeat(60), "]}".repeat(60));
    let many: String = (0..5_000).map(|number| format!("\"m{number}\":\"{secret}-{number}\",")).collect();
    let wide = format!("{{{many}\"access_token\":\"{secret}\"}}");
    let large = format!("{{\"scope\":\"{}\",\"access_token\":\"{secret}\"}}", "x".repeat(10 * 1024 * 1024));
    let long = format!("{{\"access_token\":\"{secret}\",\"scope\":\"{}{secret}\"}}", "é".repeat(8 * 1024 - 9));
    let not_utf_8 = [b"{\"access_token\":\"", secret.as_bytes(), b"\xff\"}"].concat();
    for body in [deep.into(), wide.into(), large.into(), long.into(), not_utf_8] {
        for kind in ["application/json", "text/html", "application/octet-stream"] {
            let mut response = answered(kind, body.clone());
            response.headers_mut().insert("x-request-id", secret.parse().expect("a header"));
            let (_, answer) = told(&code_exchange(), &response, Purpose::Token);
            assert!(!format!("{:?}", answer.headers).contains(secret), "{kind}: {:?}", answer.headers);
            assert!(answer.body.len() <= 16 * 1024 + 4, "{}", answer.body.len());
            assert!(!answer.body.contains("0123456789abcdef"), "{kind}: {}", answer.body);
        }
    }
    // Shown by its name, as deep as JSON is read.
    let (_, answer) = told(&code_exchange(), &answered("application/json", hundred_deep), Purpose::Token);
    assert!(answer.body.contains("scope"), "{}", answer.body);
}

#[test]
fn a_list_that_has_no_names_shows_nothing() {
    let (_, answer) =
        told(&code_exchange(), &answered("application/json", r#"["at-0123456789",{"scope":"x"}]"#), Purpose::Token);
    assert!(!answer.body.contains("at-0123456789") && !answer.body.contains("\"x\""), "{}", answer.body);
}

#[test]
fn of_a_person_is_shown_what_the_list_of_sessions_shows() {
    let mut request = Request::get("https://as.example/userinfo").body(Vec::new()).expect("a request");
    request.headers_mut().insert("authorization", "Bearer at-0123456789".parse().expect("a header"));
    let body = r#"{"sub":"ada","name":"Ada Lovelace","email":"ada@example.test","family_name":"Lovelace",
        "preferred_username":"ada@example.test","address":{"name":"Ockham Park"},"title":"Countess","token":"at-0123456789"}"#;
    let (request, answer) = told(&request, &answered("application/json", body), Purpose::Userinfo);
    assert!(pair(&request.headers, "authorization").value.starts_with("Bearer "));
    let json: serde_json::Value = serde_json::from_str(&answer.body).expect("JSON");
    assert_eq!((&json["name"], &json["email"]), (&"Ada Lovelace".into(), &"ada@example.test".into()));
    assert!(!answer.body.contains("Ockham") && !answer.body.contains("Countess"), "{}", answer.body);
    assert!(!answer.body.contains("at-0123456789"), "{}", answer.body);
    assert!(json["family_name"].as_str().is_some_and(|told| told.starts_with("[fingerprint ")));
}

#[test]
fn public_documents_are_shown_and_private_keys_among_them_are_not() {
    let keys = r#"{"keys":[{"kty":"RSA","kid":"1","n":"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAt",
        "e":"AQAB","d":"X4cTteJY_gn4FYPsXB8rdXix5vwsg1FLN5E3EaG6RJoVH-HLLKD9M7dx5oo7GURknchnrRweUkC7hT5fJLM0WbFAKNL"}]}"#;
    let asked = |at: &str| Request::get(at).body(Vec::new()).expect("a request");
    let (_, answer) = told(
        &asked("https://as.example/jwks?api-key=0123456789ab"),
        &answered("application/json", keys),
        Purpose::Keys,
    );
    assert!(answer.body.contains("0vx7agoebGcQ") && !answer.body.contains("X4cTteJY"), "{}", answer.body);
    let metadata = r#"{"issuer":"https://as.example","token_endpoint":"https://as.example/token","new_member":["a"]}"#;
    let (request, answer) = told(
        &asked("https://as.example/.well-known/openid-configuration?api-key=0123456789ab"),
        &answered("application/json", metadata),
        Purpose::Metadata,
    );
    assert!(answer.body.contains("https://as.example/token") && answer.body.contains("\"a\""), "{}", answer.body);
    assert_eq!(
        request.url,
        format!(
            "https://as.example/.well-known/openid-configuration?api-key=[fingerprint {}]",
            fingerprint(b"0123456789ab")
        )
    );
}

#[test]
fn a_registration_is_told_without_what_it_gave() {
    let request = Request::post("https://as.example/register")
        .header("content-type", "application/json")
        .body(br#"{"client_name":"Doorkey","redirect_uris":["http://127.0.0.1/cb"],"jwks":{"keys":["x"]}}"#.to_vec())
        .expect("a request");
    let body = r#"{"client_id":"c1","client_secret":"cs-0123456789","registration_access_token":"rat-0123456789",
        "registration_client_uri":"https://as.example/register/opaque-0123456789abcdef"}"#;
    let (request, answer) = told(&request, &answered("application/json", body), Purpose::Registration);
    assert_eq!(pair(&request.form, "client_name").value, "Doorkey");
    assert_eq!(pair(&request.form, "redirect_uris").value, r#"["http://127.0.0.1/cb"]"#);
    assert!(answer.body.contains(r#""client_id":"c1""#), "{}", answer.body);
    for secret in ["cs-0123456789", "rat-0123456789", "opaque-0123456789abcdef"] {
        assert!(!answer.body.contains(secret), "{}", answer.body);
    }
    let removal = Request::delete("https://as.example/register/opaque-0123456789abcdef").body(Vec::new());
    let (request, _) = told(&removal.expect("a request"), &answered("application/json", ""), Purpose::Registration);
    assert!(!request.url.contains("opaque-0123456789abcdef"), "{}", request.url);
}

#[test]
fn the_browser_s_way_there_and_back_is_told() {
    let address =
        Url::parse("https://as.example/authorize?client_id=app&state=st-0123&nonce=no-0123&code_challenge=E9Me&x=y")
            .expect("an address");
    let (bare, asked) = asked_of_browser(&address);
    assert_eq!(bare, "https://as.example/authorize");
    assert_eq!(
        (pair(&asked, "client_id").value.as_str(), pair(&asked, "code_challenge").value.as_str()),
        ("app", "E9Me")
    );
    let brought =
        brought_by_browser(b"code=abc-0123&state=st-0123&iss=https%3A%2F%2Fas.example&error_description=abc-0123+x");
    assert_eq!(pair(&brought, "state"), pair(&asked, "state"));
    assert_eq!(pair(&brought, "iss").value, "https://as.example");
    assert!(pair(&brought, "code").secret && !pair(&brought, "error_description").value.contains("abc-0123"));
    assert!(["nonce", "x"].iter().all(|name| pair(&asked, name).secret));
}

/// A server that takes the request and never answers.
#[tokio::test]
async fn a_wait_that_ends_is_told_with_its_reason() {
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = format!("http://{}/token", silent.local_addr().expect("its address"));
    let settings = HttpSettings { total: Duration::from_millis(50), ..HttpSettings::default() };
    let host =
        Host { http: Arc::new(Http::new(settings)), browser: BrowserChoice::from_env(None), clock: Clock::default() };
    let journal = Arc::new(Journal::new(None));
    let trail = journal.trail("work", "f1");
    let mut request = code_exchange();
    *request.uri_mut() = address.parse().expect("an address");
    let refused = exchanged(&host, trail.asking(Purpose::Token), request, 1024).await.expect_err("no answer");
    assert_eq!(refused.code(), "net.timeout");
    let page = journal.page(JournalRequest::default()).await.expect("it is read");
    let [event] = page.events.as_slice() else { panic!("{page:?}") };
    let EventKind::Exchanged { exchange } = &event.kind else { panic!("{event:?}") };
    assert_eq!((event.profile.as_deref(), event.flow.as_deref()), (Some("work"), Some("f1")));
    assert_eq!((exchange.purpose.as_str(), &exchange.request.url, &exchange.answer), ("token", &address, &None));
    assert!(exchange.problem.as_ref().is_some_and(|why| *why == refused.refusal().message), "{exchange:?}");
    assert!(exchange.took_ms >= 50, "{exchange:?}");
}

#[test]
fn an_address_is_shown_without_what_its_parameters_hide_also_where_it_is_relative() {
    for address in [
        "https://ada:opensesame@as.example/login?code=c0de&client_id=app#access_token=t0ken9",
        "/login?code=c0de&client_id=app#access_token=t0ken9",
    ] {
        let mut response = answered("application/json", r#"{"error":"t0ken9","error_description":"it was t0ken9"}"#);
        response.headers_mut().insert("location", address.parse().expect("a header"));
        let (_, answer) = told(&code_exchange(), &response, Purpose::Token);
        let location = &pair(&answer.headers, "location").value;
        assert!(location.ends_with("&client_id=app") && location.contains("/login?code=[fingerprint "), "{location}");
        assert!(!location.contains("c0de") && !location.contains("opensesame"), "{location}");
        assert!(!answer.body.contains("t0ken9"), "{}", answer.body);
    }
}

#[test]
fn what_a_provider_calls_its_errors_is_no_secret() {
    let body = r#"{"code":"invalid_grant","error":"invalid_grant","error_description":"invalid_grant it is"}"#;
    let (_, answer) = told(&code_exchange(), &answered("application/json", body), Purpose::Token);
    assert!(answer.body.contains(r#""error":"invalid_grant""#), "{}", answer.body);
    assert!(answer.body.contains("invalid_grant it is"), "{}", answer.body);
}
