//! Certificates of every kind, made on the spot.

use std::io::{Read, Write};
use std::net::SocketAddr;
use std::sync::Arc;

use base64::Engine as _;
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa,
    KeyPair, date_time_ymd,
};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection};

use super::*;

#[tokio::test] // D-03, F-10
async fn a_certificate_of_a_trusted_issuer_for_this_host_is_accepted() {
    let authority = Authority::new();
    let address = serve(&authority, &certificate("127.0.0.1", 2020..4000));
    assert_eq!(get(address, Some(&authority)).await.expect("an answer").response.body(), b"secret");
}

/// D-03: a certificate of an unknown issuer | `net.tls_untrusted` shows it
#[tokio::test] // D-03
async fn a_certificate_of_an_unknown_issuer_is_shown_with_its_issuer_and_the_way_to_trust_it() {
    let address = serve(&Authority::new(), &certificate("127.0.0.1", 2020..4000));
    let error = get(address, None).await.expect_err("refused");
    assert_eq!((error.code(), error.retryable(), error.may_have_been_sent()), ("net.tls_untrusted", false, false));
    let presented = "issued to “a server” by “An Authority” for 127.0.0.1, valid from 2020-01-01 to 4000-01-01";
    assert_eq!(
        error.to_string(),
        format!("the certificate of {address} is not trusted: “An Authority” is an unknown issuer here ({presented})")
    );
    assert!(error.hint().contains("DOORKEY_CA_FILE"));
    shows_no_query(&error);
}

#[tokio::test] // D-03
async fn a_certificate_that_vouches_for_itself_is_told_as_such() {
    let key = KeyPair::generate().expect("a key");
    let itself = certificate("127.0.0.1", 2020..4000).self_signed(&key).expect("a certificate");
    let address = serve_chain(vec![itself.der().clone()], &key);
    let error = get(address, None).await.expect_err("refused");
    assert_eq!(error.code(), "net.tls_untrusted");
    assert!(error.to_string().contains("not trusted: it vouches for itself (issued to “a server” by"), "{error}");
}

#[tokio::test] // D-03
async fn the_issuer_that_is_missing_is_the_one_above_all_that_were_shown() {
    let root = Authority::new();
    let between = root.below("A Proxy");
    let key = KeyPair::generate().expect("a key");
    let own = certificate("127.0.0.1", 2020..4000).signed_by(&key, &between.0).expect("a certificate");
    let address = serve_chain(vec![own.der().clone(), between.0.der().clone()], &key);
    let error = get(address, None).await.expect_err("refused");
    assert!(
        error.to_string().contains("“An Authority” is an unknown issuer here (issued to “a server” by “A Proxy”"),
        "{error}"
    );
    let address = serve_chain(vec![own.der().clone(), between.0.der().clone()], &key);
    assert_eq!(get(address, Some(&root)).await.expect("an answer").response.body(), b"secret");
}

#[tokio::test] // D-03
async fn a_certificate_that_only_claims_a_trusted_issuer_is_not_trusted() {
    let address = serve(&Authority::new(), &certificate("127.0.0.1", 2020..4000));
    let error = get(address, Some(&Authority::new())).await.expect_err("refused");
    assert_eq!(error.code(), "net.tls_untrusted");
    let why = "not trusted: “An Authority” did not sign it (issued to “a server” by “An Authority”";
    assert!(error.to_string().contains(why), "{error}");
}

#[tokio::test] // D-03
async fn a_certificate_that_is_not_for_servers_says_so() {
    let authority = Authority::new();
    let mut params = certificate("127.0.0.1", 2020..4000);
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    let error = get(serve(&authority, &params), Some(&authority)).await.expect_err("refused");
    assert!(error.to_string().contains("not trusted: it is not for servers (issued to"), "{error}");
}

/// D-03: a certificate out of its time | `net.tls_expired` or `net.tls_not_yet_valid`, with the time
#[tokio::test] // D-03
async fn a_certificate_out_of_its_time_says_when_its_time_is() {
    for (years, code, told) in [
        (2020..2021, "net.tls_expired", "expired on 2021-01-01 (issued to"),
        (3999..4000, "net.tls_not_yet_valid", "is not valid yet (issued to"),
    ] {
        let authority = Authority::new();
        let address = serve(&authority, &certificate("127.0.0.1", years.clone()));
        let error = get(address, Some(&authority)).await.expect_err("refused");
        assert_eq!((error.code(), error.may_have_been_sent()), (code, false));
        let valid = format!("valid from {}-01-01 to {}-01-01)", years.start, years.end);
        assert!(error.to_string().contains(told) && error.to_string().contains(&valid), "{error}");
        assert!(error.hint().contains("clock"));
        shows_no_query(&error);
    }
}

