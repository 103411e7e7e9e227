//! What a person granted to a client, and the code and tokens that stand for it.

use std::time::Duration;

use serde_json::Value;

use crate::state::State;
use crate::{Organization, random};

/// One consent and everything given for it: the family of its refresh tokens (RFC 9700 4.14.2).
#[derive(Clone)]
pub(crate) struct Grant {
    pub(crate) id: String,
    pub(crate) client: String,
    pub(crate) sub: String,
    pub(crate) scopes: Vec<String>,
    /// `resource` (RFC 8707) or `audience` values; none means an opaque access token.
    pub(crate) audience: Vec<String>,
    pub(crate) auth_time: Duration,
    pub(crate) sid: String,
    /// How the person logged in, when that was asked.
    pub(crate) acr: Option<&'static str>,
    pub(crate) organization: Option<Organization>,
    /// `authorization_details`, as granted.
    pub(crate) details: Vec<Value>,
    /// The key that refresh tokens of a public client are bound to (RFC 9449 5).
    pub(crate) key: Option<String>,
    pub(crate) revoked: bool,
}

impl Grant {
    pub(crate) fn has(&self, scope: &str) -> bool {
        self.scopes.iter().any(|granted| granted == scope)
    }
}

pub(crate) struct Code {
    pub(crate) grant: Grant,
    pub(crate) redirect_uri: String,
    pub(crate) challenge: String,
    pub(crate) nonce: Option<String>,
    /// The thumbprint that `dpop_jkt` named.
    pub(crate) key: Option<String>,
    pub(crate) expires: Duration,
    pub(crate) used: bool,
}

pub(crate) struct RefreshToken {
    pub(crate) grant: String,
    pub(crate) expires: Duration,
    pub(crate) used: bool,
    /// When it was replaced.
    pub(crate) used_at: Duration,
}

pub(crate) struct AccessToken {
    pub(crate) grant: String,
    pub(crate) scopes: Vec<String>,
    pub(crate) audience: Vec<String>,
    /// The thumbprint of the key it is bound to.
    pub(crate) key: Option<String>,
    pub(crate) issued: Duration,
    pub(crate) expires: Duration,
    pub(crate) revoked: bool,
}

impl State {
    /// The grant, while it lives.
    pub(crate) fn living_grant(&self, id: &str) -> Option<&Grant> {
        self.grants.find(id).filter(|grant| !grant.revoked)
    }

    /// Ends the grant with every token that came from it.
    pub(crate) fn revoke_grant(&mut self, id: &str) {
        if let Some(grant) = self.grants.find_mut(id) {
            grant.revoked = true;
        }
    }

    pub(crate) fn new_refresh_token(&mut self, grant: &Grant, expires: Duration) -> String {
        let token = random::token();
        self.refresh_tokens
            .insert(&token, RefreshToken { grant: grant.id.clone(), expires, used: false, used_at: Duration::ZERO });
        token
    }
}
