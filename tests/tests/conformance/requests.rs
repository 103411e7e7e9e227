//! Whatever reaches the listener and is not the answer (rows L-10 to L-27, and the rows of the callback that ask for the same).

use std::os::unix::process::CommandExt;
use std::process::Command;
use std::time::Duration;

use doorkey_tests::stranger::silent;
use doorkey_tests::{PATIENCE, skipped};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::listener_support::{CANARY, Waiting};

const HOST: &str = "the Host header is not this listener's address";
const PATH: &str = "the path is not the redirect path";
const METHOD: &str = "not a GET, though the answer was asked for in the address";
const PLAIN: &str = "not a plain HTTP/1.1 request";
const PREFETCH: &str = "a browser looked ahead";
const NOT_THE_PERSON: &str = "a web page asked, not the person";

/// L-10: a web page reaches the port under a name of its own (DNS rebinding) | 421 and nothing else, the wait goes on
/// C-05: `Host` is foreign, missing, there twice, without port, with a suffix, with userinfo or in capitals | 400 or 421, waits
#[tokio::test]
async fn l_10_c_05_only_our_own_address_is_a_good_host() {
    let waiting = Waiting::new().await;
    let (target, host) = (waiting.good_target(), waiting.host());
    let port = waiting.port();
    let hosts = [
        "Host: evil.com\r\n".to_owned(),
        format!("Host: evil.com:{port}\r\n"),
        "Host: 127.0.0.1\r\n".to_owned(),
        format!("Host: {host}.evil.com\r\n"),
        format!("Host: user@{host}\r\n"),
        format!("Host: LOCALHOST:{port}\r\n"),
        format!("Host: localhost:{port}\r\n"),
        format!("Host: 127.0.0.1:{}\r\n", port + 1),
        format!("Host: {host}\r\nHost: {host}\r\n"),
        format!("Host: {host}\r\nHost: evil.com\r\n"),
        "Host:\r\n".to_owned(),
        String::new(),
    ];
    for lines in &hosts {
        let answer = waiting.says(format!("GET {target} HTTP/1.1\r\n{lines}\r\n")).await;
        assert_eq!(answer.status, Some(421), "{lines}");
    }
    waiting.still_waits(&vec![HOST; hosts.len()]).await;
}

/// L-11: a web page asks for the callback by fetch, image, frame or form, with the right parameters even | only a navigation of the whole tab counts
#[tokio::test]
async fn l_11_what_a_page_asks_for_is_no_navigation() {
    let waiting = Waiting::new().await;
    let asked = [
        ("cors", "empty"),
        ("no-cors", "empty"),
        ("no-cors", "image"),
        ("no-cors", "script"),
        ("same-origin", "empty"),
        ("navigate", "iframe"),
        ("navigate", "embed"),
        ("websocket", "websocket"),
    ];
    for (mode, dest) in asked {
        let lines = format!("Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: {mode}\r\nSec-Fetch-Dest: {dest}\r\n");
        let answer = waiting.asks("GET", &waiting.good_target(), &lines).await;
        assert_eq!(answer.status, Some(400), "{mode} {dest}");
    }
    waiting.still_waits(&[NOT_THE_PERSON; 8]).await;
}

/// L-12: another user's process connects and knows even the state | 403 by what the kernel tells of the connection, waits
/// C-23: a request from another uid | 403, waits
#[tokio::test]
async fn l_12_c_23_another_user_of_this_machine_is_forbidden() {
    if !rustix::process::geteuid().is_root() {
        return skipped("l_12_c_23", "only root can act as another user");
    }
    let waiting = Waiting::new().await;
    let script = format!(
        "exec 3<>/dev/tcp/127.0.0.1/{}; printf 'GET {} HTTP/1.1\\r\\nHost: {}\\r\\n\\r\\n' >&3; cat <&3",
        waiting.port(),
        waiting.good_target().replace('%', "%%"),
        waiting.host()
    );
    let nobody = 65534;
    let asking = move || Command::new("bash").args(["-c", &script]).uid(nobody).gid(nobody).current_dir("/").output();
    let output = tokio::task::spawn_blocking(asking).await.expect("no panic").expect("bash runs");
    let answer = doorkey_tests::stranger::read(&output.stdout);
    assert_eq!(answer.status, Some(403), "{}{}", answer.text, String::from_utf8_lossy(&output.stderr));
    waiting.assert_safe(&answer);
    waiting.still_waits(&["another user of this machine asked"]).await;
}

