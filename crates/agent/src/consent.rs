//! Consent: which program may have which tokens. Decided by the policy file first, then by what a person has said before,
//! then by asking (design 4; rows B-10 to B-16).
//!
//! A program is asked about once for what it reaches: profile, API and scopes. A later request that reaches no further is
//! covered; one that does, or another executable at the same path, is asked about anew.

mod deciding;
mod given;
mod questions;
mod reach;

use std::path::PathBuf;
use std::sync::Arc;

use doorkey_client::words::{
    ConsentDecision, ConsentQuestion, ConsentWanted, EventKind, Fix, Profile, Reach, Refusal, TokenRequest,
};
use doorkey_oauth::clean;

use self::given::{Given, Standing};
use self::questions::{Ended, Questions};
use crate::agent::Agent;
use crate::peer::{Peer, Process, Who, started_by};
use crate::policy::{Asked, PolicyFile, Verdict};
use crate::record::SessionRecord;
use crate::token;

pub(crate) use self::questions::Desk;

/// All about consent that this agent knows.
pub(crate) struct Consents {
    pub(crate) policy: PolicyFile,
    given: Given,
    questions: Questions,
}

/// A program as a consent has it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Program {
    path: String,
    sha256: String,
}

/// Whose tokens: of a profile, and of the provider that it leads to. A profile that was led elsewhere is another one.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Whose {
    profile: String,
    issuer: String,
}

impl Whose {
    fn of_profile(profile: &Profile) -> Self {
        Self { profile: profile.name.clone(), issuer: profile.issuer.clone() }
    }

    fn of_record(record: &SessionRecord) -> Self {
        Self { profile: record.profile.clone(), issuer: record.issuer.clone() }
    }
}

/// What a program may have, for one request.
pub(crate) struct Consented {
    whose: Whose,
    reach: Reach,
}

impl Consents {
    pub(crate) fn at(policy: PathBuf, given: PathBuf) -> Self {
        Self { policy: PolicyFile::at(policy), given: Given::at(given), questions: Questions::default() }
    }

    /// Questions that wait.
    pub(crate) fn questions(&self) -> Vec<ConsentQuestion> {
        self.questions.waiting()
    }

    /// A place where a person is shown questions; they may be asked as long as it is held.
    pub(crate) fn desk(self: &Arc<Self>) -> Desk {
        Desk::new(Arc::clone(self))
    }

    /// Nobody is asked any more: the agent stops.
    pub(crate) fn close(&self) {
        self.questions.close();
    }
}

/// What a request needs consent for, and that it has it. Waits for a person where one has to be asked.
///
/// # Errors
/// `broker.consent_required`, `broker.denied`, `broker.consent_timeout`, `broker.consent_changed`, `config.bad_policy`; what
/// is wrong with the request itself.
pub(crate) async fn before(agent: &Arc<Agent>, caller: &Peer, request: &TokenRequest) -> Result<Consented, Refusal> {
    let (whose, reach) = reach::of_request(agent, request)?;
    let outcome = consented(agent, caller, &whose, &reach, request.no_prompt).await;
    outcome.map_err(|refusal| refusal.about(&whose.profile))?;
    Ok(Consented { whose, reach })
}

/// The same for what came of it: the caller is still who it was, and the token is of whom it was asked for and reaches no
/// further than what was consented to; otherwise it is asked for that too.
///
/// # Errors
/// As [`before`].
pub(crate) async fn after(
    agent: &Arc<Agent>,
    caller: &Peer,
    request: &TokenRequest,
    consented_to: &Consented,
    given: &token::Given,
) -> Result<(), Refusal> {
    let whose = Whose::of_record(&given.record);
    let reach = reach::of_given(given, request);
    let checked = if consented_to.whose == whose && reach::covers(&consented_to.reach, &reach) {
        caller.still()
    } else {
        consented(agent, caller, &whose, &reach, request.no_prompt).await
    };
    checked.map_err(|refusal| refusal.about(&whose.profile))
}

