//! Turning a running provider into a bad one, and back.

use std::sync::{Arc, PoisonError};
use std::time::Duration;

use crate::behaviour::Behaviour;
use crate::dpop::Nonces;
use crate::gate::Moment;
use crate::keys::KeySet;
use crate::misbehaviour::Memory;
use crate::serve::Idp;
use crate::state::State;
use crate::{DpopNonce, Endpoint, Fault, Gate, IdTokenFault, Lax, Misbehaviour, RefreshStyle, StartError, Times};

/// Changes what the provider does while it runs; clones turn the same provider.
#[derive(Clone)]
pub struct Knobs(pub(crate) Arc<Idp>);

impl Knobs {
    /// Life of access and ID tokens from now on.
    pub fn set_token_life(&self, life: Duration) {
        self.turn(|behaviour| behaviour.token_life = life);
    }

    /// Answers tell how long the refresh token is good (`refresh_expires_in`), as Keycloak's do; what is told is not kept to.
    pub fn tell_refresh_life(&self, life: Option<Duration>) {
        self.turn(|behaviour| behaviour.told_refresh_life = life);
    }

    /// Moves the provider's own clock by that many seconds, forward or back, from where it is.
    pub fn move_clock(&self, seconds: i64) {
        self.turn(|behaviour| behaviour.clock_offset = behaviour.clock_offset.saturating_add(seconds));
    }

    /// Requests to that endpoint get the fault instead of the work: nothing changes at the provider.
    pub fn fail(&self, endpoint: Endpoint, fault: Fault, times: Times) {
        self.turn(|behaviour| behaviour.plan(endpoint, Moment::BeforeWork, fault, times));
    }

    /// The work is done (a code used, a refresh token rotated) and only its answer gets the fault.
    pub fn spoil(&self, endpoint: Endpoint, fault: Fault, times: Times) {
        self.turn(|behaviour| behaviour.plan(endpoint, Moment::BeforeAnswer, fault, times));
    }

    /// Ends every fault of that endpoint.
    pub fn heal(&self, endpoint: Endpoint) {
        self.turn(|behaviour| behaviour.heal(endpoint));
    }

    /// Requests to that endpoint are logged and then wait before anything is done for them.
    pub fn hold(&self, endpoint: Endpoint) -> Gate {
        Gate(self.turn(|behaviour| behaviour.hold(endpoint, Moment::BeforeWork)))
    }

    /// Requests to that endpoint are worked on, and their answers wait.
    pub fn hold_answers(&self, endpoint: Endpoint) -> Gate {
        Gate(self.turn(|behaviour| behaviour.hold(endpoint, Moment::BeforeAnswer)))
    }

    /// What is wrong with ID tokens from now on; `None` makes them good again.
    pub fn corrupt_id_tokens(&self, fault: Option<IdTokenFault>) {
        self.turn(|behaviour| behaviour.id_token_fault = fault);
    }

    /// What the metadata call the issuer; `None` for the truth.
    pub fn discovery_issuer(&self, issuer: Option<String>) {
        self.turn(|behaviour| behaviour.discovery_issuer = issuer);
    }

    /// Whatever is clicked, every sign-in ends in `access_denied`.
    pub fn people_decline(&self) {
        self.turn(|behaviour| behaviour.people_decline = true);
    }

    /// People decide for themselves again.
    pub fn people_decide(&self) {
        self.turn(|behaviour| behaviour.people_decline = false);
    }

    /// Grants no scopes but these, whatever was asked and allowed; `None` for no such limit.
    pub fn grant_only(&self, scopes: Option<&[&str]>) {
        let scopes = scopes.map(|scopes| scopes.iter().map(|scope| (*scope).to_owned()).collect());
        self.turn(|behaviour| behaviour.grant_only = scopes);
    }

    /// What refresh answers do about the refresh token.
    pub fn refresh_style(&self, style: RefreshStyle) {
        self.turn(|behaviour| behaviour.refresh_style = style);
    }

    /// Refresh answers have an ID token, as from the start.
    pub fn refresh_with_id_token(&self) {
        self.turn(|behaviour| behaviour.refresh_gives_id_token = true);
    }

    /// Refresh answers have no ID token, which OpenID Connect Core 12.2 allows.
    pub fn refresh_without_id_token(&self) {
        self.turn(|behaviour| behaviour.refresh_gives_id_token = false);
    }

    /// ID tokens tell who it is and no more: name and e-mail address are at userinfo (OpenID Connect Core 5.4).
    pub fn id_tokens_without_details(&self) {
        self.turn(|behaviour| behaviour.details_in_id_token = false);
    }

    /// The `sub` that userinfo tells; `None` for the truth.
    pub fn userinfo_sub(&self, sub: Option<String>) {
        self.turn(|behaviour| behaviour.userinfo_sub = sub);
    }

    /// Whether authorization requests must be pushed (RFC 9126 5).
    pub fn require_pushed(&self, required: bool) {
        self.turn(|behaviour| behaviour.require_pushed = required);
    }

    /// Whether clients may register themselves (RFC 7591).
    pub fn open_registration(&self, open: bool) {
        self.turn(|behaviour| behaviour.registration = open);
    }

    /// Whether proofs of possession must carry a nonce (RFC 9449 8).
    pub fn dpop_nonce(&self, wanted: DpopNonce) {
        self.turn(|behaviour| behaviour.dpop_nonce = wanted);
    }

    /// Ends the nonces that count: the next proof is asked for another.
    pub fn new_dpop_nonces(&self) {
        self.change(|state| state.dpop_nonces = Nonces::new());
    }

    /// How it misbehaves from now on; `None` makes it good again.
    pub fn misbehave(&self, how: Option<Misbehaviour>) {
        self.turn(|behaviour| {
            behaviour.misbehaviour = how;
            behaviour.memory = Memory::new();
        });
    }

    /// For [`Misbehaviour::MixUp`] and [`Misbehaviour::MixUpWithoutIss`], after [`Self::misbehave`]: the
    /// authorization endpoint of another provider, to which the browser is sent on. Without one the answer is
    /// what that provider's would be: a code that this one does not know.
    pub fn mix_up_with(&self, authorization_endpoint: Option<String>) {
        self.turn(|behaviour| behaviour.memory.other_provider = authorization_endpoint);
    }

    /// Which of its own rules it forgets from now on; none for a strict provider.
    pub fn forget(&self, rules: &[Lax]) {
        self.turn(|behaviour| behaviour.lax = rules.to_vec());
    }

    /// New signing keys under new ids; the old ones leave the JWKS at once.
    ///
    /// # Errors
    /// [`StartError::Keys`] when no key could be made; the old ones then stay.
    pub async fn rotate_signing_keys(&self) -> Result<(), StartError> {
        let keys = tokio::task::spawn_blocking(KeySet::generate).await;
        let keys = keys.ok().and_then(Result::ok).ok_or(StartError::Keys)?;
        self.change(|state| state.keys.rotate(keys));
        Ok(())
    }

    /// Signs everybody out of every browser.
    pub fn end_browser_sessions(&self) {
        self.change(|state| state.browsers.retain(|_| false));
    }

    /// Ends every grant with all its tokens, as an administrator might.
    pub fn revoke_everything(&self) {
        self.change(|state| state.grants.values_mut().for_each(|grant| grant.revoked = true));
    }

    fn turn<T>(&self, turn: impl FnOnce(&mut Behaviour) -> T) -> T {
        self.change(|state| turn(&mut state.behaviour))
    }

    fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        change(&mut self.0.state.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl std::fmt::Debug for Knobs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Knobs").field(&self.0.facts.issuer).finish()
    }
}