/// L-13: a local program floods the listener with requests and silent connections | 16 places, 200 full answers, then 429; the answer is served all the same
#[tokio::test]
async fn l_13_a_flood_is_answered_cheaply_and_keeps_nobody_out() {
    let waiting = Waiting::new().await;
    let mut silence = Vec::new();
    for _ in 0..40 {
        silence.push(silent(waiting.port()).await);
    }
    // The seventeenth took the place of the first.
    let gone = tokio::time::timeout(PATIENCE, silence[0].read(&mut [0; 1])).await.expect("it is closed");
    assert!(matches!(gone, Ok(0) | Err(_)));
    let mut statuses = Vec::new();
    for guess in 0..230 {
        statuses.push(waiting.arrives(&format!("code={CANARY}&state=guess{guess}")).await.status);
    }
    assert_eq!(statuses[..200], [Some(400); 200]);
    assert_eq!(statuses[200..], [Some(429); 30]);
    let mut reasons = vec!["wrong state"; 200];
    reasons.push("a flood of unexpected requests; more of them are not listed");
    waiting.still_waits(&reasons).await;
}

/// L-15: a browser asks before a page of the public network may call (preflight) | 204 without any permission, and it is no callback
#[tokio::test]
async fn l_15_a_preflight_gets_no_permission() {
    let waiting = Waiting::new().await;
    for lines in [
        "Origin: https://evil.example\r\nAccess-Control-Request-Method: GET\r\nAccess-Control-Request-Private-Network: true\r\n",
        "Origin: https://evil.example\r\nAccess-Control-Request-Method: POST\r\nAccess-Control-Request-Headers: x\r\n",
        "",
    ] {
        let answer = waiting.asks("OPTIONS", &waiting.good_target(), lines).await;
        assert_eq!((answer.status, answer.body()), (Some(204), ""));
    }
    waiting.still_waits(&["a preflight request"; 3]).await;
}

/// L-16: another method, another spelling of the path, a proxy's form of the target | 405 with `Allow`, or 404; waits
/// C-03: HEAD, OPTIONS, PUT, TRACE on the callback URL | 405 or 204, waits
/// C-06: variants of the path | 404, waits
#[tokio::test]
async fn l_16_c_03_c_06_one_method_and_one_spelling_of_the_path() {
    let waiting = Waiting::new().await;
    let (path, query, host) = (waiting.path().to_owned(), waiting.good_query(), waiting.host());
    let methods = ["HEAD", "PUT", "POST", "DELETE", "PATCH", "TRACE", "BREW", "get"];
    for method in methods {
        let answer = waiting.asks(method, &format!("{path}?{query}"), "").await;
        assert_eq!((answer.status, answer.header("allow")), (Some(405), Some("GET")), "{method}");
    }
    let (folder, name) = path.rsplit_once('/').expect("a path");
    let targets = [
        format!("{path}/"),
        format!("/{path}"),
        path.to_uppercase(),
        path.replace("cb", "%63b"),
        format!("/%2f{}", &path[1..]),
        format!("{path};x"),
        format!("/.{path}"),
        format!("/x/..{path}"),
        format!("{folder}%2F{name}"),
        format!("{path}%00"),
        format!("http://{host}{path}"),
        format!("http://evil.example{path}"),
    ];
    for target in &targets {
        let answer = waiting.asks("GET", &format!("{target}?{query}"), "").await;
        assert_eq!(answer.status, Some(404), "{target}");
    }
    let answer = waiting.says(format!("CONNECT {host} HTTP/1.1\r\nHost: {host}\r\n\r\n")).await;
    assert_eq!(answer.status, Some(404));
    let reasons = [vec![METHOD; methods.len()], vec![PATH; targets.len() + 1]].concat();
    waiting.still_waits(&reasons).await;
}

/// L-17: a browser asks for favicons, opens connections ahead, prefetches or prerenders the callback | 404, nothing, 204: nothing is consumed
/// C-01: GET /favicon.ico, /robots.txt, / | 404, waits
/// C-02: six idle connections, then the callback | works
/// C-04: headers of a prefetch | 204, waits
#[tokio::test]
async fn l_17_c_01_c_02_c_04_favicons_preconnects_and_prefetches_leave_it_waiting() {
    let waiting = Waiting::new().await;
    let mut idle = Vec::new();
    for _ in 0..6 {
        idle.push(silent(waiting.port()).await);
    }
    for target in [
        "/",
        "/favicon.ico",
        "/robots.txt",
        "/apple-touch-icon.png",
        "/apple-touch-icon-precomposed.png",
        "/.well-known/appspecific/com.chrome.devtools.json",
    ] {
        assert_eq!(waiting.asks("GET", target, "Sec-Fetch-Dest: image\r\n").await.status, Some(404), "{target}");
    }
    for lines in [
        "Sec-Purpose: prefetch\r\n",
        "Sec-Purpose: prefetch;prerender\r\n",
        "Sec-Purpose: prefetch;anonymous-client-ip\r\n",
        "Purpose: prefetch\r\n",
        "X-Moz: prefetch\r\n",
        "X-Purpose: preview\r\n",
    ] {
        let answer = waiting.asks("GET", &waiting.good_target(), lines).await;
        assert_eq!((answer.status, answer.body()), (Some(204), ""), "{lines}");
    }
    waiting.still_waits(&[[PATH; 6], [PREFETCH; 6]].concat()).await;
    drop(idle);
}

