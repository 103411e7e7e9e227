//! The stream to the pages: how the way to the agent is, and everything the agent tells.

use std::time::Duration;

use doorkey_client::ClientError;
use doorkey_client::words::{Refusal, SignInStep, Update};
use serde::Serialize;
use tauri::ipc::Channel;
use tokio::time::Instant;

use crate::link::Whose;
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
    Connection { connection: Connection },
}

/// Whether the agent answers.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub(crate) enum Connection {
    Connecting,
    Connected { agent: Whose },
    Lost { refusal: Refusal },
}

/// Tells everything to `channel` until the page behind it is gone or another page watches.
/// `wanted` is called when the person should look: a sign-in of this window has come to its end, or a program waits for a
/// yes or a no.
pub(crate) async fn tell(shell: &Shell, channel: &Channel<Message>, wanted: impl Fn()) {
    let mut watchers = shell.watchers.subscribe();
    shell.watchers.send_modify(|count| *count += 1);
    watchers.mark_unchanged();
    tokio::select! {
        _ = watchers.changed() => {}
        () = follow(shell, channel, wanted) => {}
    }
}

/// Ends when the page takes no more messages.
async fn follow(shell: &Shell, channel: &Channel<Message>, wanted: impl Fn()) {
    if say(channel, Connection::Connecting).is_err() {
        return;
    }
    loop {
        let mut since = None;
        let refusal = match stream(shell, channel, &wanted, &mut since).await {
            Ok(()) => return,
            Err(refusal) => refusal,
        };
        shell.link.check().await;
        // An agent that has served for a while and went away has a successor at once: this process, if nobody else.
        if since.is_some_and(|since| since.elapsed() > LOOK_AGAIN) {
            continue;
        }
        if say(channel, Connection::Lost { refusal }).is_err() {
            return;
        }
        tokio::time::sleep(LOOK_AGAIN).await;
    }
}

/// `Ok` when the page is gone; otherwise why the agent is. `since` is when it began to tell.
async fn stream(
    shell: &Shell,
    channel: &Channel<Message>,
    wanted: &impl Fn(),
    since: &mut Option<Instant>,
) -> Result<(), Refusal> {
    let (client, whose) = shell.link.join().await?;
    let mut updates = client.updates_to_answer().await.map_err(|error| error.refusal())?;
    if say(channel, Connection::Connected { agent: whose }).is_err() {
        return Ok(());
    }
    *since = Some(Instant::now());
    while let Some(update) = updates.next().await.map_err(|error| error.refusal())? {
        if let Update::SignIn { sign_in } = &update
            && matches!(sign_in.step, SignInStep::Done | SignInStep::Failed)
            && shell.forget_sign_in(&sign_in.id)
        {
            wanted();
        }
        if matches!(update, Update::ConsentAsked { .. }) {
            wanted();
        }
        if channel.send(Message::Agent(Box::new(update))).is_err() {
            return Ok(());
        }
    }
    Err(ClientError::NotRunning.refusal())
}

fn say(channel: &Channel<Message>, connection: Connection) -> tauri::Result<()> {
    channel.send(Message::Host(HostMessage::Connection { connection }))
}
