//! Sign-ins under way.

use doorkey_client::Secret;
use doorkey_client::words::{PastedRedirect, SignIn, SignInRequest, StepRequest};
use tauri::State;

use super::{Answer, agent, told};
use crate::browser;
use crate::shell::Shell;

#[tauri::command]
pub(super) async fn start_sign_in(shell: State<'_, Shell>, request: SignInRequest) -> Answer<SignIn> {
    let started = told(agent(&shell).await?.start_sign_in(&request).await)?;
    shell.remember_sign_in(&started.sign_in.id);
    // The address stays here.
    Ok(started.sign_in)
}

#[tauri::command]
pub(super) async fn cancel_sign_in(shell: State<'_, Shell>, id: String) -> Answer<SignIn> {
    shell.forget_sign_in(&id);
    Ok(told(agent(&shell).await?.cancel_sign_in(&id).await)?.sign_in)
}

#[tauri::command]
pub(super) async fn open_again(shell: State<'_, Shell>, id: String) -> Answer<()> {
    browser::open_again(&*agent(&shell).await?, &id).await
}

#[tauri::command]
pub(super) async fn copy_link(shell: State<'_, Shell>, id: String) -> Answer<()> {
    let address = browser::address(&*agent(&shell).await?, &id).await?;
    shell.clipboard.copy(address).await
}

/// `text` is what the person pasted: the address that a browser elsewhere ended at. It holds a code and goes one way.
#[tauri::command]
pub(super) async fn paste_redirect(shell: State<'_, Shell>, id: String, text: Secret) -> Answer<SignIn> {
    let pasted = PastedRedirect { url: text };
    Ok(told(agent(&shell).await?.hand_in(&id, &pasted).await)?.sign_in)
}

/// Step mode: goes on from where a sign-in waits, with the request as it is or edited. What somebody typed into it, perhaps
/// a secret, goes one way.
#[tauri::command]
pub(super) async fn step(shell: State<'_, Shell>, id: String, request: StepRequest) -> Answer<SignIn> {
    Ok(told(agent(&shell).await?.step(&id, &request).await)?.sign_in)
}
