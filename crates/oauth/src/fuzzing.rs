//! What must hold whatever the bytes are: one function for each fuzz target in `fuzz/`, which the tests here
//! replay over the committed corpus (docs/fuzzing.md). Each compares with a second, simpler reading of the same
//! bytes: that nothing panics is the least of it.

use std::fmt;
use std::sync::LazyLock;

use serde_json::Value;
use url::Url;

use crate::{
    Ask, Callback, ClientAuthMethod, ClientSecret, ClientSettings, Entropy, Exchange, Fault, Issuer, Metadata, Request,
    Response, SignIn, parse_metadata,
};

pub use discovery::discovery;
pub use jwt_jwks::jwt_jwks;
pub use token_answer::token_answer;

mod discovery;
mod jwt_jwks;
mod oracle;
#[cfg(test)]
mod replay;
mod token_answer;

/// What became of the bytes: a name in the corpus begins with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// They were believed.
    Taken,
    /// They were not.
    Refused,
}

const ISSUER: &str = "https://op.example";
const CLIENT: &str = "client-1";
const REDIRECT: &str = "http://127.0.0.1:4567/cb/k3j9x2ma";
/// 2026-01-02 03:04:05 UTC
const NOW: i64 = 1_767_323_045;
/// base64url of 32 times the byte 1, 2 and 3.
const STATE: &str = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE";
const NONCE: &str = "AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI";
const VERIFIER: &str = "AwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwM";
fn issuer() -> Issuer {
    Issuer::parse(ISSUER).expect("an issuer")
}

/// A provider that offers everything.
static METADATA: LazyLock<Metadata> = LazyLock::new(|| {
    let document = serde_json::json!({
        "issuer": ISSUER,
        "authorization_endpoint": "https://op.example/authorize",
        "token_endpoint": "https://op.example/token",
        "jwks_uri": "https://op.example/jwks",
        "userinfo_endpoint": "https://op.example/userinfo",
        "revocation_endpoint": "https://op.example/revoke",
        "introspection_endpoint": "https://op.example/introspect",
        "registration_endpoint": "https://op.example/register",
        "device_authorization_endpoint": "https://op.example/device",
        "pushed_authorization_request_endpoint": "https://op.example/par",
        "id_token_signing_alg_values_supported": ["RS256", "PS256", "ES256", "ES384", "EdDSA"],
        "token_endpoint_auth_methods_supported": ["client_secret_post"],
    });
    parse_metadata(&issuer(), document.to_string().as_bytes()).expect("good metadata")
});

fn client() -> ClientSettings {
    ClientSettings {
        client_secret: Some(ClientSecret::new("CANARY_SECRET".to_owned())),
        client_auth: Some(ClientAuthMethod::Post),
        scopes: vec!["openid".to_owned()],
        ..ClientSettings::new(CLIENT)
    }
}

fn entropy() -> Entropy {
    Entropy { state: [1; 32], nonce: [2; 32], verifier: [3; 32] }
}

fn redirect() -> Url {
    Url::parse(REDIRECT).expect("a URL")
}

/// A code on its way.
fn exchange(metadata: &Metadata, client: ClientSettings) -> (Request, Exchange) {
    let client = ClientSettings { push: crate::Push::Never, ..client };
    let (sign_in, _) = SignIn::begin(metadata, client, redirect(), entropy(), &Ask::default()).expect("begins");
    match sign_in.judge(&format!("state={STATE}&code=CANARY_CODE")) {
        Callback::Ours(answer) => sign_in.accept(answer).expect("a code"),
        Callback::NotOurs { why, .. } => panic!("{why:?}"),
    }
}

/// An answer as it stands in the corpus: status and content type, header lines, an empty line, the body.
fn answer(bytes: &[u8]) -> Option<Response> {
    let (head, body) = parts(bytes)?;
    let mut lines = head.lines();
    let (status, media) = lines.next()?.split_once(' ')?;
    let mut response = http::Response::builder().status(status).header("content-type", media);
    for line in lines {
        let (name, value) = line.split_once(':')?;
        response = response.header(name, value.trim());
    }
    response.body(body.to_vec()).ok()
}

/// What stands before the first empty line, as text, and what stands after it.
fn parts(bytes: &[u8]) -> Option<(&str, &[u8])> {
    let end = bytes.windows(2).position(|two| two == b"\n\n")?;
    Some((std::str::from_utf8(bytes.get(..end)?).ok()?, bytes.get(end + 2..)?))
}

/// The second reading: serde_json, which takes more than is taken here.
fn lenient(body: &[u8]) -> Value {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    serde_json::from_slice(body).expect("what was taken is JSON")
}

/// A refusal may be shown anywhere: short, and without control characters.
fn shown_safely(error: &impl Fault) -> Outcome {
    let (sentence, hint, code) = (error.to_string(), error.hint(), error.code());
    assert!(!sentence.is_empty() && sentence.chars().count() <= 2_000, "{sentence}");
    assert!(!sentence.chars().chain(hint.chars()).any(char::is_control), "{sentence:?} {hint:?}");
    let fits = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'_' | b'.');
    assert!(code.bytes().all(fits) && code.matches('.').count() == 1, "{code}");
    Outcome::Refused
}

/// The same for what answers a request: nothing that was sent comes back (HP-TK-06).
fn keeps(sent: &[&str], error: &(impl Fault + fmt::Debug)) -> Outcome {
    let told = format!("{error} {} {error:?}", error.hint());
    for secret in sent {
        assert!(!told.contains(secret), "what was sent comes back: {told}");
    }
    shown_safely(error)
}
