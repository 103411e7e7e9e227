//! Against fake providers on loopback that misbehave in one way each.

mod proxies;
mod tls;

use std::future::Future;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::*;

const CAP: usize = 1024;

#[tokio::test]
async fn an_answer_comes_back_whole_whatever_its_status() {
    let provider = Provider::answering("HTTP/1.1 418 Odd\r\nX-Kind: teapot\r\nContent-Length: 5\r\n\r\nshort").await;
    let request =
        Request::post(provider.url("/token?x=y")).header("content-type", "text/plain").body(b"asked".to_vec());
    let answer = http().send(request.expect("a request"), CAP).await.expect("an answer");
    assert_eq!(answer.response.status(), 418);
    assert_eq!(answer.response.headers()["x-kind"], "teapot");
    assert_eq!(answer.response.body(), b"short");
    assert!(answer.took > Duration::ZERO);
    let asked = provider.heard();
    assert!(asked[0].starts_with("POST /token?x=y HTTP/1.1\r\n"), "{asked:?}");
    assert!(asked[0].contains(&format!("user-agent: Doorkey/{}\r\n", env!("CARGO_PKG_VERSION"))), "{asked:?}");
    assert!(asked[0].ends_with("\r\n\r\nasked"), "{asked:?}");
}

#[tokio::test] // D-07
async fn a_redirect_is_an_answer_and_is_not_followed() {
    let provider = Provider::answering("HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n").await;
    let answer = http().send(provider.request("/"), CAP).await.expect("an answer");
    assert_eq!(
        (answer.response.status().as_u16(), &answer.response.headers()["location"]),
        (302, &"/elsewhere".parse().expect("a value"))
    );
    assert_eq!(provider.heard().len(), 1);
}

#[tokio::test]
async fn no_cookie_referer_origin_or_encoding_is_sent() {
    let provider = Provider::answering("HTTP/1.1 200 OK\r\nSet-Cookie: a=b\r\nContent-Length: 0\r\n\r\n").await;
    let http = http();
    for _ in 0..2 {
        http.send(provider.request("/"), CAP).await.expect("an answer");
    }
    let asked = provider.heard().join("").to_lowercase();
    for name in ["cookie:", "referer:", "origin:", "accept-encoding:"] {
        assert!(!asked.contains(name), "{asked}");
    }
}

#[tokio::test] // D-15
async fn a_body_may_have_its_cap_and_not_a_byte_more_however_it_is_sent() {
    for length in [CAP, CAP + 1] {
        let body = "x".repeat(length);
        for head in [
            format!("Content-Length: {length}\r\n\r\n{body}"),
            format!("Transfer-Encoding: chunked\r\n\r\n{length:x}\r\n{body}\r\n0\r\n\r\n"),
        ] {
            let provider = Provider::answering(&format!("HTTP/1.1 200 OK\r\n{head}")).await;
            let answer = http().send(provider.request("/"), CAP).await;
            match answer {
                Ok(answer) => assert_eq!((answer.response.body().len(), length), (CAP, CAP)),
                Err(error) => {
                    assert_eq!((error.code(), length, error.may_have_been_sent()), ("net.too_large", CAP + 1, true));
                }
            }
        }
    }
}

#[tokio::test] // D-15
async fn an_endless_body_ends_at_the_cap() {
    let provider = Provider::with(|mut stream| async move {
        stream.write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n").await?;
        loop {
            stream.write_all(b"4\r\nmore\r\n").await?;
        }
    });
    let error = http().send(provider.await.request("/"), CAP).await.expect_err("too large");
    assert_eq!(error.code(), "net.too_large");
}

