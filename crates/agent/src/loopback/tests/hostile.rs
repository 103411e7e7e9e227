use super::*;

#[tokio::test] // C-01
async fn what_browsers_ask_for_by_themselves_has_no_effect() {
    let running = start();
    for target in ["/favicon.ico", "/robots.txt", "/apple-touch-icon.png", "/"] {
        assert_eq!(running.asks(target).await.status, 404, "{target}");
    }
    running.still_waits().await;
}

#[tokio::test] // C-02, L-17
async fn idle_preconnects_do_not_stand_in_the_way_and_are_nothing_to_report() {
    let running = start();
    let mut idle = Vec::new();
    for _ in 0..6 {
        idle.push(TcpStream::connect(running.v4()).await.expect("a connection"));
    }
    assert!(running.reasons().is_empty());
    running.still_waits().await;
}

#[tokio::test] // C-03, C-06, C-22, L-15, L-16
async fn other_methods_and_paths_are_answered_and_have_no_effect() {
    let running = start();
    for (request, status) in [
        ("HEAD /cb?state=good HTTP/1.1", 405),
        ("PUT /cb?state=good HTTP/1.1", 405),
        ("TRACE /cb?state=good HTTP/1.1", 405),
        ("POST /cb?state=good HTTP/1.1", 405),
        ("OPTIONS /cb?state=good HTTP/1.1", 204),
        ("GET /cb/?state=good HTTP/1.1", 404),
        ("GET //cb?state=good HTTP/1.1", 404),
        ("GET /CB?state=good HTTP/1.1", 404),
        ("GET /%63b?state=good HTTP/1.1", 404),
        ("GET http://127.0.0.1/cb?state=good HTTP/1.1", 404),
        ("CONNECT 127.0.0.1:1 HTTP/1.1", 404),
    ] {
        let answer = running.says(&format!("{request}\r\nHost: {}\r\n\r\n", running.v4())).await;
        assert_eq!(answer.status, status, "{request}");
        assert_eq!(answer.header("allow"), (status == 405).then_some("GET"), "{request}");
        assert!(!answer.head.to_lowercase().contains("access-control"), "{request}");
    }
    running.still_waits().await;
}

#[tokio::test] // C-05, L-10
async fn a_foreign_host_is_misdirected() {
    let running = start();
    let port = running.port;
    for hosts in [
        "Host: evil.com".to_owned(),
        "Host: 127.0.0.1".to_owned(),
        format!("Host: 127.0.0.1:{port}.evil.com"),
        format!("Host: user@127.0.0.1:{port}"),
        format!("Host: LOCALHOST:{port}"),
        format!("Host: localhost:{port}"),
        format!("Host: 127.0.0.1:{port}\r\nHost: 127.0.0.1:{port}"),
        "X-Nothing: here".to_owned(),
    ] {
        let answer = running.says(&format!("GET /cb?state=good HTTP/1.1\r\n{hosts}\r\n\r\n")).await;
        assert_eq!(answer.status, 421, "{hosts}");
    }
    assert_eq!(running.reasons(), ["the Host header is not this listener's address"; 8]);
    running.still_waits().await;
}

#[tokio::test] // C-04, C-27, L-11, L-17
async fn prefetches_and_requests_of_web_pages_do_not_consume_the_answer() {
    let running = start();
    for (header, status) in [
        ("Sec-Purpose: prefetch", 204),
        ("Purpose: prefetch", 204),
        ("X-Moz: prefetch", 204),
        ("Sec-Fetch-Mode: cors", 400),
        ("Sec-Fetch-Dest: iframe", 400),
    ] {
        let request = format!("GET /cb?state=good HTTP/1.1\r\nHost: {}\r\n{header}\r\n\r\n", running.v4());
        assert_eq!(running.says(&request).await.status, status, "{header}");
    }
    running.still_waits().await;
}

