//! Notifications: one for everything that waits for the person, while they are not at the window; acting on it leads to
//! the right place. Over the session bus, by the Desktop Notifications Specification 1.2.

use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use futures_util::StreamExt as _;
use jiff::Timestamp;
use tauri::{AppHandle, Manager, Runtime};
use tokio::time::Instant;
use zbus::zvariant::Value;

use crate::overview::{Overview, ends_soon, line, name, needs_sign_in, next_notice, now};
use crate::shell::Shell;
use crate::watch::Place;
use crate::window;
use crate::words::Words;

/// What comes within this is one notification.
const COLLECTED_FOR: Duration = Duration::from_millis(1200);
/// A clock that was set, and a computer that slept, are noticed within this.
const LONGEST_WAIT: Duration = Duration::from_secs(3600);
const MOST_NAMES: usize = 3;
const DEFAULT_ACTION: &str = "default";
const SHOW_ACTION: &str = "show";
/// Of the packages' desktop entry.
const DESKTOP_ENTRY: &str = "Doorkey";
const ICON: &str = "doorkey-desktop";

/// Something that waits for the person.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Need {
    SignIn(String),
    EndsSoon(String),
    Answer(String),
}

/// One notification about all of it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Notice {
    summary: String,
    body: String,
    place: Place,
}

#[derive(Debug, PartialEq, Eq)]
enum Act {
    Nothing,
    Raise(Notice),
    Withdraw,
}

/// Whether the person is to be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Telling {
    /// They look at the window, or want no notifications.
    Needless,
    Wanted,
}

/// What they know already.
#[derive(Debug, Default)]
struct Told {
    needs: BTreeSet<Need>,
    shown: bool,
}

impl Told {
    fn look(&mut self, overview: &Overview, telling: Telling, at: Timestamp, words: &Words) -> Act {
        if !overview.connected {
            return Act::Nothing;
        }
        let needs = needs(overview, at);
        let is_news = needs.difference(&self.needs).next().is_some();
        // What has passed and comes again is news again.
        self.needs = needs;
        if telling == Telling::Needless || self.needs.is_empty() {
            return if std::mem::take(&mut self.shown) { Act::Withdraw } else { Act::Nothing };
        }
        if !is_news {
            return Act::Nothing;
        }
        self.shown = true;
        Act::Raise(notice(overview, at, words))
    }
}

fn needs(overview: &Overview, at: Timestamp) -> BTreeSet<Need> {
    let of_session = |one: &doorkey_client::words::Session| {
        if needs_sign_in(one) {
            Some(Need::SignIn(one.id.clone()))
        } else {
            ends_soon(one, at).then(|| Need::EndsSoon(one.id.clone()))
        }
    };
    let questions = overview.questions.iter().map(|one| Need::Answer(one.id.clone()));
    overview.sessions.iter().filter_map(of_session).chain(questions).collect()
}

/// What is most urgent above, the rest below it.
fn notice(overview: &Overview, at: Timestamp, words: &Words) -> Notice {
    let named = |found: Vec<&doorkey_client::words::Session>| found.into_iter().map(|one| line(name(one))).collect();
    let again: Vec<String> = named(overview.sessions.iter().filter(|one| needs_sign_in(one)).collect());
    let soon: Vec<String> = named(overview.sessions.iter().filter(|one| ends_soon(one, at)).collect());
    let mut lines = Vec::new();
    match overview.questions.as_slice() {
        [] => {}
        [one] => {
            let program = one.wanted.program.rsplit('/').next().unwrap_or_default();
            lines.push((words.program_asks)(&line(program), &line(&one.wanted.profile)));
        }
        many => lines.push((words.programs_ask)(many.len())),
    }
    let place = if lines.is_empty() { Place::Accounts } else { Place::Programs };
    for (names, one, many) in
        [(&again, words.sign_in_again, words.sign_in_again_many), (&soon, words.ends_soon, words.ends_soon_many)]
    {
        match names.as_slice() {
            [] => {}
            [name] => lines.push(one(name)),
            many_names => lines.push(many(many_names.len())),
        }
    }
    let summary = lines.remove(0);
    if lines.is_empty() {
        lines.push(match (place, again.len().max(soon.len())) {
            (Place::Programs, _) => words.programs_wait.to_owned(),
            (_, 0 | 1) => words.nothing_lost.to_owned(),
            _ => few(if again.is_empty() { &soon } else { &again }),
        });
    }
    Notice { summary, body: lines.join("\n"), place }
}

fn few(names: &[String]) -> String {
    let mut few = names.iter().take(MOST_NAMES).cloned().collect::<Vec<_>>().join(", ");
    if names.len() > MOST_NAMES {
        few.push_str(", …");
    }
    few
}

