//! What people who test a sign-in take away from it, made by `doorkey-qa` of the journal's entries: no secret is in them.

use doorkey_client::words::{Event, Pair, Refusal, SentRequest, Session, TokenReport, TokenRequest};
use doorkey_client::{Client, ClientError};
use doorkey_qa::evidence::{self, Claims, Environment, Evidence, LARGEST_FILE, Manifest, Opened};
use doorkey_qa::flow::Flow;
use doorkey_qa::sample::{self, Language};
use doorkey_qa::{har, report};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tauri::ipc::{InvokeBody, Request};
use tauri::{AppHandle, Manager, Runtime, State};

use super::{Answer, agent};
use crate::shell::Shell;
use crate::{downloads, overview, shell};

/// A flow has dozens.
const MOST_EVENTS: usize = 5_000;

/// What is made of a flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum FlowFormat {
    /// The token report in Markdown.
    Report,
    ReportJson,
    /// An HTTP archive.
    Har,
    /// All of it in one archive.
    Evidence,
}

/// What a program is made of.
#[derive(Debug, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(super) enum SampleOf {
    /// A request to the provider.
    Request { request: SentRequest },
    /// The address that the browser was sent to.
    Address { url: String, parameters: Vec<Pair> },
}

/// A request or an address as a program, for the pages.
#[derive(Debug, Serialize)]
pub(super) struct Sample {
    text: String,
    file_name: &'static str,
    variables: Vec<String>,
}

/// An archive that was opened, for the pages. What else is in it is made of the entries.
#[derive(Debug, Serialize)]
pub(super) struct Shown {
    made_at: Timestamp,
    redacted: bool,
    events: Vec<Event>,
    environment: Option<Environment>,
    claims: Option<Claims>,
    damages: Vec<String>,
}

/// Where the file is, is the answer.
#[tauri::command]
pub(super) async fn export_flow<R: Runtime>(
    app: AppHandle<R>,
    shell: State<'_, Shell>,
    events: Vec<Event>,
    format: FlowFormat,
    name: String,
) -> Answer<String> {
    if events.len() > MOST_EVENTS {
        return Err(Refusal::new("usage.too_long", "No flow has as many entries.", ""));
    }
    let flow = Flow::of(events).map_err(|error| {
        Refusal::new("usage.bad_value", format!("These are not the entries of one flow: {error}."), "")
    })?;
    let claims = match format {
        FlowFormat::Evidence => {
            let client = agent(&shell).await?;
            claims(&client, &flow).await
        }
        FlowFormat::Report | FlowFormat::ReportJson | FlowFormat::Har => None,
    };
    let folders = [app.path().download_dir(), app.path().home_dir()];
    let folders = folders.into_iter().flatten().collect();
    shell::apart(move || downloads::save(folders, &name, &made(&flow, format, claims)?)).await
}

/// Opens an evidence file that the person chose; its bytes are anybody's.
#[tauri::command]
pub(super) async fn open_evidence(request: Request<'_>) -> Answer<Shown> {
    let bytes = match request.body() {
        InvokeBody::Raw(bytes) => bytes.clone(),
        // The way where the webview cannot send bytes.
        InvokeBody::Json(numbers) => serde_json::from_value(numbers.clone())
            .map_err(|_| Refusal::new("usage.bad_value", "An evidence file is given as its bytes.", ""))?,
    };
    shell::apart(move || {
        let opened = evidence::open(&bytes).map_err(|error| {
            let hint = "Ask whoever sent it for the file as it was saved, or open what is in it yourself.";
            Refusal::new(error.code(), format!("This file is not opened: {error}."), hint)
        })?;
        let Opened { manifest: Manifest { made_at, redacted, .. }, flow, environment, claims, damages, .. } = opened;
        let damages = damages.iter().map(ToString::to_string).collect();
        Ok(Shown {
            made_at,
            redacted,
            events: flow.map(|flow| flow.events).unwrap_or_default(),
            environment,
            claims,
            damages,
        })
    })
    .await
}

/// It as a program, which reads its secrets from the environment.
#[tauri::command]
pub(super) async fn sample(of: SampleOf, language: String) -> Answer<Sample> {
    let language = Language::ALL
        .into_iter()
        .find(|known| known.name() == language)
        .ok_or_else(|| Refusal::new("usage.bad_value", "No sample can be written in that language.", ""))?;
    let written = match &of {
        SampleOf::Request { request } => sample::write(request, language),
        SampleOf::Address { url, parameters } => sample::write_address(url, parameters, language),
    };
    let written = written
        .map_err(|error| Refusal::new("usage.no_sample", format!("The sample cannot be written: {error}."), ""))?;
    Ok(Sample { text: written.text, file_name: written.file_name, variables: written.variables })
}

pub(crate) fn made(flow: &Flow, format: FlowFormat, claims: Option<Claims>) -> Answer<Vec<u8>> {
    let bytes = match format {
        FlowFormat::Report => report::of(flow).to_markdown().into_bytes(),
        FlowFormat::ReportJson => serde_json::to_vec_pretty(&report::of(flow)).map_err(|error| not_made(&error))?,
        FlowFormat::Har => har::of(std::slice::from_ref(flow)).to_text().into_bytes(),
        FlowFormat::Evidence => {
            let environment = Environment::here(flow);
            let evidence = Evidence { flow, environment, claims, made_at: overview::now() };
            evidence::write(&evidence, &[]).map_err(|error| not_made(&error))?
        }
    };
    if bytes.len() as u64 > LARGEST_FILE {
        return Err(Refusal::new("usage.too_long", "This is too much for one file.", ""));
    }
    Ok(bytes)
}

fn not_made(error: &dyn std::error::Error) -> Refusal {
    Refusal::new("bug.host", format!("The window failed at this: {error}."), "Try again.")
}

/// What the session's tokens say, where its flow and it are still there. Evidence without it is good too.
pub(crate) async fn claims(client: &Client, flow: &Flow) -> Option<Claims> {
    let sub = flow.sub()?;
    let is_meant = |session: &&Session| session.sub == sub && Some(&session.profile) == flow.profile.as_ref();
    let session = client.sessions().await.ok()?.sessions.iter().find(is_meant).cloned()?;
    let identity = client.identity(&session.id).await.ok();
    // A token that has ended would be renewed for the question.
    let is_good = session.expires_at.is_some_and(|end| end > overview::now());
    let report = if is_good { token_report(client, &session).await.ok() } else { None };
    Some(Claims::of(flow, identity, report))
}

async fn token_report(client: &Client, session: &Session) -> Result<TokenReport, ClientError> {
    // As it is: nothing is renewed for a file.
    let request = TokenRequest {
        account: Some(session.id.clone()),
        min_ttl: Some(0),
        ..TokenRequest::for_profile(&session.profile)
    };
    client.token_report(&request).await
}
