//! Proxies on loopback, for hosts that no name server knows: whoever is answered was led there by the proxy.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::process::Command;

use super::tls::{Authority, certificate, serve};
use super::*;

const HOST: &str = "op.example";
const TASK: &str = "DOORKEY_TEST_PROXY_TASK";
const CA: &str = "DOORKEY_TEST_PROXY_CA";
/// What a person has set, and what they set after the first request.
const SET: &str = "DOORKEY_TEST_PROXY_SET";
const SET_THEN: &str = "DOORKEY_TEST_PROXY_SET_THEN";

/// The environment is the process's, so each test runs this one in another process, and reads what it prints.
#[tokio::test]
async fn asked_in_a_process_of_its_own() {
    let Ok(address) = std::env::var(TASK) else { return };
    let ca_files = std::env::var(CA).map_or_else(|_| CaFiles::from_env(), |path| CaFiles::adding(path.into()));
    let folder = tempfile::tempdir().expect("a folder");
    let set = folder.path().join("network.toml");
    let network = Arc::new(NetworkFile::at(set.clone()));
    let http =
        Http::new(HttpSettings { connect: Duration::from_secs(5), ca_files, network, ..HttpSettings::default() });
    let mut told = String::new();
    // The same client all the time: what is set counts from the next request on.
    for variable in [SET, SET_THEN] {
        match std::env::var(variable) {
            Ok(text) => std::fs::write(&set, text).expect("a file"),
            Err(_) if variable == SET_THEN => continue,
            Err(_) => {}
        }
        let request = Request::get(&address).body(Vec::new()).expect("a request");
        told = match http.send(request, CAP).await {
            Ok(answer) => String::from_utf8_lossy(answer.response.body()).into_owned(),
            Err(error) => format!("{} {error} retryable={}", error.code(), error.retryable()),
        };
    }
    let proxy = http.proxy_towards(&Url::parse(&address).expect("a URL"));
    println!("<<{told}>><<{}>>", proxy.unwrap_or_default());
}

/// What was told there, and the proxy it named.
async fn asked(address: &str, environment: &[(&str, &str)]) -> (String, String) {
    let environment: Vec<_> = environment.iter().map(|(name, value)| (*name, OsStr::new(value))).collect();
    asked_with(address, &environment).await
}

async fn asked_with(address: &str, environment: &[(&str, &OsStr)]) -> (String, String) {
    let mut again = Command::new(std::env::current_exe().expect("this test"));
    again.args(["--exact", "http::tests::proxies::asked_in_a_process_of_its_own", "--nocapture"]);
    for name in
        ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR", "REQUEST_METHOD"]
    {
        again.env_remove(name).env_remove(name.to_lowercase());
    }
    again.env(TASK, address).envs(environment.iter().copied());
    let output = tokio::task::spawn_blocking(move || again.output()).await.expect("no panic").expect("it runs");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let told = text.split_once("<<").and_then(|(_, rest)| rest.split_once(">>\n")).map(|(told, _)| told);
    let Some((told, proxy)) = told.and_then(|told| told.split_once(">><<")) else {
        panic!("{text}{}", String::from_utf8_lossy(&output.stderr))
    };
    (told.to_owned(), proxy.to_owned())
}

#[tokio::test] // F-10
async fn a_provider_is_reached_through_the_proxy_and_its_certificate_is_checked_behind_it() {
    let authority = Authority::new();
    let folder = tempfile::tempdir().expect("a folder");
    authority.in_file(folder.path());
    let ca = folder.path().join("authority.pem");
    let ca = ca.to_str().expect("text");
    for variable in ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"] {
        let provider = serve(&authority, &certificate(HOST, 2020..4000));
        let proxy = proxy(Some(provider)).await;
        let url = proxy.url("").replace("http://", "http://ada:CANARY@");
        let (told, named) = asked("https://op.example/?q", &[(variable, &url), (CA, ca)]).await;
        assert_eq!((told.as_str(), named), ("secret", proxy.url("")), "{variable}");
        let heard = proxy.heard();
        assert!(heard.len() == 1 && heard[0].starts_with("CONNECT op.example:443 HTTP/1.1\r\n"), "{heard:?}");
        // Basic of `ada:CANARY`
        assert!(heard[0].to_lowercase().contains("proxy-authorization: basic ywrhoknbtkfswq==\r\n"), "{heard:?}");
    }
    let stranger = serve(&Authority::named("A Stranger"), &certificate(HOST, 2020..4000));
    let proxy = proxy(Some(stranger)).await;
    let (told, _) = asked("https://op.example/", &[("HTTPS_PROXY", &proxy.url("")), (CA, ca)]).await;
    assert!(
        told.starts_with("net.tls_untrusted the certificate of op.example:443 is not trusted: “A Stranger”"),
        "{told}"
    );
}

