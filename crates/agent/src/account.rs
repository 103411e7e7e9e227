//! Who signed in where the provider knows OAuth and no OpenID Connect (IDT-23): its account page is asked with the
//! new access token. Nothing proves that the token was made for us, so the identity is never called verified.

use doorkey_client::words::{AccountSource, Identified, Refusal};
use doorkey_oauth::{
    ClientSettings, Metadata, TokenType, Tokens, finish_account, userinfo_request, userinfo_request_bound,
};

use crate::agent::Agent;
use crate::exchanged::Purpose;
use crate::journal::Trail;
use crate::profiles::{account_endpoint, account_pointers};
use crate::record::Identity;
use crate::refusal::refusal;
use crate::sending::sent;

const LARGEST_ANSWER: usize = 512 * 1024;

/// # Errors
/// `userinfo.*` where the page cannot be read: without it nobody could say whose session this is.
pub(crate) async fn identity(
    agent: &Agent,
    metadata: &Metadata,
    source: &AccountSource,
    tokens: &Tokens,
    client: &ClientSettings,
    trail: &Trail,
) -> Result<Identity, Refusal> {
    let endpoint = account_endpoint(source, &metadata.issuer)?;
    let request = match (tokens.token_type, &client.dpop) {
        (TokenType::Dpop, Some(key)) => userinfo_request_bound(&endpoint, &tokens.access_token, key),
        _ => userinfo_request(&endpoint, &tokens.access_token),
    };
    let answer = sent(&agent.host, &agent.nonces, trail.asking(Purpose::Account), request, LARGEST_ANSWER)
        .await
        .map_err(|error| error.refusal())?;
    let account = finish_account(&answer.response, &account_pointers(source)).map_err(|error| refusal(&error))?;
    Ok(Identity {
        sub: account.id,
        name: account.name,
        email: None,
        auth_time: None,
        azp: None,
        identified: Identified::NotVerified,
    })
}
