//! Certificates of every kind, made on the spot.

use std::io::{Read, Write};
use std::net::SocketAddr;
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, date_time_ymd};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection};

use super::*;

#[tokio::test] // D-03
async fn a_certificate_of_a_trusted_issuer_for_this_host_is_accepted() {
    let authority = Authority::new();
    let address = serve(&authority, &certificate("127.0.0.1", 2020..4000));
    assert_eq!(get(address, &[authority.root()]).await.expect("an answer").response.body(), b"secret");
}

#[tokio::test] // D-03
async fn a_certificate_of_an_unknown_issuer_is_not_trusted() {
    let address = serve(&Authority::new(), &certificate("127.0.0.1", 2020..4000));
    let error = get(address, &[]).await.expect_err("refused");
    assert_eq!((error.code(), error.retryable(), error.may_have_been_sent()), ("net.tls_untrusted", false, false));
    assert_eq!(error.to_string(), format!("the certificate of {address} is not trusted: unknown issuer"));
    shows_no_query(&error);
}

#[tokio::test] // D-03
async fn a_certificate_out_of_its_time_says_so() {
    for years in [2020..2021, 3999..4000] {
        let authority = Authority::new();
        let address = serve(&authority, &certificate("127.0.0.1", years));
        let error = get(address, &[authority.root()]).await.expect_err("refused");
        assert_eq!((error.code(), error.may_have_been_sent()), ("net.tls_expired", false));
        shows_no_query(&error);
    }
}

#[tokio::test] // D-03
async fn a_certificate_for_another_host_shows_that_hosts_name() {
    let authority = Authority::new();
    let address = serve(&authority, &certificate("other.example", 2020..4000));
    let error = get(address, &[authority.root()]).await.expect_err("refused");
    assert_eq!((error.code(), error.may_have_been_sent()), ("net.tls_name", false));
    assert_eq!(error.to_string(), format!("the certificate of {address} is for other.example"));
    shows_no_query(&error);
}

#[tokio::test] // D-03
async fn a_host_that_speaks_no_tls_has_no_secure_connection() {
    let plain = Provider::serving(|mut stream, _| async move {
        stream.write_all(b"HTTP/1.1 400 Bad\r\n\r\n").await?;
        hold(stream).await
    });
    let plain = plain.await;
    let error = get(plain.address, &[]).await.expect_err("refused");
    assert_eq!((error.code(), error.may_have_been_sent()), ("net.tls_failed", false));
}

async fn get(address: SocketAddr, roots: &[Certificate]) -> Result<Answer, HttpError> {
    let http = Http::new(HttpSettings { extra_roots: roots.to_vec(), ..HttpSettings::default() });
    http.send(Request::get(format!("https://{address}/?CANARY")).body(Vec::new()).expect("a request"), CAP).await
}

struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().expect("a key")).expect("a certificate"))
    }

    fn root(&self) -> Certificate {
        Certificate::from_der(self.0.der()).expect("our own certificate")
    }
}

fn certificate(name: &str, years: std::ops::Range<i32>) -> CertificateParams {
    let mut params = CertificateParams::new([name.to_owned()]).expect("a name");
    (params.not_before, params.not_after) = (date_time_ymd(years.start, 1, 1), date_time_ymd(years.end, 1, 1));
    params
}

/// Serves one connection on a thread of its own.
fn serve(authority: &Authority, params: &CertificateParams) -> SocketAddr {
    let key = KeyPair::generate().expect("a key");
    let certificate = params.signed_by(&key, &authority.0).expect("a certificate").der().clone();
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions of the provider")
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .expect("a certificate with its key");
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a listener");
    let address = listener.local_addr().expect("its address");
    std::thread::spawn(move || -> std::io::Result<()> {
        let (mut stream, _) = listener.accept()?;
        let mut connection = ServerConnection::new(Arc::new(config)).expect("a server");
        let mut stream = rustls::Stream::new(&mut connection, &mut stream);
        let mut request = Vec::new();
        while !request.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            stream.read_exact(&mut byte)?;
            request.extend(byte);
        }
        stream.write_all(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 6\r\n\r\nsecret")?;
        stream.conn.send_close_notify();
        stream.flush()
    });
    address
}