#[tokio::test] // F-10
async fn the_certificate_file_of_the_system_and_our_own_are_both_read() {
    let ours = Authority::new();
    let systems = Authority::new();
    let folders = [tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder")];
    let path = |folder: &tempfile::TempDir| folder.path().join("authority.pem").to_str().expect("text").to_owned();
    ours.in_file(folders[0].path());
    systems.in_file(folders[1].path());
    let [doorkey, ssl] = [path(&folders[0]), path(&folders[1])];
    for authority in [&ours, &systems] {
        let proxy = proxy(Some(serve(authority, &certificate(HOST, 2020..4000)))).await;
        let environment = [("HTTPS_PROXY", &*proxy.url("")), ("DOORKEY_CA_FILE", &*doorkey), ("SSL_CERT_FILE", &*ssl)];
        assert_eq!(asked("https://op.example/", &environment).await.0, "secret");
    }
    let (told, _) = asked("https://127.0.0.1:9/", &[("SSL_CERT_FILE", "/nonexistent/ca.pem")]).await;
    assert_eq!(
        told,
        "config.bad_ca_file SSL_CERT_FILE names “/nonexistent/ca.pem”, which is not there retryable=false"
    );
}

#[tokio::test] // F-10
async fn a_socks_proxy_is_a_proxy_too_and_finds_the_name_by_itself() {
    let authority = Authority::new();
    let folder = tempfile::tempdir().expect("a folder");
    authority.in_file(folder.path());
    let provider = serve(&authority, &certificate(HOST, 2020..4000));
    let proxy = Provider::serving(move |mut stream, heard| async move {
        // RFC 1928: no authentication, then CONNECT to a name.
        let mut greeting = [0; 2];
        stream.read_exact(&mut greeting).await?;
        stream.read_exact(&mut vec![0; greeting[1].into()]).await?;
        stream.write_all(&[5, 0]).await?;
        let mut request = [0; 5];
        stream.read_exact(&mut request).await?;
        let mut name = vec![0; usize::from(request[4]) + 2];
        stream.read_exact(&mut name).await?;
        let text = format!("{:?} {}", &request[..4], String::from_utf8_lossy(&name[..name.len() - 2]));
        heard.lock().expect("no panic").push(text);
        stream.write_all(&[5, 0, 0, 1, 127, 0, 0, 1, 0, 0]).await?;
        pass_on(stream, provider).await
    })
    .await;
    let (url, ca) = (format!("socks5h://{}", proxy.address), folder.path().join("authority.pem"));
    let (told, named) = asked("https://op.example/", &[("ALL_PROXY", &url), (CA, ca.to_str().expect("text"))]).await;
    assert_eq!((told.as_str(), named), ("secret", url));
    assert_eq!(proxy.heard(), ["[5, 1, 0, 3] op.example"]);
}

#[tokio::test] // F-10
async fn loopback_is_never_reached_through_a_proxy() {
    let provider = Provider::answering("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\ndirect").await;
    let proxy = proxy(None).await;
    let url = proxy.url("");
    let environment: Vec<_> = ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"]
        .into_iter()
        .map(|name| (name, url.as_str()))
        .collect();
    assert_eq!(asked(&provider.url("/"), &environment).await, ("direct".to_owned(), String::new()));
    let by_name = provider.url("/").replace("127.0.0.1", "localhost");
    assert_eq!(asked(&by_name, &environment).await, ("direct".to_owned(), String::new()));
    // In TLS too: what answers there has no certificate, and the proxy hears nothing of it.
    let plain = Provider::serving(|mut stream, _| async move { stream.write_all(b"HTTP/1.1 400 Bad\r\n\r\n").await });
    let (told, named) = asked(&plain.await.url("/").replace("http:", "https:"), &environment).await;
    assert!(told.starts_with("net.no_tls"), "{told}");
    assert_eq!((named.as_str(), proxy.heard().len()), ("", 0));
}

#[tokio::test] // F-10
async fn hosts_in_no_proxy_are_reached_directly() {
    let proxy = proxy(None).await;
    for (list, led) in [("op.example", false), (".example", false), ("*", false), ("other.example,10.0.0.0/8", true)] {
        let environment = [("HTTPS_PROXY", &*proxy.url("")), ("NO_PROXY", list)];
        // A host that does not resolve is asked for here, by a name that is too long to be asked of anybody.
        let address = format!("https://{}.op.example/", "a".repeat(64));
        let (told, named) = asked(&address, &environment).await;
        assert_eq!(!named.is_empty(), led, "{list}");
        assert_eq!(told.starts_with("net.proxy "), led, "{list}: {told}");
    }
}

#[tokio::test]
async fn a_proxy_that_wants_a_password_is_told_from_one_that_refuses_or_is_not_there() {
    let answers = |text: &'static str| async move { Provider::answering(text).await };
    let wants = answers(
        "HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=\"x\"\r\nContent-Length: 0\r\n\r\n",
    )
    .await;
    let refuses = answers("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n").await;
    let ends = answers("").await;
    let closed = TcpListener::bind("127.0.0.1:0").await.expect("a listener").local_addr().expect("its address");
    let silent = Provider::serving(|stream, _| hold(stream)).await;
    let long = format!("http://{}.proxy.example:3128", "a".repeat(64));
    for (url, code, why) in [
        (wants.url(""), "net.proxy_auth", "wants a user name and a password retryable=false"),
        (refuses.url(""), "net.proxy", "does not lead to op.example:443: it refuses the connection retryable=true"),
        (ends.url(""), "net.proxy", "retryable=true"),
        (format!("http://{closed}"), "net.proxy", "Connection refused"),
        (silent.url(""), "net.proxy", "no answer in time"),
        (long, "net.proxy", "retryable=true"),
    ] {
        let (told, named) = asked("https://op.example/", &[("HTTPS_PROXY", &url)]).await;
        assert!(told.starts_with(&format!("{code} the proxy {url} ")) && told.contains(why), "{told}");
        assert_eq!(named, url);
    }
}

#[tokio::test] // F-10
async fn a_proxy_that_cannot_be_understood_is_refused_and_its_password_not_shown() {
    for (variable, value) in [("HTTPS_PROXY", "ftp://ada:CANARY@proxy.example"), ("all_proxy", "ada:CANARY@ proxy")] {
        let (told, _) = asked("https://op.example/", &[(variable, value)]).await;
        let expected = format!("config.bad_proxy the environment's {variable} is not the address of a proxy");
        assert_eq!(told, format!("{expected} retryable=false"));
    }
    let no_text = OsStr::from_bytes(b"http://proxy.ex\xffample");
    assert!(asked_with("https://op.example/", &[("HTTPS_PROXY", no_text)]).await.0.starts_with("config.bad_proxy"));
    // Set to nothing, it is not set.
    let address = format!("https://{}.op.example/", "a".repeat(64));
    assert!(asked(&address, &[("HTTPS_PROXY", "")]).await.0.starts_with("net.dns"));
}

#[tokio::test] // D-03
async fn a_proxy_in_tls_has_a_certificate_of_its_own() {
    let authority = Authority::new();
    let proxy = serve(&authority, &certificate("other.example", 2020..4000));
    let url = format!("https://{proxy}");
    let folder = tempfile::tempdir().expect("a folder");
    authority.in_file(folder.path());
    let ca = folder.path().join("authority.pem");
    let (told, _) = asked("https://op.example/", &[("HTTPS_PROXY", &url), (CA, ca.to_str().expect("text"))]).await;
    assert!(told.starts_with(&format!("net.tls_name the certificate of {proxy} is for other.example")), "{told}");
}

#[tokio::test] // F-10
async fn a_proxy_and_a_file_of_certificates_that_a_person_has_set_are_used_from_the_next_request_on() {
    let authority = Authority::new();
    let folder = tempfile::tempdir().expect("a folder");
    authority.in_file(folder.path());
    let ca = folder.path().join("authority.pem");
    // Each provider serves one connection.
    let leading = || proxy(Some(serve(&authority, &certificate(HOST, 2020..4000))));
    let set =
        |proxy: &Provider| format!("proxy = \"{}\" # the company's\nca_file = \"{}\"\n", proxy.url(""), ca.display());
    let (first, second) = (leading().await, leading().await);
    // The second of two requests of one client goes by what was set between them.
    let (told, named) = asked("https://op.example/", &[(SET, &set(&first)), (SET_THEN, &set(&second))]).await;
    assert_eq!((told.as_str(), named), ("secret", second.url("")));
    assert_eq!((first.heard().len(), second.heard().len()), (1, 1));
    let third = leading().await;
    let broken = asked("https://op.example/", &[(SET, &set(&third)), (SET_THEN, "proxi = 1\n")]).await;
    assert!(broken.0.starts_with("config.bad_network ") && broken.0.contains("network.toml:1:1"), "{broken:?}");
    let fourth = leading().await;
    let mended = asked("https://op.example/", &[(SET, "proxi = 1\n"), (SET_THEN, &set(&fourth))]).await;
    assert_eq!(mended, ("secret".to_owned(), fourth.url("")));
    let fifth = leading().await;
    let distrusted = format!("proxy = \"{}\"\n", fifth.url(""));
    let (told, _) = asked("https://op.example/", &[(SET, &distrusted)]).await;
    assert!(told.starts_with("net.tls_untrusted "), "{told}");
}

#[tokio::test] // F-10
async fn a_variable_goes_before_what_a_person_has_set() {
    let (theirs, ours) = (proxy(None).await, proxy(None).await);
    let set = format!("proxy = \"{}\"\nno_proxy = [\".direct.example\"]\n", ours.url(""));
    let (told, named) = asked("https://op.example/", &[(SET, &set), ("HTTPS_PROXY", &theirs.url(""))]).await;
    assert!(told.starts_with("net.proxy ") && named == theirs.url(""), "{told}");
    assert_eq!((theirs.heard().len(), ours.heard().len()), (1, 0));
    // A variable that is set to nothing is not set.
    assert_eq!(asked("https://op.example/", &[(SET, &set), ("HTTPS_PROXY", "")]).await.1, ours.url(""));
    let direct = format!("https://{}.direct.example/", "a".repeat(64));
    for environment in [vec![(SET, &*set)], vec![(SET, &*set), ("HTTPS_PROXY", &*theirs.url(""))]] {
        let (told, named) = asked(&direct, &environment).await;
        assert!(told.starts_with("net.dns ") && named.is_empty(), "{told}");
    }
    let (_, named) = asked(&direct, &[(SET, &set), ("NO_PROXY", "other.example")]).await;
    assert_eq!(named, ours.url(""));
}

#[tokio::test] // F-10
async fn with_settings_that_cannot_be_used_no_provider_is_asked_and_this_machine_is() {
    let provider = Provider::answering("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\ndirect").await;
    for wrong in ["proxy = 1\n", "proxy = \"ftp://x\"\n", "[", "version = 2\n", "ca_file = \"ca.pem\"\n"] {
        let (told, named) = asked("https://op.example/", &[(SET, wrong)]).await;
        assert!(told.starts_with("config.bad_network ") && told.contains("network.toml"), "{wrong}: {told}");
        assert_eq!(named, "");
        assert_eq!(asked(&provider.url("/"), &[(SET, wrong)]).await.0, "direct", "{wrong}");
    }
    let secret = "proxy = \"http://ada:CANARY@proxy.example:3128\"\n";
    let (told, _) = asked("https://op.example/", &[(SET, secret)]).await;
    assert!(told.contains("no place for one") && !told.contains("CANARY"), "{told}");
}

/// Leads each request for a tunnel to one address, or nowhere.
async fn proxy(to: Option<SocketAddr>) -> Provider {
    Provider::serving(move |mut stream, heard| async move {
        let request = hear(&mut stream).await?;
        heard.lock().expect("no panic").extend(request);
        match to {
            Some(to) => {
                stream.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await?;
                pass_on(stream, to).await
            }
            None => stream.write_all(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n").await,
        }
    })
    .await
}

async fn pass_on(mut stream: TcpStream, to: SocketAddr) -> std::io::Result<()> {
    let mut there = TcpStream::connect(to).await?;
    tokio::io::copy_bidirectional(&mut stream, &mut there).await?;
    Ok(())
}
