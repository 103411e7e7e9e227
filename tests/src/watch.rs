//! Waiting for the agent: by its updates, the present first, so nothing is missed and nothing is polled.

use doorkey_client::words::{Event, Session, SignIn, Update, VaultStatus};
use doorkey_client::{Client, Updates};

use crate::PATIENCE;

/// Of what was seen by a story that has waited in vain.
const LAST_SHOWN: usize = 40;

/// Waits until one update tells what is wanted.
///
/// # Panics
/// When that takes longer than [`PATIENCE`], with what was seen instead.
pub async fn until<T>(client: &Client, what: &str, look: impl FnMut(&Update) -> Option<T>) -> T {
    let updates = client.updates(None).await.expect("the agent tells what changes");
    follow(updates, what, look).await
}

/// The same, beginning with the journal's first entry.
///
/// # Panics
/// As [`until`].
pub async fn until_event<T>(client: &Client, what: &str, mut look: impl FnMut(&Event) -> Option<T>) -> T {
    let updates = client.updates(Some(0)).await.expect("the agent tells what changes");
    let look = |update: &Update| if let Update::Event(event) = update { look(event) } else { None };
    follow(updates, what, look).await
}

/// Waits until some session is as wanted.
///
/// # Panics
/// As [`until`].
pub async fn until_session(client: &Client, what: &str, fits: impl Fn(&Session) -> bool) -> Session {
    until(client, what, |update| match update {
        Update::Session { session } if fits(session) => Some(session.clone()),
        _ => None,
    })
    .await
}

/// Waits until this sign-in is as wanted.
///
/// # Panics
/// As [`until`].
pub async fn until_sign_in(client: &Client, id: &str, what: &str, fits: impl Fn(&SignIn) -> bool) -> SignIn {
    let updates = client.updates(None).await.expect("the agent tells what changes");
    // One that has ended is not in the present any more: look once, after listening has begun.
    let now = client.sign_in(id).await.expect("the agent knows the sign-in").sign_in;
    if fits(&now) {
        return now;
    }
    follow(updates, what, |update| match update {
        Update::SignIn { sign_in } if sign_in.id == id && fits(sign_in) => Some(sign_in.clone()),
        _ => None,
    })
    .await
}

/// Waits until the vault is as wanted.
///
/// # Panics
/// As [`until`].
pub async fn until_vault(client: &Client, what: &str, fits: impl Fn(&VaultStatus) -> bool) -> VaultStatus {
    until(client, what, |update| match update {
        Update::Vault { vault } if fits(vault) => Some(vault.clone()),
        _ => None,
    })
    .await
}

async fn follow<T>(mut updates: Updates, what: &str, mut look: impl FnMut(&Update) -> Option<T>) -> T {
    let mut seen = Vec::new();
    let found = tokio::time::timeout(PATIENCE, async {
        loop {
            let update = updates.next().await.expect("the stream goes on").expect("the agent is there");
            for part in parts(update) {
                if let Some(found) = look(&part) {
                    return found;
                }
                seen.push(format!("{part:?}"));
            }
        }
    });
    match found.await {
        Ok(found) => found,
        Err(_) => {
            let last = &seen[seen.len().saturating_sub(LAST_SHOWN)..];
            panic!("waited in vain until {what}; seen at last, of {}:\n{}", seen.len(), last.join("\n"))
        }
    }
}

/// The present as the updates that would have led to it.
fn parts(update: Update) -> Vec<Update> {
    let Update::Present(present) = update else { return vec![update] };
    let mut parts = vec![Update::Vault { vault: present.hello.vault }];
    parts.extend(present.profiles.into_iter().map(|profile| Update::Profile { profile }));
    parts.extend(present.sessions.into_iter().map(|session| Update::Session { session }));
    parts.extend(present.sign_ins.into_iter().map(|sign_in| Update::SignIn { sign_in }));
    parts
}
