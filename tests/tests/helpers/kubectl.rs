//! `doorkey helper kubectl`, by its protocol and called by the real kubectl.

use std::fs;
use std::io::{self, BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::thread;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use doorkey_tests::program::{self, Ended};
use doorkey_tests::{PROFILE, Stage};
use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use serde_json::{Value, json};

use crate::there_is;

const V1: &str = "client.authentication.k8s.io/v1";
const V1BETA1: &str = "client.authentication.k8s.io/v1beta1";
const SERVER: &str = "https://cluster.example:6443";

async fn helper(stage: &Stage, more: &[&str], info: Option<Value>) -> Ended {
    let mut command = program::command(stage.folder(), &[&["helper", "kubectl", PROFILE], more].concat());
    if let Some(info) = info {
        command.env("KUBERNETES_EXEC_INFO", info.to_string());
    }
    program::run(command).await
}

fn info(api_version: &str, server: Option<&str>) -> Option<Value> {
    let cluster = server.map(|server| json!({"server": server}));
    let spec = json!({"interactive": false, "cluster": cluster});
    Some(json!({"kind": "ExecCredential", "apiVersion": api_version, "spec": spec}))
}

#[tokio::test]
async fn kubectl_gets_the_version_it_asks_for() {
    let stage = Stage::signed_in().await;
    let answer = stage.token().await.expect("a token");
    let token = stage.access_token().await;
    for (asked, api_version) in [(None, V1), (info(V1, None), V1), (info(V1BETA1, Some(SERVER)), V1BETA1)] {
        let ended = helper(&stage, &[], asked).await;
        let told: Value = serde_json::from_str(&ended.stdout).expect("JSON");
        let status = json!({"token": token, "expirationTimestamp": answer.expires_at.map(|at| at.to_string())});
        let expected = json!({"kind": "ExecCredential", "apiVersion": api_version, "spec": {"interactive": false}, "status": status});
        assert_eq!((ended.code, told), (Some(0), expected));
    }
}

/// B-22: kubectl wants a token for another cluster, or does not say for which | `helper.other_host`, and no token
#[tokio::test]
async fn the_token_is_for_the_bound_cluster_alone() {
    let stage = Stage::signed_in().await;
    let bound = ["--server", SERVER];
    assert_eq!(helper(&stage, &bound, info(V1, Some("https://cluster.example:6443/"))).await.code, Some(0));
    for (asked, exit, code) in [
        (info(V1, Some("https://evil.example:6443")), 78, "helper.other_host"),
        (info(V1, None), 78, "helper.other_host"),
        (None, 78, "helper.other_host"),
        (info(V1, Some("https://cluster.example:6443\nCANARY")), 64, "helper.bad_value"),
        (info("client.authentication.k8s.io/v9", Some(SERVER)), 64, "helper.not_understood"),
        (Some(json!("CANARY")), 64, "helper.not_understood"),
    ] {
        let ended = helper(&stage, &bound, asked).await;
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(exit), ""), "{ended:?}");
        assert!(ended.stderr.contains(code) && !ended.stderr.contains("CANARY"), "{ended:?}");
    }
}

#[tokio::test]
async fn the_real_kubectl_sends_it_to_its_cluster() {
    let stage = Stage::signed_in().await;
    if !there_is("the_real_kubectl_sends_it_to_its_cluster", stage.folder(), "kubectl", &["version", "--client"]).await
    {
        return;
    }
    let (authority, certificate, seen) = cluster();
    let url = format!("https://{authority}");
    let expected = format!("authorization: Bearer {}", stage.access_token().await);
    for api_version in understood(&stage).await {
        seen.lock().expect("nobody panicked").clear();
        let path = kubeconfig(&stage, &url, &certificate, api_version);
        let mut kubectl = tokio::process::Command::new("kubectl");
        program::alone(&mut kubectl, stage.folder());
        kubectl.env("NO_PROXY", "127.0.0.1").arg("--kubeconfig").arg(path).args(["get", "--raw", "/version"]);
        let ended = program::run(kubectl).await;
        assert_eq!((ended.code, ended.stdout.trim()), (Some(0), "{}"), "{api_version}: {ended:?}");
        let lines = seen.lock().expect("nobody panicked").clone();
        assert!(lines.iter().any(|line| line.eq_ignore_ascii_case(&expected)), "{api_version}: {lines:?}");
    }
}

/// Every kubectl since 1.20 understands v1beta1; from 1.22 on v1, too.
async fn understood(stage: &Stage) -> Vec<&'static str> {
    let mut kubectl = tokio::process::Command::new("kubectl");
    program::alone(&mut kubectl, stage.folder());
    kubectl.args(["version", "--client", "--output=json"]);
    let told = program::run(kubectl).await;
    let told: Value = serde_json::from_str(&told.stdout).expect("JSON");
    let minor = told["clientVersion"]["minor"].as_str().expect("its version").trim_end_matches('+');
    let minor: u32 = minor.parse().expect("a number");
    if minor < 22 { vec![V1BETA1] } else { vec![V1BETA1, V1] }
}

/// What a person has in `~/.kube/config` then.
fn kubeconfig(stage: &Stage, url: &str, certificate: &str, api_version: &str) -> PathBuf {
    let kubeconfig = json!({
        "apiVersion": "v1", "kind": "Config", "current-context": "here",
        "contexts": [{"name": "here", "context": {"cluster": "here", "user": "work"}}],
        "clusters": [{"name": "here", "cluster": {"server": url, "certificate-authority-data": STANDARD.encode(certificate)}}],
        "users": [{"name": "work", "user": {"exec": {
            "apiVersion": api_version, "command": program::doorkey(), "interactiveMode": "Never", "provideClusterInfo": true,
            "args": ["helper", "kubectl", PROFILE, "--server", url],
        }}}],
    });
    let path = stage.folder().join("kubeconfig");
    fs::write(&path, kubeconfig.to_string()).expect("a file");
    path
}

/// A TLS server: its address, its certificate, and the lines it is sent.
fn cluster() -> (String, String, Arc<Mutex<Vec<String>>>) {
    let made = rcgen::generate_simple_self_signed(vec!["127.0.0.1".to_owned()]).expect("a certificate");
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).expect("a key");
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .expect("a certificate and its key");
    let config = Arc::new(config);
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    let authority = listener.local_addr().expect("its address").to_string();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let written = Arc::clone(&seen);
    // It serves for as long as the tests run: kubectl may try the way, or ask for the version, before its own request.
    thread::spawn(move || {
        for lines in listener.incoming().filter_map(|socket| asked(socket.ok()?, &config).ok()) {
            written.lock().expect("nobody panicked").extend(lines);
        }
    });
    let der = STANDARD.encode(made.cert.der());
    let lines: Vec<&str> = der.as_bytes().chunks(64).filter_map(|line| std::str::from_utf8(line).ok()).collect();
    let pem = format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", lines.join("\n"));
    (authority, pem, seen)
}

/// The lines of the one request on this connection.
fn asked(socket: TcpStream, config: &Arc<ServerConfig>) -> io::Result<Vec<String>> {
    let tls = ServerConnection::new(Arc::clone(config)).expect("a connection");
    let mut tls = BufReader::new(StreamOwned::new(tls, socket));
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        if tls.read_line(&mut line)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        if line.trim().is_empty() {
            break;
        }
        lines.push(line.trim().to_owned());
    }
    let answer =
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n{}";
    tls.get_mut().write_all(answer)?;
    tls.get_mut().conn.send_close_notify();
    tls.get_mut().flush()?;
    Ok(lines)
}
