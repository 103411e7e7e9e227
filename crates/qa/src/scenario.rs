//! Scenarios: a sign-in that is described once, in a file, and tested on every build.
//!
//! [`read`] makes [`Run`]s of a file: every combination of its matrix, with all variables in their place. [`play`] plays
//! one with an agent that has nothing else to do, and tells what was expected and what came ([`Played`]). Who starts that
//! agent is no concern of this module: it is handed a client.

mod browser;
mod expand;
mod format;
mod judge;
pub mod junit;
mod literal;
mod mistake;
mod performance;
mod progress;
pub mod record;
mod substitute;
#[cfg(test)]
mod tests;

use std::time::Duration;

use doorkey_client::words::{Profile, SignOut};

pub use self::browser::{Installed, NoBrowser};
pub use self::expand::{LARGEST_FILE, MOST_COMBINATIONS, MOST_RUNS, MOST_SCENARIOS, Scenarios, read};
pub use self::format::{
    Bounds, Claim, ClaimTest, Count, CountBounds, Expect, ProfileSource, ScopeTest, Scopes, SecretSource, SignIn, Span,
    Texts,
};
pub use self::judge::{Judged, Seen};
pub use self::mistake::Mistake;
pub use self::performance::{Broken, Ended, Played, PlayedStep, Secrets, Settings, play};
pub use self::progress::{Doing, Told};

/// What a profile is called that stands in the scenario itself.
pub const PROFILE: &str = "scenario";
/// How long a run may take where it does not say.
pub const USUAL_TIMEOUT: Duration = Duration::from_secs(120);
/// Longer is none.
pub const LONGEST_TIMEOUT: Duration = Duration::from_secs(1_800);
/// How long is waited for something on a page where the step does not say.
pub const USUAL_WAIT: Duration = Duration::from_secs(10);
/// A run that failed is not tried more often.
pub const MOST_RETRIES: u32 = 5;

/// One run: a scenario with one combination of its matrix.
#[derive(Debug)]
#[non_exhaustive]
pub struct Run {
    /// The scenario's name, with the combination behind it where there is one.
    pub name: String,
    /// How to sign in.
    pub profile: RunProfile,
    /// The name of the secret that is the client's.
    pub client_secret: Option<String>,
    /// The name of the secret that is the client's private key.
    pub client_key: Option<String>,
    /// How the login page is filled in.
    pub hands: Hands,
    /// Parameters of the sign-in.
    pub sign_in: SignIn,
    /// What must come of it.
    pub expect: Expect,
    /// What is done after it.
    pub then: Vec<Then>,
    /// How often it is tried again when it failed.
    pub retries: u32,
    /// How long one try may take.
    pub timeout: Duration,
}

/// How to sign in.
#[derive(Debug)]
pub enum RunProfile {
    /// With a profile of this computer.
    Named(String),
    /// With one of the scenario's own.
    Own(Box<Profile>),
}

/// How the login page is filled in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hands {
    /// By a person, in this computer's browser.
    Person,
    /// By headless Chromium.
    Chromium(Vec<Step>),
    /// By a program and its arguments.
    Command(Vec<String>),
}

impl Hands {
    fn steps(&self) -> &[Step] {
        match self {
            Self::Chromium(steps) => steps,
            Self::Person | Self::Command(_) => &[],
        }
    }
}

/// Something that is done on a page.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Step {
    /// The CSS selector.
    pub selector: String,
    /// What is done with it.
    pub what: Do,
    /// How long is waited for it.
    pub within: Duration,
    /// Whether it may be missing.
    pub optional: bool,
}

/// What is done with an element of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Do {
    /// Types this.
    Fill(String),
    /// Types the secret of this name.
    FillSecret(String),
    /// Clicks on it.
    Click,
    /// Waits until it is there.
    Wait,
    /// Wants it to be there, with this in its text where that is said.
    Expect(Option<String>),
}

/// What is done after the sign-in.
#[derive(Debug)]
pub enum Then {
    /// The tokens are renewed.
    Renew(Expect),
    /// The session is ended, and whoever is named opens the provider's sign-out page where there is to be one.
    SignOut(SignOut, Hands, Expect),
}

impl Run {
    /// The names of the secrets that it needs.
    #[must_use]
    pub fn secrets(&self) -> Vec<&str> {
        let left = self.then.iter().flat_map(|then| match then {
            Then::Renew(_) => &[],
            Then::SignOut(_, hands, _) => hands.steps(),
        });
        let typed = self.hands.steps().iter().chain(left).filter_map(|step| match &step.what {
            Do::FillSecret(name) => Some(name.as_str()),
            Do::Fill(_) | Do::Click | Do::Wait | Do::Expect(_) => None,
        });
        [self.client_secret.as_deref(), self.client_key.as_deref()].into_iter().flatten().chain(typed).collect()
    }

    /// The programs that it runs, each with its arguments.
    pub fn commands(&self) -> impl Iterator<Item = &[String]> {
        let left = self.then.iter().filter_map(|then| match then {
            Then::Renew(_) => None,
            Then::SignOut(_, hands, _) => Some(hands),
        });
        std::iter::once(&self.hands).chain(left).filter_map(|hands| match hands {
            Hands::Command(words) => Some(words.as_slice()),
            Hands::Person | Hands::Chromium(_) => None,
        })
    }
}
