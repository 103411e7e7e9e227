//! Where it listens: addresses and ports (rows L-01 to L-09, A-14 to A-17).

use std::fs;
use std::io::ErrorKind;
use std::net::{IpAddr, Ipv4Addr, TcpListener, TcpStream, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use doorkey_client::words::{ProfileEntry, RedirectHost};
use doorkey_demo_idp::Endpoint;
use doorkey_tests::stage::refusal;
use doorkey_tests::{PROFILE, Stage, socket};
use serde_json::json;

use crate::listener_support::{Waiting, free_port};

/// L-01: connects by an address of the network | listens on 127.0.0.1 and [::1] and nowhere else
#[tokio::test]
async fn l_01_only_loopback_addresses_listen() {
    let waiting = Waiting::new().await;
    let v6_loopback = "00000000000000000000000001000000";
    assert_eq!(listening_on(waiting.port()), ["0100007F", v6_loopback]);
    for address in [Some(IpAddr::V4(Ipv4Addr::new(127, 0, 0, 2))), network_address()].into_iter().flatten() {
        let error = TcpStream::connect((address, waiting.port())).expect_err("nobody listens there");
        assert_eq!(error.kind(), ErrorKind::ConnectionRefused, "{address}");
    }
    waiting.still_waits(&[]).await;
}

/// L-02: another program takes every port the moment it is free | the port that is told is held before anybody hears of it
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn l_02_the_port_is_held_before_it_is_told() {
    let stage = Stage::new().await;
    let over = Arc::new(AtomicBool::new(false));
    let grabs = Arc::clone(&over);
    let grabber = std::thread::spawn(move || {
        let mut held = std::collections::VecDeque::new();
        while !grabs.load(Relaxed) {
            held.extend(TcpListener::bind(("127.0.0.1", 0)));
            if held.len() > 100 {
                held.pop_front();
            }
        }
    });
    for _ in 0..25 {
        let attempt = stage.begin().await;
        for host in ["127.0.0.1", "::1"] {
            TcpStream::connect((host, attempt.port())).expect("we listen");
            TcpListener::bind((host, attempt.port())).expect_err("held");
        }
        assert_eq!(attempt.asked("redirect_uri"), attempt.redirect_uri.as_str());
        attempt.cancel().await;
        attempt.ended().await;
    }
    over.store(true, Relaxed);
    grabber.join().expect("no panic");
    stage.assert_next_sign_in_works().await;
}

/// L-03: another program holds [::1]:p where `localhost` may lead | the next port of the list is taken
/// the same, and there is no other port | `listener.port_taken_v6`
#[tokio::test]
async fn l_03_a_15_a_port_held_by_another_on_v6_is_not_used() {
    let stage = Stage::signed_in().await;
    let before = stage.snapshot().await;
    let (taken, free) = (free_port(), free_port());
    let held = TcpListener::bind(("::1", taken)).expect("a free port");
    stage.put(|profile| (profile.redirect_host, profile.ports) = (RedirectHost::Localhost, vec![taken])).await;
    let (attempt, refused) = stage.sign_in_refused().await;
    assert_eq!((refused.code.as_str(), refused.retryable), ("listener.port_taken_v6", true));
    assert!(attempt.is_none() && refused.message.contains(&taken.to_string()), "{refused:?}");
    assert_eq!(stage.snapshot().await, before);
    TcpListener::bind(("127.0.0.1", taken)).expect("the half that was free is free again");

    stage.put(|profile| (profile.redirect_host, profile.ports) = (RedirectHost::Localhost, vec![taken, free])).await;
    let attempt = stage.begin().await;
    assert_eq!((attempt.port(), attempt.redirect_uri.host_str()), (free, Some("localhost")));
    attempt.allow(&stage.person("Ada")).await;
    attempt.done().await;
    drop(held);
}

/// L-04: another program binds the same port, or every address of it | it cannot, whether the port was drawn or fixed
#[tokio::test]
async fn l_04_nobody_can_share_the_port() {
    let stage = Stage::new().await;
    for ports in [Vec::new(), vec![free_port()]] {
        stage.put(|profile| profile.ports = ports).await;
        let attempt = stage.begin().await;
        // The standard library sets SO_REUSEADDR.
        for host in ["127.0.0.1", "::1", "0.0.0.0", "::"] {
            let error = TcpListener::bind((host, attempt.port())).expect_err("held");
            assert_eq!(error.kind(), ErrorKind::AddrInUse, "{host}");
        }
        attempt.allow(&stage.person("Ada")).await;
        attempt.done().await;
    }
}

/// L-05: the last sign-in's connections linger on the fixed port | the next one listens there at once
/// a second sign-in on a fixed port right after the first | works
#[tokio::test]
async fn l_05_a_17_a_fixed_port_is_good_again_at_once() {
    let stage = Stage::new().await;
    let port = free_port();
    stage.put(|profile| profile.ports = vec![port]).await;
    for exchanged in 1..=3 {
        let attempt = stage.begin().await;
        assert_eq!(attempt.port(), port);
        attempt.allow(&stage.person("Ada")).await;
        attempt.done().await;
        assert_eq!(stage.log().count(Endpoint::Token), exchanged);
    }
}

/// L-06: matches the redirect URI exactly, port and all | the profile's ports are tried in order, and all to register are shown
/// every port of the list is taken | `listener.no_port` names them
#[tokio::test]
async fn l_06_a_14_listed_ports_are_shown_tried_in_order_and_named_when_none_is_free() {
    let stage = Stage::signed_in().await;
    let before = stage.snapshot().await;
    let ports = [free_port(), free_port(), free_port()];
    stage.put(|profile| profile.ports = ports.to_vec()).await;
    let shown = stage.client.profiles().await.expect("the profiles").remove(0).redirect_uris;
    let wanted = ports.map(|port| format!("http://127.0.0.1:{port}/cb/"));
    assert!(
        shown.iter().zip(&wanted).all(|(shown, wanted)| shown.starts_with(wanted)) && shown.len() == 3,
        "{shown:?}"
    );

    let mut held: Vec<_> = ports.map(|port| TcpListener::bind(("127.0.0.1", port)).expect("a free port")).into();
    let (attempt, refused) = stage.sign_in_refused().await;
    assert_eq!((refused.code.as_str(), refused.retryable), ("listener.no_port", true));
    assert!(attempt.is_none() && ports.iter().all(|port| refused.message.contains(&port.to_string())), "{refused:?}");
    assert_eq!(stage.snapshot().await, before);
    while held.pop().is_some() {
        let attempt = stage.begin().await;
        assert_eq!((attempt.port(), attempt.redirect_uri.as_str()), (ports[held.len()], shown[held.len()].as_str()));
        attempt.cancel().await;
        attempt.ended().await;
    }
    stage.assert_next_sign_in_works().await;
}

/// L-08: a profile with a port of the system, or one that browsers refuse to open | refused when it is saved
#[tokio::test]
async fn l_08_ports_that_cannot_work_are_refused_when_the_profile_is_saved() {
    let stage = Stage::signed_in().await;
    for port in [0, 80, 1023, 5060, 6000, 6667, 10080] {
        let mut profile = stage.profile();
        profile.ports = vec![free_port(), port];
        let refused = refusal(stage.client.put_profile(&ProfileEntry::from(profile)).await);
        assert_eq!(refused.code, "config.bad_redirect", "{port}");
        assert!(refused.message.contains(&port.to_string()), "{refused:?}");
    }
    stage.assert_next_sign_in_works().await;
}

/// L-09: a profile that wants 0.0.0.0, a mapped or a zoned address, or a name | refused: 127.0.0.1, [::1] and localhost only
#[tokio::test]
async fn l_09_no_other_redirect_host_can_be_written_down() {
    let stage = Stage::signed_in().await;
    for host in
        ["0.0.0.0", "[::]", "[::ffff:127.0.0.1]", "[fe80::1%lo]", "127.0.0.2", "127.1", "LOCALHOST", "evil.example", ""]
    {
        let mut entry = json!(ProfileEntry::from(stage.profile()));
        entry["redirect_host"] = json!(host);
        let line = format!("PUT /v1/profiles/{PROFILE}");
        let answer = socket::call(&stage.paths.socket(), &line, &[], &entry.to_string()).await;
        assert!(matches!(answer.status, Some(400 | 422)), "{host}: {}", answer.text);
    }
    stage.assert_next_sign_in_works().await;
}

/// Local addresses that listen on a port, as the kernel writes them.
fn listening_on(port: u16) -> Vec<String> {
    let tables = ["/proc/net/tcp", "/proc/net/tcp6"].map(|table| fs::read_to_string(table).expect("the kernel tells"));
    let rows = tables.iter().flat_map(|table| table.lines().skip(1));
    let listening = rows.filter_map(|row| {
        let columns: Vec<&str> = row.split_ascii_whitespace().collect();
        let (address, of_port) = columns[1].split_once(':')?;
        (columns[3] == "0A" && of_port == format!("{port:04X}")).then(|| address.to_owned())
    });
    listening.collect()
}

/// This machine's address in its network, where it has one. Nothing is sent.
fn network_address() -> Option<IpAddr> {
    let socket = UdpSocket::bind(("0.0.0.0", 0)).ok()?;
    socket.connect(("192.0.2.1", 9)).ok()?;
    Some(socket.local_addr().ok()?.ip()).filter(|address| !address.is_loopback())
}
