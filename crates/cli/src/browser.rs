//! Opening the browser for the person at this terminal.

use doorkey_agent::browser::{self, BrowserChoice, Opened};
use url::Url;

use crate::args::Browser;

/// How.
#[derive(Clone, Debug)]
pub(crate) enum Opening {
    /// The person opens the address themselves.
    ByHand,
    /// With the command they named, `$BROWSER` or the desktop's browser.
    With(BrowserChoice),
}

impl Opening {
    pub(crate) fn of(args: &Browser) -> Self {
        if args.no_browser { Self::ByHand } else { Self::With(BrowserChoice::from_env(args.browser.clone())) }
    }

    /// Whether there is anything to open an address with.
    pub(crate) fn opens_something(&self) -> bool {
        match self {
            Self::ByHand => false,
            Self::With(choice) => choice.opens_something(),
        }
    }

    /// Opens it; what took it, or nothing when it is for the person to open.
    ///
    /// # Errors
    /// One sentence: why no browser was opened.
    pub(crate) async fn open(&self, address: &str) -> Result<Option<String>, String> {
        let Self::With(choice) = self else { return Ok(None) };
        let url = Url::parse(address).map_err(|_| "the address to open is not a web address".to_owned())?;
        let choice = choice.clone();
        // Launchers may take a moment to fail.
        let opened = tokio::task::spawn_blocking(move || browser::open(&url, &choice)).await;
        match opened {
            Ok(Ok(Opened::Command(program))) => Ok(Some(format!("`{program}`"))),
            Ok(Ok(Opened::Desktop)) => Ok(Some("the desktop's browser".to_owned())),
            Ok(Err(error)) => Err(error.to_string()),
            Err(_) => Err("the browser could not be opened".to_owned()),
        }
    }
}