/// Whether the token of this record may be handed out to this caller without a question, as far as is known at once.
pub(crate) fn stands(agent: &Agent, caller: &Peer, record: &SessionRecord) -> bool {
    let program = match caller.who() {
        Who::Ourselves => return true,
        Who::Program { program, .. } => Some(program),
        Who::Unknown => None,
    };
    if caller.still().is_err() {
        return false;
    }
    let reach = reach::of_record(record);
    let hash = program.and_then(|program| agent.peers.hashes.known(program));
    let asked = Asked { program, hash: hash.as_deref(), profile: &record.profile, reach: &reach };
    match agent.consents.policy.verdict(&asked) {
        Ok(Verdict::Allow) => true,
        Ok(Verdict::Ask) => match (program, hash) {
            (Some(program), Some(sha256)) => {
                let program = Program { path: program.shown(), sha256 };
                agent.consents.given.allows(&program, &Whose::of_record(record), &reach, agent.host.now())
            }
            _ => false,
        },
        Ok(Verdict::Deny(_) | Verdict::Hash) | Err(_) => false,
    }
}

async fn consented(
    agent: &Arc<Agent>,
    caller: &Peer,
    whose: &Whose,
    reach: &Reach,
    no_prompt: bool,
) -> Result<(), Refusal> {
    let profile = &whose.profile;
    let process = match caller.who() {
        Who::Ourselves => return Ok(()),
        Who::Program { program, .. } => Some(program),
        Who::Unknown => None,
    };
    caller.pin();
    caller.still()?;
    let verdict = |hash| agent.consents.policy.verdict(&Asked { program: process, hash, profile, reach });
    let mut program = None;
    let mut said = verdict(None)?;
    if matches!(said, Verdict::Hash | Verdict::Ask)
        && let Some(process) = process
    {
        let known = Program { path: process.shown(), sha256: hash_of(agent, caller).await? };
        // The executable was read: it must be what runs.
        caller.still()?;
        said = verdict(Some(&known.sha256))?;
        program = Some((process, known));
    }
    match (said, program) {
        (Verdict::Allow, _) => Ok(()),
        (Verdict::Deny(rule), _) => Err(denied_by_policy(agent, caller, rule)),
        (Verdict::Ask, Some((process, program))) => {
            asked(agent, caller, process, &program, whose, reach, no_prompt).await
        }
        (Verdict::Ask | Verdict::Hash, _) => Err(unknown_program(agent, profile)),
    }
}

/// By what was said before, else by a person.
async fn asked(
    agent: &Arc<Agent>,
    caller: &Peer,
    process: &Process,
    program: &Program,
    whose: &Whose,
    reach: &Reach,
    no_prompt: bool,
) -> Result<(), Refusal> {
    let profile = &whose.profile;
    let consents = &agent.consents;
    let changed = match consents.given.standing(program, whose, reach, agent.host.now()) {
        Standing::Allowed => return Ok(()),
        Standing::Denied => return Err(denied(program, profile, reach, "You said no to it before.")),
        Standing::Open { changed } => changed,
    };
    reach::presentable(reach)?;
    let wanted = ConsentWanted {
        program: program.path.clone(),
        sha256: program.sha256.clone(),
        pid: process.pid,
        started_by: started_by(process),
        interpreter: process.is_interpreter(),
        says: process.says(),
        changed,
        profile: profile.clone(),
        reach: reach.clone(),
    };
    if no_prompt || !consents.questions.has_desk() {
        return Err(required(wanted));
    }
    let ended = questions::ask(agent, whose, wanted.clone()).await?;
    // Whoever asks must be who the person was shown (B-T10).
    caller.still()?;
    match ended {
        Ended::Answered(ConsentDecision::Allow) => Ok(()),
        Ended::Answered(ConsentDecision::Deny) => Err(denied(program, profile, reach, "You said no.")),
        Ended::Silenced { blocked } => Err(silenced(program, profile, reach, blocked)),
        Ended::TimedOut => Err(Refusal::new(
            "broker.consent_timeout",
            format!(
                "Nobody answered within {} s whether {} may have a token.",
                questions::ANSWERED_WITHIN.as_secs(),
                program.path
            ),
            format!("Let it ask again and answer in the window, or: {}.", command("allow", &wanted)),
        )
        .retryable()),
        Ended::DeskGone => Err(required(wanted)),
        Ended::Stopped => Err(Refusal::new(
            "broker.unavailable",
            "The agent stopped before anybody answered.",
            "Start it with `doorkey agent`, or open the Doorkey window.",
        )
        .retryable()),
    }
}

