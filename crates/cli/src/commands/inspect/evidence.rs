//! The evidence: one file, redacted; and what `--with-secrets` adds, said before it is written.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use doorkey_client::Client;
use doorkey_client::words::{EventKind, IdentityReport, Refusal, TokenAnswer, TokenReport, TokenRequest};
use doorkey_qa::evidence::{Claims, Environment, Evidence, Revealed, fingerprint, write as archive};
use doorkey_qa::flow::{Flow, FlowKind};

use super::files;
use crate::agency::{self, Again};
use crate::args::Inspect;
use crate::failure::Failure;
use crate::line::Line;
use crate::output::Output;
use crate::prompt;
use crate::time;

/// What the agent told of the flow's session.
struct Told {
    session: String,
    identity: Option<IdentityReport>,
    token: Option<TokenReport>,
}

/// Writes it; where to.
pub(super) fn write(flow: &Flow, path: &Path, args: &Inspect, out: &Output) -> Result<PathBuf, Failure> {
    let told = told(flow, out);
    let session = told.as_ref().map(|told| told.session.clone());
    let claims = told.map(|Told { identity, token, .. }| Claims::of(flow, identity, token));
    let evidence = Evidence { flow, environment: Environment::here(flow), claims, made_at: time::now() };
    if !args.with_secrets {
        return made(&evidence, &[], path.to_owned());
    }
    // Of nobody else: a profile may hold several people's sessions.
    let (Some(profile), Some(session)) = (&flow.profile, session) else {
        let what = "No session is known to be that flow's, so there is no token of it to add.";
        return Err(Refusal::new(
            "usage.no_flow",
            what,
            "Leave --with-secrets out, or take the sign-in of a session that is still there.",
        )
        .into());
    };
    let request = TokenRequest { account: Some(session), ..TokenRequest::for_profile(profile) };
    let answer = agency::with("The evidence", Again::Harmless, async |client| Ok(client.token(&request).await?))?;
    let secret = revealed(flow, &answer);
    let path = unredacted(path);
    if !args.yes {
        agreed(&path, &secret, out)?;
    }
    made(&evidence, &[secret], path)
}

fn made(evidence: &Evidence<'_>, secrets: &[Revealed<'_>], path: PathBuf) -> Result<PathBuf, Failure> {
    let bytes = archive(evidence, secrets).map_err(|error| {
        Refusal::new("output.not_written", format!("{error}."), "Tell us: that should not be possible.")
    })?;
    files::keep(&path, &bytes)?;
    Ok(path)
}

/// The one secret that evidence can have. Whoever wants refresh tokens, client secrets or the ID token itself asks in vain:
/// they are in no answer of the agent's.
#[expect(clippy::disallowed_methods, reason = "the access token leaves its type where a person has asked for it")]
fn revealed<'a>(flow: &Flow, answer: &'a TokenAnswer) -> Revealed<'a> {
    let value = answer.access_token.expose();
    let print = fingerprint(value);
    let is_of_flow = flow
        .events
        .iter()
        .any(|event| matches!(&event.kind, EventKind::TokensReceived { access_token, .. } if *access_token == print));
    let whose = if is_of_flow { "the one this sign-in brought" } else { "a newer one than this sign-in brought" };
    let until = answer.expires_at.map_or_else(String::new, |end| format!(", good until {end}"));
    let about = format!("today's access token {print} of `{}`: {whose}{until}", answer.profile);
    Revealed { name: "access_token", value, about }
}

fn agreed(path: &Path, secret: &Revealed<'_>, out: &Output) -> Result<(), Failure> {
    let what = format!(
        "{} would hold a secret in plain text: {}. Whoever has the file can use it. Nothing else is added: refresh tokens, ID \
         tokens and client secrets are given to nobody.",
        path.display(),
        secret.about
    );
    if prompt::may_ask(out) {
        out.hanging(&Line::new(), &what);
    }
    let unasked = Refusal::new("usage.not_confirmed", &what, "Say `--yes` if that is what you want.");
    agency::runtime()?.block_on(prompt::agreed("Write it?", "The file", unasked, out))
}

/// `work.zip` becomes `work.UNREDACTED.zip` (row S-48).
fn unredacted(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    if name.contains("UNREDACTED") {
        return path.to_owned();
    }
    let mut marked = OsString::from(path.file_stem().unwrap_or_default());
    marked.push(".UNREDACTED");
    if let Some(extension) = path.extension() {
        marked.push(".");
        marked.push(extension);
    }
    path.with_file_name(marked)
}

/// What the tokens say, where the session is still there. Evidence is made without it too, and says so.
fn told(flow: &Flow, out: &Output) -> Option<Told> {
    let profile = flow.profile.as_deref()?;
    // Whose a renewal was is not in the journal, and a sign-in that failed was nobody's.
    let sub = match flow.kind {
        FlowKind::SignIn => flow.sub()?,
        FlowKind::Renewal | FlowKind::FurtherToken | FlowKind::SignOut | FlowKind::Other => return None,
    };
    let asked = agency::with_agency_as_is("The evidence", Again::Harmless, async |agency, interrupt| {
        tokio::select! {
            told = of_session(agency.client(), profile, sub) => told,
            () = interrupt.received() => Err(Failure::cancelled("The evidence")),
        }
    });
    match asked {
        Ok(Some(told)) => Some(told),
        Ok(None) => {
            out.note("The session is gone, so what its tokens said is not in the evidence.");
            None
        }
        Err(failure) => {
            let why = failure.refusal().map(|refusal| refusal.message).unwrap_or_default();
            out.warn(&format!("what the tokens say is not in the evidence: {why}"));
            None
        }
    }
}

async fn of_session(client: &Client, profile: &str, sub: &str) -> Result<Option<Told>, Failure> {
    let sessions = client.sessions().await?.sessions;
    let Some(session) = sessions.iter().find(|session| session.profile == profile && session.sub == sub) else {
        return Ok(None);
    };
    let identity = Some(client.identity(&session.id).await?);
    // One that has ended would be renewed first, and a look must change nothing.
    let is_good = session.expires_at.is_some_and(|end| end > time::now());
    let request = TokenRequest {
        account: Some(session.id.clone()),
        no_prompt: true,
        min_ttl: Some(0),
        ..TokenRequest::for_profile(profile)
    };
    let token = if is_good { client.token_report(&request).await.ok() } else { None };
    Ok(Some(Told { session: session.id.clone(), identity, token }))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// S-48: a file with secrets says so by its name | the name
    #[test]
    fn the_name_of_a_file_with_secrets_says_so() {
        let name = |path: &str| unredacted(Path::new(path)).display().to_string();
        assert_eq!(name("out/work.zip"), "out/work.UNREDACTED.zip");
        assert_eq!(name("work"), "work.UNREDACTED");
        assert_eq!(name("a.UNREDACTED.zip"), "a.UNREDACTED.zip");
    }
}
