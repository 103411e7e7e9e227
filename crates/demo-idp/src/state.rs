//! Everything the provider remembers, in one struct behind one lock, each part bounded.

use crate::behaviour::Behaviour;
use crate::bounded::Bounded;
use crate::device::Waiting;
use crate::dpop::Nonces;
use crate::flow::{BrowserSession, Flow, PendingLogout};
use crate::grant::{AccessToken, Code, Grant, RefreshToken};
use crate::keys::KeyRing;
use crate::pushed::Pushed;
use crate::{Client, Settings};

pub(crate) struct State {
    pub(crate) behaviour: Behaviour,
    pub(crate) keys: KeyRing,
    /// By flow id.
    pub(crate) flows: Bounded<Flow>,
    /// By flow id too: logouts that wait for a yes.
    pub(crate) logouts: Bounded<PendingLogout>,
    /// By the session cookie.
    pub(crate) browsers: Bounded<BrowserSession>,
    pub(crate) codes: Bounded<Code>,
    /// By grant id.
    pub(crate) grants: Bounded<Grant>,
    pub(crate) refresh_tokens: Bounded<RefreshToken>,
    pub(crate) access_tokens: Bounded<AccessToken>,
    /// By `request_uri`.
    pub(crate) pushed: Bounded<Pushed>,
    /// By device code.
    pub(crate) devices: Bounded<Waiting>,
    /// Device codes by user code.
    pub(crate) user_codes: Bounded<String>,
    /// Assertions that were used, by client and `jti`.
    pub(crate) assertions: Bounded<()>,
    /// Proofs that were used, by key and `jti`.
    pub(crate) dpop_proofs: Bounded<()>,
    pub(crate) dpop_nonces: Nonces,
    /// Clients that registered themselves.
    pub(crate) registered: Vec<Client>,
}

impl State {
    pub(crate) fn new(settings: &Settings, keys: KeyRing) -> Self {
        Self {
            behaviour: Behaviour::of(settings),
            keys,
            flows: Bounded::with_room_for(512),
            logouts: Bounded::with_room_for(128),
            browsers: Bounded::with_room_for(512),
            codes: Bounded::with_room_for(4096),
            grants: Bounded::with_room_for(8192),
            refresh_tokens: Bounded::with_room_for(8192),
            access_tokens: Bounded::with_room_for(8192),
            pushed: Bounded::with_room_for(512),
            devices: Bounded::with_room_for(512),
            user_codes: Bounded::with_room_for(512),
            assertions: Bounded::with_room_for(8192),
            dpop_proofs: Bounded::with_room_for(8192),
            dpop_nonces: Nonces::new(),
            registered: Vec::new(),
        }
    }
}