/// Large programs take a while to be read.
async fn hash_of(agent: &Arc<Agent>, caller: &Peer) -> Result<String, Refusal> {
    let Who::Program { program, .. } = caller.who() else { return Err(unreadable(caller, "it is not known")) };
    if let Some(known) = agent.peers.hashes.known(program) {
        return Ok(known);
    }
    let (reader, process) = (Arc::clone(agent), program.copy());
    let read = tokio::task::spawn_blocking(move || reader.peers.hashes.of(&process)).await;
    match read {
        Ok(Ok(hash)) => Ok(hash),
        Ok(Err(error)) => Err(unreadable(caller, &error.to_string())),
        Err(panic) => std::panic::resume_unwind(panic.into_panic()),
    }
}

fn required(wanted: ConsentWanted) -> Refusal {
    let why = if wanted.changed {
        "has changed since you decided about it, so it has to be allowed again"
    } else {
        "has to be allowed first"
    };
    let message = format!("{} {why}, and nobody is there to be asked.", wanted.program);
    let hint = format!("Allow it with {}, or open the Doorkey window and let it ask again.", command("allow", &wanted));
    Refusal::new("broker.consent_required", message, hint).fixed_by(Fix::Consent { wanted: Box::new(wanted) })
}

fn denied(program: &Program, profile: &str, reach: &Reach, why: &str) -> Refusal {
    let message = format!("{} may not have a token of `{profile}`. {why}", program.path);
    let hint = format!("If it may after all: {}.", command_for("allow", &program.path, profile, reach));
    Refusal::new("broker.denied", message, hint)
}

fn silenced(program: &Program, profile: &str, reach: &Reach, blocked: bool) -> Refusal {
    if blocked {
        return denied(program, profile, reach, "You said no to it three times, so you are not asked any more.");
    }
    let seconds = questions::SILENT_FOR.as_secs();
    denied(program, profile, reach, &format!("You said no less than {seconds} s ago, so you are not asked again yet."))
}

fn denied_by_policy(agent: &Agent, caller: &Peer, rule: Option<usize>) -> Refusal {
    let by = match rule {
        Some(number) => format!("by its rule {number}"),
        None => "by its default".to_owned(),
    };
    let policy = agent.consents.policy.path().display();
    let message = format!("{} may not have this token: {policy} says so, {by}.", caller.name());
    Refusal::new("broker.denied", message, "Whoever wrote the policy can add a rule before it that allows it.")
}

fn unknown_program(agent: &Agent, profile: &str) -> Refusal {
    let policy = agent.consents.policy.path().display();
    Refusal::new(
        "broker.consent_required",
        "The system does not tell which program asks, as for one in a container or of another user, so nobody is asked.",
        format!(
            "If whoever reaches the socket may have tokens of `{profile}`, allow it by a rule without `program` in {policy}."
        ),
    )
}

fn unreadable(caller: &Peer, why: &str) -> Refusal {
    Refusal::new(
        "broker.consent_changed",
        format!("The executable of {} cannot be read: {}.", caller.name(), clean(why, 80)),
        "Let it ask again.",
    )
    .retryable()
}

fn command(verb: &str, wanted: &ConsentWanted) -> String {
    command_for(verb, &wanted.program, &wanted.profile, &wanted.reach)
}

/// The line to paste.
fn command_for(verb: &str, program: &str, profile: &str, reach: &Reach) -> String {
    let mut line = format!("`doorkey consent {verb} {} --profile {}", quoted(program), quoted(profile));
    let mut add = |option: &str, value: &str| line.push_str(&format!(" --{option} {}", quoted(value)));
    if let Some(audience) = &reach.audience {
        add("audience", audience);
    }
    for resource in &reach.resource {
        add("resource", resource);
    }
    if let Some(connection) = &reach.connection {
        add("connection", connection);
    }
    line.push('`');
    line
}

/// One word for a shell.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-:@%+=,".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

fn recorded(agent: &Agent, profile: &str, kind: EventKind) {
    agent.journal.record(agent.host.now(), Some(profile), None, kind);
}