#[zbus::proxy(
    interface = "org.freedesktop.Notifications",
    default_service = "org.freedesktop.Notifications",
    default_path = "/org/freedesktop/Notifications",
    gen_blocking = false
)]
trait Notifications {
    #[expect(clippy::too_many_arguments, reason = "as the specification has it")]
    fn notify(
        &self,
        app_name: &str,
        replaces_id: u32,
        app_icon: &str,
        summary: &str,
        body: &str,
        actions: &[&str],
        hints: HashMap<&str, Value<'_>>,
        expire_timeout: i32,
    ) -> zbus::Result<u32>;

    fn close_notification(&self, id: u32) -> zbus::Result<()>;

    fn get_capabilities(&self) -> zbus::Result<Vec<String>>;

    #[zbus(signal)]
    fn action_invoked(&self, id: u32, action_key: &str) -> zbus::Result<()>;

    #[zbus(signal)]
    fn notification_closed(&self, id: u32, reason: u32) -> zbus::Result<()>;
}

/// Tells for as long as the program runs. Without a session bus there is nobody to tell it to.
pub(crate) async fn keep<R: Runtime>(app: AppHandle<R>) {
    // The reason is told as what this desktop is not able to do.
    let _ = tell(&app).await;
}

async fn tell<R: Runtime>(app: &AppHandle<R>) -> zbus::Result<()> {
    let shell = app.state::<Shell>();
    let bus = zbus::Connection::session().await?;
    let service = NotificationsProxy::new(&bus).await?;
    let mut actions = service.receive_action_invoked().await?;
    let mut closed = service.receive_notification_closed().await?;
    let (mut overview, mut focused, mut settings) =
        (shell.overview.subscribe(), shell.focused.subscribe(), shell.settings.subscribe());
    let mut told = Told::default();
    // The newest that is on the screen, and where it leads.
    let mut shown: Option<(u32, Place)> = None;
    let mut look_at = Instant::now() + COLLECTED_FOR;
    let mut waiting = true;
    loop {
        let look = tokio::select! {
            Some(action) = actions.next() => {
                if let (Ok(action), Some((id, place))) = (action.args(), shown)
                    && *action.id() == id
                    && [DEFAULT_ACTION, SHOW_ACTION].contains(action.action_key())
                {
                    window::show_place(app, place);
                }
                false
            }
            Some(one) = closed.next() => {
                if let (Ok(one), Some((id, _))) = (one.args(), shown) && *one.id() == id {
                    shown = None;
                }
                false
            }
            Ok(()) = overview.changed() => false,
            Ok(()) = focused.changed() => false,
            Ok(()) = settings.changed() => false,
            () = tokio::time::sleep_until(look_at) => true,
            else => return Ok(()),
        };
        if !look {
            if !waiting {
                (waiting, look_at) = (true, Instant::now() + COLLECTED_FOR);
            }
            continue;
        }
        waiting = false;
        let at = now();
        let (act, next) = {
            let overview = overview.borrow_and_update();
            let wanted = settings.borrow_and_update().settings.notifications && !*focused.borrow_and_update();
            let telling = if wanted { Telling::Wanted } else { Telling::Needless };
            let act = told.look(&overview, telling, at, shell.settings.language().words());
            (act, next_notice(&overview.sessions, at))
        };
        let until_next = next.and_then(|next| Duration::try_from(next.duration_since(at)).ok());
        look_at = Instant::now() + until_next.unwrap_or(LONGEST_WAIT).min(LONGEST_WAIT);
        match act {
            Act::Nothing => {}
            // A service that is not there is told the next time; what waits is in the window.
            Act::Raise(notice) => {
                let replaced = shown.map_or(0, |(id, _)| id);
                let show = shell.settings.language().words().show;
                shown = raise(&service, &notice, replaced, show).await.ok().map(|id| (id, notice.place));
            }
            Act::Withdraw => {
                if let Some((id, _)) = shown.take() {
                    let _ = service.close_notification(id).await;
                }
            }
        }
    }
}

async fn raise(service: &NotificationsProxy<'_>, notice: &Notice, replaces: u32, show: &str) -> zbus::Result<u32> {
    let able = service.get_capabilities().await?;
    let has = |capability: &str| able.iter().any(|one| one == capability);
    let body = if has("body-markup") { plain(&notice.body) } else { notice.body.clone() };
    // The first is what a click on the whole does.
    let actions: &[&str] = if has("actions") { &[DEFAULT_ACTION, show, SHOW_ACTION, show] } else { &[] };
    let hints = HashMap::from([("desktop-entry", Value::from(DESKTOP_ENTRY)), ("urgency", Value::from(1_u8))]);
    // For how long is the service's to say.
    service.notify("Doorkey", replaces, ICON, &notice.summary, &body, actions, hints, -1).await
}

/// Where a body is markup, a name in it is none.
fn plain(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests;