/// D-15: silence, or one byte now and then | given up at the limit for the whole answer
/// S-25: a provider hangs | the request ends by its time limit, and with it the wait of whoever asked
#[tokio::test] // D-15
async fn silence_and_a_body_that_dribbles_end_with_the_time_limit() {
    let silent = Provider::with(|stream| async move { hold(stream).await });
    // A byte each time the agent could have lost patience, were it only for one byte.
    let dribbling = Provider::with(|mut stream| async move {
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n").await?;
        loop {
            stream.write_all(b"x").await?;
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    });
    for provider in [silent.await, dribbling.await] {
        let hasty = Http::new(HttpSettings { total: Duration::from_millis(300), ..HttpSettings::default() });
        let error = hasty.send(provider.request("/?CANARY"), CAP).await.expect_err("no answer");
        assert_eq!((error.code(), error.retryable(), error.may_have_been_sent()), ("net.timeout", true, true));
        shows_no_query(&error);
    }
}

#[tokio::test] // D-02
async fn a_refused_connection_names_host_and_port_and_says_that_nothing_was_sent() {
    let closed = TcpListener::bind("127.0.0.1:0").await.expect("a listener").local_addr().expect("its address");
    let request = Request::get(format!("http://{closed}/?CANARY")).body(Vec::new()).expect("a request");
    let error = http().send(request, CAP).await.expect_err("nobody there");
    assert_eq!((error.code(), error.retryable(), error.may_have_been_sent()), ("net.connect", true, false));
    assert!(error.to_string().contains(&closed.to_string()), "{error}");
    shows_no_query(&error);
}

/// D-02: a host that never takes the connection | given up at the limit for connections
#[cfg(target_os = "linux")]
#[tokio::test] // D-02: a listener with a full queue drops new connections, like a black hole
async fn a_host_that_never_takes_the_connection_ends_with_the_connect_limit() {
    let full = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).expect("a socket");
    full.bind(&SocketAddr::from(([127, 0, 0, 1], 0)).into()).expect("bound");
    full.listen(0).expect("listening");
    let address = full.local_addr().ok().and_then(|it| it.as_socket()).expect("its address");
    let _in_queue = std::net::TcpStream::connect(address).expect("the one place in the queue");

    let hasty = Http::new(HttpSettings { connect: Duration::from_millis(300), ..HttpSettings::default() });
    let request = Request::get(format!("http://{address}/")).body(Vec::new()).expect("a request");
    let error = hasty.send(request, CAP).await.expect_err("nobody answers");
    assert_eq!((error.code(), error.may_have_been_sent()), ("net.connect", false));
    assert_eq!(error.to_string(), format!("cannot connect to {address}: no answer in time"));
}

#[tokio::test]
async fn a_connection_cut_after_the_request_leaves_open_whether_it_was_acted_on() {
    for bytes in
        ["", "nonsense\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Le", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort"]
    {
        let provider = Provider::answering(bytes).await;
        let error = http().send(provider.request("/?CANARY"), CAP).await.expect_err("no answer");
        assert_eq!(
            (error.code(), error.retryable(), error.may_have_been_sent()),
            ("net.no_answer", true, true),
            "{bytes}"
        );
        shows_no_query(&error);
    }
}

/// D-01: the name does not resolve | `net.dns` names it
#[tokio::test] // D-01
async fn a_name_that_does_not_resolve_is_named() {
    struct KnowsNobody;
    impl reqwest::dns::Resolve for KnowsNobody {
        fn resolve(&self, _: reqwest::dns::Name) -> reqwest::dns::Resolving {
            Box::pin(async { Err("no such name".into()) })
        }
    }
    // A label has 63 characters at most, so the second is not even asked for.
    for host in ["op.example", &format!("{}.example", "a".repeat(64))] {
        let url = Url::parse(&format!("https://{host}/?CANARY")).expect("a URL");
        #[expect(clippy::disallowed_methods, reason = "this one knows no names, so that nobody is asked for any")]
        let client = Client::builder().no_proxy().dns_resolver(Arc::new(KnowsNobody)).build().expect("a client");
        let failure = client.get(url.clone()).send().await.expect_err("no such host");
        let error = classify(&failure, &Target::of(&url), None);
        assert_eq!((error.code(), error.retryable(), error.may_have_been_sent()), ("net.dns", true, false));
        assert_eq!(error.to_string(), format!("cannot find {host}"));
        shows_no_query(&error);
    }
}

#[tokio::test]
async fn localhost_is_reached_by_whichever_family_something_listens_on() {
    for address in ["127.0.0.1:0", "[::1]:0"] {
        let Ok(listener) = TcpListener::bind(address).await else { continue };
        let port = listener.local_addr().expect("its address").port();
        let answering = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await?;
            hear(&mut stream).await?;
            stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nConnection: close\r\n\r\nhere").await?;
            stream.shutdown().await
        });
        let request = Request::get(format!("http://localhost:{port}/")).body(Vec::new()).expect("a request");
        let answer = http().send(request, CAP).await.expect("an answer");
        assert_eq!(answer.response.body(), b"here", "{address}");
        answering.await.expect("no panic").expect("answered");
    }
}

