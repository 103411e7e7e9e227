use super::{ClientError, ClientSettings};
use crate::metadata::Metadata;
use crate::text::clean;

/// How a client shows who it is (RFC 6749 section 2.3, RFC 7523).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientAuthMethod {
    /// `none`: `client_id` alone.
    None,
    /// `client_secret_basic`
    Basic,
    /// `client_secret_post`
    Post,
    /// `private_key_jwt`
    PrivateKeyJwt,
}

impl ClientAuthMethod {
    /// As it stands in metadata.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Basic => "client_secret_basic",
            Self::Post => "client_secret_post",
            Self::PrivateKeyJwt => "private_key_jwt",
        }
    }
}

/// The way that was chosen, with what it needs; one per request (CORE-07).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ClientAuth {
    Public,
    Basic,
    Post,
    PrivateKeyJwt {
        /// The issuer (BCP-12).
        audience: String,
    },
}

impl ClientAuth {
    /// What the profile says; else the strongest its credentials allow among those the provider offers. A
    /// client without credentials is public, whatever the provider tells (HP-30).
    pub(crate) fn choose(metadata: &Metadata, settings: &ClientSettings) -> Result<Self, ClientError> {
        let methods = &metadata.token_endpoint_auth_methods_supported;
        let offers = |method: ClientAuthMethod| methods.iter().any(|name| name == method.name());
        let (has_key, has_secret) = (settings.client_key.is_some(), settings.client_secret.is_some());
        let method = match settings.client_auth {
            Some(method) => method,
            None if has_key && offers(ClientAuthMethod::PrivateKeyJwt) => ClientAuthMethod::PrivateKeyJwt,
            None if has_secret && offers(ClientAuthMethod::Basic) => ClientAuthMethod::Basic,
            None if has_secret && offers(ClientAuthMethod::Post) => ClientAuthMethod::Post,
            None if has_key || has_secret => {
                return Err(ClientError::NoClientAuth { offered: clean(&methods.join(", "), 200) });
            }
            None => ClientAuthMethod::None,
        };
        let missing = |what| Err(ClientError::CredentialMissing { method: method.name(), what });
        match (method, &settings.client_key) {
            (ClientAuthMethod::None, _) => Ok(Self::Public),
            (ClientAuthMethod::Basic | ClientAuthMethod::Post, _) if !has_secret => missing("a client secret"),
            (ClientAuthMethod::Basic, _) => Ok(Self::Basic),
            (ClientAuthMethod::Post, _) => Ok(Self::Post),
            (ClientAuthMethod::PrivateKeyJwt, None) => missing("a private key"),
            (ClientAuthMethod::PrivateKeyJwt, Some(key)) => {
                let algs = &metadata.token_endpoint_auth_signing_alg_values_supported;
                let alg = key.alg().name();
                if !algs.is_empty() && !algs.iter().any(|name| name == alg) {
                    let offered = clean(&algs.join(", "), 200);
                    return Err(ClientError::AssertionAlg { alg, offered });
                }
                Ok(Self::PrivateKeyJwt { audience: metadata.issuer.as_str().to_owned() })
            }
        }
    }
}