#[tokio::test] // C-19, L-25
async fn bytes_that_are_no_plain_request_are_turned_away() {
    let running = start();
    let host = format!("Host: {}\r\n", running.v4());
    let many: String = (0..64).map(|n| format!("X-{n}: x\r\n")).collect();
    for (bytes, status) in [
        (format!("GET /cb?state=good HTTP/1.1\nHost: {}\n\n", running.v4()), 400),
        (format!("GET /cb?state=good HTTP/1.1\r\n{host}X: a\r\n b\r\n\r\n"), 400),
        (format!("GET /cb?state=good HTTP/1.1\r\n{host}Content-Length: 3\r\n\r\nabc"), 400),
        (
            format!(
                "GET /cb?state=good HTTP/1.1\r\n{host}Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
            ),
            400,
        ),
        (format!("GET /cb?state=good HTTP/1.1\r\n{host}Connection: upgrade\r\nUpgrade: websocket\r\n\r\n"), 400),
        (format!("GET /cb?state=good HTTP/1.1\r\n{host}X: {}\r\n\r\n", "x".repeat(17 * 1024)), 431),
        (format!("GET /cb?state=good HTTP/1.1\r\n{host}{many}\r\n"), 431),
        (format!("GET /cb?state=good&x={} HTTP/1.1\r\n{host}\r\n", "x".repeat(9 * 1024)), 414),
        (format!("GET /cb?state=good&x={} HTTP/1.1\r\n{host}\r\n", "x".repeat(1024 * 1024)), 431),
        ("GET /cb?state=good\r\n\r\n".to_owned(), 400),
        ("GET /cb?state=good HTTP/9.9\r\n\r\n".to_owned(), 400),
        ("\u{1}\u{2}\u{3}\r\n\r\n".to_owned(), 400),
        ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_owned(), 0),
        ("\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}\u{0}\u{1}\r\n\r\n".to_owned(), 0),
    ] {
        let answer = running.says(&bytes).await;
        assert_eq!(answer.status, status, "{:?}", &bytes[..bytes.len().min(120)]);
    }
    let reasons = running.reasons();
    assert_eq!(reasons.len(), 14, "{reasons:?}");
    assert!(reasons.contains(&"the browser used https for an http address (HSTS on localhost?)"));
    assert!(reasons.contains(&"HTTP/2 without being asked for it"));
    running.still_waits().await;
}

#[tokio::test] // L-26
async fn a_second_request_on_the_same_connection_is_not_served() {
    let running = start();
    let host = running.v4();
    let answer = running
        .says(&format!("GET / HTTP/1.1\r\nHost: {host}\r\n\r\nGET /cb?state=good HTTP/1.1\r\nHost: {host}\r\n\r\n"))
        .await;
    assert_eq!((answer.status, answer.header("connection")), (404, Some("close")));
    assert!(!answer.body.contains("HTTP/1.1"));
    running.still_waits().await;
}

#[tokio::test] // L-27
async fn unread_bytes_do_not_cost_the_other_side_its_answer() {
    let running = start();
    let body = "x".repeat(256 * 1024);
    let request =
        format!("POST /cb HTTP/1.1\r\nHost: {}\r\nContent-Length: {}\r\n\r\n{body}", running.v4(), body.len());
    let mut stream = TcpStream::connect(running.v4()).await.expect("a connection");
    stream.write_all(request.as_bytes()).await.expect("the whole request goes out");
    stream.shutdown().await.expect("nothing was reset");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("nothing was reset");
    assert!(answer.starts_with("HTTP/1.1 405 "), "{answer}");
    assert!(answer.ends_with("</html>\n"), "the page is whole");
}

#[tokio::test(start_paused = true)] // C-19, L-24
async fn a_request_that_dribbles_in_blocks_nobody_and_is_ended_after_five_seconds() {
    let running = start();
    let mut slow = TcpStream::connect(running.v4()).await.expect("a connection");
    slow.write_all(b"GET /cb?state=good HTTP/1.1\r\nHos").await.expect("half a request");
    assert_eq!(running.asks("/").await.status, 404);
    let began = tokio::time::Instant::now();
    assert_eq!(hear(&mut slow).await.status, 408);
    assert!(began.elapsed() <= Duration::from_secs(10), "{:?}", began.elapsed());
    assert_eq!(running.reasons().last(), Some(&"the request did not arrive in time"));
    running.still_waits().await;
}

