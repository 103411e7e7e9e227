//! What comes to the redirect URI, well or badly (rows C-07 to C-24; the rest of section 7.5 stands with the listener's rows).

use doorkey_demo_idp::Endpoint;
use doorkey_tests::stranger;
use tokio::io::AsyncWriteExt;

use crate::listener_support::{CANARY, Waiting, encoded};

/// C-07: `state` with a character more, missing, empty, twice, of another attempt, in another case, of 1 MB | 400 (431 for the megabyte), waits, and counted
/// L-20: `state` does not match | a page that says so; the state that was expected is nowhere
#[tokio::test]
async fn c_07_l_20_only_the_very_state_counts() {
    let first = Waiting::new().await;
    let older = first.state.clone();
    let stage = first.stage;
    first.attempt.cancel().await;
    first.attempt.ended().await;
    let waiting = Waiting::on(stage).await;
    let state = waiting.state.clone();
    let swapped: String =
        state.chars().map(|c| if c.is_lowercase() { c.to_ascii_uppercase() } else { c.to_ascii_lowercase() }).collect();
    let cases = [
        (format!("state={state}1"), "wrong state"),
        (format!("state={}", &state[1..]), "wrong state"),
        (String::new(), "no state"),
        ("state=".to_owned(), "no state"),
        ("state".to_owned(), "no state"),
        (format!("state={state}&state={state}"), "state is there twice"),
        (format!("state={state}&state="), "state is there twice"),
        (format!("state={older}"), "wrong state"),
        (format!("state={swapped}"), "wrong state"),
    ];
    for (parameter, _) in &cases {
        let answer = waiting.arrives(&format!("code={CANARY}&{parameter}")).await;
        assert_eq!(answer.status, Some(400), "{parameter}");
        assert!(answer.body().contains("does not belong to the sign\u{2011}in that is running"), "{}", answer.text);
    }
    let megabyte = waiting.arrives(&format!("code={CANARY}&state={}", state.repeat((1 << 20) / state.len()))).await;
    assert_eq!(megabyte.status, Some(431));
    let mut reasons: Vec<&str> = cases.iter().map(|(_, reason)| *reason).collect();
    reasons.push("the request has more than 16 KiB or 64 headers");
    waiting.still_waits(&reasons).await;
}

/// C-08: `error=access_denied` without `state`, or with a wrong one | waits; shown as a hint that is not to be trusted
/// L-21: a forged `error=` | the same: it ends nothing
#[tokio::test]
async fn c_08_l_21_an_error_without_our_state_is_a_hint_only() {
    let waiting = Waiting::new().await;
    for query in ["error=access_denied&error_description=%3Cb%3Eno", "error=server_error&state=wrong"] {
        assert_eq!(waiting.arrives(query).await.status, Some(400));
    }
    let hint = waiting.attempt.until_ignored(2).await.untrusted_hint;
    assert_eq!(hint.as_deref(), Some("server_error"));
    waiting.still_waits(&["no state", "wrong state"]).await;
}

/// C-09: `error=access_denied` with our `state` | `callback.access_denied`: "You (or your administrator) declined."
#[tokio::test]
async fn c_09_a_person_who_says_no() {
    let waiting = Waiting::new().await;
    let led = waiting.arrives(&answer(&waiting, "error=access_denied")).await;
    assert_eq!(led.header("location"), Some("/declined"));
    let refused = waiting.ends("callback.access_denied").await;
    assert_eq!(refused.message, "You (or your administrator) declined.");
}

