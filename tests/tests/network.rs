//! The way to providers as people meet it: proxies, files of certificates, clocks that differ.

use std::fs;
use std::sync::{Arc, Mutex};

use doorkey_demo_idp::Settings;
use doorkey_tests::Household;
use doorkey_tests::program::{self, Ended};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

const ADD: [&str; 8] =
    ["profile", "add", "away", "--issuer", "https://op.example.test", "--client-id", "doorkey-demo", "--json"];

#[tokio::test]
async fn a_provider_elsewhere_is_asked_through_the_proxy_and_one_on_this_machine_is_not() {
    let home = Household::in_memory(Settings::default()).await;
    for (answer, code, exit) in [
        ("HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n", "net.proxy_auth", 75),
        ("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n", "net.proxy", 75),
    ] {
        let proxy = Proxy::answering(answer).await;
        let through = |arguments: &[&str]| {
            let mut command = home.command(arguments);
            command
                .env("HTTPS_PROXY", proxy.url("ada:CANARY@"))
                .env("HTTP_PROXY", proxy.url(""))
                .env("BROWSER", program::robot());
            program::run(command)
        };
        let away = through(&ADD).await;
        let told = json(&away);
        assert_eq!((away.code, told["error"]["code"].as_str()), (Some(exit), Some(code)), "{told}");
        let message = told["error"]["message"].as_str().expect("a sentence");
        assert!(message.contains(&proxy.url("")) && !format!("{away:?}").contains("CANARY"), "{away:?}");
        assert!(proxy.heard().iter().all(|line| line == "CONNECT op.example.test:443 HTTP/1.1"), "{:?}", proxy.heard());

        let heard = proxy.heard().len();
        assert!(heard > 0);
        let add = ["profile", "add", code, "--issuer", home.provider.issuer(), "--client-id", "doorkey-demo"];
        assert_eq!(through(&add).await.code, Some(0));
        assert_eq!(through(&["login", code]).await.code, Some(0));
        assert_eq!(proxy.heard().len(), heard, "loopback is reached directly");

        let doctor = through(&["doctor"]).await;
        assert!(doctor.stdout.contains(&format!("{} for providers", proxy.url(""))), "{doctor:?}");
        assert!(!format!("{doctor:?}").contains("CANARY"), "{doctor:?}");
    }
}

#[tokio::test]
async fn a_proxy_that_a_person_has_set_is_used_and_a_broken_file_stops_requests_to_providers() {
    let home = Household::in_memory(Settings::default()).await;
    let proxy = Proxy::answering("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n").await;
    let path = home.paths().network();
    fs::create_dir_all(path.parent().expect("its folder")).expect("a folder");
    fs::write(&path, format!("proxy = \"{}\"\n", proxy.url(""))).expect("written");
    let away = json(&home.doorkey(&ADD).await);
    assert_eq!(away["error"]["code"], "net.proxy", "{away}");
    assert!(!proxy.heard().is_empty());
    let doctor = home.doorkey(&["doctor"]).await;
    assert!(doctor.stdout.contains(&format!("{0} for providers; network.toml: {0}", proxy.url(""))), "{doctor:?}");

    fs::write(&path, "proxy = \"http://a.example\"\nprocsy = 1\n").expect("written");
    let heard = proxy.heard().len();
    let refused = json(&home.doorkey(&ADD).await);
    assert_eq!(refused["error"]["code"], "config.bad_network", "{refused}");
    assert!(refused["error"]["message"].as_str().is_some_and(|told| told.contains("network.toml:2:1")), "{refused}");
    assert_eq!(proxy.heard().len(), heard);
    let doctor = home.doorkey(&["doctor"]).await;
    assert!(doctor.code == Some(78) && doctor.stdout.contains("network.toml:2:1"), "{doctor:?}");
    // What is on this machine is reached all the same.
    let add = ["profile", "add", "here", "--issuer", home.provider.issuer(), "--client-id", "doorkey-demo"];
    assert_eq!(home.doorkey(&add).await.code, Some(0));
}

#[tokio::test]
async fn the_command_sets_what_is_named_and_an_agent_goes_by_it_at_once() {
    let home = Household::in_memory(Settings::default()).await;
    let agent = home.agent().await;
    let proxy = Proxy::answering("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n").await;
    let set = ["network", "set", "--proxy", &proxy.url(""), "--direct", ".direct.example", "--json"];
    let status = json(&home.doorkey(&set).await);
    assert_eq!((&status["proxy"], &status["proxy_variable"]), (&proxy.url("").into(), &Value::Null), "{status}");
    assert_eq!(json(&home.doorkey(&ADD).await)["error"]["code"], "net.proxy");
    let text = fs::read_to_string(home.paths().network()).expect("text");
    assert_eq!(text, format!("proxy = \"{}\"\nno_proxy = [\".direct.example\"]\n", proxy.url("")));
    for (wrong, code) in [
        (["--proxy", "http://ada:CANARY@proxy.example"], "config.proxy_password"),
        (["--proxy", "ftp://proxy.example"], "config.bad_proxy"),
        (["--ca-file", "/nonexistent/ca.pem"], "config.bad_ca_file"),
        (["--direct", "https://op.example"], "config.bad_no_proxy"),
    ] {
        let ended = home.doorkey(&[&["network", "set", "--json"], &wrong[..]].concat()).await;
        assert_eq!(json(&ended)["error"]["code"], code, "{ended:?}");
        assert!(ended.code == Some(78) && !ended.stdout.contains("CANARY"), "{ended:?}");
        assert_eq!(fs::read_to_string(home.paths().network()).expect("text"), text);
    }
    let status = json(&home.doorkey(&["network", "set", "--clear", "proxy", "--json"]).await);
    assert_eq!((&status["proxy"], &status["settings"]["no_proxy"][0]), (&Value::Null, &".direct.example".into()));
    let shown = home.doorkey(&["network"]).await;
    assert!(shown.stdout.contains("proxy         none") && shown.stdout.contains(".direct.example"), "{shown:?}");
    agent.terminate().await;
}

