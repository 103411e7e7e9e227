//! A provider for the tests: its metadata, its keys, its tokens. Signs with its own code paths only as far as
//! jsonwebtoken and aws-lc do.

use std::sync::LazyLock;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, EcdsaSigningAlgorithm,
    Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256, RSA_PKCS1_SHA384, RSA_PKCS1_SHA512, RSA_PSS_SHA256, RSA_PSS_SHA384,
    RSA_PSS_SHA512, RsaKeyPair, RsaPublicKeyComponents,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value, json};
use url::Url;

use crate::{
    Ask, Callback, ClientSettings, Entropy, Exchange, Issuer, Metadata, Request, Response, SignIn, parse_metadata,
};

pub(crate) const ISSUER: &str = "https://op.example";
pub(crate) const CLIENT: &str = "client-1";
/// 2026-01-02 03:04:05 UTC
pub(crate) const NOW: i64 = 1_767_323_045;

/// A whole metadata document.
pub(crate) fn document() -> Map<String, Value> {
    let document = json!({
        "issuer": ISSUER,
        "authorization_endpoint": "https://op.example/authorize",
        "token_endpoint": "https://op.example/token",
        "jwks_uri": "https://op.example/jwks",
        "userinfo_endpoint": "https://op.example/userinfo",
        "revocation_endpoint": "https://op.example/revoke",
        "end_session_endpoint": "https://op.example/logout",
        "response_types_supported": ["id_token code", "code"],
        "id_token_signing_alg_values_supported":
            ["none", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA", "HS256"],
        "code_challenge_methods_supported": ["plain", "S256"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "none"],
    });
    match document {
        Value::Object(members) => members,
        other => panic!("an object, got {other}"),
    }
}

/// The metadata after a change to the document.
pub(crate) fn metadata(change: impl FnOnce(&mut Map<String, Value>)) -> Metadata {
    let mut document = document();
    change(&mut document);
    let issuer = Issuer::parse(ISSUER).expect("an issuer");
    parse_metadata(&issuer, Value::Object(document).to_string().as_bytes()).expect("good metadata")
}

/// A public client that asks for an ID token.
pub(crate) fn client() -> ClientSettings {
    ClientSettings { scopes: vec!["openid".into(), "profile".into()], ..ClientSettings::new(CLIENT) }
}

/// The state of every test's sign-in: base64url of 32 times the byte 1.
pub(crate) const STATE: &str = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE";
/// Its code verifier: base64url of 32 times the byte 3.
pub(crate) const VERIFIER: &str = "AwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwM";

/// A sign-in with the state above.
pub(crate) fn sign_in(metadata: &Metadata, client: ClientSettings) -> SignIn {
    let redirect = Url::parse("http://127.0.0.1:4567/cb/x").expect("a URL");
    let entropy = Entropy { state: [1; 32], nonce: [2; 32], verifier: [3; 32] };
    SignIn::begin(metadata, client, redirect, entropy, &Ask::default()).expect("begins").0
}

/// The exchange of `code`, with its request.
pub(crate) fn exchange(metadata: &Metadata, client: ClientSettings, code: &str) -> (Request, Exchange) {
    let sign_in = sign_in(metadata, client);
    match sign_in.judge(&format!("state={STATE}&code={code}")) {
        Callback::Ours(answer) => sign_in.accept(answer).expect("a code"),
        Callback::NotOurs { why, .. } => panic!("{why:?}"),
    }
}

/// An answer with a JSON body.
pub(crate) fn json_answer(status: u16, body: &Value) -> Response {
    answer(status, "application/json", body.to_string())
}

/// An answer with any body.
pub(crate) fn answer(status: u16, content_type: &str, body: impl Into<Vec<u8>>) -> Response {
    http::Response::builder().status(status).header("content-type", content_type).body(body.into()).expect("an answer")
}

/// Keys that sign.
pub(crate) enum SigningKey {
    Rsa(RsaKeyPair),
    Ec(EcdsaKeyPair, &'static str),
    Ed(Ed25519KeyPair),
}

static RSA: LazyLock<SigningKey> = LazyLock::new(|| SigningKey::Rsa(rsa(KeySize::Rsa2048)));
static OTHER_RSA: LazyLock<SigningKey> = LazyLock::new(|| SigningKey::Rsa(rsa(KeySize::Rsa2048)));
static P256: LazyLock<SigningKey> = LazyLock::new(|| ec(&ECDSA_P256_SHA256_FIXED_SIGNING, "P-256"));
static P384: LazyLock<SigningKey> = LazyLock::new(|| ec(&ECDSA_P384_SHA384_FIXED_SIGNING, "P-384"));
static ED25519: LazyLock<SigningKey> = LazyLock::new(|| SigningKey::Ed(Ed25519KeyPair::generate().expect("a key")));

fn rsa(size: KeySize) -> RsaKeyPair {
    RsaKeyPair::generate(size).expect("a key")
}

fn ec(alg: &'static EcdsaSigningAlgorithm, crv: &'static str) -> SigningKey {
    SigningKey::Ec(EcdsaKeyPair::generate(alg).expect("a key"), crv)
}

impl SigningKey {
    pub(crate) fn rsa() -> &'static Self {
        &RSA
    }

    pub(crate) fn other_rsa() -> &'static Self {
        &OTHER_RSA
    }

    pub(crate) fn p256() -> &'static Self {
        &P256
    }

    pub(crate) fn p384() -> &'static Self {
        &P384
    }

    pub(crate) fn ed25519() -> &'static Self {
        &ED25519
    }

    /// Its public half, without a name.
    pub(crate) fn jwk(&self) -> Value {
        match self {
            Self::Rsa(pair) => {
                let public = RsaPublicKeyComponents::<Vec<u8>>::from(pair.public_key());
                json!({"kty": "RSA", "use": "sig",
                    "n": URL_SAFE_NO_PAD.encode(&public.n), "e": URL_SAFE_NO_PAD.encode(&public.e)})
            }
            Self::Ec(pair, crv) => {
                let point = &pair.public_key().as_ref()[1..];
                let (x, y) = point.split_at(point.len() / 2);
                json!({"kty": "EC", "use": "sig", "crv": crv,
                    "x": URL_SAFE_NO_PAD.encode(x), "y": URL_SAFE_NO_PAD.encode(y)})
            }
            Self::Ed(pair) => {
                json!({"kty": "OKP", "use": "sig", "crv": "Ed25519", "x": URL_SAFE_NO_PAD.encode(pair.public_key())})
            }
        }
    }

    pub(crate) fn named(&self, kid: &str) -> Value {
        let mut jwk = self.jwk();
        jwk["kid"] = kid.into();
        jwk
    }

    pub(crate) fn sign(&self, alg: &str, message: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        match self {
            Self::Rsa(pair) => {
                let encoding: &'static dyn aws_lc_rs::signature::RsaEncoding = match alg {
                    "RS384" => &RSA_PKCS1_SHA384,
                    "RS512" => &RSA_PKCS1_SHA512,
                    "PS256" => &RSA_PSS_SHA256,
                    "PS384" => &RSA_PSS_SHA384,
                    "PS512" => &RSA_PSS_SHA512,
                    _ => &RSA_PKCS1_SHA256,
                };
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(encoding, &random, message, &mut signature).expect("signs");
                signature
            }
            Self::Ec(pair, _) => pair.sign(&random, message).expect("signs").as_ref().to_vec(),
            Self::Ed(pair) => pair.sign(message).as_ref().to_vec(),
        }
    }

    /// A token with this header and these claims, signed with the header's `alg`.
    pub(crate) fn token(&self, header: &Value, claims: &Value) -> String {
        let alg = header["alg"].as_str().unwrap_or_default().to_owned();
        self.token_of(header.to_string(), claims.to_string(), &alg)
    }

    /// The same from texts that need not be JSON.
    pub(crate) fn token_of(&self, header: impl AsRef<[u8]>, claims: impl AsRef<[u8]>, alg: &str) -> String {
        let signed = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
        let signature = URL_SAFE_NO_PAD.encode(self.sign(alg, signed.as_bytes()));
        format!("{signed}.{signature}")
    }
}

/// A key set of these keys.
pub(crate) fn keys(jwks: &[Value]) -> crate::KeySet {
    crate::parse_key_set(&json_answer(200, &json!({ "keys": jwks }))).expect("a key set")
}
