//! A token for another program: asked for as `doorkey token` asks, and looked at before it goes anywhere.

use doorkey_client::blocking::Client;
use doorkey_client::words::{Refusal, TokenAnswer, TokenRequest};
use doorkey_client::{ClientError, Secret};

use super::token::checked;
use crate::agency::{self, Again};
use crate::failure::Failure;
use crate::output::Output;
use crate::prompt;

const WHAT: &str = "The request for a token";

/// The token, from the agent that runs or as the agent. Where somebody can type the vault's passphrase, or
/// say that the program may have it, they are asked.
pub(super) fn token(request: &TokenRequest, out: &Output) -> Result<Handed, Failure> {
    handed(match in_short(request) {
        Err(Failure::Refused(refusal)) if prompt::helps(&refusal) && prompt::may_ask(out) => {
            agency::with(WHAT, Again::Harmless, async |client| Ok(client.token(request).await?))?
        }
        Err(Failure::Agent(ClientError::NotRunning)) => {
            agency::with(WHAT, Again::Harmless, async |client| Ok(client.token(request).await?))?
        }
        answer => answer?,
    })
}

/// The same for a tool that speaks its own protocol on standard input: nobody is asked for anything there.
pub(super) fn token_unasked(request: &TokenRequest) -> Result<Handed, Failure> {
    handed(match in_short(request) {
        Err(Failure::Agent(ClientError::NotRunning)) => {
            agency::with_agency_as_is(WHAT, Again::Harmless, async |agency, interrupt| {
                tokio::select! {
                    answer = agency.client().token(request) => Ok(answer?),
                    () = interrupt.received() => Err(Failure::cancelled(WHAT)),
                }
            })?
        }
        answer => answer?,
    })
}

fn in_short(request: &TokenRequest) -> Result<TokenAnswer, Failure> {
    Ok(Client::from_env()?.token(request)?)
}

/// A token of printable characters, and when it ends, where the provider told.
#[derive(Debug)]
pub(super) struct Handed {
    pub(super) access_token: Secret,
    pub(super) expires_at: Option<jiff::Timestamp>,
}

/// A tool sends what it gets as it is: a token that is good only with a proof for each request would be refused.
fn handed(answer: TokenAnswer) -> Result<Handed, Failure> {
    if !answer.token_type.eq_ignore_ascii_case("bearer") {
        return Err(Refusal::new(
            "exec.not_bearer",
            "The token is bound to a key that stays with the agent; no other program can use it by itself.",
            "Use a profile without `dpop = true`, or `doorkey token --dpop` for each request.",
        )
        .about(answer.profile)
        .into());
    }
    let access_token = checked(answer.access_token, &answer.token_type, &answer.profile)?;
    Ok(Handed { access_token, expires_at: answer.expires_at })
}
