//! What a person lands on (rows L-28 to L-32).

use doorkey_tests::stranger::Answer;

use crate::listener_support::{CANARY, Waiting, encoded};

/// L-28: fetches the page a moment after it was led there | the page is served for at most 3 seconds more, then nobody listens
#[tokio::test]
async fn l_28_the_last_page_is_served_and_then_the_listener_is_gone() {
    let waiting = Waiting::new().await;
    let arrived = waiting.attempt.allow(&waiting.stage.person("Ada")).await;
    assert!(arrived.page.contains("You can close this tab"), "{}", arrived.page);
    waiting.attempt.done().await;
    let page = waiting.asks("GET", "/done", "").await;
    assert_eq!(page.status, Some(200), "a reload");
    assert_eq!(waiting.asks("GET", "/", "").await.status, Some(404));
    waiting.attempt.until_deserted().await;
}

/// L-29: markup in `error`, `error_description`, `iss` and `state` | nothing of a request is ever in a page
/// C-17: HTML, JavaScript, turned text, terminal commands, 5 KB in `error_description` | cut and cleaned in what is told, absent from the page
#[tokio::test]
async fn l_29_c_17_words_of_a_request_never_become_markup() {
    let mut waiting = Waiting::new().await;
    for hostile in [
        "<script>alert(1)</script>",
        "\"><img src=x onerror=alert(1)>",
        "';alert(1);//",
        "\u{202e}delpmaxe\u{2066}",
        "\u{1b}[2J\u{1b}]0;owned\u{7}",
        "a\0b\r\nSet-Cookie: a=b",
        &"long ".repeat(1000),
    ] {
        let words = encoded(&format!("{CANARY}{hostile}"));
        let stray = waiting.arrives(&format!("state={words}")).await;
        assert_eq!((stray.status, stray.header("set-cookie")), (Some(400), None));
        assert_no_markup(&stray, hostile);
        let (state, iss) = (waiting.state.clone(), encoded(waiting.stage.provider.issuer()));
        let query = format!("error=access_denied&error_description={}&state={state}&iss={iss}", encoded(hostile));
        let led = waiting.arrives(&query).await;
        assert_eq!((led.status, led.header("location"), led.body()), (Some(303), Some("/declined"), ""));
        let page = waiting.asks("GET", "/declined", "").await;
        assert_eq!(page.status, Some(200));
        assert_no_markup(&page, hostile);
        assert_eq!(waiting.reasons(1).await, ["wrong state"]);
        let (stage, refused) = waiting.ends_and_goes_on("callback.access_denied").await;
        let told = &refused.message;
        assert!(told.chars().count() < 400, "cut: {told}");
        let bad = |c: char| c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        assert!(!told.contains(bad), "cleaned: {told:?}");
        waiting = Waiting::on(stage).await;
    }
    waiting.still_waits(&[]).await;
}

/// L-30: history, `Referer`, caches, frames and extensions keep what a page's address and headers let them | 303 to an address without the code, and one set of headers on every answer
/// C-25: headers on 200, 303, 400, 404, 405 and the rest | the whole set
#[tokio::test]
async fn l_30_c_25_every_status_has_the_whole_set_of_headers() {
    let waiting = Waiting::new().await;
    let (path, host) = (waiting.path().to_owned(), waiting.host());
    // `says` and `asks` look at the headers of each.
    let mut statuses = vec![
        waiting.asks("GET", "/", "").await.status,
        waiting.asks("PUT", &path, "").await.status,
        waiting.asks("OPTIONS", &path, "").await.status,
        waiting.asks("GET", &path, "").await.status,
        waiting.asks("GET", &format!("{path}?{}", "x".repeat(9000)), "").await.status,
        waiting.asks("GET", &path, &format!("X: {}\r\n", "x".repeat(17 * 1024))).await.status,
        waiting.says("GET / HTTP/1.1\r\nHost: evil.com\r\n\r\n").await.status,
        waiting.says("noise\r\n\r\n").await.status,
    ];
    for _ in 0..200 {
        statuses.push(waiting.asks("GET", "/", "").await.status);
    }
    let iss = encoded(waiting.stage.provider.issuer());
    let led = waiting.arrives(&format!("error=server_error&state={}&iss={iss}", waiting.state)).await;
    assert_eq!((led.header("location"), led.body()), (Some("/refused"), ""));
    let page = waiting.asks("GET", "/refused", "").await;
    assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"));
    statuses.extend([led.status, page.status]);
    statuses.sort_unstable();
    statuses.dedup();
    assert_eq!(statuses, [200, 204, 303, 400, 404, 405, 414, 421, 429, 431].map(Some));
    assert!(!host.is_empty());
    waiting.ends("callback.server_error").await;
}

/// L-31: the exchange may still fail after the page is shown | the page says that the answer is here, never that anybody is signed in
/// L-32: tricks people into copying the address (ConsentFix) | no page has a code, an address or a request to copy anything
#[tokio::test]
async fn l_31_l_32_the_page_promises_nothing_and_asks_for_nothing() {
    use doorkey_demo_idp::{Endpoint, Fault, Times};
    let waiting = Waiting::new().await;
    let spoilt = Fault::OauthError { status: 400, error: "invalid_grant".to_owned() };
    waiting.stage.provider.knobs().fail(Endpoint::Token, spoilt, Times::Next(1));
    let arrived = waiting.attempt.allow(&waiting.stage.person("Ada")).await;
    assert_eq!(arrived.status, 200);
    let page = arrived.page.to_lowercase();
    assert!(page.contains("sign-in received"), "{page}");
    for word in
        ["signed in", "success", "copy", "paste", "address", "code=", "http:", "href", "<script", "<form", "<a "]
    {
        assert!(!page.contains(word), "{word} in {page}");
    }
    let refused = waiting.attempt.failed().await;
    assert_eq!(refused.code, "token.code_rejected", "only the app tells how it ended");
    waiting.assert_port_is_free().await;
    waiting.stage.assert_next_sign_in_works().await;
}

/// Nothing of the words, and the page's own elements only.
fn assert_no_markup(answer: &Answer, hostile: &str) {
    let body = answer.body().to_lowercase();
    for element in ["<script", "<img", "<iframe", "<a ", "<form", "<input", "onerror", "javascript:", "alert("] {
        assert!(!body.contains(element), "{element} in {body}");
    }
    assert!(!answer.text.contains(hostile), "{}", answer.text);
}
