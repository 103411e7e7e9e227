//! The ways a sign-in can go besides the plain one: on another device, by a pasted address, with the request pushed
//! first, with tokens bound to a key, with a client that proves itself, and at providers without OpenID Connect.

mod asked;
mod client_auth;
mod device;
mod dpop;
mod oauth_only;
mod paste;
mod pushed;
mod step;
mod step_terminal;
mod terminal;

use doorkey_client::words::SignInRequest;
use doorkey_tests::stage::request;
use doorkey_tests::{Attempt, PROFILE, Stage};

/// A sign-in with a change to its request, waiting for its browser.
async fn begin(stage: &Stage, change: impl FnOnce(&mut SignInRequest)) -> Attempt {
    let mut request = request(PROFILE);
    change(&mut request);
    Attempt::begin(&stage.client, &request).await
}