#[tokio::test] // D-03
async fn the_certificate_that_has_expired_may_be_one_above() {
    let root = Authority::new();
    let mut params = authority_params("An Old Authority");
    (params.not_before, params.not_after) = (date_time_ymd(2010, 1, 1), date_time_ymd(2012, 1, 1));
    let old = CertifiedIssuer::signed_by(params, KeyPair::generate().expect("a key"), &root.0).expect("a certificate");
    let key = KeyPair::generate().expect("a key");
    let own = certificate("127.0.0.1", 2020..4000).signed_by(&key, &old).expect("a certificate");
    let address = serve_chain(vec![own.der().clone(), old.der().clone()], &key);
    let error = get(address, Some(&root)).await.expect_err("refused");
    assert!(
        error.to_string().contains("expired on 2012-01-01 (issued to “An Old Authority” by “An Authority”"),
        "{error}"
    );
}

/// D-03: a certificate of another host | `net.tls_name` shows that host
#[tokio::test] // D-03
async fn a_certificate_for_another_host_shows_that_hosts_name() {
    let authority = Authority::new();
    let address = serve(&authority, &certificate("other.example", 2020..4000));
    let error = get(address, Some(&authority)).await.expect_err("refused");
    assert_eq!((error.code(), error.may_have_been_sent()), ("net.tls_name", false));
    assert!(
        error.to_string().starts_with(&format!("the certificate of {address} is for other.example (issued to")),
        "{error}"
    );
    shows_no_query(&error);
}

/// D-03: no TLS, or none that is safe | told apart
#[tokio::test] // D-03
async fn a_host_that_speaks_no_tls_is_told_from_one_that_refuses_it() {
    // What a server of TLS 1.0 says to an offer of 1.2 and 1.3: an alert, or the version it would rather have.
    let alert: &[u8] = &[21, 3, 1, 0, 2, 2, 70];
    let older = [&[22, 3, 1, 0, 42, 2, 0, 0, 38, 3, 1][..], &[7; 32], &[0, 0, 0x2f, 0]].concat();
    for (says, code) in [
        (&b"HTTP/1.1 400 Bad Request\r\n\r\n"[..], "net.no_tls"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "net.no_tls"),
        (alert, "net.tls_too_old"),
        (&older, "net.tls_too_old"),
        (&[21, 3, 3, 0, 2, 2, 40], "net.tls_failed"),
        (&[], "net.tls_failed"),
    ] {
        let says = says.to_vec();
        let provider = Provider::serving(move |mut stream, _| {
            let says = says.clone();
            async move {
                // The client speaks first; its hello is larger.
                stream.read_exact(&mut [0; 64]).await?;
                stream.write_all(&says).await?;
                if says.is_empty() { stream.shutdown().await } else { hold(stream).await }
            }
        });
        let error = get(provider.await.address, None).await.expect_err("refused");
        assert_eq!((error.code(), error.may_have_been_sent()), (code, false), "{error:?}");
        shows_no_query(&error);
    }
}

#[tokio::test] // D-02
async fn a_host_that_is_silent_in_the_handshake_ends_with_the_connect_limit() {
    let silent = Provider::serving(|stream, _| hold(stream)).await;
    let http = Http::new(HttpSettings { connect: Duration::from_millis(300), ..HttpSettings::default() });
    let request = Request::get(format!("https://{}/?CANARY", silent.address)).body(Vec::new()).expect("a request");
    let error = http.send(request, CAP).await.expect_err("no answer");
    assert_eq!(error.to_string(), format!("cannot connect to {}: no answer in time", silent.address));
}