#[tokio::test] // L-13
async fn the_oldest_silent_connection_gives_way_when_sixteen_are_open() {
    let running = start();
    let began = std::time::Instant::now();
    let mut oldest = TcpStream::connect(running.v4()).await.expect("a connection");
    let mut others = Vec::new();
    for _ in 0..16 {
        others.push(TcpStream::connect(running.v4()).await.expect("a connection"));
    }
    assert_eq!(hear(&mut oldest).await.status, 0);
    assert!(began.elapsed() < Duration::from_secs(4), "closed for the place, not by its time limit");
    assert!(running.reasons().is_empty());
    running.still_waits().await;
}

#[tokio::test(start_paused = true)] // C-20: the clock stands still while anything is left to do
async fn a_crowd_cannot_push_out_a_browser_between_its_connect_and_its_request() {
    let running = start();
    let mut browser = TcpStream::connect(running.v4()).await.expect("a connection");
    let crowd: Vec<_> = (0..100).map(|_| std::net::TcpStream::connect(running.v4()).expect("a connection")).collect();
    for _ in 0..1000 {
        tokio::task::yield_now().await;
    }
    let request = format!("GET /cb?code=c&state=good HTTP/1.1\r\nHost: {}\r\n\r\n", running.v4());
    browser.write_all(request.as_bytes()).await.expect("a request");
    assert_eq!(hear(&mut browser).await.status, 303);
    drop(crowd);
}

#[tokio::test] // C-20, L-13
async fn a_flood_of_silent_connections_does_not_keep_the_answer_out() {
    let running = start();
    let mut flood = Vec::new();
    for _ in 0..500 {
        flood.push(TcpStream::connect(running.v4()).await.expect("a connection"));
    }
    let address = running.v4();
    let more = tokio::spawn(async move {
        let mut flood = Vec::new();
        for _ in 0..500 {
            flood.push(TcpStream::connect(address).await);
        }
        flood
    });
    timeout(Duration::from_secs(2), running.still_waits()).await.expect("served within two seconds");
    more.await.expect("no panic");
}

#[tokio::test] // C-20, L-13
async fn a_flood_of_requests_is_answered_cheaply_reported_briefly_and_does_not_keep_the_answer_out() {
    let running = start();
    let mut statuses = Vec::new();
    for chunk in 0..100 {
        let strays = (0..10).map(|n| running.asks(if (chunk + n) % 2 == 0 { "/cb?state=guess" } else { "/nothing" }));
        statuses.extend(futures_util::future::join_all(strays).await.into_iter().map(|answer| answer.status));
    }
    assert_eq!(statuses.iter().filter(|status| **status == 429).count(), 800);
    let reasons = running.reasons();
    assert_eq!(reasons.len(), 201);
    assert_eq!(reasons.last(), Some(&"a flood of unexpected requests; more of them are not listed"));
    timeout(Duration::from_secs(2), running.still_waits()).await.expect("served within two seconds");
}

#[cfg(target_os = "linux")]
#[tokio::test] // C-23, L-12
async fn another_user_of_this_machine_is_forbidden() {
    use std::os::unix::process::CommandExt;
    use std::process::Command;

    if !rustix::process::geteuid().is_root() {
        return eprintln!("skipped: only root can act as another user");
    }
    let running = start();
    let port = running.port;
    let script = format!(
        "exec 3<>/dev/tcp/127.0.0.1/{port}; printf 'GET /cb?state=good HTTP/1.1\\r\\nHost: 127.0.0.1:{port}\\r\\n\\r\\n' >&3; cat <&3"
    );
    let nobody = 65534;
    let asking = move || Command::new("bash").args(["-c", &script]).uid(nobody).gid(nobody).current_dir("/").output();
    let output = tokio::task::spawn_blocking(asking).await.expect("no panic").expect("bash runs");
    let answer = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(answer.starts_with("HTTP/1.1 403 "), "{answer}{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(running.reasons(), ["another user of this machine asked"]);
    running.still_waits().await;
}