#[tokio::test]
async fn a_file_of_certificates_that_cannot_be_used_is_named_and_the_doctor_says_which_are_in_effect() {
    let home = Household::in_memory(Settings::default()).await;
    let path = home.folder().join("corporate.pem");
    let path = path.to_str().expect("text");
    let with_file = |arguments: &[&str]| {
        let mut command = home.command(arguments);
        command.env("DOORKEY_CA_FILE", path);
        program::run(command)
    };
    for content in [None, Some(""), Some("no certificate")] {
        if let Some(content) = content {
            fs::write(path, content).expect("written");
        }
        let ended = with_file(&ADD).await;
        let told = json(&ended);
        assert_eq!((ended.code, told["error"]["code"].as_str()), (Some(78), Some("config.bad_ca_file")), "{told}");
        assert!(told["error"]["message"].as_str().is_some_and(|message| message.contains(path)), "{told}");
        let doctor = with_file(&["doctor", "--json"]).await;
        let found = finding(&doctor, "certificates");
        assert_eq!((doctor.code, found["outcome"].as_str()), (Some(78), Some("problem")), "{found}");
        assert!(found["found"].as_str().is_some_and(|found| found.contains(path)), "{found}");
    }
    fs::write(path, AUTHORITY).expect("written");
    let doctor = with_file(&["doctor", "--json"]).await;
    let told = format!("the system's, and 1 of {path} (DOORKEY_CA_FILE)");
    assert_eq!(finding(&doctor, "certificates")["found"], told);
}

#[tokio::test]
async fn the_doctor_compares_clocks_with_the_providers_of_the_profiles() {
    let home = Household::in_memory(Settings::default()).await;
    home.add_profile().await;
    for (seconds, outcome, told) in
        [(0, "fine", "its clock and this computer's agree"), (3_480, "warning", "this computer's is 58 minutes slow")]
    {
        home.provider.knobs().move_clock(seconds);
        let found = finding(&home.doorkey(&["doctor", "--json"]).await, "provider");
        assert_eq!(found["outcome"], outcome, "{found}");
        let text = found["found"].as_str().expect("text");
        assert!(text.starts_with(home.provider.issuer()) && text.contains(told), "{found}");
    }
    home.provider.go_offline().await;
    let doctor = home.doorkey(&["doctor", "--json"]).await;
    let found = finding(&doctor, "provider");
    assert_eq!((doctor.code, found["outcome"].as_str()), (Some(0), Some("warning")), "{found}");
}

/// A real certificate of an authority that nobody has the key of.
const AUTHORITY: &str = "\
-----BEGIN CERTIFICATE-----
MIIBejCCAR+gAwIBAgIUVbS1am0KInkkMv2QL6M2mGMPUp0wCgYIKoZIzj0EAwIw
ETEPMA0GA1UEAwwGTm9ib2R5MCAXDTI2MTEyNTE1NDkwMloYDzIwODEwODI4MTU0
OTAyWjARMQ8wDQYDVQQDDAZOb2JvZHkwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNC
AATXw+NCDG1wJR1WOupgz6EB9X0a/vwJY7EMchHIUE4UVIwX5dclemdtG1uAj9ja
0UTdr7giGNkbmiDNAoSeygHxo1MwUTAdBgNVHQ4EFgQUkuczP9n9127J2i8qBGMe
5ZwA43wwHwYDVR0jBBgwFoAUkuczP9n9127J2i8qBGMe5ZwA43wwDwYDVR0TAQH/
BAUwAwEB/zAKBggqhkjOPQQDAgNJADBGAiEAqvMdAqjSedDhk+OZoup2yst8snr0
Qd2OWJj+eeuAmMoCIQDFJ7e9wMK9zDAWs0BNVyPvTfb4oxgJ0PckNOGaZKrOlg==
-----END CERTIFICATE-----
";

fn json(ended: &Ended) -> Value {
    serde_json::from_str(&ended.stdout).unwrap_or_else(|error| panic!("{error}: {ended:?}"))
}

fn finding(doctor: &Ended, name: &str) -> Value {
    let told = json(doctor);
    let checks = told["checks"].as_array().expect("checks");
    checks.iter().find(|check| check["name"] == name).unwrap_or_else(|| panic!("no {name}: {told}")).clone()
}

/// An HTTP proxy that gives each request the same answer.
struct Proxy {
    port: u16,
    heard: Arc<Mutex<Vec<String>>>,
}

impl Proxy {
    async fn answering(answer: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a listener");
        let port = listener.local_addr().expect("its address").port();
        let heard = Arc::<Mutex<Vec<String>>>::default();
        let lines = Arc::clone(&heard);
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut request = Vec::new();
                while !request.ends_with(b"\r\n\r\n") {
                    let Ok(byte) = stream.read_u8().await else { break };
                    request.push(byte);
                }
                let line = String::from_utf8_lossy(&request).lines().next().unwrap_or_default().to_owned();
                lines.lock().expect("no panic").push(line);
                let _ = stream.write_all(answer.as_bytes()).await;
            }
        });
        Self { port, heard }
    }

    fn url(&self, user: &str) -> String {
        format!("http://{user}127.0.0.1:{}", self.port)
    }

    fn heard(&self) -> Vec<String> {
        self.heard.lock().expect("no panic").clone()
    }
}