#[tokio::test]
async fn plain_http_is_for_loopback_only() {
    for address in
        ["http://op.example/", "http://127.0.0.1.example/", "http://localhost.example/", "ftp://127.0.0.1/", "/path"]
    {
        let request = Request::get(address).body(Vec::new()).expect("a request");
        let error = http().send(request, CAP).await.expect_err("not sent");
        assert_eq!((error.code(), error.may_have_been_sent()), ("net.insecure_url", false), "{address}");
    }
}

#[tokio::test] // A client reads the machine's certificates and proxies once
async fn connections_are_kept_until_something_of_this_machine_may_be_amiss() {
    let provider = Provider::answering("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").await;
    let closed = TcpListener::bind("127.0.0.1:0").await.expect("a listener").local_addr().expect("its address");
    let http = http();
    for (refused_before, connections) in [(false, 1), (false, 1), (true, 2), (false, 2)] {
        if refused_before {
            let request = Request::get(format!("http://{closed}/")).body(Vec::new()).expect("a request");
            http.send(request, CAP).await.expect_err("nobody there");
        }
        http.send(provider.request("/"), CAP).await.expect("an answer");
        assert_eq!(*provider.connections.lock().expect("no panic"), connections);
    }
}

fn http() -> Http {
    Http::new(HttpSettings::default())
}

fn shows_no_query(error: &HttpError) {
    let shown = format!("{error} {error:?} {:?}", error.refusal());
    assert!(!shown.contains("CANARY"), "{shown}");
}

async fn hold(mut stream: TcpStream) -> std::io::Result<()> {
    while stream.read(&mut [0; 64]).await? > 0 {}
    Ok(())
}

/// A provider of one mind: each request is heard whole, then something is done about it.
struct Provider {
    address: SocketAddr,
    heard: Arc<Mutex<Vec<String>>>,
    connections: Arc<Mutex<usize>>,
}

impl Provider {
    /// Gives the same answer to each request; one without a proper length ends the connection.
    async fn answering(answer: &str) -> Self {
        let answer: Arc<str> = answer.into();
        let keeps = answer.contains("Length: 0\r\n");
        Self::serving(move |mut stream, heard| {
            let answer = answer.clone();
            async move {
                while let Some(request) = hear(&mut stream).await? {
                    heard.lock().expect("no panic").push(request);
                    stream.write_all(answer.as_bytes()).await?;
                    if !keeps {
                        return stream.shutdown().await;
                    }
                }
                Ok(())
            }
        })
        .await
    }

    /// Does `act` once a request is here.
    async fn with<F: Future<Output = std::io::Result<()>> + Send + 'static>(
        act: impl Fn(TcpStream) -> F + Clone + Send + 'static,
    ) -> Self {
        Self::serving(move |mut stream, heard| {
            let act = act.clone();
            async move {
                let request = hear(&mut stream).await?;
                heard.lock().expect("no panic").extend(request);
                act(stream).await
            }
        })
        .await
    }

    async fn serving<F: Future<Output = std::io::Result<()>> + Send + 'static>(
        serve: impl Fn(TcpStream, Arc<Mutex<Vec<String>>>) -> F + Send + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a listener");
        let address = listener.local_addr().expect("its address");
        let (heard, connections) = (Arc::<Mutex<Vec<_>>>::default(), Arc::<Mutex<usize>>::default());
        tokio::spawn({
            let (heard, connections) = (heard.clone(), connections.clone());
            async move {
                while let Ok((stream, _)) = listener.accept().await {
                    *connections.lock().expect("no panic") += 1;
                    tokio::spawn(serve(stream, heard.clone()));
                }
            }
        });
        Self { address, heard, connections }
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    fn request(&self, path: &str) -> Request<Vec<u8>> {
        Request::get(self.url(path)).body(Vec::new()).expect("a request")
    }

    fn heard(&self) -> Vec<String> {
        self.heard.lock().expect("no panic").clone()
    }
}

/// One request, with as much body as it announces; `None` at the end of the connection.
async fn hear(stream: &mut TcpStream) -> std::io::Result<Option<String>> {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length =
                head.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
            if body.len() >= length.unwrap_or(0) {
                return Ok(Some(text));
            }
        }
        if stream.read_buf(&mut bytes).await? == 0 {
            return Ok(None);
        }
    }
}