/// L-18: parameters that are missing, empty, doubled, badly escaped, no UTF-8, parted by `;`, 500 of them | one strict reading; what it does not take waits
#[tokio::test]
async fn l_18_parameters_are_read_strictly() {
    let waiting = Waiting::new().await;
    let state = &waiting.state;
    let good = waiting.good_query();
    for (query, reason) in [
        (String::new(), "no answer in it"),
        ("&&&".to_owned(), "no answer in it"),
        (format!("code={CANARY};state={state}"), "no state"),
        (format!("{good}&x=%zz"), "bad encoding"),
        (format!("{good}&x=%4"), "bad encoding"),
        (format!("{good}&x=%ff"), "bad encoding"),
        (format!("{good}&%C3%28=x"), "bad encoding"),
        (format!("{good}{}", "&x=1".repeat(500)), "too many parameters"),
        (format!("{good}&state={state}"), "state is there twice"),
        (format!("code={CANARY}&State={state}"), "no state"),
        (format!("code={CANARY}&state[]={state}"), "no state"),
        (format!("code={CANARY}&state=+{state}"), "wrong state"),
        (format!("code={CANARY}&state={state}%20"), "wrong state"),
    ] {
        let answer = waiting.arrives(&query).await;
        assert_eq!(answer.status, Some(400), "{query}");
        assert_eq!(
            waiting
                .reasons(usize::try_from(waiting.attempt.now().await.ignored).expect("few"))
                .await
                .last()
                .map(String::as_str),
            Some(reason),
            "{query}"
        );
    }
    let reasons = waiting.reasons(13).await;
    waiting.still_waits(&reasons.iter().map(String::as_str).collect::<Vec<_>>()).await;
}

/// L-24: half a request, byte by byte, or a connection that is half closed | each is its own task; the head has 5 seconds, all of it 10
#[tokio::test]
async fn l_24_slow_and_half_open_connections_are_given_up_and_block_nobody() {
    let waiting = Waiting::new().await;
    let half = format!("GET {} HTTP/1.1\r\nHos", waiting.good_target());
    let mut slow = silent(waiting.port()).await;
    slow.write_all(half.as_bytes()).await.expect("half a request");
    let mut half_closed = silent(waiting.port()).await;
    half_closed.write_all(half.as_bytes()).await.expect("half a request");
    half_closed.shutdown().await.expect("nothing more is said");
    assert_eq!(heard(&mut half_closed).await.status, None);
    assert_eq!(waiting.asks("GET", "/", "").await.status, Some(404), "meanwhile others are served");
    let began = std::time::Instant::now();
    let answer = heard(&mut slow).await;
    waiting.assert_safe(&answer);
    assert_eq!(answer.status, Some(408));
    assert!(began.elapsed() < Duration::from_secs(30), "given up, not only closed in the end");
    waiting.still_waits(&["the connection was cut half-way", PATH, "the request did not arrive in time"]).await;
}

