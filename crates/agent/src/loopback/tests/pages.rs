use super::*;

/// The headers of every answer, apart from the policy with its hash and what depends on the moment.
const SAFETY: [(&str, &str); 7] = [
    ("cache-control", "no-store"),
    ("pragma", "no-cache"),
    ("referrer-policy", "no-referrer"),
    ("x-content-type-options", "nosniff"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("x-frame-options", "DENY"),
];

#[tokio::test(start_paused = true)] // L-30, C-25
async fn every_status_carries_the_whole_set_of_headers() {
    let running = start();
    let host = format!("Host: {}\r\n", running.v4());
    let mut answers = Vec::new();
    for request in [
        format!("GET / HTTP/1.1\r\n{host}\r\n"),
        format!("PUT /cb HTTP/1.1\r\n{host}\r\n"),
        format!("OPTIONS /cb HTTP/1.1\r\n{host}\r\n"),
        format!("GET /cb?state=x HTTP/1.1\r\n{host}\r\n"),
        format!("GET /cb?{} HTTP/1.1\r\n{host}\r\n", "x".repeat(9000)),
        format!("GET /cb HTTP/1.1\r\n{host}X: {}\r\n\r\n", "x".repeat(17 * 1024)),
        "GET / HTTP/1.1\r\nHost: evil.com\r\n\r\n".to_owned(),
        "nonsense\r\n\r\n".to_owned(),
        "GET / HT".to_owned(),
    ] {
        answers.push(running.says(&request).await);
    }
    for _ in 0..200 {
        answers.push(running.asks("/").await);
    }
    answers.push(running.asks("/cb?state=good").await);
    answers.push(running.asks("/done").await);

    let mut statuses: Vec<_> = answers.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    statuses.dedup();
    assert_eq!(statuses, [200, 204, 303, 400, 404, 405, 408, 414, 421, 429, 431]);
    for answer in answers {
        for (name, value) in SAFETY {
            assert_eq!(answer.header(name), Some(value), "{} {name}", answer.status);
        }
        let policy = answer.header("content-security-policy").expect("a policy");
        assert!(policy.starts_with("default-src 'none'; style-src 'sha256-"), "{policy}");
        assert!(policy.ends_with("'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"), "{policy}");
        for absent in ["server", "set-cookie", "access-control-allow-origin"] {
            assert_eq!(answer.header(absent), None, "{}", answer.status);
        }
        assert_eq!(answer.header("content-type"), (!answer.body.is_empty()).then_some("text/html; charset=utf-8"));
    }
}

#[tokio::test] // L-29, C-17
async fn nothing_of_a_request_comes_back_in_an_answer() {
    let running = start();
    for target in ["/CANARY", "/cb?state=CANARY&error_description=%3Cscript%3ECANARY", "/cb?CANARY&state=good", "/done"]
    {
        let request = format!(
            "GET {target} HTTP/1.1\r\nHost: {}\r\nX-Canary: CANARY\r\nAccept-Language: CANARY\r\nReferer: http://CANARY/\r\n\r\n",
            running.v4()
        );
        let answer = running.says(&request).await;
        assert!(!(answer.head + &answer.body).contains("CANARY"), "{target}");
    }
}

#[tokio::test]
async fn pages_speak_german_to_a_browser_that_does() {
    let running = start();
    let request =
        format!("GET / HTTP/1.1\r\nHost: {}\r\nAccept-Language: de-AT,de;q=0.9,en;q=0.5\r\n\r\n", running.v4());
    let answer = running.says(&request).await;
    assert!(answer.body.contains("<html lang=\"de\">"));
    assert_eq!(answer.header("content-language"), Some("de"));
}