/// C-10: each error code of RFC 6749, OpenID Connect and RFC 8707 | a code and a sentence of its own
#[tokio::test]
async fn c_10_each_error_has_its_own_sentence() {
    let errors = [
        ("invalid_request", "callback.invalid_request"),
        ("unauthorized_client", "callback.unauthorized_client"),
        ("unsupported_response_type", "callback.unsupported_response_type"),
        ("invalid_scope", "callback.invalid_scope"),
        ("invalid_target", "callback.invalid_target"),
        ("server_error", "callback.server_error"),
        ("temporarily_unavailable", "callback.temporarily_unavailable"),
        ("login_required", "callback.login_required"),
        ("consent_required", "callback.consent_required"),
        ("interaction_required", "callback.interaction_required"),
        ("account_selection_required", "callback.account_selection_required"),
        ("something_new", "callback.provider_error"),
    ];
    let mut sentences = std::collections::BTreeSet::new();
    let mut waiting = Waiting::new().await;
    for (error, code) in errors {
        waiting.arrives(&answer(&waiting, &format!("error={error}"))).await;
        let (stage, refused) = waiting.ends_and_goes_on(code).await;
        assert!(refused.message.contains(error), "the provider's own word: {refused:?}");
        sentences.insert(refused.message);
        waiting = Waiting::on(stage).await;
    }
    assert_eq!(sentences.len(), errors.len());
    waiting.still_waits(&[]).await;
}

/// C-11: a code and an error | the error counts and the code is not sent
/// C-12: neither | `callback.no_code`
/// C-15: `iss` of another, missing though promised, twice, with a slash more; on errors too | a code of its own, before the error is believed
/// C-16: an access token, an ID token or a signed response in the address | `callback.token_in_url`
#[tokio::test]
async fn c_11_c_12_c_15_c_16_answers_that_are_ours_and_wrong_end_it_without_a_token_request() {
    let mut waiting = Waiting::new().await;
    let iss = waiting.stage.provider.issuer().to_owned();
    let with_slash = format!("{iss}/");
    let other = "https://other.example";
    for (parameters, issuers, code) in [
        (format!("code={CANARY}&error=access_denied"), vec![iss.as_str()], "callback.access_denied"),
        (String::new(), vec![iss.as_str()], "callback.no_code"),
        ("error=".to_owned(), vec![iss.as_str()], "callback.no_code"),
        (format!("code={CANARY}"), vec![other], "callback.iss_mismatch"),
        (format!("code={CANARY}"), vec![with_slash.as_str()], "callback.iss_mismatch"),
        (format!("code={CANARY}"), vec![], "callback.iss_missing"),
        (format!("code={CANARY}"), vec![""], "callback.iss_missing"),
        (format!("code={CANARY}"), vec![iss.as_str(), iss.as_str()], "callback.duplicate_parameter"),
        (format!("code={CANARY}"), vec![iss.as_str(), other], "callback.duplicate_parameter"),
        ("error=access_denied".to_owned(), vec![other], "callback.iss_mismatch"),
        ("error=access_denied".to_owned(), vec![], "callback.iss_missing"),
        (format!("code={CANARY}&access_token={CANARY}"), vec![iss.as_str()], "callback.token_in_url"),
        (format!("code={CANARY}&id_token={CANARY}"), vec![iss.as_str()], "callback.token_in_url"),
        (format!("code={CANARY}&refresh_token={CANARY}"), vec![iss.as_str()], "callback.token_in_url"),
        (format!("response={CANARY}.{CANARY}.x"), vec![iss.as_str()], "callback.token_in_url"),
    ] {
        let issuers: String = issuers.iter().map(|iss| format!("&iss={}", encoded(iss))).collect();
        let led = waiting.arrives(&format!("{parameters}&state={}{issuers}", waiting.state)).await;
        assert_eq!((led.status, led.body()), (Some(303), ""), "{code}");
        let (stage, _) = waiting.ends_and_goes_on(code).await;
        waiting = Waiting::on(stage).await;
    }
    waiting.still_waits(&[]).await;
}

/// C-13: an empty code, two codes; a code with NUL, CR or LF, a bad escape, no UTF-8 | `callback.no_code`, `callback.duplicate_parameter`; or 400 and waits
#[tokio::test]
async fn c_13_codes_that_are_none() {
    let mut waiting = Waiting::new().await;
    for (code, ends) in [("code=", "callback.no_code"), ("code=a&code=b", "callback.duplicate_parameter")] {
        waiting.arrives(&answer(&waiting, code)).await;
        let (stage, _) = waiting.ends_and_goes_on(ends).await;
        waiting = Waiting::on(stage).await;
    }
    let cases = [
        ("code=a%00b", "control character in the code"),
        ("code=a%0d%0ab", "control character in the code"),
        ("code=a%zzb", "bad encoding"),
        ("code=a%ffb", "bad encoding"),
    ];
    for (code, _) in cases {
        assert_eq!(waiting.arrives(&answer(&waiting, code)).await.status, Some(400), "{code}");
    }
    waiting.still_waits(&cases.map(|(_, reason)| reason)).await;
}

