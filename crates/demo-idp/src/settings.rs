//! What a provider is started with.

use std::fmt;
use std::time::Duration;

use serde_json::Value;

use crate::{Device, DpopNonce, Kind, Misbehaviour, Organization, Redirect};

/// How the provider is set up. The default has one public client, [`Client::demo`], and three people.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The port on 127.0.0.1; 0 takes any free one.
    pub port: u16,
    /// The issuer's path: `""`, `"/tenant"`, or with a slash at its end for an issuer that ends with one.
    pub path: String,
    /// Life of access and ID tokens.
    pub token_life: Duration,
    /// Life of authorization codes; RFC 6749 4.1.2 allows ten minutes at most.
    pub code_life: Duration,
    /// Life of refresh tokens.
    pub refresh_life: Duration,
    /// Who gets a refresh token.
    pub refresh_tokens: RefreshTokens,
    /// Whether a consent is remembered.
    pub consent: Consent,
    /// What ID tokens and JWT access tokens are signed with. Both public keys are always published.
    pub sign_with: Alg,
    /// The registered clients.
    pub clients: Vec<Client>,
    /// Who can sign in.
    pub people: Vec<Person>,
    /// The organisations that people can sign in to.
    pub organizations: Vec<Organization>,
    /// Whether authorization requests must be pushed (RFC 9126); they may in any case.
    pub require_pushed: bool,
    /// Whether proofs of possession must carry a nonce (RFC 9449 8).
    pub dpop_nonce: DpopNonce,
    /// What it speaks.
    pub kind: Kind,
    /// Whether clients may register themselves (RFC 7591).
    pub registration: bool,
    /// Upstream providers that every account is connected with, for their access tokens.
    pub connections: Vec<String>,
    /// How devices without a browser are treated (RFC 8628).
    pub device: Device,
    /// Whether pages tell people what clients sent: `/seen`, and `/seen.json` for machines.
    pub seen: bool,
    /// How it misbehaves from the start; nothing for a good provider.
    pub misbehaviour: Option<Misbehaviour>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            port: 0,
            path: String::new(),
            token_life: Duration::from_secs(300),
            code_life: Duration::from_secs(60),
            refresh_life: Duration::from_secs(30 * 24 * 3600),
            refresh_tokens: RefreshTokens::WithOfflineAccess,
            consent: Consent::Remembered,
            sign_with: Alg::Rs256,
            clients: vec![Client::demo()],
            people: Person::demo(),
            organizations: Organization::demo(),
            require_pushed: false,
            dpop_nonce: DpopNonce::NotWanted,
            kind: Kind::OpenId,
            registration: false,
            connections: vec!["demo-upstream".into()],
            device: Device::default(),
            seen: false,
            misbehaviour: None,
        }
    }
}

/// A signature algorithm (RFC 7518 3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Alg {
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    Rs256,
    /// ECDSA on P-256 with SHA-256.
    Es256,
}

impl Alg {
    /// As it stands in a header.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Es256 => "ES256",
        }
    }

    pub(crate) fn other(self) -> Self {
        match self {
            Self::Rs256 => Self::Es256,
            Self::Es256 => Self::Rs256,
        }
    }
}

/// When a code exchange gives a refresh token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefreshTokens {
    /// When `offline_access` was granted (OpenID Connect Core 11).
    WithOfflineAccess,
    /// Each time.
    Always,
    /// Not at all.
    Never,
}

/// Whether a person is asked again for what was allowed before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Consent {
    /// Not again in the same browser session, for the same client and the same or fewer scopes.
    Remembered,
    /// Each time, as RFC 8252 8.6 advises for clients that cannot prove who they are; `prompt=none` then
    /// ends in `interaction_required`.
    AskedEachTime,
}

/// A registered client.
#[derive(Clone, PartialEq, Eq)]
pub struct Client {
    /// `client_id`.
    pub id: String,
    /// What the consent page calls it.
    pub name: String,
    /// Nothing for a public client.
    pub secret: Option<String>,
    /// A JWKS: the client then proves itself with one of these keys (`private_key_jwt`), and with no secret.
    pub keys: Option<Value>,
    /// Userinfo comes signed (OpenID Connect Core 5.3.2).
    pub signed_userinfo: bool,
    /// Where codes may go.
    pub redirects: Vec<Redirect>,
    /// Where the browser may go after sign-out.
    pub post_logout_redirects: Vec<Redirect>,
}

impl Client {
    /// A client without a secret, named like its id.
    #[must_use]
    pub fn public(id: &str, redirects: Vec<Redirect>) -> Self {
        Self {
            id: id.into(),
            name: id.into(),
            secret: None,
            keys: None,
            signed_userinfo: false,
            redirects,
            post_logout_redirects: Vec::new(),
        }
    }

    /// A client with a secret, named like its id.
    #[must_use]
    pub fn confidential(id: &str, secret: &str, redirects: Vec<Redirect>) -> Self {
        Self { secret: Some(secret.into()), ..Self::public(id, redirects) }
    }

    /// Whether it has nothing to prove itself with.
    pub(crate) fn is_public(&self) -> bool {
        self.secret.is_none() && self.keys.is_none()
    }

    /// A client that proves itself with one of the keys of this JWKS, named like its id.
    #[must_use]
    pub fn with_keys(id: &str, keys: Value, redirects: Vec<Redirect>) -> Self {
        Self { keys: Some(keys), ..Self::public(id, redirects) }
    }

    /// `doorkey-demo`: public, loopback redirects under `/cb/`, after sign-out also under `/signed-out/`.
    #[must_use]
    pub fn demo() -> Self {
        let under = |path: &str| Redirect::Loopback { under: path.into() };
        Self {
            name: "Doorkey".into(),
            post_logout_redirects: vec![under("/cb/"), under("/signed-out/")],
            ..Self::public("doorkey-demo", vec![under("/cb/")])
        }
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("id", &self.id).field("redirects", &self.redirects).finish_non_exhaustive()
    }
}

/// Somebody who can sign in.
#[derive(Clone, PartialEq, Eq)]
pub struct Person {
    /// The subject identifier in tokens.
    pub sub: String,
    /// Full name.
    pub name: String,
    /// What is typed into the login page.
    pub email: String,
    /// Shown on the login page: this is no real account.
    pub password: String,
}

impl Person {
    /// The people of the default settings.
    #[must_use]
    pub fn demo() -> Vec<Self> {
        [
            ("demo|ada", "Ada Lovelace", "ada@example.test", "analytical"),
            ("demo|grace", "Grace Hopper", "grace@example.test", "nanosecond"),
            ("demo|alan", "Alan Turing", "alan@example.test", "enigma"),
        ]
        .into_iter()
        .map(|(sub, name, email, password)| Self {
            sub: sub.into(),
            name: name.into(),
            email: email.into(),
            password: password.into(),
        })
        .collect()
    }
}

impl fmt::Debug for Person {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Person").field("sub", &self.sub).field("email", &self.email).finish_non_exhaustive()
    }
}
