//! What a run is doing while it is played, for whoever looks on.

use doorkey_client::words::SignInStep;

/// Something that a run has begun.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(tag = "doing", rename_all = "snake_case")]
pub enum Doing {
    /// Chromium is started.
    Browser,
    /// The sign-in is this far.
    SignIn {
        /// In the agent's words.
        progress: SignInStep,
    },
    /// A step on the login page.
    Page {
        /// Which one, from one.
        number: usize,
        /// How many there are.
        of: usize,
        /// Such as `click "#allow"`; never what is typed.
        what: String,
    },
    /// The tokens are renewed.
    Renewal,
    /// The session is ended.
    SignOut,
}

/// Who is told. It is called between awaits, and returns at once.
pub type Told<'a> = &'a (dyn Fn(Doing) + Send + Sync);
