//! What the pages may ask, by name; `permissions/commands.toml` and `capabilities/main.json` list the same names.
//!
//! None of them answers with a code, an authorization URL, a client secret, a refresh token or an ID token; and only
//! [`tokens::reveal_token`] with an access token, because a person asked to see that one.

mod accounts;
mod evidence;
mod files;
mod inspect;
mod network;
mod profiles;
mod programs;
mod scenarios;
mod settings;
mod sign_in;
mod tokens;
mod vault;

use std::sync::Arc;

use doorkey_client::words::Refusal;
use doorkey_client::{Client, ClientError};
use tauri::ipc::{Channel, Invoke};
use tauri::{AppHandle, Manager, Runtime};

#[cfg(test)]
pub(crate) use evidence::{FlowFormat, claims, made};
pub(crate) use tokens::{Reveals, copy};

use crate::shell::Shell;
use crate::watch::Message;
use crate::{watch, window};

type Answer<T> = Result<T, Refusal>;

pub(crate) fn handler<R: Runtime>() -> impl Fn(Invoke<R>) -> bool + Send + Sync + 'static {
    tauri::generate_handler![
        watch,
        profiles::discover,
        profiles::save_profile,
        profiles::remove_profile,
        profiles::preview_import,
        profiles::export_profiles,
        profiles::start_demo,
        sign_in::start_sign_in,
        sign_in::cancel_sign_in,
        sign_in::open_again,
        sign_in::copy_link,
        sign_in::paste_redirect,
        sign_in::step,
        accounts::change_session,
        accounts::identity,
        accounts::renew,
        accounts::sign_out,
        tokens::copy_token,
        tokens::reveal_token,
        tokens::token_report,
        files::copy_text,
        files::forget_copied,
        files::save_file,
        programs::consents,
        programs::answer_consent,
        programs::revoke_consent,
        vault::choose_vault,
        vault::move_vault,
        vault::lock_vault,
        inspect::journal,
        evidence::export_flow,
        evidence::open_evidence,
        evidence::sample,
        scenarios::watch_scenarios,
        scenarios::choose_scenarios,
        scenarios::order_scenarios,
        network::network,
        network::set_network,
        settings::set_settings,
    ]
}

/// Answers at once; the messages come through the channel.
#[tauri::command]
fn watch<R: Runtime>(app: AppHandle<R>, channel: Channel<Message>) {
    tauri::async_runtime::spawn(async move {
        watch::tell(&app.state::<Shell>(), &channel, |why| window::wanted(&app, why)).await;
    });
}

async fn agent(shell: &Shell) -> Answer<Arc<Client>> {
    shell.link.client().await
}

fn told<T>(answer: Result<T, ClientError>) -> Answer<T> {
    answer.map_err(|error| error.refusal())
}
