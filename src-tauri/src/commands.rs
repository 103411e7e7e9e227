//! What the pages may ask, by name; `permissions/commands.toml` and `capabilities/main.json` list the same names.
//!
//! None of them answers with a token, a code, an authorization URL or a client secret.

use doorkey_client::words::{
    ConsentAnswer, DiscoveryRequest, ProfileEntry, ProfileView, Provider, Refusal, RenewalRequest, Session, SignIn,
    SignInRequest, SignOutAnswer, SignOutRequest, TokenRequest, VaultChoice, VaultStatus,
};
use doorkey_client::{Client, ClientError};
use tauri::ipc::{Channel, Invoke};
use tauri::{AppHandle, Manager, Runtime, State};

use crate::shell::Shell;
use crate::watch::Message;
use crate::{browser, watch, window};

/// Redirect addresses are far shorter; a page has no reason to copy more.
const LONGEST_TEXT: usize = 8 * 1024;

type Answer<T> = Result<T, Refusal>;

pub(crate) fn handler<R: Runtime>() -> impl Fn(Invoke<R>) -> bool + Send + Sync + 'static {
    tauri::generate_handler![
        watch,
        discover,
        save_profile,
        remove_profile,
        start_sign_in,
        cancel_sign_in,
        open_again,
        copy_link,
        copy_token,
        copy_text,
        renew,
        sign_out,
        start_demo,
        choose_vault,
        answer_consent,
    ]
}

/// Answers at once; the messages come through the channel.
#[tauri::command]
fn watch<R: Runtime>(app: AppHandle<R>, channel: Channel<Message>) {
    tauri::async_runtime::spawn(async move {
        let forward = || window::come_forward(&app);
        watch::tell(&app.state::<Shell>(), &channel, forward).await;
    });
}

#[tauri::command]
async fn discover(shell: State<'_, Shell>, request: DiscoveryRequest) -> Answer<Provider> {
    let client = shell.link.client().await?;
    let mut newer = shell.discoveries.subscribe();
    shell.discoveries.send_modify(|count| *count += 1);
    newer.mark_unchanged();
    tokio::select! {
        // Dropping the call ends it at the agent too: nobody waits for its answer any more.
        _ = newer.changed() => Err(Refusal::new("user.cancelled", "A newer look-up took the place of this one.", "")),
        provider = client.discover(&request) => told(provider),
    }
}

#[tauri::command]
async fn save_profile(shell: State<'_, Shell>, entry: ProfileEntry) -> Answer<ProfileView> {
    told(agent(&shell).await?.put_profile(&entry).await)
}

#[tauri::command]
async fn remove_profile(shell: State<'_, Shell>, name: String) -> Answer<()> {
    told(agent(&shell).await?.delete_profile(&name).await)
}

#[tauri::command]
async fn start_sign_in(shell: State<'_, Shell>, request: SignInRequest) -> Answer<SignIn> {
    let started = told(agent(&shell).await?.start_sign_in(&request).await)?;
    shell.remember_sign_in(&started.sign_in.id);
    // The address stays here.
    Ok(started.sign_in)
}

#[tauri::command]
async fn cancel_sign_in(shell: State<'_, Shell>, id: String) -> Answer<SignIn> {
    shell.forget_sign_in(&id);
    Ok(told(agent(&shell).await?.cancel_sign_in(&id).await)?.sign_in)
}

#[tauri::command]
async fn open_again(shell: State<'_, Shell>, id: String) -> Answer<()> {
    browser::open_again(&*agent(&shell).await?, &id).await
}

#[tauri::command]
async fn copy_link(shell: State<'_, Shell>, id: String) -> Answer<()> {
    let address = browser::address(&*agent(&shell).await?, &id).await?;
    shell.clipboard.copy(address).await
}

/// `session` is a session's id. The token goes from the agent to the clipboard; renewed first when it must be.
#[tauri::command]
async fn copy_token(shell: State<'_, Shell>, session: String) -> Answer<()> {
    let client = agent(&shell).await?;
    let sessions = told(client.sessions().await)?.sessions;
    let Some(found) = sessions.into_iter().find(|one| one.id == session) else {
        return Err(Refusal::new("session.not_found", "This sign-in is gone.", "Sign in again."));
    };
    let request = TokenRequest { account: Some(session), ..TokenRequest::for_profile(&found.profile) };
    let token = told(client.token(&request).await)?;
    shell.clipboard.copy_secret(token.access_token).await
}

#[tauri::command]
async fn copy_text(shell: State<'_, Shell>, text: String) -> Answer<()> {
    if text.len() > LONGEST_TEXT {
        return Err(Refusal::new("usage.too_long", "This text is too long to be copied.", ""));
    }
    shell.clipboard.copy(text).await
}

#[tauri::command]
async fn renew(shell: State<'_, Shell>, request: RenewalRequest) -> Answer<Session> {
    told(agent(&shell).await?.renew(&request).await)
}

#[tauri::command]
async fn sign_out(shell: State<'_, Shell>, request: SignOutRequest) -> Answer<SignOutAnswer> {
    let mut answer = told(agent(&shell).await?.sign_out(&request).await)?;
    // Only there when a caller says that it opens the browser itself; the pages do not.
    answer.end_session_url = None;
    Ok(answer)
}

#[tauri::command]
async fn start_demo(shell: State<'_, Shell>) -> Answer<String> {
    let client = agent(&shell).await?;
    shell.demo.start(&client).await
}

#[tauri::command]
async fn choose_vault(shell: State<'_, Shell>, choice: VaultChoice) -> Answer<VaultStatus> {
    told(agent(&shell).await?.choose_vault(&choice).await)
}

#[tauri::command]
async fn answer_consent(shell: State<'_, Shell>, id: String, answer: ConsentAnswer) -> Answer<()> {
    told(agent(&shell).await?.answer_consent(&id, answer).await)
}

async fn agent(shell: &Shell) -> Answer<std::sync::Arc<Client>> {
    shell.link.client().await
}

fn told<T>(answer: Result<T, ClientError>) -> Answer<T> {
    answer.map_err(|error| error.refusal())
}