/// L-25: oversize heads and targets, smuggling, other protocols, noise | capped and turned away; a TLS hello is named in the journal
/// C-19: 17 KB header, 101 headers, 9 KB target, CL+TE, obs-fold, bare LF, HTTP/0.9, h2 preface, TLS hello, WebSocket, noise | a 4xx or closed, waits
#[tokio::test]
async fn l_25_c_19_what_is_no_plain_request_is_turned_away() {
    const LARGE: &str = "the request has more than 16 KiB or 64 headers";
    const LONG: &str = "the address is longer than 8 KiB";
    let waiting = Waiting::new().await;
    let good = format!("GET {} HTTP/1.1\r\nHost: {}\r\n", waiting.good_target(), waiting.host());
    let line = |line: &str| format!("{good}{line}\r\n\r\n").into_bytes();
    let longer = |by: usize| good.replacen(" HTTP", &format!("&x={} HTTP", "x".repeat(by)), 1).into_bytes();
    let many: String = (0..101).map(|n| format!("X-{n}: x\r\n")).collect();
    let mut reasons = Vec::new();
    for (what, bytes, status, reason) in [
        ("a header of 17 KiB", line(&format!("X: {}", "x".repeat(17 * 1024))), Some(431), LARGE),
        ("101 headers", line(&many), Some(431), LARGE),
        ("a target of 9 KiB", [longer(9 * 1024), b"\r\n".to_vec()].concat(), Some(414), LONG),
        ("a target of 1 MiB", [longer(1 << 20), b"\r\n".to_vec()].concat(), Some(431), LARGE),
        ("a body", line("Content-Length: 3\r\n\r\nabc"), Some(400), PLAIN),
        ("two lengths", line("Content-Length: 3\r\nContent-Length: 4\r\n\r\nabc"), Some(400), PLAIN),
        ("length and chunks", line("Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n"), Some(400), PLAIN),
        ("chunks", line("Transfer-Encoding: chunked\r\n\r\n0\r\n"), Some(400), PLAIN),
        ("a folded header", line("X: a\r\n b"), Some(400), PLAIN),
        ("a bare line feed", good.replace("\r\n", "\n").into_bytes(), Some(400), PLAIN),
        ("a bare carriage return", line("X: a\rb"), Some(400), PLAIN),
        ("NUL in a header", line("X: a\0b"), Some(400), PLAIN),
        ("HTTP/0.9", format!("GET {}\r\n\r\n", waiting.good_target()).into_bytes(), Some(400), PLAIN),
        ("another version", good.replace("HTTP/1.1", "HTTP/9.9").into_bytes(), Some(400), PLAIN),
        ("a WebSocket", line("Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: x"), Some(400), PLAIN),
        (
            "HTTP/2",
            b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0".to_vec(),
            None,
            "HTTP/2 without being asked for it",
        ),
        (
            "TLS",
            b"\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03\r\n\r\n".to_vec(),
            None,
            "the browser used https for an http address (HSTS on localhost?)",
        ),
        ("noise", (0..=255).collect(), Some(400), PLAIN),
    ] {
        let bytes = if bytes.ends_with(b"\n") { [bytes, b"\r\n".to_vec()].concat() } else { bytes };
        let answer = waiting.says(&bytes).await;
        assert_eq!(answer.status, status, "{what}: {}", answer.text);
        reasons.push(reason);
        assert_eq!(waiting.reasons(reasons.len()).await, reasons, "{what}");
    }
    waiting.still_waits(&reasons).await;
}

/// L-26: a second request on the same connection, at once or later | one request per connection, then it is closed
#[tokio::test]
async fn l_26_a_connection_serves_one_request() {
    let waiting = Waiting::new().await;
    let first = format!("GET / HTTP/1.1\r\nHost: {}\r\nConnection: keep-alive\r\n\r\n", waiting.host());
    let good = format!("GET {} HTTP/1.1\r\nHost: {}\r\n\r\n", waiting.good_target(), waiting.host());
    let answer = waiting.says(format!("{first}{good}")).await;
    assert_eq!((answer.status, answer.text.matches("HTTP/1.1").count()), (Some(404), 1));
    waiting.still_waits(&[PATH]).await;
}

/// L-27: still sends while the answer is under way | the whole page arrives before the connection ends
#[tokio::test]
async fn l_27_unread_bytes_do_not_cost_the_page() {
    let waiting = Waiting::new().await;
    let body = "password=".to_owned() + &CANARY.repeat(16 * 1024);
    let answer =
        waiting.asks("POST", &waiting.good_target(), &format!("Content-Length: {}\r\n\r\n{body}", body.len())).await;
    assert_eq!(answer.status, Some(405));
    let told: usize = answer.header("content-length").and_then(|length| length.parse().ok()).expect("a length");
    assert_eq!(answer.body().len(), told);
    assert!(answer.body().trim_end().ends_with("</html>"));
    waiting.still_waits(&[METHOD]).await;
}

/// C-20: a thousand connections while the good one arrives | the good one is served
#[tokio::test]
async fn c_20_a_thousand_connections_do_not_keep_the_answer_out() {
    let waiting = Waiting::new().await;
    let port = waiting.port();
    let crowd = tokio::spawn(async move {
        let mut crowd = Vec::new();
        for _ in 0..1000 {
            crowd.extend(TcpStream::connect(("127.0.0.1", port)).await);
        }
        crowd
    });
    waiting.still_waits(&[]).await;
    crowd.await.expect("no panic");
}

async fn heard(stream: &mut TcpStream) -> doorkey_tests::stranger::Answer {
    let mut bytes = Vec::new();
    let _ = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut bytes)).await.expect("the other side closes");
    doorkey_tests::stranger::read(&bytes)
}
