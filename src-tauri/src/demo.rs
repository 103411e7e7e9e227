//! The provider to practise on, in this process, and the profile that belongs to it.

use std::net::ToSocketAddrs;
use std::time::Duration;

use doorkey_client::Client;
use doorkey_client::words::{Profile, ProfileEntry, ProfileView, Refusal};
use doorkey_demo_idp::{Running, Settings, start};
use tokio::net::TcpStream;
use tokio::sync::Mutex;
use url::Url;

use crate::link::Link;

const CLIENT_ID: &str = "doorkey-demo";
/// The profile's name; the second where the first is somebody's own.
const NAMES: [&str; 2] = ["demo", "doorkey-demo"];
/// Short, so that a renewal can be watched.
const TOKEN_LIFE: Duration = Duration::from_secs(90);
/// On this very machine a listener answers at once.
const ALIVE_WITHIN: Duration = Duration::from_millis(500);

/// The provider, once it was asked for.
#[derive(Default)]
pub(crate) struct Demo(Mutex<Option<Practice>>);

struct Practice {
    provider: Running,
    profile: &'static str,
}

impl Demo {
    /// Starts the provider and makes its profile, where that has not happened yet; the profile's name.
    pub(crate) async fn start(&self, client: &Client) -> Result<String, Refusal> {
        let mut practice = self.0.lock().await;
        let running = match practice.take() {
            Some(running) => running,
            None => Practice {
                provider: start(Settings { token_life: TOKEN_LIFE, ..Settings::default() }).await.map_err(|error| {
                    Refusal::new("demo.cannot_start", format!("The demo provider did not start: {error}."), "")
                        .retryable()
                })?,
                profile: free_name(client).await?,
            },
        };
        let running = practice.insert(running);
        // Made anew each time: the person may have removed it since.
        let entry = entry(running.profile, running.provider.issuer());
        client.put_profile(&entry).await.map_err(|error| error.refusal())?;
        Ok(running.profile.to_owned())
    }

    /// Removes the profile and stops the provider.
    pub(crate) async fn stop(&self, link: &Link) {
        let Some(running) = self.0.lock().await.take() else { return };
        if let Ok(client) = link.client().await {
            // What cannot be removed now is removed at the next start.
            let _ = client.delete_profile(running.profile).await;
        }
        running.provider.stop().await;
    }
}

/// Removes demo profiles whose provider is gone: their sign-ins can never be renewed.
pub(crate) async fn remove_leftovers(client: &Client) {
    let Ok(profiles) = client.profiles().await else { return };
    for left in profiles.iter().filter(|view| is_demo(view)) {
        if !answers(&left.profile.issuer).await {
            // Tried again at the next start.
            let _ = client.delete_profile(&left.profile.name).await;
        }
    }
}

async fn free_name(client: &Client) -> Result<&'static str, Refusal> {
    let profiles = client.profiles().await.map_err(|error| error.refusal())?;
    let own = |name: &&str| profiles.iter().any(|view| view.profile.name == *name && !is_demo(view));
    NAMES.into_iter().find(|name| !own(name)).ok_or_else(|| {
        let message = format!("There are profiles named `{}` and `{}` already.", NAMES[0], NAMES[1]);
        Refusal::new("config.name_taken", message, "Rename one of them.")
    })
}

fn entry(name: &str, issuer: &str) -> ProfileEntry {
    let scopes = ["openid", "profile", "email", "offline_access"].map(str::to_owned).to_vec();
    ProfileEntry::from(Profile { scopes, ..Profile::new(name, issuer, CLIENT_ID) })
}

fn is_demo(view: &ProfileView) -> bool {
    let profile = &view.profile;
    NAMES.contains(&profile.name.as_str())
        && profile.client_id == CLIENT_ID
        && Url::parse(&profile.issuer).is_ok_and(|url| url.scheme() == "http" && url.host_str() == Some("127.0.0.1"))
}

async fn answers(issuer: &str) -> bool {
    let Some(port) = Url::parse(issuer).ok().and_then(|url| url.port()) else { return false };
    let Some(address) = ("127.0.0.1", port).to_socket_addrs().ok().and_then(|mut found| found.next()) else {
        return false;
    };
    matches!(tokio::time::timeout(ALIVE_WITHIN, TcpStream::connect(address)).await, Ok(Ok(_)))
}
