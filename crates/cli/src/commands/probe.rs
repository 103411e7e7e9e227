//! `doorkey probe`: wrong requests to a provider that the person runs, and what it made of them.

mod report;

use doorkey_client::Client;
use doorkey_client::words::{ProbeOutcome, ProbeRequest, ProbeResult, ProbeRun, ProbeState, Refusal};

use super::logout::without_hint;
use crate::agency::{self, Again};
use crate::args::Probe;
use crate::browser::Opening;
use crate::failure::Failure;
use crate::line::{Line, Mark, Style};
use crate::output::Output;
use crate::prompt;
use crate::signals::Interrupt;

/// What the provider's answers were refused for, as everywhere.
const FAILED: u8 = 65;
/// Before what belongs to the line above.
const INDENT: &str = "      ";

pub(crate) fn run(args: &Probe, out: &Output) -> Result<(), Failure> {
    let opening = Opening::of(&args.browser);
    let run = agency::with_agency("The probes", Again::IfUnsent, async |agency, interrupt| {
        let client = agency.client();
        let issuer = issuer(client, &args.profile).await?;
        plan(args, &issuer, out);
        let typed = confirmed(args, &issuer, out).await?;
        let request = ProbeRequest {
            pace_ms: args.pace,
            timeout: args.timeout,
            wait: args.wait,
            leeway: args.leeway,
            other_client: args.other_client.clone(),
            logout: args.logout,
            ..ProbeRequest::new(&args.profile, typed)
        };
        follow(client, &request, &opening, interrupt, out).await
    })?;
    if out.is_json() {
        out.answer_json(&run)?;
    } else if args.markdown {
        out.answer_block(&report::markdown(&run))?;
    } else {
        report::text(&run, out)?;
    }
    match &run.error {
        Some(why) => {
            // The report stands on standard output already; with --json it says why, too.
            if !out.is_json() {
                out.failure(&Failure::from(why.clone()));
            }
            Err(Failure::Partly(why.exit_code()))
        }
        None if run.results.iter().any(|it| it.outcome == ProbeOutcome::Failed) => Err(Failure::Partly(FAILED)),
        None => Ok(()),
    }
}

async fn issuer(client: &Client, name: &str) -> Result<String, Failure> {
    let profiles = client.profiles().await?;
    let found = profiles.into_iter().find(|view| view.profile.name == name).map(|view| view.profile.issuer);
    found.ok_or_else(|| {
        let hint = "`doorkey profile list` tells which there are.";
        Refusal::new("config.no_profile", format!("There is no profile `{name}`."), hint).into()
    })
}

/// What it is going to do, before anything is sent.
fn plan(args: &Probe, issuer: &str, out: &Output) {
    let visits = if args.logout {
        ProbeRequest::MOST_VISITS
    } else {
        ProbeRequest::MOST_VISITS - ProbeRequest::VISITS_FOR_LOGOUT
    };
    let pace = args.pace.unwrap_or(500);
    out.note(Line::from("This sends wrong requests to ").strong(issuer).plain(", to see that they are refused."));
    let told = [
        format!("Your browser opens at most {visits} times; stay signed in there between them."),
        format!("At most {} requests are sent, each {pace} ms after the one before.", ProbeRequest::MOST_REQUESTS),
        "Only you are signed in, with tokens of its own: none of your sessions is used, and no other person is touched."
            .to_owned(),
        "Every token it gets is revoked at the end, also when you stop it with Ctrl-C.".to_owned(),
        "Auth0 keeps 200 refresh tokens per user and application and drops the oldest; a run makes about 4. There, and \
         wherever one grant stands for all sign-ins, revoking them can end your other sessions with this application."
            .to_owned(),
    ];
    told.iter().for_each(|line| out.step(Mark::Waiting, line.as_str()));
    if args.logout {
        out.warn("with --logout it ends your browser's own session with the provider");
    }
}

/// The issuer, as the person types it.
async fn confirmed(args: &Probe, issuer: &str, out: &Output) -> Result<String, Failure> {
    if let Some(typed) = &args.i_own {
        return Ok(typed.clone());
    }
    if !prompt::may_ask(out) {
        return Err(Refusal::new(
            "usage.issuer_not_confirmed",
            "Nobody has said that this provider is theirs to test.",
            format!("If it is yours: `doorkey probe {} --i-own {issuer}`.", args.profile),
        )
        .about(&args.profile)
        .into());
    }
    prompt::word(Line::from("If this provider is yours to test, type its issuer: "), out).await
}

/// Opens what is to be opened, tells what is found, and waits for the end, which comes after cleaning up.
async fn follow(
    client: &Client,
    request: &ProbeRequest,
    opening: &Opening,
    interrupt: &mut Interrupt,
    out: &Output,
) -> Result<ProbeRun, Failure> {
    let mut run = client.start_probe(request).await?;
    let id = run.id.clone();
    let (mut opened, mut told) = (0, 0);
    loop {
        if let Some(visit) = run.visit.as_ref().filter(|visit| visit.number > opened) {
            opened = visit.number;
            out.step(Mark::Waiting, Line::from(format!("browser {opened}: ")).plain(&visit.what));
            match opening.open(&visit.url).await {
                Ok(Some(_)) => {}
                Ok(None) => out.note(Line::from(INDENT).strong(without_hint(&visit.url))),
                Err(why) => {
                    out.step(Mark::Warned, why);
                    out.note(Line::from(INDENT).strong(without_hint(&visit.url)));
                }
            }
        }
        run.results.iter().skip(told).for_each(|result| tell(result, out));
        told = run.results.len();
        if run.state.is_final() {
            return Ok(run);
        }
        let was_running = run.state == ProbeState::Running;
        run = tokio::select! {
            run = client.probe(&id, Some(run.revision)) => run?,
            () = interrupt.received() => {
                out.step(Mark::Warned, "stopping: what it got is revoked first");
                client.cancel_probe(&id).await?
            }
        };
        if was_running && run.state == ProbeState::Cleaning {
            out.step(Mark::Waiting, "revoking what it got");
        }
    }
}

fn tell(result: &ProbeResult, out: &Output) {
    let (mark, _) = report::shown(result.outcome);
    let line = Line::new().strong(&result.name).plain("  ").plain(&result.title);
    out.step(mark, line.with(if mark == Mark::Failed { Style::Bad } else { Style::Dim }, format!(": {}", result.got)));
}
