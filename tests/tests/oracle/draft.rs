use aws_lc_rs::digest;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value, json};

use crate::dice::Dice;
use crate::keys::{Kind, Whose, jwk, pair, sign};

pub(crate) const ISSUER: &str = "https://op.example";
pub(crate) const CLIENT: &str = "client-1";
pub(crate) const ACCESS_TOKEN: &str = "an-access-token";

/// Every algorithm that both sides know.
pub(crate) const ALGS: [&str; 10] =
    ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA", "Ed25519"];

/// Which request the token answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Grant {
    AuthorizationCode,
    RefreshToken,
}

/// What both sides are told to expect.
pub(crate) struct Terms {
    pub(crate) grant: Grant,
    /// `id_token_signing_alg_values_supported`.
    pub(crate) algs: Option<Vec<String>>,
    pub(crate) nonce: Option<String>,
    /// In seconds.
    pub(crate) max_age: Option<i64>,
    /// Unix seconds. The reference has no such setting.
    pub(crate) asked_at: Option<i64>,
    /// The reference has no such setting.
    pub(crate) trusted_audiences: Vec<String>,
    /// In seconds.
    pub(crate) leeway: u32,
    /// Unix seconds.
    pub(crate) now: i64,
}

type Edit = Box<dyn Fn(Vec<u8>) -> Vec<u8>>;

/// A token that is not signed yet: good as it begins, then changed.
pub(crate) struct Draft {
    pub(crate) dice: Dice,
    pub(crate) terms: Terms,
    pub(crate) keys: Vec<Value>,
    pub(crate) header: Map<String, Value>,
    pub(crate) claims: Map<String, Value>,
    pub(crate) signer: Whose,
    /// What it is signed with, whatever its header says.
    pub(crate) alg: &'static str,
    /// On the header's JSON, before it is signed.
    pub(crate) header_edits: Vec<Edit>,
    /// On the claims' JSON, before it is signed.
    pub(crate) claims_edits: Vec<Edit>,
    /// On the two encoded parts, before they are signed.
    pub(crate) signed_edits: Vec<Edit>,
    /// Makes the signature from what is signed, in place of the signer.
    pub(crate) forge: Option<Edit>,
    pub(crate) signature_edits: Vec<Edit>,
    /// On the whole text.
    pub(crate) text_edits: Vec<Edit>,
}

/// What both sides judge.
pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) token: String,
    pub(crate) keys: Vec<Value>,
    pub(crate) terms: Terms,
}

impl Draft {
    /// A good token, each a little different.
    pub(crate) fn good(mut dice: Dice, alg: Option<&'static str>) -> Self {
        let alg = alg.unwrap_or_else(|| dice.one_of(&ALGS));
        let now = dice.between(1_000_000_000, 4_000_000_000);
        let nonce = dice.word(43);
        let mut header = object(json!({"alg": alg, "kid": Kind::of(alg).kid()}));
        if dice.one_in(2) {
            header.insert("typ".into(), "JWT".into());
        }
        let aud = if dice.one_in(2) { json!(CLIENT) } else { json!([CLIENT]) };
        let mut claims = object(json!({
            "iss": ISSUER, "sub": dice.word(12), "aud": aud, "nonce": nonce,
            "exp": now + dice.between(1, 3600), "iat": now - dice.between(0, 3600),
        }));
        for (claim, value) in [
            ("nbf", json!(now - dice.between(0, 3600))),
            ("auth_time", json!(now - dice.between(0, 86_400))),
            ("at_hash", json!(half_hash(alg, ACCESS_TOKEN))),
            ("name", json!("Ada")),
        ] {
            if dice.one_in(3) {
                claims.insert(claim.into(), value);
            }
        }
        let mut keys = Kind::PUBLISHED.map(|kind| jwk(kind, Whose::Provider, Some(kind.kid()))).to_vec();
        let first = dice.below(keys.len());
        keys.rotate_left(first);
        let terms = Terms {
            grant: Grant::AuthorizationCode,
            algs: Some(ALGS.map(str::to_owned).to_vec()),
            nonce: Some(nonce),
            max_age: None,
            asked_at: None,
            trusted_audiences: Vec::new(),
            leeway: dice.one_of(&[0, 1, 30, 60, 300]),
            now,
        };
        Self {
            dice,
            terms,
            keys,
            header,
            claims,
            signer: Whose::Provider,
            alg,
            header_edits: Vec::new(),
            claims_edits: Vec::new(),
            signed_edits: Vec::new(),
            forge: None,
            signature_edits: Vec::new(),
            text_edits: Vec::new(),
        }
    }

    pub(crate) fn kind(&self) -> Kind {
        Kind::of(self.alg)
    }

    /// The published key the token is signed with.
    pub(crate) fn own_key(&mut self) -> &mut Value {
        let kid = self.kind().kid();
        self.keys.iter_mut().find(|jwk| jwk["kid"] == kid).expect("it is published")
    }

    pub(crate) fn claim(&mut self, name: &str, value: impl Into<Value>) {
        self.claims.insert(name.to_owned(), value.into());
    }

    pub(crate) fn head(&mut self, name: &str, value: impl Into<Value>) {
        self.header.insert(name.to_owned(), value.into());
    }

    /// Signs it.
    pub(crate) fn finish(self, name: String) -> Case {
        let header = edited(Value::Object(self.header).to_string().into_bytes(), &self.header_edits);
        let claims = edited(Value::Object(self.claims).to_string().into_bytes(), &self.claims_edits);
        let signed = format!("{}.{}", base64url(header), base64url(claims)).into_bytes();
        let signed = edited(signed, &self.signed_edits);
        let signature = match self.forge {
            Some(forge) => forge(signed.clone()),
            None => sign(pair(Kind::of(self.alg), self.signer), self.alg, &signed),
        };
        let signature = base64url(edited(signature, &self.signature_edits));
        let text = [signed.as_slice(), b".", signature.as_bytes()].concat();
        let token = String::from_utf8(edited(text, &self.text_edits)).expect("text");
        Case { name, token, keys: self.keys, terms: self.terms }
    }
}

fn edited(bytes: Vec<u8>, edits: &[Edit]) -> Vec<u8> {
    edits.iter().fold(bytes, |bytes, edit| edit(bytes))
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(members) => members,
        other => panic!("an object, got {other}"),
    }
}

/// `at_hash` of a text (OpenID Connect Core 3.1.3.6).
pub(crate) fn half_hash(alg: &str, text: &str) -> String {
    let hash = whole_hash(alg, text);
    base64url(&hash[..hash.len() / 2])
}

pub(crate) fn whole_hash(alg: &str, text: &str) -> Vec<u8> {
    let algorithm = match alg {
        "RS256" | "PS256" | "ES256" => &digest::SHA256,
        "RS384" | "PS384" | "ES384" => &digest::SHA384,
        _ => &digest::SHA512,
    };
    digest::digest(algorithm, text.as_bytes()).as_ref().to_vec()
}

pub(crate) fn base64url(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}