/// C-14: a code with `==`, `+`, `%2B`, of 4 KB | goes to the token endpoint byte for byte
/// L-19: values with `=` in them | split at the first one only
#[tokio::test]
async fn c_14_l_19_a_code_is_exchanged_byte_for_byte() {
    let mut waiting = Waiting::new().await;
    for (raw, code) in [
        ("YWJj==", "YWJj==".to_owned()),
        ("a=b=c", "a=b=c".to_owned()),
        ("a%2Bb", "a+b".to_owned()),
        ("a+b", "a b".to_owned()),
        ("4%2F0Ab_c-d.e~f", "4/0Ab_c-d.e~f".to_owned()),
        ("%25zz%26x%3Dy", "%zz&x=y".to_owned()),
        ("%C3%A9", "\u{e9}".to_owned()),
        (&"x".repeat(4096), "x".repeat(4096)),
    ] {
        let exchanged = waiting.stage.log().count(Endpoint::Token);
        waiting.arrives(&answer(&waiting, &format!("code={raw}"))).await;
        assert_eq!(waiting.attempt.failed().await.code, "token.code_rejected", "made up");
        let requests = waiting.stage.log().of(Endpoint::Token);
        assert_eq!(requests.len(), exchanged + 1);
        assert_eq!(requests.last().and_then(|request| request.params.get("code")), Some(code.as_str()));
        waiting.assert_port_is_free().await;
        waiting = Waiting::on(waiting.stage).await;
    }
    waiting.still_waits(&[]).await;
}

/// C-22: a POST where the answer was asked for in the address | 405; its body is neither read nor written down anywhere
/// HP-AZ-15: the provider answers its login form with 307, so that the password is posted to us | the same
#[tokio::test]
async fn c_22_hp_az_15_a_posted_password_is_not_taken() {
    let waiting = Waiting::new().await;
    let body = format!("email=ada%40example.test&password={CANARY}&state={}&code={CANARY}", waiting.state);
    let lines =
        format!("Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}", body.len());
    let posted = waiting.asks("POST", &waiting.good_target(), &lines).await;
    assert_eq!((posted.status, posted.header("allow")), (Some(405), Some("GET")));
    // Whatever is posted without an end, the connection has one.
    let endless = format!("Content-Length: 99999999999\r\n\r\n{}", CANARY.repeat(1 << 18));
    waiting.asks("POST", waiting.path(), &endless).await;
    let reason = "not a GET, though the answer was asked for in the address";
    waiting.still_waits(&[reason; 2]).await;
}

/// C-24: the browser leaves before it has read the answer | the exchange goes on, and the app tells that it worked
#[tokio::test]
async fn c_24_a_browser_that_leaves_does_not_undo_the_answer() {
    let waiting = Waiting::new().await;
    let exchanged = waiting.stage.log().count(Endpoint::Token);
    let mut browser = stranger::silent(waiting.port()).await;
    let request = format!("GET {} HTTP/1.1\r\nHost: {}\r\n\r\n", waiting.good_target(), waiting.host());
    browser.write_all(request.as_bytes()).await.expect("a request");
    drop(browser);
    assert_eq!(waiting.attempt.failed().await.code, "token.code_rejected", "the made-up code was exchanged");
    assert_eq!(waiting.stage.log().count(Endpoint::Token), exchanged + 1);
    waiting.assert_port_is_free().await;
    waiting.stage.assert_next_sign_in_works().await;
}

/// An answer with the right `state` and `iss`.
fn answer(waiting: &Waiting, parameters: &str) -> String {
    format!("{parameters}&state={}&iss={}", waiting.state, encoded(waiting.stage.provider.issuer()))
}
