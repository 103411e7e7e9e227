//! The clipboard. A token is marked so that clipboard histories leave it out, and is taken back after 30 s (S-46).

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use doorkey_client::Secret;
use doorkey_client::words::Refusal;

/// Long enough to paste it.
const SECRET_STAYS: Duration = Duration::from_secs(30);
/// A clipboard that another program holds just then is tried again.
const TRIES: u32 = 5;
const BETWEEN_TRIES: Duration = Duration::from_millis(200);

/// The system's clipboard, opened at the first use. On X11 and Wayland the program that copied serves what is
/// pasted, so it stays open from then on.
#[derive(Clone, Default)]
pub(crate) struct Clipboard(Arc<Mutex<Held>>);

#[derive(Default)]
struct Held {
    clipboard: Option<arboard::Clipboard>,
    /// The token that is on it, as far as we know.
    secret: Option<Secret>,
    /// Counts what was copied here: a timer takes back only what it was set for.
    copies: u64,
}

impl Clipboard {
    /// Copies a text that anybody may see.
    pub(crate) async fn copy(&self, text: String) -> Result<(), Refusal> {
        self.with(move |held| {
            held.set(|set| set, &text)?;
            held.secret = None;
            Ok(())
        })
        .await
    }

    /// Copies a secret, and takes it back later if it is still there.
    #[expect(clippy::disallowed_methods, reason = "to the clipboard, because the person pressed Copy token")]
    pub(crate) async fn copy_secret(&self, secret: Secret) -> Result<(), Refusal> {
        let copy = self
            .with(move |held| {
                held.set(excluded_from_history, secret.expose())?;
                held.secret = Some(secret);
                Ok(held.copies)
            })
            .await?;
        let this = self.clone();
        tauri::async_runtime::spawn(async move {
            tokio::time::sleep(SECRET_STAYS).await;
            this.take_back(Some(copy)).await;
        });
        Ok(())
    }

    /// Takes a secret back at once if it is still there: when the program ends.
    pub(crate) async fn clear_secret(&self) {
        self.take_back(None).await;
    }

    async fn take_back(&self, copy: Option<u64>) {
        for _ in 0..TRIES {
            let taken = self
                .with(move |held| if copy.is_none_or(|copy| copy == held.copies) { held.take_back() } else { Ok(()) });
            if taken.await.is_ok() {
                return;
            }
            tokio::time::sleep(BETWEEN_TRIES).await;
        }
    }

    /// The system's calls wait for other programs: never on a thread that others wait for.
    async fn with<T: Send + 'static>(
        &self,
        act: impl FnOnce(&mut Held) -> Result<T, arboard::Error> + Send + 'static,
    ) -> Result<T, Refusal> {
        let held = Arc::clone(&self.0);
        let acting = move || act(&mut held.lock().unwrap_or_else(PoisonError::into_inner));
        match tauri::async_runtime::spawn_blocking(acting).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(error)) => Err(refusal(&error)),
            Err(_) => Err(refusal(&arboard::Error::ClipboardNotSupported)),
        }
    }
}

impl Held {
    /// Whatever cannot be done keeps the secret known, for another try.
    #[expect(clippy::disallowed_methods, reason = "compared with what is on the clipboard now")]
    fn take_back(&mut self) -> Result<(), arboard::Error> {
        if let (Some(secret), Some(clipboard)) = (&self.secret, &mut self.clipboard) {
            match clipboard.get_text() {
                Ok(text) if text == secret.expose() => clipboard.clear()?,
                // What the person has copied since is theirs.
                Ok(_) | Err(arboard::Error::ContentNotAvailable) => {}
                Err(error) => return Err(error),
            }
        }
        self.secret = None;
        Ok(())
    }

    fn set(
        &mut self,
        mark: impl FnOnce(arboard::Set<'_>) -> arboard::Set<'_>,
        text: &str,
    ) -> Result<(), arboard::Error> {
        let clipboard = match self.clipboard.take() {
            Some(open) => self.clipboard.insert(open),
            None => self.clipboard.insert(arboard::Clipboard::new()?),
        };
        mark(clipboard.set()).text(text)?;
        self.copies += 1;
        Ok(())
    }
}

fn excluded_from_history(set: arboard::Set<'_>) -> arboard::Set<'_> {
    #[cfg(target_os = "macos")]
    use arboard::SetExtApple;
    #[cfg(all(unix, not(target_os = "macos")))]
    use arboard::SetExtLinux;
    #[cfg(windows)]
    use arboard::SetExtWindows;
    set.exclude_from_history()
}

fn refusal(error: &arboard::Error) -> Refusal {
    Refusal::new(
        "desktop.clipboard",
        format!("The clipboard cannot be used: {error}."),
        "Use `doorkey token` in a terminal instead.",
    )
    .retryable()
}
