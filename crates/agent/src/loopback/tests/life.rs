use tokio::sync::oneshot;

use super::*;
use crate::loopback::last_pages_served;

#[tokio::test] // L-30, L-34
async fn a_good_answer_ends_the_wait_and_sends_the_browser_to_a_page_without_the_code() {
    let running = start();
    let answer = running.asks("/cb?code=CANARY&state=good").await;
    assert_eq!((answer.status, answer.header("location")), (303, Some("/done")));
    assert!(!(answer.head + &answer.body).contains("CANARY"));
    let page = running.asks("/done").await;
    assert_eq!(page.status, 200);
    assert!(page.body.contains("You can close this tab and go back to Doorkey"));
    assert_eq!(running.waiting.await.expect("no panic"), Ok("code=CANARY&state=good".to_owned()));
    assert!(running.ignored.lock().expect("no panic").is_empty());
}

#[tokio::test] // NAT-04
async fn the_answer_may_come_over_either_family() {
    let running = start();
    let request = format!("GET /cb?state=good HTTP/1.1\r\nHost: {}\r\n\r\n", running.v6());
    assert_eq!(say(running.v6(), request.as_bytes()).await.status, 303);
    running.waiting.await.expect("no panic").expect("an answer");
}

#[tokio::test] // C-09, C-10
async fn each_outcome_has_its_own_page_and_no_other() {
    for (query, path, others) in [
        ("state=good", "/done", ["/declined", "/refused"]),
        ("state=good&error=access_denied", "/declined", ["/done", "/refused"]),
        ("state=good&error=server_error", "/refused", ["/done", "/declined"]),
    ] {
        let running = start();
        assert_eq!(running.asks(path).await.status, 404, "there is no page before there is an answer");
        assert_eq!(running.asks(&format!("/cb?{query}")).await.header("location"), Some(path));
        assert_eq!(running.asks(path).await.status, 200);
        for other in others {
            assert_eq!(running.asks(other).await.status, 404);
        }
    }
}

#[tokio::test] // L-20, L-21, C-07, C-08, HP-AZ-12
async fn an_answer_without_our_state_has_no_effect_even_if_it_is_an_error() {
    let running = start();
    for query in ["", "?state=", "?state=Good", "?state=good1", "?code=c", "?error=access_denied", "?error=x&state=old"]
    {
        let answer = running.asks(&format!("/cb{query}")).await;
        assert_eq!(answer.status, 400, "{query}");
        let words = match query {
            "" => "No answer came with this page",
            _ => "does not belong to the sign\u{2011}in that is running",
        };
        assert!(answer.body.contains(words), "{query}: {}", answer.body);
    }
    assert_eq!(running.reasons(), ["another state"; 7]);
    let hints: Vec<_> = running.ignored.lock().expect("no panic").iter().filter_map(|it| it.hint.clone()).collect();
    assert_eq!(hints, ["access_denied", "x"]);
    running.still_waits().await;
}

#[tokio::test] // L-34, C-18, HP-AZ-13
async fn ten_answers_at_once_and_every_replay_are_consumed_once() {
    let running = start();
    let asking: Vec<_> = (0..10).map(|_| running.asks("/cb?code=c&state=good")).collect();
    for answer in futures_util::future::join_all(asking).await {
        assert_eq!((answer.status, answer.header("location")), (303, Some("/done")));
    }
    for _ in 0..3 {
        assert_eq!(running.asks("/cb?code=c&state=good").await.status, 303);
        assert_eq!(running.asks("/cb?code=other&state=foreign").await.status, 303);
        assert_eq!(running.asks("/done").await.status, 200);
    }
    assert_eq!(running.judged.lock().expect("no panic").len(), 1);
    running.waiting.await.expect("no panic").expect("an answer");
}

#[tokio::test] // C-24
async fn a_browser_that_leaves_before_its_answer_does_not_undo_it() {
    let running = start();
    let mut stream = TcpStream::connect(running.v4()).await.expect("a connection");
    let request = format!("GET /cb?state=good HTTP/1.1\r\nHost: {}\r\n\r\n", running.v4());
    stream.write_all(request.as_bytes()).await.expect("a request");
    drop(stream);
    running.waiting.await.expect("no panic").expect("an answer");
}

#[tokio::test] // L-35, A-07
async fn the_deadline_ends_the_wait_and_closes_the_listener() {
    let (over, deadline) = oneshot::channel();
    let running = start_with(&wanted(), async { deadline.await.expect("the deadline comes") });
    let _idle = TcpStream::connect(running.v4()).await.expect("a connection");
    assert_eq!(running.asks("/").await.status, 404);
    over.send(()).expect("somebody waits");
    let (v4, v6) = (running.v4(), running.v6());
    assert_eq!(running.waiting.await.expect("no panic"), Err(WaitError::TimedOut));
    for address in [v4, v6] {
        TcpStream::connect(address).await.expect_err("nobody listens any more");
    }
}

#[tokio::test] // L-36, NAT-05
async fn a_cancelled_wait_frees_both_ports_in_the_same_moment() {
    let port = free_port();
    let loopback = Loopback::bind_now(&Wanted { ports: vec![port], ..wanted() }).expect("a listener");
    let mut waiting = Box::pin(loopback.wait(judge, |_| {}, pending()));
    let open = async {
        let stream = TcpStream::connect(("127.0.0.1", port)).await.expect("a connection");
        stream.try_write(b"GET /cb").expect("half a request");
        stream
    };
    let _half_way = tokio::select! {
        _ = &mut waiting => panic!("nothing ends this wait"),
        stream = open => stream,
    };
    drop(waiting);
    assert_free(port).await;
}

#[tokio::test] // L-37
async fn a_listener_that_is_never_waited_for_frees_its_port_too() {
    let loopback = Loopback::bind_now(&wanted()).expect("a listener");
    let port = loopback.port();
    drop(loopback);
    assert_free(port).await;
}

#[tokio::test] // A-17, L-05, L-39
async fn a_fixed_port_can_be_used_again_at_once_whatever_became_of_the_last_page() {
    let port = free_port();
    for fetch_page in [true, false, true] {
        let running = start_with(&Wanted { ports: vec![port], ..wanted() }, pending());
        assert_eq!(running.port, port);
        assert_eq!(running.asks("/cb?state=old").await.status, 400);
        assert_eq!(running.asks("/cb?state=good").await.status, 303);
        if fetch_page {
            assert_eq!(running.asks("/done").await.status, 200);
        }
        running.waiting.await.expect("no panic").expect("an answer");
    }
}

#[tokio::test(start_paused = true)] // L-28, NAT-05
async fn the_last_page_is_served_for_three_seconds_and_not_longer() {
    let running = start();
    assert_eq!(running.asks("/cb?state=good").await.status, 303);
    assert_eq!(running.asks("/done").await.status, 200);
    let v4 = running.v4();
    running.waiting.await.expect("no panic").expect("an answer");
    tokio::time::sleep(Duration::from_millis(3_100)).await;
    TcpStream::connect(v4).await.expect_err("nobody listens any more");
}

#[tokio::test] // L-28
async fn a_process_can_wait_until_the_browser_has_its_page() {
    let running = start();
    assert_eq!(running.asks("/cb?state=good").await.status, 303);
    let address = running.v4();
    let request = format!("GET /done HTTP/1.1\r\nHost: {address}\r\n\r\n");
    running.waiting.await.expect("no panic").expect("an answer");
    let (page, ()) = tokio::join!(say(address, request.as_bytes()), last_pages_served());
    assert_eq!(page.status, 200);
}
