use std::net::TcpListener;

use super::*;
use crate::loopback::BindError;

#[tokio::test] // L-01, L-02, NAT-04
async fn both_families_listen_on_one_port_as_soon_as_the_port_is_known() {
    let loopback = Loopback::bind_now(&wanted()).expect("a listener");
    let port = loopback.port();
    assert_eq!(loopback.redirect_uri().as_str(), format!("http://127.0.0.1:{port}/cb"));
    for address in [format!("127.0.0.1:{port}"), format!("[::1]:{port}")] {
        TcpStream::connect(address).await.expect("somebody listens before the wait begins");
    }
    TcpStream::connect(format!("127.0.0.2:{port}")).await.expect_err("no other address is served");
}

#[tokio::test] // NAT-03
async fn the_redirect_uri_names_the_host_that_was_wanted() {
    for (host, name) in
        [(RedirectHost::V4, "127.0.0.1"), (RedirectHost::V6, "[::1]"), (RedirectHost::Localhost, "localhost")]
    {
        let loopback = Loopback::bind_now(&Wanted { host, ..wanted() }).expect("a listener");
        assert_eq!(loopback.redirect_uri().as_str(), format!("http://{name}:{}/cb", loopback.port()));
    }
}

#[tokio::test] // L-10
async fn localhost_is_a_host_only_where_it_is_the_redirect_host() {
    for (host, status) in [(RedirectHost::V4, 421), (RedirectHost::Localhost, 400)] {
        let running = start_with(&Wanted { host, ..wanted() }, pending());
        let request = format!("GET /cb?state=x HTTP/1.1\r\nHost: localhost:{}\r\n\r\n", running.port);
        assert_eq!(running.says(&request).await.status, status);
    }
}

#[tokio::test] // L-02, L-04
async fn nobody_else_can_listen_on_the_port_that_is_held() {
    for ports in [Vec::new(), vec![free_port()]] {
        let loopback = Loopback::bind_now(&Wanted { ports, ..wanted() }).expect("a listener");
        let port = loopback.port();
        TcpListener::bind(("127.0.0.1", port)).expect_err("taken on IPv4");
        TcpListener::bind(("::1", port)).expect_err("taken on IPv6");
        TcpListener::bind(("0.0.0.0", port)).expect_err("taken for everyone");
    }
}

#[tokio::test] // L-02
async fn two_hundred_listeners_at_once_share_no_port() {
    let held: Vec<_> = (0..200).map(|_| Loopback::bind_now(&wanted()).expect("a listener")).collect();
    let ports: std::collections::HashSet<_> = held.iter().map(Loopback::port).collect();
    assert_eq!(ports.len(), 200);
}

#[tokio::test] // L-06, A-14
async fn the_first_free_port_of_the_list_is_taken_and_none_free_names_them_all() {
    let [first_port, second_port] = [free_port(), free_port()];
    let [_first, second] = [first_port, second_port]
        .map(|port| TcpListener::bind(("127.0.0.1", port)).expect("a listener of somebody else"));

    let ports = vec![first_port, second_port];
    let error = Loopback::bind_now(&Wanted { ports: ports.clone(), ..wanted() }).err().expect("no port is free");
    let refusal = error.refusal();
    assert_eq!((refusal.code.as_str(), refusal.retryable), ("listener.no_port", true));
    assert!(refusal.message.contains(&format!("{first_port}, {second_port}")), "{}", refusal.message);

    drop(second);
    let loopback = Loopback::bind_now(&Wanted { ports, ..wanted() }).expect("the second is free now");
    assert_eq!(loopback.port(), second_port);
}

#[tokio::test]
async fn a_copy_of_a_closed_listener_does_not_cost_the_port() {
    let port = free_port();
    let closed = TcpListener::bind(("127.0.0.1", port)).expect("a listener");
    let copy = closed.try_clone().expect("as a program that is being started has one");
    drop(closed);
    let wanted = Wanted { ports: vec![port], ..wanted() };
    let (bound, ()) = tokio::join!(Loopback::bind(&wanted), async {
        assert!(matches!(Loopback::bind_now(&wanted), Err(BindError::NoPort { .. })));
        drop(copy);
    });
    assert_eq!(bound.expect("it is free in the end").port(), port);
}

#[tokio::test(start_paused = true)] // L-06
async fn a_port_that_stays_taken_is_given_up() {
    let port = free_port();
    let _taken = TcpListener::bind(("127.0.0.1", port)).expect("a listener of somebody else");
    let refused = Loopback::bind(&Wanted { ports: vec![port], ..wanted() }).await.err().expect("it stays taken");
    assert!(matches!(refused, BindError::NoPort { .. }), "{refused}");
}

#[tokio::test] // L-03, A-15
async fn a_port_held_by_another_on_ipv6_only_is_not_used() {
    let port = free_port();
    let _taken = TcpListener::bind(("::1", port)).expect("a listener of somebody else");
    for host in [RedirectHost::Localhost, RedirectHost::V4, RedirectHost::V6] {
        let error =
            Loopback::bind_now(&Wanted { host, ports: vec![port], ..wanted() }).err().expect("half a port is none");
        assert!(matches!(error, BindError::PortTakenV6 { port: named } if named == port), "{error}");
        assert_eq!(error.refusal().code, "listener.port_taken_v6");
    }
}

#[tokio::test] // L-08
async fn ports_that_browsers_or_the_system_refuse_are_named() {
    for port in [0, 80, 1023, 6000, 6667, 10080] {
        let error =
            Loopback::bind_now(&Wanted { ports: vec![free_port(), port], ..wanted() }).err().expect("not allowed");
        assert_eq!(error.refusal().code, "config.redirect_port");
        assert!(error.to_string().contains(&format!("port {port} ")), "{error}");
    }
}

#[tokio::test] // NAT-08
async fn a_path_that_would_not_arrive_as_written_is_refused() {
    for path in ["cb", "", "/cb?x", "/cb#x", "/a b", "/a/../b", "/é", "/done", "/declined", "/refused"] {
        let error = Loopback::bind_now(&Wanted { path: path.into(), ..wanted() }).err().expect("not a path");
        assert_eq!(error.refusal().code, "config.redirect_path", "{path}");
    }
}
