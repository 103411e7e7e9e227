//! The stream to the pages: what is set of the window, how the way to the agent is, and everything the agent tells.

use std::time::Duration;

use doorkey_client::words::{Pause, Refusal, SignInStep, Update};
use doorkey_client::{Client, ClientError, Updates};
use serde::Serialize;
use tauri::ipc::Channel;
use tokio::time::Instant;

use crate::able::Able;
use crate::link::{Link, Whose};
use crate::settings::{InForce, Settings};
use crate::shell::Shell;

/// Between two looks for an agent that cannot be had.
const LOOK_AGAIN: Duration = Duration::from_secs(2);

/// One message to the pages; `ui/src/lib/host-words.ts` has the same words.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
pub(crate) enum Message {
    Host(HostMessage),
    Agent(Box<Update>),
}

#[derive(Clone, Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum HostMessage {
    Connection {
        connection: Connection,
    },
    Settings {
        settings: Settings,
        able: Able,
        /// Why the file of settings is not in force.
        #[serde(skip_serializing_if = "Option::is_none")]
        problem: Option<Refusal>,
    },
    Go {
        place: Place,
    },
}

/// A place in the window that something outside it leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Place {
    Accounts,
    Programs,
    Scenarios,
}

/// Whether the agent answers.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub(crate) enum Connection {
    Connecting,
    Connected { agent: Whose },
    Lost { refusal: Refusal },
}

/// Why the person should look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// A sign-in of this window has come to its end.
    SignedIn,
    /// One in step mode is back from the browser, and waits.
    GoOn,
    /// A program waits for a yes or a no.
    Answer,
}

/// Tells everything to `channel` until the page behind it is gone or another page watches.
/// `wanted` is called when the person should look.
pub(crate) async fn tell(shell: &Shell, channel: &Channel<Message>, wanted: impl Fn(Wanted)) {
    let mut watchers = shell.watchers.subscribe();
    shell.watchers.send_modify(|count| *count += 1);
    watchers.mark_unchanged();
    let told = |message: Message| {
        if let Message::Agent(update) = &message
            && let Some(why) = why_wanted(shell, update)
        {
            wanted(why);
        }
        channel.send(message).is_ok()
    };
    tokio::select! {
        biased;
        _ = watchers.changed() => {}
        () = host(shell, channel) => {}
        () = follow(&shell.link, Stream::ToAnswer, told) => {}
    }
}

/// The first word is what is set of the window. Ends when the page takes no more messages.
async fn host(shell: &Shell, channel: &Channel<Message>) {
    let (mut settings, mut able, mut places) =
        (shell.settings.subscribe(), shell.able.subscribe(), shell.places.subscribe());
    // What was wanted before there was a page is wanted still.
    places.mark_changed();
    settings.mark_changed();
    loop {
        // Told with the settings it is about, not again whenever a panel comes or goes.
        let is_news = settings.has_changed().unwrap_or_default();
        let InForce { settings: now, problem } = settings.borrow_and_update().clone();
        let problem = problem.filter(|_| is_news);
        let able_to = *able.borrow_and_update();
        if channel.send(Message::Host(HostMessage::Settings { settings: now, able: able_to, problem })).is_err() {
            return;
        }
        loop {
            tokio::select! {
                _ = settings.changed() => break,
                _ = able.changed() => break,
                _ = places.changed() => {}
            }
            let place = shell.places.send_replace(None);
            places.mark_unchanged();
            if let Some(place) = place
                && channel.send(Message::Host(HostMessage::Go { place })).is_err()
            {
                return;
            }
        }
    }
}

fn why_wanted(shell: &Shell, update: &Update) -> Option<Wanted> {
    match update {
        Update::SignIn { sign_in } => {
            if matches!(sign_in.step, SignInStep::Done | SignInStep::Failed) {
                return shell.forget_sign_in(&sign_in.id).then_some(Wanted::SignedIn);
            }
            (sign_in.pause.as_ref().is_some_and(is_back) && shell.started_here(&sign_in.id)).then_some(Wanted::GoOn)
        }
        Update::ConsentAsked { .. } => Some(Wanted::Answer),
        Update::Present(_)
        | Update::Event(_)
        | Update::Session { .. }
        | Update::SessionRemoved { .. }
        | Update::Profile { .. }
        | Update::ProfileRemoved { .. }
        | Update::Vault { .. }
        | Update::ConsentSettled { .. } => None,
    }
}

/// The browser has brought a code. Whoever is asked whether another device is done is asked again and again, and nobody
/// is taken away from what they do for it.
fn is_back(pause: &Pause) -> bool {
    let fields = pause.request.iter().flat_map(|request| &request.form);
    pause.before == "token"
        && fields.into_iter().any(|field| field.name == "grant_type" && field.value == "authorization_code")
}

/// Which stream.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Stream {
    /// That of somebody who shows questions to a person.
    ToAnswer,
    /// That of somebody who looks on.
    ToSee,
}

impl Stream {
    async fn open(self, client: &Client) -> Result<Updates, ClientError> {
        match self {
            Self::ToAnswer => client.updates_to_answer().await,
            Self::ToSee => client.updates(None).await,
        }
    }
}

/// Tells how the way to the agent is and all that the agent says, over every break; ends when `told` wants no more.
pub(crate) async fn follow(link: &Link, stream: Stream, mut told: impl FnMut(Message) -> bool) {
    if !told(connection(Connection::Connecting)) {
        return;
    }
    loop {
        let mut since = None;
        let refusal = match read(link, stream, &mut told, &mut since).await {
            Ok(()) => return,
            Err(refusal) => refusal,
        };
        link.check().await;
        // An agent that has served for a while and went away has a successor at once: this process, if nobody else.
        if since.is_some_and(|since| since.elapsed() > LOOK_AGAIN) {
            continue;
        }
        if !told(connection(Connection::Lost { refusal })) {
            return;
        }
        tokio::time::sleep(LOOK_AGAIN).await;
    }
}

/// `Ok` when no more is wanted; otherwise why the agent is gone. `since` is when it began to tell.
async fn read(
    link: &Link,
    stream: Stream,
    told: &mut impl FnMut(Message) -> bool,
    since: &mut Option<Instant>,
) -> Result<(), Refusal> {
    let (client, whose) = link.join().await?;
    let mut updates = stream.open(&client).await.map_err(|error| error.refusal())?;
    if !told(connection(Connection::Connected { agent: whose })) {
        return Ok(());
    }
    *since = Some(Instant::now());
    while let Some(update) = updates.next().await.map_err(|error| error.refusal())? {
        if !told(Message::Agent(Box::new(update))) {
            return Ok(());
        }
    }
    Err(ClientError::NotRunning.refusal())
}

fn connection(connection: Connection) -> Message {
    Message::Host(HostMessage::Connection { connection })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_code_from_the_browser_brings_the_window_forward() {
        let before = |purpose: &str, grant: &str| -> Pause {
            let form = serde_json::json!([{ "name": "grant_type", "value": grant }]);
            let request =
                serde_json::json!({ "method": "POST", "url": "https://op.example", "headers": [], "form": form });
            let pause =
                serde_json::json!({ "number": 1, "before": purpose, "request": request, "query": [], "editable": [] });
            serde_json::from_value(pause).expect("a pause")
        };
        assert!(is_back(&before("token", "authorization_code")));
        assert!(!is_back(&before("token", "urn:ietf:params:oauth:grant-type:device_code")));
        assert!(!is_back(&before("device", "authorization_code")));
    }
}