#[tokio::test] // F-10
async fn a_file_of_certificates_that_cannot_be_used_is_refused_with_its_name_until_it_is_mended() {
    let authority = Authority::new();
    let address = serve(&authority, &certificate("127.0.0.1", 2020..4000));
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("corporate.pem");
    let pem = authority.pem();
    let damaged = pem.replacen("MII", "MIJ", 1);
    let http = Http::new(HttpSettings { ca_files: CaFiles::adding(path.clone()), ..HttpSettings::default() });
    let send = || {
        let request = Request::get(format!("https://{address}/?CANARY")).body(Vec::new()).expect("a request");
        http.send(request, CAP)
    };
    for (content, why) in [
        (None, "which is not there"),
        (Some(""), "which is empty"),
        (Some("CANARY is no PEM"), "in which no certificate is"),
        (Some("-----BEGIN CERTIFICATE-----\n%%%\n-----END CERTIFICATE-----\n"), "of which entry 1 is damaged"),
        (Some(damaged.as_str()), "of which certificate 1 is damaged"),
        (Some(&pem[..pem.len() - 30]), "of which entry 1 is damaged"),
    ] {
        if let Some(content) = content {
            std::fs::write(&path, content).expect("written");
        }
        let error = send().await.expect_err("refused");
        assert_eq!((error.code(), error.may_have_been_sent()), ("config.bad_ca_file", false));
        assert_eq!(error.to_string(), format!("DOORKEY_CA_FILE names “{}”, {why}", path.display()));
        assert_eq!(error.refusal().exit_code(), 78);
        shows_no_query(&error);
    }
    std::fs::write(&path, format!("# ours\n{pem}")).expect("written");
    assert_eq!(send().await.expect("mended, without a new start").response.body(), b"secret");
}

#[test] // F-10
fn a_folder_and_a_device_are_no_files_of_certificates() {
    for path in ["/", "/dev/zero"] {
        let error = CaFiles::adding(path.into()).read().expect_err("refused");
        assert_eq!(
            error.to_string(),
            format!("DOORKEY_CA_FILE names “{path}”, which cannot be read: it is not a file")
        );
    }
}

async fn get(address: SocketAddr, trusted: Option<&Authority>) -> Result<Answer, HttpError> {
    let folder = tempfile::tempdir().expect("a folder");
    let ca_files = trusted.map_or_else(CaFiles::default, |authority| authority.in_file(folder.path()));
    let http = Http::new(HttpSettings { ca_files, ..HttpSettings::default() });
    http.send(Request::get(format!("https://{address}/?CANARY")).body(Vec::new()).expect("a request"), CAP).await
}

pub(super) struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    pub(super) fn new() -> Self {
        Self::named("An Authority")
    }

    pub(super) fn named(name: &str) -> Self {
        let key = KeyPair::generate().expect("a key");
        Self(CertifiedIssuer::self_signed(authority_params(name), key).expect("a certificate"))
    }

    fn below(&self, name: &str) -> Self {
        let key = KeyPair::generate().expect("a key");
        Self(CertifiedIssuer::signed_by(authority_params(name), key, &self.0).expect("a certificate"))
    }

    fn pem(&self) -> String {
        let text = base64::engine::general_purpose::STANDARD.encode(self.0.der());
        let lines: Vec<_> = text.as_bytes().chunks(64).map(String::from_utf8_lossy).collect();
        format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", lines.join("\n"))
    }

    pub(super) fn in_file(&self, folder: &std::path::Path) -> CaFiles {
        let path = folder.join("authority.pem");
        std::fs::write(&path, self.pem()).expect("written");
        CaFiles::adding(path)
    }
}

fn authority_params(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    params
}

pub(super) fn certificate(name: &str, years: std::ops::Range<i32>) -> CertificateParams {
    let mut params = CertificateParams::new([name.to_owned()]).expect("a name");
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, "a server");
    (params.not_before, params.not_after) = (date_time_ymd(years.start, 1, 1), date_time_ymd(years.end, 1, 1));
    params
}

pub(super) fn serve(authority: &Authority, params: &CertificateParams) -> SocketAddr {
    let key = KeyPair::generate().expect("a key");
    let certificate = params.signed_by(&key, &authority.0).expect("a certificate").der().clone();
    serve_chain(vec![certificate], &key)
}

/// Serves one connection on a thread of its own.
fn serve_chain(chain: Vec<CertificateDer<'static>>, key: &KeyPair) -> SocketAddr {
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions of the provider")
        .with_no_client_auth()
        .with_single_cert(chain, key)
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
