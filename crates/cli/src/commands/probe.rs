//! `doorkey probe`: wrong requests to a provider that the person runs, and what it made of them.

mod report;

use doorkey_client::Client;
use doorkey_client::words::{ProbeOutcome, ProbeRequest, ProbeResult, ProbeRun, ProbeState, Profile, Refusal};

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
        let profiles: Vec<Profile> = client.profiles().await?.into_iter().map(|view| view.profile).collect();
        let profile = named(&profiles, &args.profile)?;
        let issuer = profile.issuer.clone();
        plan(args, &issuer, out);
        for person in signed_in(client, &profiles, profile).await? {
            out.warn(&spared(args, &person));
        }
        let typed = confirmed(args, &issuer, out).await?;
        let request = ProbeRequest {
            pace_ms: args.pace,
            timeout: args.timeout,
            wait: args.wait,
            leeway: args.leeway,
            other_client: args.other_client.clone(),
            logout: args.logout,
            end_other_sessions: args.end_other_sessions,
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

fn named<'a>(profiles: &'a [Profile], name: &str) -> Result<&'a Profile, Refusal> {
    profiles.iter().find(|profile| profile.name == name).ok_or_else(|| {
        let hint = "`doorkey profile list` tells which there are.";
        Refusal::new("config.no_profile", format!("There is no profile `{name}`."), hint)
    })
}

/// Who is signed in with the same application: the provider may have one grant for both.
async fn signed_in(client: &Client, profiles: &[Profile], of: &Profile) -> Result<Vec<String>, Failure> {
    let is_same = |profile: &Profile| profile.issuer == of.issuer && profile.client_id == of.client_id;
    let names: Vec<&str> = profiles.iter().filter(|it| is_same(it)).map(|profile| profile.name.as_str()).collect();
    let sessions = client.sessions().await?.sessions.into_iter();
    let theirs = sessions.filter(|session| session.issuer == of.issuer && names.contains(&session.profile.as_str()));
    Ok(theirs.map(|session| session.email.or(session.name).unwrap_or(session.sub)).collect())
}

fn spared(args: &Probe, person: &str) -> String {
    match args.end_other_sessions {
        true => format!("{person} is signed in with this application here, and this may end that session"),
        false => format!(
            "{person} is signed in with this application here: if you are the same, nothing is revoked, and revoking is \
             not tried, because some providers would end that session too; --end-other-sessions allows it"
        ),
    }
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
        "Every token it gets is revoked at the end, also when you stop it with Ctrl-C; that takes 15 s at most.".to_owned(),
        "Auth0 keeps 200 refresh tokens per user and application and drops the oldest; a run makes about 4. There, and \
         wherever one grant stands for all sign-ins, a run can end your sessions with this application on other devices."
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
