//! What the tray and the notifications tell: who is signed in, and what waits for the person.

use doorkey_client::words::{ConsentQuestion, Session, SessionState, Update};
use jiff::Timestamp;
use tauri::{AppHandle, Manager, Runtime};

use crate::shell::Shell;
use crate::watch::{Connection, HostMessage, Message, Stream, follow};

/// The present, as far as it is told outside the pages.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Overview {
    pub(crate) connected: bool,
    /// In the person's order.
    pub(crate) sessions: Vec<Session>,
    pub(crate) questions: Vec<ConsentQuestion>,
}

/// Keeps it true for as long as the program runs.
pub(crate) async fn keep<R: Runtime>(app: AppHandle<R>) {
    let shell = app.state::<Shell>();
    follow(&shell.link, Stream::ToSee, |message| {
        shell.overview.send_if_modified(|now| now.apply(message));
        true
    })
    .await;
}

impl Overview {
    /// Whether it was changed by this.
    fn apply(&mut self, message: Message) -> bool {
        match message {
            Message::Host(HostMessage::Connection { connection }) => {
                let connected = matches!(connection, Connection::Connected { .. });
                std::mem::replace(&mut self.connected, connected) != connected
            }
            Message::Host(_) => false,
            Message::Agent(update) => self.update(*update),
        }
    }

    fn update(&mut self, update: Update) -> bool {
        match update {
            Update::Present(present) => {
                self.sessions = present.sessions;
                self.questions = present.questions;
            }
            Update::Session { session } => match self.sessions.iter_mut().find(|one| one.id == session.id) {
                Some(known) => *known = session,
                None => self.sessions.push(session),
            },
            Update::SessionRemoved { id } => self.sessions.retain(|one| one.id != id),
            Update::ConsentAsked { question } => {
                self.questions.retain(|one| one.id != question.id);
                self.questions.push(question);
            }
            Update::ConsentSettled { id } => self.questions.retain(|one| one.id != id),
            Update::Event(_)
            | Update::Profile { .. }
            | Update::ProfileRemoved { .. }
            | Update::SignIn { .. }
            | Update::Vault { .. } => return false,
        }
        // As the pages have it: those that were given a place first, the others as the agent lists them.
        self.sessions.sort_by_key(|one| one.position.unwrap_or(u32::MAX));
        true
    }

    /// How many sessions give tokens.
    pub(crate) fn signed_in(&self) -> usize {
        self.sessions.iter().filter(|one| gives_tokens(one)).count()
    }

    /// How many things wait for the person.
    pub(crate) fn need_you(&self, now: Timestamp) -> usize {
        let sessions = self.sessions.iter().filter(|one| needs_sign_in(one) || ends_soon(one, now)).count();
        sessions + self.questions.len()
    }
}

/// For display: identity is `iss` and `sub`.
pub(crate) fn name(session: &Session) -> &str {
    let named = session.label.as_deref().or(session.name.as_deref()).or(session.email.as_deref());
    named.unwrap_or(&session.sub)
}

pub(crate) fn gives_tokens(session: &Session) -> bool {
    match session.state {
        SessionState::SignedIn | SessionState::Renewing | SessionState::Offline => true,
        SessionState::Expired | SessionState::SignInRequired => false,
    }
}

pub(crate) fn needs_sign_in(session: &Session) -> bool {
    match session.state {
        SessionState::SignInRequired => true,
        // One that was never meant to be renewed ends, and nobody needs to be called.
        SessionState::Expired | SessionState::SignedIn | SessionState::Renewing | SessionState::Offline => false,
    }
}

/// Whether the person is to be told to sign in again before its end.
pub(crate) fn ends_soon(session: &Session, now: Timestamp) -> bool {
    gives_tokens(session) && session.ends.as_ref().and_then(|ends| ends.notice_at).is_some_and(|at| at <= now)
}

/// When the next of them will [end soon](ends_soon), if none does anything before.
pub(crate) fn next_notice(sessions: &[Session], now: Timestamp) -> Option<Timestamp> {
    let notices = sessions.iter().filter_map(|one| one.ends.as_ref()?.notice_at);
    notices.filter(|at| *at > now).min()
}

/// For display, on a line of its own: a provider may have put anything into a name.
pub(crate) fn line(text: &str) -> String {
    const LONGEST: usize = 48;
    let seen: String = text.chars().filter(|one| !is_invisible(*one)).take(LONGEST + 1).collect();
    if seen.chars().count() <= LONGEST {
        return seen.trim().to_owned();
    }
    let mut short: String = seen.chars().take(LONGEST - 1).collect();
    short.push('…');
    short
}

/// Control characters, and those that change the order of what stands around them (Unicode UAX 9).
fn is_invisible(one: char) -> bool {
    one.is_control()
        || matches!(one, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// The wall clock, for what the agent tells in times of day.
#[expect(clippy::disallowed_methods, reason = "the one place of the window that asks for the time")]
pub(crate) fn now() -> Timestamp {
    Timestamp::now()
}

#[cfg(test)]
pub(crate) mod tests;
