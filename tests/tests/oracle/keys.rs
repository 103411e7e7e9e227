use std::sync::LazyLock;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, ECDSA_P521_SHA512_FIXED_SIGNING, EcdsaKeyPair,
    EcdsaSigningAlgorithm, Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256, RSA_PKCS1_SHA384, RSA_PKCS1_SHA512,
    RSA_PSS_SHA256, RSA_PSS_SHA384, RSA_PSS_SHA512, RsaEncoding, RsaKeyPair, RsaPublicKeyComponents,
};
use serde_json::{Value, json};

use crate::draft::base64url;

/// What a key is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Rsa,
    P256,
    P384,
    P521,
    Ed25519,
}

impl Kind {
    /// Those every provider here publishes.
    pub(crate) const PUBLISHED: [Self; 4] = [Self::Rsa, Self::P256, Self::P384, Self::Ed25519];

    pub(crate) fn of(alg: &str) -> Self {
        match alg {
            "ES256" => Self::P256,
            "ES384" => Self::P384,
            "ES512" => Self::P521,
            "EdDSA" | "Ed25519" => Self::Ed25519,
            _ => Self::Rsa,
        }
    }

    pub(crate) fn kid(self) -> &'static str {
        match self {
            Self::Rsa => "rsa",
            Self::P256 => "p-256",
            Self::P384 => "p-384",
            Self::P521 => "p-521",
            Self::Ed25519 => "ed25519",
        }
    }
}

/// The provider's own, or that of somebody else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Whose {
    Provider,
    Stranger,
}

pub(crate) enum Pair {
    Rsa(RsaKeyPair),
    Ec(EcdsaKeyPair, &'static str),
    Ed(Ed25519KeyPair),
}

/// Drawn anew in each run; no verdict depends on them.
static PROVIDER: LazyLock<[Pair; 5]> = LazyLock::new(pairs);
static STRANGER: LazyLock<[Pair; 5]> = LazyLock::new(pairs);

fn pairs() -> [Pair; 5] {
    let ec = |alg: &'static EcdsaSigningAlgorithm, crv| Pair::Ec(EcdsaKeyPair::generate(alg).expect("a key"), crv);
    [
        Pair::Rsa(RsaKeyPair::generate(KeySize::Rsa2048).expect("a key")),
        ec(&ECDSA_P256_SHA256_FIXED_SIGNING, "P-256"),
        ec(&ECDSA_P384_SHA384_FIXED_SIGNING, "P-384"),
        ec(&ECDSA_P521_SHA512_FIXED_SIGNING, "P-521"),
        Pair::Ed(Ed25519KeyPair::generate().expect("a key")),
    ]
}

pub(crate) fn pair(kind: Kind, whose: Whose) -> &'static Pair {
    let pairs = match whose {
        Whose::Provider => &*PROVIDER,
        Whose::Stranger => &*STRANGER,
    };
    &pairs[kind as usize]
}

/// The public half as the provider publishes it.
pub(crate) fn jwk(kind: Kind, whose: Whose, kid: Option<&str>) -> Value {
    let mut jwk = match pair(kind, whose) {
        Pair::Rsa(pair) => {
            let public = RsaPublicKeyComponents::<Vec<u8>>::from(pair.public_key());
            json!({"kty": "RSA", "n": base64url(public.n), "e": base64url(public.e)})
        }
        Pair::Ec(pair, crv) => {
            let (x, y) = pair.public_key().as_ref()[1..].split_at(pair.public_key().as_ref().len() / 2);
            json!({"kty": "EC", "crv": crv, "x": base64url(x), "y": base64url(y)})
        }
        Pair::Ed(pair) => json!({"kty": "OKP", "crv": "Ed25519", "x": base64url(pair.public_key())}),
    };
    jwk["use"] = "sig".into();
    if let Some(kid) = kid {
        jwk["kid"] = kid.into();
    }
    jwk
}

/// Signs as `alg` says, with the hash and padding of its own for RSA.
pub(crate) fn sign(pair: &Pair, alg: &str, message: &[u8]) -> Vec<u8> {
    let random = SystemRandom::new();
    match pair {
        Pair::Rsa(pair) => {
            let encoding: &'static dyn RsaEncoding = match alg {
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
        Pair::Ec(pair, _) => pair.sign(&random, message).expect("signs").as_ref().to_vec(),
        Pair::Ed(pair) => pair.sign(message).as_ref().to_vec(),
    }
}
