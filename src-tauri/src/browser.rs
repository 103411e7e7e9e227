//! Opening the browser once more for a sign-in under way: the agent does it the first time.

use doorkey_agent::browser::{self, BrowserChoice};
use doorkey_client::Client;
use doorkey_client::words::Refusal;
use url::Url;

/// Opens the address of a sign-in in the person's own browser.
pub(crate) async fn open_again(client: &Client, id: &str) -> Result<(), Refusal> {
    let address = address(client, id).await?;
    let url = Url::parse(&address).map_err(|_| cannot_open("the sign-in address is not a web address"))?;
    // Launchers may take a moment to fail.
    let opening = tauri::async_runtime::spawn_blocking(move || browser::open(&url, &BrowserChoice::from_env(None)));
    match opening.await {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(error)) => Err(error.refusal()),
        Err(_) => Err(cannot_open("the browser could not be opened")),
    }
}

/// Where the browser must go for this sign-in, however often it went there already.
pub(crate) async fn address(client: &Client, id: &str) -> Result<String, Refusal> {
    let detail = client.open_again(id).await.map_err(|error| error.refusal())?;
    let not_yet = "This sign-in has no address to open: it has not got that far, or it is over.";
    detail.authorization_url.ok_or_else(|| Refusal::new("login.no_address", not_yet, "Start the sign-in again."))
}

fn cannot_open(why: &str) -> Refusal {
    Refusal::new(
        "browser.cannot_open",
        format!("{why}."),
        "Copy the link and open it in a browser on this computer; the sign-in goes on waiting.",
    )
}
