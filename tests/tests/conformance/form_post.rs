//! An answer that was asked for as a form (rows L-22, L-23, C-21, HP-34, HP-35).

use doorkey_client::words::ResponseMode;
use doorkey_demo_idp::{Endpoint, Misbehaviour};
use doorkey_tests::stranger::Answer;

use crate::browsers::{Chromium, told};
use crate::listener_support::{CANARY, Waiting};
use crate::provider_answers::ends_as_it_must;

const URL_ENCODED: &str = "Content-Type: application/x-www-form-urlencoded\r\n";
const NOT_A_FORM: &str = "a body that is not a URL-encoded form";

/// L-22: posts a form from another site, of another type, chunked, too large, with parameters in the address too | 4xx by its head alone, waits
/// C-21: the right form; a wrong type, `state` in query and body, chunks, 1 MB, multipart, another site's `Origin` | the first is taken, the others are 4xx and waited out
#[tokio::test]
async fn l_22_c_21_only_the_form_that_was_asked_for_is_read() {
    let waiting = for_a_form().await;
    assert_eq!(waiting.attempt.asked("response_mode"), "form_post");
    let good = waiting.good_query();
    let path = waiting.path().to_owned();
    let mixed = format!("{path}?state={}", waiting.state);
    let megabyte = format!("{good}&x={}", "x".repeat(1 << 20));
    let multipart =
        format!("--x\r\nContent-Disposition: form-data; name=\"state\"\r\n\r\n{}\r\n--x--\r\n", waiting.state);
    let cases = [
        ("no type", path.as_str(), "", good.as_str(), 415, NOT_A_FORM),
        ("text", &path, "Content-Type: text/plain\r\n", &good, 415, NOT_A_FORM),
        ("JSON", &path, "Content-Type: application/json\r\n", "{}", 415, NOT_A_FORM),
        ("multipart", &path, "Content-Type: multipart/form-data; boundary=x\r\n", &multipart, 415, NOT_A_FORM),
        ("mixed", &mixed, URL_ENCODED, &good, 400, "a form beside parameters in the address"),
        ("1 MB", &path, URL_ENCODED, &megabyte, 413, "a form of more than 64 KiB"),
        ("no state", &path, URL_ENCODED, "code=x", 400, "no state"),
        ("a wrong state", &path, URL_ENCODED, "code=x&state=wrong", 400, "wrong state"),
        ("nothing", &path, URL_ENCODED, "", 400, "no answer in it"),
        ("33 parameters", &path, URL_ENCODED, &format!("{good}{}", "&x=1".repeat(30)), 400, "too many parameters"),
    ];
    let mut reasons = Vec::new();
    for (what, target, lines, body, status, reason) in cases {
        assert_eq!(posts(&waiting, target, lines, body).await.status, Some(status), "{what}");
        reasons.push(reason);
    }
    for origin in ["https://evil.example", "http://127.0.0.1:1", "null, null", "NULL"] {
        let lines = format!("{URL_ENCODED}Origin: {origin}\r\n");
        assert_eq!(posts(&waiting, &path, &lines, &good).await.status, Some(403), "{origin}");
        reasons.push("a form from a page of another site");
    }
    let chunked = format!("{URL_ENCODED}Transfer-Encoding: chunked\r\n\r\n{:x}\r\n{good}\r\n0\r\n", good.len());
    assert_eq!(waiting.asks("POST", &path, &chunked).await.status, Some(411));
    reasons.push("a form that does not tell its length");
    let by_a_script = format!("{URL_ENCODED}Sec-Fetch-Mode: no-cors\r\nSec-Fetch-Dest: empty\r\n");
    assert_eq!(posts(&waiting, &path, &by_a_script, &good).await.status, Some(400));
    reasons.push("a web page asked, not the person");
    waiting.still_waits(&reasons).await;
}

/// L-23: brings the answer in the address where a form was asked for | 405 with `Allow: POST`, waits, and the journal names the mode
#[tokio::test]
async fn l_23_an_address_is_no_form() {
    let waiting = for_a_form().await;
    let answer = waiting.arrives(&waiting.good_query()).await;
    assert_eq!((answer.status, answer.header("allow")), (Some(405), Some("POST")));
    waiting.still_waits(&["not a POST, though the answer was asked for as a form"]).await;
}

/// HP-35: a page of the provider posts the answer, its origin named, hidden or left out | taken once; the browser is led to a page by GET
#[tokio::test]
async fn hp_35_a_posted_answer_is_taken_whatever_its_page_tells_of_its_origin() {
    let mut waiting = for_a_form().await;
    for origin in ["", "Origin: null\r\n", "Origin: PROVIDER\r\n"] {
        let exchanged = waiting.stage.log().count(Endpoint::Token);
        let lines = format!("{URL_ENCODED}{}", origin.replace("PROVIDER", waiting.stage.provider.issuer()));
        let led = posts(&waiting, waiting.path(), &lines, &waiting.good_query()).await;
        assert_eq!((led.status, led.header("location"), led.body()), (Some(303), Some("/done"), ""), "{origin}");
        let again = posts(&waiting, waiting.path(), &lines, "code=other&state=other").await;
        assert_eq!(again.status, Some(303), "a reload has no effect");
        assert_eq!(waiting.asks("GET", "/done", "").await.status, Some(200));
        assert_eq!(waiting.attempt.failed().await.code, "token.code_rejected", "a made-up code");
        let requests = waiting.stage.log().of(Endpoint::Token);
        assert_eq!(requests.len(), exchanged + 1);
        assert_eq!(requests.last().and_then(|request| request.params.get("code")), Some(CANARY));
        waiting.assert_port_is_free().await;
        waiting = Waiting::on(waiting.stage).await;
    }
    waiting.still_waits(&[]).await;
}

/// HP-35: a real browser posts the provider's form by itself | signed in, with nothing of the answer in any address
#[tokio::test]
async fn hp_35_a_real_browser_posts_the_form() {
    let Some(chromium) = Chromium::find("hp_35") else { return };
    let waiting = for_a_form().await;
    let seen = told(chromium.plays("demo-browser.mjs", &[waiting.attempt.url.as_str()])).await;
    assert!(seen.status.success(), "{seen:?}");
    assert_eq!(waiting.attempt.done().await.sub, "demo|ada");
    waiting.assert_port_is_free().await;
}

/// HP-34: a page posts `error=login_required` | `callback.login_required`
#[tokio::test]
async fn hp_34_a_posted_error() {
    let waiting = for_a_form().await;
    waiting.stage.provider.knobs().misbehave(Some(Misbehaviour::FormPostError));
    ends_as_it_must(waiting, Misbehaviour::FormPostError).await;
}

async fn for_a_form() -> Waiting {
    Waiting::with(|profile| profile.response_mode = ResponseMode::FormPost).await
}

async fn posts(waiting: &Waiting, target: &str, lines: &str, body: &str) -> Answer {
    waiting.asks("POST", target, &format!("{lines}Content-Length: {}\r\n\r\n{body}", body.len())).await
}
