use super::{ClientError, ClientSettings};
use crate::metadata::Metadata;
use crate::text::clean;

/// How the client shows who it is at the token endpoint (RFC 6749 section 2.3; CORE-07: one way only).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ClientAuth {
    /// `client_id` in the body.
    Public,
    /// `client_secret_basic`
    Basic,
    /// `client_secret_post`
    Post,
}

impl ClientAuth {
    /// Basic by default, post where only that is offered.
    pub(crate) fn choose(metadata: &Metadata, settings: &ClientSettings) -> Result<Self, ClientError> {
        let offered = &metadata.token_endpoint_auth_methods_supported;
        let offers = |method: &str| offered.iter().any(|name| name == method);
        match &settings.client_secret {
            None => Ok(Self::Public),
            Some(_) if offers("client_secret_basic") => Ok(Self::Basic),
            Some(_) if offers("client_secret_post") => Ok(Self::Post),
            Some(_) => Err(ClientError::NoClientAuth { offered: clean(&offered.join(", "), 200) }),
        }
    }
}
