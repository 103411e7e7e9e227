//! What a browser is in the middle of, and who is signed in there.

use std::time::Duration;

use serde_json::Value;

use crate::{Organization, random};

/// One authorization request on its way through login and consent.
#[derive(Clone)]
pub(crate) struct Flow {
    pub(crate) request: AuthorizationRequest,
    /// The browser it belongs to, by its cookie.
    pub(crate) browser: String,
    pub(crate) csrf: String,
    pub(crate) started: Duration,
    /// Who signed in for it; nothing while the login page is due.
    pub(crate) person: Option<SignedIn>,
    pub(crate) wrong_password: bool,
    /// What the email field begins with.
    pub(crate) email: String,
}

/// An authorization request that was found good.
#[derive(Clone, Default)]
pub(crate) struct AuthorizationRequest {
    pub(crate) client: String,
    pub(crate) redirect_uri: String,
    pub(crate) state: Option<String>,
    /// Answers come as a form (OAuth 2.0 Form Post Response Mode).
    pub(crate) form_post: bool,
    pub(crate) scopes: Vec<String>,
    pub(crate) audience: Vec<String>,
    pub(crate) challenge: String,
    pub(crate) nonce: Option<String>,
    pub(crate) login_hint: Option<String>,
    pub(crate) max_age: Option<Duration>,
    /// The `sub` of the `id_token_hint`.
    pub(crate) hinted_sub: Option<String>,
    pub(crate) prompt: Prompt,
    /// Whether `acr_values` asked how people log in.
    pub(crate) asks_acr: bool,
    pub(crate) organization: Option<Organization>,
    /// `authorization_details` (RFC 9396).
    pub(crate) details: Vec<Value>,
    /// The device that waits for it (RFC 8628); there is nowhere to redirect to then.
    pub(crate) device: Option<String>,
    /// `dpop_jkt` (RFC 9449 10): the key that the code is for.
    pub(crate) key: Option<String>,
}

impl AuthorizationRequest {
    fn wants(&self) -> impl Iterator<Item = &String> {
        self.scopes.iter().chain(&self.audience)
    }
}

/// `prompt` (OpenID Connect Core 3.1.2.1).
#[derive(Clone, Copy, Default)]
pub(crate) struct Prompt {
    pub(crate) none: bool,
    /// `login`, and `select_account`: the login page is where accounts are chosen.
    pub(crate) login: bool,
    pub(crate) consent: bool,
}

/// Who is signed in, as a flow and a grant need to know it.
#[derive(Clone)]
pub(crate) struct SignedIn {
    pub(crate) sub: String,
    pub(crate) sid: String,
    pub(crate) auth_time: Duration,
    /// The cookie that stands for it.
    pub(crate) cookie: String,
}

/// A browser in which somebody is signed in.
pub(crate) struct BrowserSession {
    pub(crate) signed_in: SignedIn,
    /// Client, and the scopes and audiences that were allowed to it here.
    pub(crate) consents: Vec<(String, Vec<String>)>,
}

impl BrowserSession {
    pub(crate) fn begin(sub: &str, now: Duration) -> Self {
        let signed_in = SignedIn { sub: sub.into(), sid: random::name(), auth_time: now, cookie: random::token() };
        Self { signed_in, consents: Vec::new() }
    }

    pub(crate) fn has_allowed(&self, asked: &AuthorizationRequest) -> bool {
        self.consents
            .iter()
            .any(|(client, before)| *client == asked.client && asked.wants().all(|one| before.contains(one)))
    }

    pub(crate) fn allow(&mut self, asked: &AuthorizationRequest) {
        let at = self.consents.iter().position(|(client, _)| *client == asked.client).unwrap_or_else(|| {
            self.consents.push((asked.client.clone(), Vec::new()));
            self.consents.len() - 1
        });
        let before = &mut self.consents[at].1;
        for one in asked.wants() {
            if !before.contains(one) {
                before.push(one.clone());
            }
        }
    }
}

/// A logout that waits for the person to confirm it.
pub(crate) struct PendingLogout {
    pub(crate) browser: String,
    pub(crate) csrf: String,
    /// Where the browser goes after it, with the client's `state` in it already.
    pub(crate) then: String,
}
