use super::*;

const ORIGIN: &str = "https://op.example";

fn start_for_a_form() -> Running {
    start_with(&Wanted { mode: ResponseMode::FormPost { origins: vec![ORIGIN.into()] }, ..wanted() }, pending())
}

impl Running {
    /// A form as a browser posts it, with these headers beside.
    async fn posts(&self, target: &str, headers: &str, body: &str) -> Reply {
        let head = format!("POST {target} HTTP/1.1\r\nHost: {}\r\n{headers}", self.v4());
        self.says(&format!("{head}Content-Length: {}\r\n\r\n{body}", body.len())).await
    }

    /// The form that was asked for still works: whatever was done before had no effect.
    async fn still_waits_for_its_form(self) {
        assert!(!self.waiting.is_finished(), "the wait is over already");
        assert_eq!(self.posts("/cb", URL_ENCODED, "code=c&state=good").await.header("location"), Some("/done"));
        let answer = timeout(PATIENCE, self.waiting).await.expect("the wait ends").expect("no panic");
        assert_eq!(answer, Ok("code=c&state=good".to_owned()));
    }
}

const URL_ENCODED: &str = "Content-Type: application/x-www-form-urlencoded\r\n";

#[tokio::test] // L-22, HP-35
async fn a_form_of_the_providers_page_ends_the_wait_and_leads_to_the_page() {
    for origin in ["", "Origin: null\r\n", "Origin: https://op.example\r\n"] {
        let running = start_for_a_form();
        let answer = running.posts("/cb", &format!("{URL_ENCODED}{origin}"), "code=CANARY&state=good").await;
        assert_eq!((answer.status, answer.header("location")), (303, Some("/done")), "{origin}");
        assert!(!(answer.head + &answer.body).contains("CANARY"));
        assert_eq!(running.asks("/done").await.status, 200);
        // Reloading the page posts the form again.
        assert_eq!(running.posts("/cb", URL_ENCODED, "code=other&state=good").await.status, 303);
        assert_eq!(running.waiting.await.expect("no panic"), Ok("code=CANARY&state=good".to_owned()));
        assert_eq!(running.judged.lock().expect("no panic").len(), 1);
    }
}

#[tokio::test] // L-22, L-23, C-21
async fn other_forms_have_no_effect() {
    let running = start_for_a_form();
    let host = running.v4();
    let good = "code=c&state=good";
    let foreign = format!("{URL_ENCODED}Origin: https://evil.example\r\n");
    let by_a_script = format!("{URL_ENCODED}Sec-Fetch-Mode: cors\r\n");
    for (what, status, answer) in [
        ("no type", 415, running.posts("/cb", "", good).await),
        ("another type", 415, running.posts("/cb", "Content-Type: text/plain\r\n", good).await),
        ("a query beside", 400, running.posts("/cb?state=good", URL_ENCODED, good).await),
        ("another site", 403, running.posts("/cb", &foreign, good).await),
        ("a script", 400, running.posts("/cb", &by_a_script, good).await),
        ("another path", 404, running.posts("/cb/", URL_ENCODED, good).await),
        ("another state", 400, running.posts("/cb", URL_ENCODED, "code=c&state=other").await),
        ("nothing", 400, running.posts("/cb", URL_ENCODED, "").await),
        ("a page of ours", 405, running.posts("/done", URL_ENCODED, good).await),
        ("a megabyte", 413, running.posts("/cb", URL_ENCODED, &format!("{good}&x={}", "x".repeat(1 << 20))).await),
        (
            "chunks",
            411,
            running
                .says(&format!(
                    "POST /cb HTTP/1.1\r\nHost: {host}\r\n{URL_ENCODED}Transfer-Encoding: chunked\r\n\r\n11\r\n{good}\r\n0\r\n\r\n"
                ))
                .await,
        ),
        ("the address", 405, running.asks("/cb?code=c&state=good").await),
    ] {
        assert_eq!(answer.status, status, "{what}");
        let allowed = (status == 405).then_some(if what == "the address" { "POST" } else { "GET" });
        assert_eq!(answer.header("allow"), allowed, "{what}");
    }
    assert_eq!(running.reasons().len(), 12);
    running.still_waits_for_its_form().await;
}

#[tokio::test(start_paused = true)] // L-24
async fn a_body_that_does_not_come_is_given_up() {
    let running = start_for_a_form();
    let mut slow = TcpStream::connect(running.v4()).await.expect("a connection");
    let head = format!("POST /cb HTTP/1.1\r\nHost: {}\r\n{URL_ENCODED}Content-Length: 17\r\n\r\ncode=c", running.v4());
    slow.write_all(head.as_bytes()).await.expect("half a form");
    assert_eq!(hear(&mut slow).await.status, 408);
    assert_eq!(running.reasons(), ["the request did not arrive in time"]);
    running.still_waits_for_its_form().await;
}

#[tokio::test] // L-24
async fn half_a_body_is_no_answer() {
    let running = start_for_a_form();
    let mut leaving = TcpStream::connect(running.v4()).await.expect("a connection");
    let head = format!(
        "POST /cb HTTP/1.1\r\nHost: {}\r\n{URL_ENCODED}Content-Length: 99\r\n\r\ncode=c&state=good",
        running.v4()
    );
    leaving.write_all(head.as_bytes()).await.expect("half a form");
    leaving.shutdown().await.expect("nothing more is said");
    let _ = hear(&mut leaving).await;
    assert_eq!(running.reasons(), ["the connection was cut half-way"]);
    assert!(running.judged.lock().expect("no panic").is_empty());
    running.still_waits_for_its_form().await;
}

#[tokio::test] // C-22, HP-AZ-15
async fn of_a_body_nobody_asked_for_no_more_than_a_bounded_part_is_taken_off_the_wire() {
    let running = start();
    let mut endless = TcpStream::connect(running.v4()).await.expect("a connection");
    let head = format!(
        "POST /cb?code=c&state=good HTTP/1.1\r\nHost: {}\r\n{URL_ENCODED}Content-Length: 9999999999\r\n\r\n",
        running.v4()
    );
    endless.write_all(head.as_bytes()).await.expect("a head");
    let mut sent = 0_usize;
    let pouring = async {
        while let Ok(more @ 1..) = endless.write(&[b'x'; 64 * 1024]).await {
            sent += more;
        }
    };
    timeout(PATIENCE, pouring).await.expect("the other side closes");
    // What the two sockets may hold comes on top of what is taken.
    assert!(sent < 32 << 20, "{sent} bytes went through");
    assert_eq!(running.reasons(), ["not a GET, though the answer was asked for in the address"]);
    running.still_waits().await;
}
