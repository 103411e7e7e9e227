//! An access token for a program with tokio.

use doorkey_client::Client;
use doorkey_client::words::TokenRequest;

#[expect(clippy::print_stdout, clippy::disallowed_methods, reason = "an example shows what it has got")]
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let agent = Client::find_or_start().await?;
    let token = agent.token(&TokenRequest::for_profile("work")).await?;
    println!("Authorization: {} {}", token.token_type, token.access_token.expose());
    Ok(())
}
