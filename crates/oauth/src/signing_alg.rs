use jsonwebtoken::Algorithm;
use sha2::{Digest, Sha256, Sha384, Sha512};

/// Algorithms a signature may be made with. Asymmetric ones only: `none` and the HMAC family are not
/// even words here (RFC 8725 section 3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names are those of RFC 7518 section 3.1, RFC 8037 and RFC 9864")]
pub enum SigningAlg {
    Rs256,
    Rs384,
    Rs512,
    Ps256,
    Ps384,
    Ps512,
    Es256,
    Es384,
    EdDsa,
    Ed25519,
}

/// What a key must be for an algorithm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KeyShape {
    Rsa,
    P256,
    P384,
    Ed25519,
}

impl SigningAlg {
    const ALL: [Self; 10] = [
        Self::Rs256,
        Self::Rs384,
        Self::Rs512,
        Self::Ps256,
        Self::Ps384,
        Self::Ps512,
        Self::Es256,
        Self::Es384,
        Self::EdDsa,
        Self::Ed25519,
    ];

    /// As it stands in a header; compared with case, as RFC 7515 section 4.1.1 has it.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|alg| alg.name() == name)
    }

    /// As it stands in a header.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Rs384 => "RS384",
            Self::Rs512 => "RS512",
            Self::Ps256 => "PS256",
            Self::Ps384 => "PS384",
            Self::Ps512 => "PS512",
            Self::Es256 => "ES256",
            Self::Es384 => "ES384",
            Self::EdDsa => "EdDSA",
            Self::Ed25519 => "Ed25519",
        }
    }

    pub(crate) fn shape(self) -> KeyShape {
        match self {
            Self::Rs256 | Self::Rs384 | Self::Rs512 | Self::Ps256 | Self::Ps384 | Self::Ps512 => KeyShape::Rsa,
            Self::Es256 => KeyShape::P256,
            Self::Es384 => KeyShape::P384,
            Self::EdDsa | Self::Ed25519 => KeyShape::Ed25519,
        }
    }

    pub(crate) fn for_jsonwebtoken(self) -> Algorithm {
        match self {
            Self::Rs256 => Algorithm::RS256,
            Self::Rs384 => Algorithm::RS384,
            Self::Rs512 => Algorithm::RS512,
            Self::Ps256 => Algorithm::PS256,
            Self::Ps384 => Algorithm::PS384,
            Self::Ps512 => Algorithm::PS512,
            Self::Es256 => Algorithm::ES256,
            Self::Es384 => Algorithm::ES384,
            Self::EdDsa | Self::Ed25519 => Algorithm::EdDSA,
        }
    }

    /// The hash that goes with the algorithm (OpenID Connect Core 3.1.3.6); Ed25519 hashes with SHA-512.
    pub(crate) fn digest(self, bytes: &[u8]) -> Vec<u8> {
        match self {
            Self::Rs256 | Self::Ps256 | Self::Es256 => Sha256::digest(bytes).to_vec(),
            Self::Rs384 | Self::Ps384 | Self::Es384 => Sha384::digest(bytes).to_vec(),
            Self::Rs512 | Self::Ps512 | Self::EdDsa | Self::Ed25519 => Sha512::digest(bytes).to_vec(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_back_and_nothing_else_is() {
        for alg in SigningAlg::ALL {
            assert_eq!(SigningAlg::parse(alg.name()), Some(alg));
        }
        // HP-ID-07
        for name in ["none", "None", "NONE", "nOnE", "HS256", "rs256", "RSA-OAEP", "ES256K", ""] {
            assert_eq!(SigningAlg::parse(name), None, "{name}");
        }
    }
}
