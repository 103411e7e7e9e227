//! An access token for a program without an async runtime.

use doorkey_client::blocking::Client;
use doorkey_client::words::TokenRequest;

#[expect(clippy::print_stdout, clippy::disallowed_methods, reason = "an example shows what it has got")]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let agent = Client::find_or_start()?;
    let token = agent.token(&TokenRequest::for_profile("work"))?;
    println!("Authorization: {} {}", token.token_type, token.access_token.expose());
    Ok(())
}
